import { chmod, mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { postgresServer } from '../../src/db/postgres-server.ts';

/** A PostgreSQL server for one run: nothing survives it, so it need not be safe against a crash. */
export async function temporaryServer(): Promise<{
  url: (database: string) => string;
  stop: () => Promise<void>;
}> {
  const folder = await mkdtemp(join(tmpdir(), 'gongkai-test-'));
  const remove = () => rm(folder, { recursive: true, force: true });
  try {
    // Under root the server runs as another user, who must pass through; its own folder inside stays closed.
    await chmod(folder, 0o711);
    const server = await postgresServer(join(folder, 'postgres'), {
      fsync: 'off',
      synchronous_commit: 'off',
      full_page_writes: 'off',
      autovacuum: 'off',
      max_connections: '300',
      wal_level: 'minimal',
      max_wal_senders: '0',
    });
    await server.start();
    return {
      url: server.url,
      async stop() {
        await server.stop();
        await remove();
      },
    };
  } catch (error) {
    await remove();
    throw error;
  }
}
