// Books on shelves.
import express from 'express';
import { prisma } from '#data/client.js';
import { Shelf } from '#generated/prisma/enums.js';

export const app = express();

app.get('/health', async (_req, res) => {
  await prisma.$queryRaw`SELECT 1`;
  res.sendStatus(200);
});

app.post('/books', express.json(), async (req, res) => {
  const { title, shelf } = req.body ?? {};
  if (typeof title !== 'string' || (shelf && !(shelf in Shelf))) return void res.sendStatus(400);
  res.status(201).json(await prisma.book.create({ data: { title, shelf } }));
});

app.get('/books', async (req, res) => {
  const contains = String(req.query.title ?? '');
  res.json(await prisma.book.findMany({ where: { title: { contains } }, orderBy: { id: 'asc' } }));
});
