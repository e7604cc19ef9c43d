import { randomBytes } from 'node:crypto';
import { readFile, rename, writeFile } from 'node:fs/promises';
import { join, resolve } from 'node:path';

/** The administrator's token of an installation that was given none: made once, kept in a file only its user reads. */
export async function keptAdminToken(dataDir: string): Promise<{ token: string; path: string }> {
  const path = join(resolve(dataDir), 'admin-token');
  const kept = (
    await readFile(path, 'utf8').catch((error: NodeJS.ErrnoException) => {
      if (error.code === 'ENOENT') return '';
      throw error;
    })
  ).trim();
  if (kept) return { token: kept, path };
  const token = randomBytes(32).toString('base64url');
  // Renamed into place, so that an interrupted start leaves no half of it.
  await writeFile(`${path}.new`, `${token}\n`, { mode: 0o600 });
  await rename(`${path}.new`, path);
  return { token, path };
}
