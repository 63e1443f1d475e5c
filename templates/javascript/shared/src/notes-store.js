// The notes in the database: their SQL, in which every value is a parameter.
import { query } from './database.js';
import { HttpError } from './service/errors.js';

// As text: a JavaScript number cannot hold every id.
const COLUMNS = 'CAST(id AS text) AS id, text, created_at AS "createdAt"';
const ID = /^[1-9]\d{0,17}$/;
const ABOVE_ALL = '9223372036854775807';

//% if cookiecutter.framework != 'fastify'
/** The schema of a new note: returns its text, throws an HttpError that names the field. */
export function parseNote(body) {
  const { text, ...others } = Object(body);
  // Not every database takes a NUL in a text, and UTF-8 has no lone surrogate.
  if (typeof text !== 'string' || !/^[^\0\p{Surrogate}]{1,1000}$/u.test(text)) {
    throw new HttpError(400, 'text must be a string of 1 to 1000 characters');
  }
  const [other] = Object.keys(others);
  if (other !== undefined) throw new HttpError(400, 'text must be the only field');
  return text;
}

/** The schema of the header Idempotency-Key. */
export function parseKey(key) {
  if (key === undefined) return null;
  if (/^[\w-]{1,64}$/.test(String(key))) return String(key);
  throw new HttpError(400, 'idempotency-key must be 1 to 64 letters, digits, _ or -');
}

/** The schema of the list's query. */
export function parsePage({ limit = '20', before = ABOVE_ALL }) {
  if (!/^([1-9]\d?|100)$/.test(String(limit))) {
    throw new HttpError(400, 'limit must be a whole number from 1 to 100');
  }
  const isFirst = before === ABOVE_ALL;
  if (!isFirst && !ID.test(String(before))) throw new HttpError(400, 'before must be an id');
  return { limit: Number(limit), before: String(before) };
}

//% endif
/** Creates a note. A key makes it one note, however often the request is repeated. */
export async function createNote(text, key = null) {
  const [created] = await query(
    `INSERT INTO notes (text, key) VALUES ($1, $2)
     ON CONFLICT (key) DO NOTHING RETURNING ${COLUMNS}`,
    [text, key],
  );
  if (created) return created;
  const [earlier] = await query(`SELECT ${COLUMNS} FROM notes WHERE key = $1`, [key]);
  if (earlier?.text === text) return earlier;
  throw new HttpError(409, 'idempotency-key was used for another note');
}

/** Reads a note; throws a 404 if there is none. */
export async function readNote(id) {
  const sql = `SELECT ${COLUMNS} FROM notes WHERE id = $1`;
  const [note] = ID.test(id) ? await query(sql, [id]) : [];
  if (!note) throw new HttpError(404);
  return note;
}

/** Lists the newest notes, or those that are older than one; `next` is where to go on. */
export async function listNotes(limit, before = ABOVE_ALL) {
  const rows = await query(
    `SELECT ${COLUMNS} FROM notes WHERE id < $1 ORDER BY notes.id DESC LIMIT $2`,
    [before, limit + 1],
  );
  const notes = rows.slice(0, limit);
  return { notes, next: rows.length > limit ? notes[limit - 1].id : null };
}

/** Deletes a note; throws a 404 if there is none. */
export async function deleteNote(id) {
  const sql = 'DELETE FROM notes WHERE id = $1 RETURNING id';
  const deleted = ID.test(id) ? await query(sql, [id]) : [];
  if (deleted.length === 0) throw new HttpError(404);
}
