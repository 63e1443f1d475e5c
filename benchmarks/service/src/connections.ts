// What the service talks to, each opened when it is first asked.
import { S3Client } from '@aws-sdk/client-s3';
import { Queue } from 'bullmq';
import { drizzle } from 'drizzle-orm/node-postgres';
import { Redis } from 'ioredis';
import lodash from 'lodash';
import nodemailer from 'nodemailer';
import pg from 'pg';

const { DATABASE_URL, REDIS_URL = 'redis://localhost', SMTP_URL = 'smtp://localhost' } = process.env;

export const database = drizzle(new pg.Pool({ connectionString: DATABASE_URL }));
export const cache = new Redis(REDIS_URL, { lazyConnect: true });
export const bucket = new S3Client({ region: process.env.AWS_REGION ?? 'eu-central-1' });
export const mails = nodemailer.createTransport(SMTP_URL);
export const invoices = lodash.once(() => new Queue('invoices', { connection: { url: REDIS_URL } }));
