// A file of its own for a test file.
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

/** Returns the settings that lead to a file that is not there yet, and remove(). */
export async function freshDatabase() {
  const folder = mkdtempSync(join(tmpdir(), 'database-'));
  const remove = async () => rmSync(folder, { recursive: true });
  return { env: { DATABASE_FILE: join(folder, 'app.db') }, remove };
}
