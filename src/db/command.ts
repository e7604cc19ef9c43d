import { readConfig } from '../config.ts';
import { type DatabaseOptions, type Db, openDatabase } from './database.ts';

/** The embedded database; a command that finds the service running on it ends with `whileRunning` as its advice. */
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

/** Runs what a command does with the address of the configured database, which runs as long as that takes. */
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

/** Runs what a command does on the configured database, which may take as long as it likes, and closes it. */
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
