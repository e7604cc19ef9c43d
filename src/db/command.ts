import { readConfig } from '../config.ts';
import { type DatabaseOptions, type Db, openDatabase } from './database.ts';

/** The embedded database; a command that finds the service running on it ends with `whileRunning` as its advice. */
async function startEmbedded(folder: string, whileRunning: string) {
  const { FolderInUseError, startEmbedded: start } = await import('./embedded.ts');
  try {
    return await start(folder);
  } catch (error) {
    if (!(error instanceof FolderInUseError)) throw error;
    console.error(`${error.message}. ${whileRunning}`);
    process.exit(2);
  }
}

/** Runs what a command does on the configured database, which may take as long as it likes, and closes it. */
export async function onDatabase(
  options: Pick<DatabaseOptions, 'readOnly'> & { whileRunning: string },
  work: (db: Db) => Promise<void>,
): Promise<void> {
  const { DATABASE_URL, DATA_DIR } = readConfig();
  const embedded = DATABASE_URL ? undefined : await startEmbedded(DATA_DIR, options.whileRunning);
  const db = openDatabase(DATABASE_URL ?? embedded!.url, {
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
    await embedded?.stop();
  }
}
