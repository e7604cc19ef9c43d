import { randomBytes } from 'node:crypto';
import { chmod, link, mkdir, readFile, rm, writeFile } from 'node:fs/promises';
import { join, resolve } from 'node:path';

/** Makes DATA_DIR, where an installation without settings keeps its data. Returns its absolute path. */
export async function makeDataDir(dataDir: string): Promise<string> {
  const folder = resolve(dataDir);
  const made = await mkdir(folder, { recursive: true }).catch((error: NodeJS.ErrnoException) => {
    throw new Error(
      `${folder} cannot be made (${error.code}): set DATA_DIR to a folder that can be written, or set DATABASE_URL`,
      { cause: error },
    );
  });
  // Where the service runs as root, PostgreSQL runs as another user, who must be able to pass through this folder.
  // The folder of PostgreSQL inside it stays closed to others.
  if (made !== undefined) await chmod(folder, 0o711);
  return folder;
}

const absent = (error: NodeJS.ErrnoException) => {
  if (error.code === 'ENOENT') return '';
  throw error;
};

/**
 * The administrator's token of an installation that was given none. It is made once and kept in a file that only the
 * service's user can read. Throws where that file is empty.
 */
export async function keptAdminToken(dataDir: string): Promise<{ token: string; path: string }> {
  const folder = await makeDataDir(dataDir);
  const path = join(folder, 'admin-token');
  const fresh = `${path}.${process.pid}`;
  if (!(await readFile(path, 'utf8').catch(absent))) {
    await writeFile(fresh, `${randomBytes(32).toString('base64url')}\n`, { mode: 0o600 });
    // The link puts the file into place whole. Where two processes start at once, both take the token of the first.
    await link(fresh, path).catch((error: NodeJS.ErrnoException) => {
      if (error.code !== 'EEXIST') throw error;
    });
    await rm(fresh, { force: true });
  }
  const token = (await readFile(path, 'utf8')).trim();
  if (!token) throw new Error(`${path} holds no token: remove it for a new one, or set ADMIN_TOKEN`);
  return { token, path };
}
