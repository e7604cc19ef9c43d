import { readConfig } from '../config.ts';
import { openDatabase } from '../db/database.ts';
import { verifyAudit } from './queries.ts';

/** `npm run audit:verify`: reads the whole audit chain; exits with 1 where an entry was changed, removed or replaced. */

const { DATABASE_URL, DATA_DIR } = readConfig();

/** The embedded database; while the service runs on it, the service answers instead. */
async function startEmbedded() {
  const { FolderInUseError, startEmbedded: start } = await import('../db/embedded.ts');
  try {
    return await start(DATA_DIR);
  } catch (error) {
    if (!(error instanceof FolderInUseError)) throw error;
    console.error(`${error.message}. While it runs, ask it: GET /v1/audit/verification`);
    process.exit(2);
  }
}

const embedded = DATABASE_URL ? undefined : await startEmbedded();
const db = openDatabase(DATABASE_URL ?? embedded!.url, { max: 1, readOnly: true, transactionTimeout: 0 });
try {
  const { entries, head, fault } = await verifyAudit(db);
  console.log(
    fault
      ? `${entries} entries are whole, then: ${fault}`
      : `all ${entries} entries are whole; the last seal is ${head}`,
  );
  if (fault) process.exitCode = 1;
} finally {
  await db.destroy();
  await embedded?.stop();
}
