// The shop: pages with a basket that a session keeps.
const path = require('node:path');
const express = require('express');
const session = require('express-session');
const { find, products } = require('./products');

if (!process.env.SESSION_SECRET) throw new Error('SESSION_SECRET is not set');

const app = express();
app.set('views', path.join(__dirname, 'views'));
app.set('view engine', 'ejs');
app.locals.title = 'Shop';
app.use(express.static(path.join(__dirname, 'public'), { maxAge: '1h' }));
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

exports.app = app;
