// Does the jobs of the queue until it is told to stop; what it has begun it finishes.
import { Worker } from 'bullmq';
import { connection, reports } from './reports.js';
import { report } from './report.js';

const worker = new Worker(reports.name, async (job) => report(job.data), { connection });

process.on('SIGTERM', async () => {
  await worker.close();
  await reports.close();
  process.exit(0);
});
