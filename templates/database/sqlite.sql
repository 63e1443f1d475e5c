-- One row for each note. What has been applied is never edited: a change is a new file.
CREATE TABLE notes (
  -- AUTOINCREMENT: no id is used again.
  id INTEGER PRIMARY KEY AUTOINCREMENT,
  text TEXT NOT NULL CHECK (length(text) BETWEEN 1 AND 1000),
  -- The header Idempotency-Key of the request that created it.
  key TEXT UNIQUE,
  created_at TEXT NOT NULL DEFAULT (strftime('%Y-%m-%dT%H:%M:%fZ', 'now'))
) STRICT;
