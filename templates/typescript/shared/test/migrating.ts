// What tests with a database share: the command that brings the schema up to date.
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { extname, join } from 'node:path';
import { text } from 'node:stream/consumers';

const COMMAND = join(import.meta.dirname, `../src/migrate${extname(import.meta.filename)}`);

/** Runs it for a database, with the project's migrations or those of another folder. */
export async function migrate(env: Record<string, string>, ...folder: string[]) {
  const child = spawn(process.execPath, [COMMAND, ...folder], { env: { ...process.env, ...env } });
  const [stdout, stderr, [code]] = await Promise.all([
    text(child.stdout),
    text(child.stderr),
    once(child, 'close'),
  ]);
  return { code, stdout, stderr };
}
