// The table of orders, and what a new one must look like.
import { integer, pgTable, serial, text, timestamp } from 'drizzle-orm/pg-core';
import { z } from 'zod';

export const orders = pgTable('orders', {
  id: serial('id').primaryKey(),
  customer: text('customer').notNull(),
  article: text('article').notNull(),
  pieces: integer('pieces').notNull(),
  placed: timestamp('placed').notNull().defaultNow(),
});

export const NewOrder = z.object({
  customer: z.email(),
  article: z.string().min(1),
  pieces: z.coerce.number().int().positive(),
});
