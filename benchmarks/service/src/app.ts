// A service as teams have them, for the benchmark: pages, an API, pictures, jobs. Nothing connects before it is asked.
import { fileURLToPath } from 'node:url';
import compression from 'compression';
import cors from 'cors';
import express from 'express';
import rateLimit from 'express-rate-limit';
import { accounts } from './accounts.ts';
import { orders } from './orders/routes.ts';
import { pictures } from './pictures.ts';
import { startTelemetry } from './telemetry.ts';

startTelemetry();

export const app = express();
app.set('views', fileURLToPath(new URL('../views', import.meta.url)));
app.set('view engine', 'ejs');
app.use(compression());
app.use(express.static(fileURLToPath(new URL('../public', import.meta.url))));
app.get('/', (_req, res) => res.render('home', { title: 'Hello, Docker Multi-Stage Build!' }));
app.use('/api', cors(), rateLimit({ limit: 1000 }), express.json());
app.use('/api/accounts', accounts);
app.use('/api/orders', orders);
app.use('/api/pictures', pictures);
