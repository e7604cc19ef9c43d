import { randomBytes } from 'node:crypto';
import { chmod, link, mkdir, readFile, rm, writeFile } from 'node:fs/promises';
import { join, resolve } from 'node:path';

/** DATA_DIR: what an installation without settings keeps. Answers its absolute path. */
export async function makeDataDir(dataDir: string): Promise<string> {
  const folder = resolve(dataDir);
  const made = await mkdir(folder, { recursive: true }).catch((error: NodeJS.ErrnoException) => {
    throw new Error(
      `${folder} cannot be made (${error.code}): set DATA_DIR to a folder that can be written, or set DATABASE_URL`,
      { cause: error },
    );
  });
  // Under root PostgreSQL runs as another user, who must pass through; its own folder inside stays closed.
  if (made !== undefined) await chmod(folder, 0o711);
  return folder;
}

const absent = (error: NodeJS.ErrnoException) => {
  if (error.code === 'ENOENT') return '';
  throw error;
};

/** The administrator's token of an installation that was given none: made once, in a file only its user reads. */
export async function keptAdminToken(dataDir: string): Promise<{ token: string; path: string }> {
  const folder = await makeDataDir(dataDir);
  const path = join(folder, 'admin-token');
  const fresh = `${path}.${process.pid}`;
  if (!(await readFile(path, 'utf8').catch(absent))) {
    await writeFile(fresh, `${randomBytes(32).toString('base64url')}\n`, { mode: 0o600 });
    // Linked into place whole; of two that start at once, both take the token of the first.
    await link(fresh, path).catch((error: NodeJS.ErrnoException) => {
      if (error.code !== 'EEXIST') throw error;
    });
    await rm(fresh, { force: true });
  }
  const token = (await readFile(path, 'utf8')).trim();
  if (!token) throw new Error(`${path} holds no token: remove it for a new one, or set ADMIN_TOKEN`);
  return { token, path };
}
