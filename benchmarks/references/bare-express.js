// Bare express: the greeting as its documentation writes it.
import express from 'express';

const app = express();
app.get('/', (_req, res) => res.type('text/plain').send('Hello, Docker Multi-Stage Build!'));
app.listen(3000);
process.on('SIGTERM', () => process.exit(0));
