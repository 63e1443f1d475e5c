-- One row for each note. What has been applied is never edited: a change is a new file.
CREATE TABLE notes (
  id bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
  text text NOT NULL CHECK (char_length(text) BETWEEN 1 AND 1000),
  -- The header Idempotency-Key of the request that created it.
  key text UNIQUE,
  created_at timestamptz NOT NULL DEFAULT now()
);
