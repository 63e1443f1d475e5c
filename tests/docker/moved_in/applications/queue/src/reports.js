// The queue of reports.
import { Queue } from 'bullmq';

export const connection = { url: process.env.REDIS_URL ?? 'redis://redis:6379' };
export const reports = new Queue('reports', { connection });
