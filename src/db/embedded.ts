import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import type pg from 'pg';
import { makeDataDir } from '../data-dir.ts';
import { clientWithDeadline } from './client.ts';
import { EmbeddedPostgresError } from './postgres-host.ts';
import { type PostgresServer, postgresServer } from './postgres-server.ts';

/**
 * The PostgreSQL that `npm start` brings along. Its data are in DATA_DIR/postgres; it is started and stopped with the
 * service. One service at a time holds the folder, through a lock in the database itself: it ends with its holder,
 * however that ends, so no lock is ever stale.
 */

const database = 'gongkai';
/** The key of the lock on the folder: arbitrary, but the same in every release. */
const folderLock = 7_112_020;

/** How long a start waits for a server that is still recovering, and for the session of a killed predecessor. */
const startingMilliseconds = 60_000;
const releasingMilliseconds = 2_000;
const retryMilliseconds = 100;
const restartMilliseconds = 500;

/** Thrown where another instance of the service uses the folder. */
export class FolderInUseError extends EmbeddedPostgresError {
  constructor(folder: string, holder: string, advice: string) {
    super(`${folder} is in use by another instance of the service (process ${holder}). ${advice}`);
  }
}

export interface EmbeddedDatabase {
  url: string;
  /** Stops the server. Nobody may need a connection any more. */
  stop(): Promise<void>;
}

const Client = clientWithDeadline(60_000);

const connect = async (server: PostgresServer): Promise<pg.Client> => {
  const client = new Client({
    connectionString: server.url('postgres'),
    application_name: `gongkai ${process.pid}`,
    connectionTimeoutMillis: 30_000,
  });
  await client.connect();
  return client;
};

const holderOf = async (client: pg.Client): Promise<string> => {
  const { rows } = await client.query<{ name: string }>(
    `select application_name as name from pg_stat_activity join pg_locks using (pid)
     where locktype = 'advisory' and objid = $1 and granted`,
    [folderLock],
  );
  return rows[0]?.name.replace('gongkai ', '') ?? 'unknown';
};

/** Takes the lock and returns the session that holds the folder for as long as it lives. Throws FolderInUseError. */
async function hold(server: PostgresServer, folder: string, whileInUse: string): Promise<pg.Client> {
  const client = await connect(server);
  try {
    const until = performance.now() + releasingMilliseconds;
    for (;;) {
      const { rows } = await client.query<{ taken: boolean }>('select pg_try_advisory_lock($1) as taken', [
        folderLock,
      ]);
      if (rows[0]?.taken) return client;
      if (performance.now() > until) throw new FolderInUseError(folder, await holderOf(client), whileInUse);
      await sleep(retryMilliseconds);
    }
  } catch (error) {
    await client.end();
    throw error;
  }
}

const ensureDatabase = async (client: pg.Client) => {
  const { rowCount } = await client.query('select from pg_database where datname = $1', [database]);
  if (rowCount === 0) await client.query(`create database ${database}`);
};

/**
 * Starts the embedded server of `dataDir`, or takes over one that a killed service left running. `whileInUse` is
 * advice for a person whose folder another instance has.
 * @throws {EmbeddedPostgresError} with what a person can do about it
 */
export async function startEmbedded(
  dataDir: string,
  whileInUse = 'Stop that one, or give this one a DATA_DIR and a PORT of its own',
): Promise<EmbeddedDatabase> {
  const folder = await makeDataDir(dataDir);
  const server = await postgresServer(join(folder, 'postgres'));

  let stopping = false;
  let holder: pg.Client;
  let restarting: Promise<void> | undefined;
  const watch = (client: pg.Client) => {
    holder = client;
    client.once('end', () => {
      restarting = restart();
    });
  };
  /** Holds the folder again after the server went down; starts the server if need be. */
  const restart = async () => {
    while (!stopping) {
      await sleep(restartMilliseconds);
      if (stopping) return;
      try {
        await server.start();
        return watch(await hold(server, folder, whileInUse));
      } catch {}
    }
  };

  const until = performance.now() + startingMilliseconds;
  for (;;) {
    await server.start();
    try {
      const client = await hold(server, folder, whileInUse);
      await ensureDatabase(client).catch(async (error) => {
        await client.end().catch(() => {});
        throw error;
      });
      watch(client);
      return {
        url: server.url(database),
        async stop() {
          stopping = true;
          await restarting;
          await holder.end().catch(() => {});
          await server.stop();
        },
      };
    } catch (error) {
      // A predecessor may be stopping the server right now, or the server is not ready yet.
      if (error instanceof EmbeddedPostgresError || performance.now() > until) throw error;
      await sleep(retryMilliseconds);
    }
  }
}
