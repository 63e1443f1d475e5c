// What the browser and the API see.
const path = require('path');
const express = require('express');

exports.createApp = function createApp(store) {
  const app = express();
  app.use(express.static(path.join(__dirname, '..', 'public')));
  app.use(express.json());

  app.get('/health', (req, res) => {
    store.list();
    res.send('ok');
  });

  app.get('/api/items', (req, res) => {
    res.json(store.list());
  });

  app.post('/api/items', (req, res) => {
    const title = String((req.body && req.body.title) || '').trim();
    if (!title) return res.status(400).json({ error: 'title is required' });
    res.status(201).json(store.add(title));
  });

  app.patch('/api/items/:id', (req, res) => {
    const item = store.finish(Number(req.params.id));
    if (!item) return res.sendStatus(404);
    res.json(item);
  });

  return app;
};
