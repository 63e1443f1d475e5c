// Bare express: the greeting, and a note by its key.
import express from 'express';
import { readNote } from './store.js';

const app = express();
app.get('/', (_req, res) => res.type('text/plain').send('Hello, Docker Multi-Stage Build!'));
app.get('/notes/:id', async (req, res) => res.json(await readNote(req.params.id)));
app.listen(3000);
process.on('SIGTERM', () => process.exit(0));
