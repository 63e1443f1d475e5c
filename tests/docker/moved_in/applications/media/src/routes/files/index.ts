// Files: kept in a folder, listed in the database.
import { randomUUID } from 'node:crypto';
import { createReadStream, createWriteStream } from 'node:fs';
import { mkdir, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { pipeline } from 'node:stream/promises';
import type { FastifyInstance } from 'fastify';
import type { RowDataPacket } from 'mysql2/promise';

interface FileRow extends RowDataPacket {
  id: string;
  name: string;
  size: number;
}

const params = {
  type: 'object',
  properties: { id: { type: 'string', format: 'uuid' } },
  required: ['id'],
};

export default async function files(app: FastifyInstance) {
  const folder = process.env.UPLOADS ?? join(tmpdir(), 'uploads');
  await mkdir(folder, { recursive: true });

  app.get('/', async () => {
    const [rows] = await app.mysql.query<FileRow[]>('SELECT * FROM files ORDER BY name');
    return rows;
  });

  app.get<{ Params: { id: string } }>('/:id', { schema: { params } }, async (request, reply) => {
    const { id } = request.params;
    const [rows] = await app.mysql.execute<FileRow[]>('SELECT * FROM files WHERE id = ?', [id]);
    if (rows.length === 0) return reply.callNotFound();
    return reply.type('application/octet-stream').send(createReadStream(join(folder, id)));
  });

  app.post('/', async (request, reply) => {
    const part = await request.file();
    if (!part) return reply.code(400).send({ error: 'a file is missing' });
    const id = randomUUID();
    const path = join(folder, id);
    await pipeline(part.file, createWriteStream(path));
    if (part.file.truncated) {
      await rm(path);
      return reply.code(413).send({ error: 'the file is too large' });
    }
    const row = [id, part.filename, part.file.bytesRead];
    await app.mysql.execute('INSERT INTO files VALUES (?, ?, ?)', row);
    return reply.code(201).send({ id, size: part.file.bytesRead });
  });
}
