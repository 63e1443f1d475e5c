// Accounts: a password is kept as its hash, a login is answered with a token.
import argon2 from 'argon2';
import express, { type RequestHandler } from 'express';
import jwt from 'jsonwebtoken';
import { z } from 'zod';
import { cache } from './connections.ts';

const SECRET = process.env.JWT_SECRET ?? 'only-for-the-benchmark';
const Credentials = z.object({ email: z.email(), password: z.string().min(12) });

/** Lets a request with a valid token pass. */
export const signedIn: RequestHandler = (req, res, next) => {
  try {
    res.locals.account = jwt.verify(String(req.headers.authorization).slice(7), SECRET);
    next();
  } catch {
    res.status(401).end();
  }
};

export const accounts = express.Router();

accounts.post('/', async (req, res) => {
  const { email, password } = Credentials.parse(req.body);
  await cache.set(`account:${email}`, await argon2.hash(password));
  res.status(201).json({ email });
});

accounts.post('/tokens', async (req, res) => {
  const { email, password } = Credentials.parse(req.body);
  const hash = await cache.get(`account:${email}`);
  if (!hash || !(await argon2.verify(hash, password))) return void res.status(401).end();
  res.json({ token: jwt.sign({ sub: email }, SECRET, { expiresIn: '1h' }) });
});
