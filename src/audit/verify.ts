import { readConfig } from '../config.ts';
import { openDatabase } from '../db/database.ts';
import { verifyAudit } from './queries.ts';

/** `npm run audit:verify`: reads the whole audit chain; exits with 1 where an entry was changed, removed or replaced. */

const { DATABASE_URL, DATA_DIR } = readConfig();
const embedded = DATABASE_URL ? undefined : await (await import('../db/embedded.ts')).startEmbedded(DATA_DIR);
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
