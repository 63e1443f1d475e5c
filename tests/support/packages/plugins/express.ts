// Popular middlewares, used as their own documentation shows.
import compression from 'compression';
import cookieParser from 'cookie-parser';
import cors from 'cors';
import express from 'express';
import { rateLimit } from 'express-rate-limit';
import session from 'express-session';
import { body, matchedData, validationResult } from 'express-validator';
import helmet from 'helmet';
import createError from 'http-errors';
import morgan from 'morgan';
import multer from 'multer';
import swaggerUi from 'swagger-ui-express';
import type { Context } from './service/server.ts';

declare module 'express-session' {
  interface SessionData {
    views: number;
  }
}

const openapi = { openapi: '3.0.0', info: { title: 'middlewares', version: '1.0.0' }, paths: {} };

/** Builds the router. */
export function createRoutes(_context: Context) {
  const router = express.Router();
  const upload = multer({ storage: multer.memoryStorage(), limits: { fileSize: 1_000_000 } });
  router.use(morgan('tiny', { stream: { write: () => {} } }));
  router.use('/docs', swaggerUi.serve, swaggerUi.setup(openapi));
  router.use(cors({ origin: 'https://front.example.com', credentials: true }));
  router.use(helmet({ contentSecurityPolicy: false }));
  router.use(cookieParser('a secret of this test'));
  router.use(compression());
  router.use(session({ secret: 'a secret of this test', resave: false, saveUninitialized: false }));

  router.get('/limited', rateLimit({ windowMs: 60_000, limit: 2 }), (_req, res) => {
    res.send('ok');
  });
  router.get('/large', (_req, res) => {
    res.type('text/plain').send('x'.repeat(100_000));
  });
  router.get('/gone', (_req, _res, next) => {
    next(createError(410, 'no longer here'));
  });
  router.get('/login', (_req, res) => {
    res.cookie('session', 'ada', { signed: true, httpOnly: true }).json({ ok: true });
  });
  router.get('/me', (req, res) => {
    res.json({ valid: req.signedCookies.session === 'ada', value: req.signedCookies.session });
  });
  router.get('/views', (req, res) => {
    req.session.views = (req.session.views ?? 0) + 1;
    res.json({ views: req.session.views });
  });
  router.post('/form', express.urlencoded(), (req, res) => {
    res.json(req.body);
  });
  router.post('/user', express.json(), body('email').isEmail(), (req, res) => {
    const errors = validationResult(req);
    if (!errors.isEmpty()) return void res.status(400).json({ errors: errors.array() });
    res.json(matchedData(req));
  });
  router.post('/upload', upload.single('file'), (req, res) => {
    res.json({ name: req.file?.originalname, size: req.file?.size });
  });
  return router;
}
