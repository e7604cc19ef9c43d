import { Kysely, PostgresDialect, type Transaction } from 'kysely';
import pg from 'pg';
import { clientWithDeadline } from './client.ts';
import type { DB as Database } from './tables.ts';
import { typeParsers } from './type-parsers.ts';

export type { Database };
/** A pool or a transaction. It is what query functions take first. */
export type Db = Kysely<Database>;
/** For functions that require a transaction. */
export type Trx = Transaction<Database>;

export interface DatabaseOptions {
  /** The most connections; more than 8 are slower on a small machine. */
  max?: number;
  /** Longest wait for a connection, milliseconds. */
  connectTimeout?: number;
  /** Longest run of one statement, lock waits included, milliseconds; 0 is unlimited. */
  statementTimeout?: number;
  /** Longest wait for one lock, milliseconds. */
  lockTimeout?: number;
  /** Longest pause of a client inside a transaction, milliseconds. */
  idleTransactionTimeout?: number;
  /** Longest transaction, milliseconds, on PostgreSQL 17 and later; 0 is unlimited. */
  transactionTimeout?: number;
  /**
   * How long the server may stay silent before the connection is given up, milliseconds; must be above
   * `statementTimeout`.
   */
  answerTimeout?: number;
  /** Whether sessions refuse to write. */
  readOnly?: boolean;
  /** Called when a connection is lost while idle. The pool replaces it by itself. */
  onLost?: (error: Error) => void;
}

/** The pool of each database, once it has connected. */
const pools = new WeakMap<Db, pg.Pool>();

/** How many connections a database has, how many are idle, and how many callers wait for one. */
export function poolCounts(db: Db): { total: number; idle: number; waiting: number } {
  const pool = pools.get(db);
  return { total: pool?.totalCount ?? 0, idle: pool?.idleCount ?? 0, waiting: pool?.waitingCount ?? 0 };
}

/** The longest time that `setTimeout` takes, milliseconds. */
const never = 2 ** 31 - 1;

/**
 * A pool of connections to `url`, which may be a promise. It connects with the first query; `db.destroy()` closes it.
 */
export function openDatabase(url: string | Promise<string>, options: DatabaseOptions = {}): Db {
  const statementTimeout = options.statementTimeout ?? 30_000;
  const deadline = options.answerTimeout ?? (statementTimeout === 0 ? never : statementTimeout + 5_000);
  const settings = {
    TimeZone: 'UTC',
    DateStyle: 'ISO, YMD',
    // Compiling a statement would take longer than running it.
    jit: 'off',
    // Enough to sort and join in memory what is folded, and who is covered in a whole country.
    work_mem: '16MB',
    statement_timeout: statementTimeout,
    lock_timeout: options.lockTimeout ?? 10_000,
    idle_in_transaction_session_timeout: options.idleTransactionTimeout ?? 30_000,
    transaction_timeout: options.transactionTimeout ?? 60_000,
    default_transaction_read_only: options.readOnly ? 'on' : 'off',
  };
  const names = Object.keys(settings);
  const values = Object.values(settings).map(String);
  const openPool = async () => {
    const pool = new pg.Pool({
      connectionString: await url,
      application_name: 'gongkai',
      Client: clientWithDeadline(deadline),
      max: options.max ?? 8,
      connectionTimeoutMillis: options.connectTimeout ?? 10_000,
      keepAlive: true,
      types: typeParsers,
      // Settings that a server does not know (transaction_timeout before 17) are not in its catalog, and are left
      // out.
      onConnect: async (client) => {
        await client.query(
          `select set_config(wanted.name, wanted.value, false)
           from unnest($1::text[], $2::text[]) as wanted (name, value)
           where current_setting(wanted.name, true) is not null`,
          [names, values],
        );
      },
    });
    pool.on('error', options.onLost ?? (() => {}));
    pools.set(db, pool);
    return pool;
  };
  const db: Db = new Kysely<Database>({
    dialect: new PostgresDialect({ pool: openPool }),
  });
  return db;
}
