// Forms with files.
import multipart from '@fastify/multipart';
import fp from 'fastify-plugin';

export default fp(async (app) => {
  await app.register(multipart, { limits: { files: 1, fileSize: 5_000_000 } });
});
