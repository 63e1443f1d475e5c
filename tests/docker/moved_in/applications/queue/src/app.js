// Takes orders for reports, says what became of them, and shows the queue.
import { createBullBoard } from '@bull-board/api';
import { BullMQAdapter } from '@bull-board/api/bullMQAdapter';
import { ExpressAdapter } from '@bull-board/express';
import express from 'express';
import { reports } from './reports.js';

export const app = express();
const dashboard = new ExpressAdapter();
dashboard.setBasePath('/queues');
createBullBoard({ queues: [new BullMQAdapter(reports)], serverAdapter: dashboard });
app.use('/queues', dashboard.getRouter());

app.post('/reports', express.json(), async (req, res) => {
  const { id } = await reports.add('report', { text: String(req.body?.text ?? '') });
  res.status(202).json({ id });
});

app.get('/reports/:id', async (req, res) => {
  const job = await reports.getJob(req.params.id);
  if (!job) return res.sendStatus(404);
  res.json({ state: await job.getState(), result: job.returnvalue });
});
