// Serves the books until the process is told to stop.
import { app } from '#app.js';
import { prisma } from '#data/client.js';

const server = app.listen(process.env.PORT ?? 3000);

process.on('SIGTERM', () => {
  server.close(async () => {
    await prisma.$disconnect();
    process.exit(0);
  });
});
