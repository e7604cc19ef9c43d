import { onDatabase } from '../db/command.ts';
import { verifyRollups } from './verification.ts';

/** `npm run rollups:verify`: works out every rollup from the rows and compares; exits with 1 where they differ. */

await onDatabase(
  { readOnly: true, whileRunning: 'Stop it, or give the command its DATABASE_URL' },
  async (db) => {
    const { compared, differences } = await verifyRollups(db);
    for (const { of, key } of differences) console.log(`${of} differs: ${key}`);
    console.log(
      differences.length === 0
        ? `all ${compared} sums and counts are what the rows give`
        : 'make the rollups anew: npm run rollups:rebuild',
    );
    if (differences.length > 0) process.exitCode = 1;
  },
);
