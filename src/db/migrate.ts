import { readdir, readFile } from 'node:fs/promises';
import { setTimeout as sleep } from 'node:timers/promises';
import { fileURLToPath } from 'node:url';
import { sql } from 'kysely';
import { DEFAULT_MIGRATION_TABLE, type Migration, type MigrationProvider, Migrator } from 'kysely/migration';
import { clientWithDeadline } from './client.ts';
import { openDatabase } from './database.ts';

const folder = fileURLToPath(new URL('../../migrations/', import.meta.url));

/**
 * The key of the advisory lock that whoever migrates a database takes. It is arbitrary, but the same in every
 * release.
 */
const lockKey = 7_112_019;
const pollMilliseconds = 100;
/**
 * How long to wait for a connection or an answer, milliseconds. Generous, as the process may be compiling its routes
 * meanwhile.
 */
const connectMilliseconds = 60_000;

/** Reads the migrations from files `NNNN-name.sql`. They only go forward. */
const provider: MigrationProvider = {
  async getMigrations() {
    const files = (await readdir(folder)).filter((file) => /^\d{4}-.+\.sql$/.test(file));
    const migrations = files.map(async (file): Promise<[string, Migration]> => {
      const text = await readFile(`${folder}${file}`, 'utf8');
      return [file.slice(0, -'.sql'.length), { up: async (db) => void (await sql.raw(text).execute(db)) }];
    });
    return Object.fromEntries(await Promise.all(migrations));
  },
};

/** Thrown where a later release of the service has migrated the database: this one must not write to it. */
class NewerDatabaseError extends Error {
  constructor(names: readonly string[]) {
    super(
      `the database was migrated by a newer release of the service (it has ${names.join(', ')}); ` +
        'start that release or restore an older backup',
    );
  }
}

interface MigrateOptions {
  /** How long another process may be migrating, milliseconds. */
  wait?: number;
  /** Ends the waiting. */
  signal?: AbortSignal;
}

/**
 * Works while it holds the lock. It waits for the lock by asking again: a session that waits inside a statement holds
 * a snapshot, which would deadlock with a migration that builds an index concurrently.
 */
const whileLocked = async <T>(
  url: string,
  { wait = 300_000, signal }: MigrateOptions,
  work: () => Promise<T>,
): Promise<T> => {
  const Client = clientWithDeadline(connectMilliseconds);
  const client = new Client({
    connectionString: url,
    application_name: 'gongkai migration lock',
    connectionTimeoutMillis: connectMilliseconds,
  });
  await client.connect();
  try {
    const until = performance.now() + wait;
    for (;;) {
      const { rows } = await client.query<{ taken: boolean }>('select pg_try_advisory_lock($1) as taken', [
        lockKey,
      ]);
      if (rows[0]?.taken) break;
      if (performance.now() > until)
        throw new Error(`another process has been migrating the database for ${wait} ms`);
      await sleep(pollMilliseconds, undefined, signal && { signal });
    }
    return await work();
  } finally {
    await client.end();
  }
};

/**
 * Brings the database at `url` to this release's schema and returns the names of the migrations that it ran, in
 * order. It is safe when several processes do it at once: each returns when the work is done.
 * @throws {NewerDatabaseError} when the database has migrations that this release does not know
 */
export async function migrate(url: string, options: MigrateOptions = {}): Promise<string[]> {
  return whileLocked(url, options, async () => {
    const db = openDatabase(url, {
      max: 1,
      connectTimeout: connectMilliseconds,
      statementTimeout: 0,
      idleTransactionTimeout: 0,
      transactionTimeout: 0,
    });
    try {
      const known = await provider.getMigrations();
      const history = sql.table(DEFAULT_MIGRATION_TABLE);
      const { rows: tables } = await sql<{ there: boolean }>`
        select to_regclass(${DEFAULT_MIGRATION_TABLE}) is not null as there`.execute(db);
      if (tables[0]?.there) {
        const { rows } = await sql<{ name: string }>`select name from ${history} order by name`.execute(db);
        const unknown = rows.map(({ name }) => name).filter((name) => !(name in known));
        if (unknown.length > 0) throw new NewerDatabaseError(unknown);
      }
      const { error, results = [] } = await new Migrator({ db, provider }).migrateToLatest();
      if (error) {
        const failed = results.find(({ status }) => status === 'Error')?.migrationName;
        throw new Error(`the migration ${failed ?? 'of the database'} failed: ${(error as Error).message}`, {
          cause: error,
        });
      }
      return results.map(({ migrationName }) => migrationName);
    } finally {
      await db.destroy();
    }
  });
}
