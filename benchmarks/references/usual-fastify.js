// fastify with what people add to it: its own logger and @fastify/helmet, both with their defaults.
import helmet from '@fastify/helmet';
import Fastify from 'fastify';

const app = Fastify({ logger: true });
await app.register(helmet);
app.get('/', (_request, reply) => {
  reply.type('text/plain; charset=utf-8').send('Hello, Docker Multi-Stage Build!');
});
await app.listen({ port: 3000, host: '0.0.0.0' });
process.on('SIGTERM', () => process.exit(0));
