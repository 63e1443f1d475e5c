// Notes, found by an address that follows from the title.
import { address } from '@notes/text';
import express from 'express';

export const app = express();
const notes = new Map();

app.put('/notes', express.json(), (req, res) => {
  const { title, text } = req.body;
  notes.set(address(title), { title, text });
  res.status(201).json({ address: address(title) });
});

app.get('/notes/:address', (req, res, next) => {
  const note = notes.get(req.params.address);
  if (!note) return next();
  res.json(note);
});
