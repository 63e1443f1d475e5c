// Orders: placed one by one or from a file, listed by day, with an invoice that a job makes.
import axios from 'axios';
import { parse } from 'csv-parse/sync';
import { formatISO, startOfDay } from 'date-fns';
import { eq } from 'drizzle-orm';
import express from 'express';
import lodash from 'lodash';
import multer from 'multer';
import { signedIn } from '../accounts.ts';
import { database, invoices, mails } from '../connections.ts';
import { tracer } from '../telemetry.ts';
import { NewOrder, orders as table } from './schema.ts';

const upload = multer({ limits: { fileSize: 1_000_000 } });

export const orders = express.Router();
orders.use(signedIn);

orders.get('/', async (_req, res) => {
  const rows = await database.select().from(table).limit(100);
  res.json(lodash.groupBy(rows, (row) => formatISO(startOfDay(row.placed), { representation: 'date' })));
});

orders.get('/:id', async (req, res) => {
  const [row] = await database.select().from(table).where(eq(table.id, Number(req.params.id)));
  res.status(row ? 200 : 404).json(row ?? null);
});

orders.post('/', async (req, res) => {
  const order = NewOrder.parse(req.body);
  const row = await tracer.startActiveSpan('place', async (span) => {
    const [placed] = await database.insert(table).values(order).returning();
    span.end();
    return placed;
  });
  await invoices().add('invoice', row);
  await mails.sendMail({ to: order.customer, subject: 'Your order', text: order.article });
  res.status(201).json(row);
});

orders.post('/file', upload.single('file'), async (req, res) => {
  const rows = parse(req.file?.buffer ?? '', { columns: true }).map((row) => NewOrder.parse(row));
  await database.insert(table).values(rows);
  res.status(201).json({ rows: rows.length });
});

orders.get('/rates/:currency', async (req, res) => {
  const { data } = await axios.get(`${process.env.RATES_URL}/${req.params.currency}`);
  res.json(data);
});
