// Bare fastify: the greeting as its documentation writes it.
import Fastify from 'fastify';

const app = Fastify();
app.get('/', (_request, reply) => {
  reply.type('text/plain; charset=utf-8').send('Hello, Docker Multi-Stage Build!');
});
await app.listen({ port: 3000, host: '0.0.0.0' });
process.on('SIGTERM', () => process.exit(0));
