// Bare fastify: the greeting, and a note by its key.
import Fastify from 'fastify';
import { readNote } from './store.js';

const app = Fastify();
app.get('/', (_request, reply) => reply.type('text/plain').send('Hello, Docker Multi-Stage Build!'));
app.get('/notes/:id', async ({ params }) => readNote(params.id));
await app.listen({ port: 3000, host: '0.0.0.0' });
process.on('SIGTERM', () => process.exit(0));
