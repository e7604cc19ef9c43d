import { chmod, mkdtemp, readdir, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { type PostgresServer, postgresServer } from '../../src/db/postgres-server.ts';
import { passing } from './folder.ts';

const prefix = 'gongkai-test-';

/** For what is thrown away anyway: nothing survives a run, so nothing need be safe against a crash. */
export const disposable = {
  fsync: 'off',
  synchronous_commit: 'off',
  full_page_writes: 'off',
  autovacuum: 'off',
  max_connections: '300',
  wal_level: 'minimal',
  max_wal_senders: '0',
};

const open = (folder: string, settings: Record<string, string>) =>
  postgresServer(join(folder, 'postgres'), settings);
const discard = (folder: string) => rm(folder, { recursive: true, force: true });

const isRunning = (pid: number): boolean => {
  try {
    return process.kill(pid, 0);
  } catch (error) {
    return (error as NodeJS.ErrnoException).code === 'EPERM';
  }
};

/** Servers whose run was killed before it could stop them. */
async function discardOrphans() {
  for (const parent of new Set([tmpdir(), passing]))
    for (const name of await readdir(parent)) {
      const pid = new RegExp(`^${prefix}(\\d+)-`).exec(name)?.[1];
      if (pid === undefined || isRunning(Number(pid))) continue;
      const folder = join(parent, name);
      await open(folder, disposable)
        .then((server) => server.stop())
        .catch(() => {});
      await discard(folder).catch(() => {});
    }
}

/**
 * A PostgreSQL server for one run of the tests, of a generator or of a measurement, in a folder that `stop` removes.
 * `settings` are PostgreSQL parameters; without them it trades all safety for speed. `parent` is where the folder goes:
 * by default on the disk, as what is measured or generated should be.
 */
export async function temporaryServer(
  settings: Record<string, string> = disposable,
  parent: string = tmpdir(),
): Promise<Pick<PostgresServer, 'url' | 'stop'>> {
  await discardOrphans();
  const folder = await mkdtemp(join(parent, `${prefix}${process.pid}-`));
  try {
    // Under root the server runs as another user, who must pass through; its own folder inside stays closed.
    await chmod(folder, 0o711);
    const server = await open(folder, settings);
    await server.start();
    return {
      url: server.url,
      async stop() {
        await server.stop();
        await discard(folder);
      },
    };
  } catch (error) {
    await discard(folder);
    throw error;
  }
}
