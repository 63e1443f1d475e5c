// The notes: an example resource, to copy or to delete with what it uses.
import type { FastifyInstance } from 'fastify';
import { createNote, deleteNote, listNotes, readNote } from './notes-store.ts';
import { acceptJson } from './routes.ts';

const newNote = {
  // Postgres has no NUL in a text, and UTF-8 has no lone surrogate.
  body: {
    type: 'object',
    properties: {
      text: {
        type: 'string',
        minLength: 1,
        maxLength: 1000,
        pattern: '^[^\\u0000\\p{Surrogate}]*$',
      },
    },
    required: ['text'],
    additionalProperties: false,
  },
  headers: {
    type: 'object',
    properties: { 'idempotency-key': { type: 'string', pattern: '^[\\w-]{1,64}$' } },
  },
};

const page = {
  querystring: {
    type: 'object',
    properties: {
      limit: { type: 'integer', minimum: 1, maximum: 100, default: 20 },
      before: { type: 'string', pattern: '^[1-9]\\d{0,17}$' },
    },
  },
};

/** The plugin with the routes of the notes. */
export async function notes(app: FastifyInstance) {
  app.get<{ Querystring: { limit: number; before?: string } }>(
    '/notes',
    { schema: page },
    ({ query }) => listNotes(query.limit, query.before),
  );

  app.post<{ Body: { text: string }; Headers: { 'idempotency-key'?: string } }>(
    '/notes',
    { onRequest: acceptJson, schema: newNote },
    async ({ body, headers }, reply) => {
      const note = await createNote(body.text, headers['idempotency-key']);
      return reply.code(201).header('location', `/notes/${note.id}`).send(note);
    },
  );

  app.get<{ Params: { id: string } }>('/notes/:id', ({ params }) => readNote(params.id));

  app.delete<{ Params: { id: string } }>('/notes/:id', async ({ params }, reply) => {
    await deleteNote(params.id);
    return reply.code(204).send();
  });
}
