import { onDatabase } from '../db/command.ts';
import { verifyAudit } from './queries.ts';

/**
 * `npm run audit:verify`: reads the whole audit chain. Exits with 1 where an entry was changed, removed or replaced.
 */

await onDatabase(
  { readOnly: true, whileRunning: 'While it runs, ask it: GET /v1/audit/verification' },
  async (db) => {
    const { entries, head, fault } = await verifyAudit(db);
    console.log(
      fault
        ? `${entries} entries are whole, then: ${fault}`
        : `all ${entries} entries are whole; the last seal is ${head}`,
    );
    if (fault) process.exitCode = 1;
  },
);
