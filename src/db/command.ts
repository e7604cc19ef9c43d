import { readConfig } from '../config.ts';
import { type DatabaseOptions, type Db, openDatabase } from './database.ts';

/**
 * Starts the embedded database. If the service is running on it, this prints `whileRunning` as advice and exits with
 * 2.
 */
async function startEmbedded(folder: string, whileRunning: string) {
  const { FolderInUseError, startEmbedded: start } = await import('./embedded.ts');
  try {
    return await start(folder, whileRunning);
  } catch (error) {
    if (!(error instanceof FolderInUseError)) throw error;
    console.error(error.message);
    process.exit(2);
  }
}

/**
 * Does the work of a command with the address of the configured database. An embedded one is started before and
 * stopped after.
 */
export async function withDatabaseUrl(
  whileRunning: string,
  work: (url: string) => Promise<void>,
): Promise<void> {
  const { DATABASE_URL, DATA_DIR } = readConfig();
  if (DATABASE_URL) return work(DATABASE_URL);
  const embedded = await startEmbedded(DATA_DIR, whileRunning);
  try {
    await work(embedded.url);
  } finally {
    await embedded.stop();
  }
}

/**
 * Does the work of a command on the configured database, without limits on statements, locks and transactions, and
 * closes it.
 */
export const onDatabase = (
  { whileRunning, ...options }: Pick<DatabaseOptions, 'readOnly'> & { whileRunning: string },
  work: (db: Db) => Promise<void>,
): Promise<void> =>
  withDatabaseUrl(whileRunning, async (url) => {
    const db = openDatabase(url, {
      ...options,
      max: 1,
      statementTimeout: 0,
      transactionTimeout: 0,
      lockTimeout: 0,
    });
    try {
      await work(db);
    } finally {
      await db.destroy();
    }
  });
