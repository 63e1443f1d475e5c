// The shop: pages with a basket that a session keeps.
import { join } from 'node:path';
import express from 'express';
import session from 'express-session';
import { find, products } from './products.js';

if (!process.env.SESSION_SECRET) throw new Error('SESSION_SECRET is not set');

export const app = express();
const root = join(import.meta.dirname, '..');
app.set('views', join(root, 'views'));
app.set('view engine', 'ejs');
app.locals.title = 'Shop';
app.use(express.static(join(root, 'public'), { maxAge: '1h' }));
app.use(express.urlencoded({ extended: false }));
app.use(session({ secret: process.env.SESSION_SECRET, resave: false, saveUninitialized: false }));

app.get('/', (req, res) => {
  res.render('index', { products, count: req.session.basket?.length ?? 0 });
});

app.get('/basket', (req, res) => {
  res.render('basket', { basket: (req.session.basket ?? []).map(find) });
});

app.post('/basket', (req, res) => {
  if (!find(req.body.id)) return res.status(404).render('error', { message: 'No such product' });
  req.session.basket = [...(req.session.basket ?? []), req.body.id];
  res.redirect('/basket');
});

app.get('/broken', () => {
  throw new Error('a page fails');
});

app.use((_req, res) => {
  res.status(404).render('error', { message: 'No such page' });
});

app.use((_error, _req, res, _next) => {
  res.status(500).render('error', { message: 'Something failed' });
});
