// The items, in a file of SQLite.
const Database = require('better-sqlite3');

const SCHEMA = `CREATE TABLE IF NOT EXISTS items (
  id INTEGER PRIMARY KEY,
  title TEXT NOT NULL,
  done INTEGER NOT NULL DEFAULT 0
)`;

exports.openStore = function openStore(file) {
  const db = new Database(file);
  db.exec(SCHEMA);
  const one = db.prepare('SELECT * FROM items WHERE id = ?');
  const all = db.prepare('SELECT * FROM items ORDER BY id');
  const insert = db.prepare('INSERT INTO items (title) VALUES (?)');
  const update = db.prepare('UPDATE items SET done = 1 WHERE id = ?');
  return {
    list: () => all.all(),
    add: (title) => one.get(insert.run(title).lastInsertRowid),
    finish(id) {
      update.run(id);
      return one.get(id);
    },
    close: () => db.close(),
  };
};
