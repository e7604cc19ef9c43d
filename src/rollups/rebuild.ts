import { onDatabase } from '../db/command.ts';
import { rebuildRollups } from './maintenance.ts';

/** `npm run rollups:rebuild`: works out every rollup anew from organs and effective revisions. */

await onDatabase({ whileRunning: 'Stop it, or give the command its DATABASE_URL' }, async (db) => {
  await rebuildRollups(db);
  console.log('the rollups are made anew');
});
