import { setTimeout as sleep } from 'node:timers/promises';
import { sql } from 'kysely';
import type { Db } from '../db/database.ts';

/**
 * Rollups are kept by the database itself: see migrations/0008-rollups.sql and what later ones make of it. What remains
 * is to fold the changes that it logs into the sums before there are so many that adding them up at read time takes long.
 */

/**
 * Works out every rollup anew. Whoever reads aggregates, publishes or changes organs meanwhile waits, but not until the
 * segments are made, which come last.
 */
export async function rebuildRollups(db: Db): Promise<void> {
  await sql`select rollup_rebuild()`.execute(db);
  for (;;) {
    const renewed = await renewSegment(db);
    if (renewed === false) return;
    if (renewed === null) await sleep(100);
  }
}

/**
 * Folds, and makes the segment anew of the year and province that needs it most: see
 * migrations/0016-figures-by-organ.sql. Answers whether one did; null where another session is just folding.
 */
export async function renewSegment(db: Db): Promise<boolean | null> {
  const { rows } = await sql<{ renewed: boolean | null }>`select rollup_renew_segment() as renewed`.execute(
    db,
  );
  return rows[0]!.renewed;
}

/**
 * Reads several statements' worth on one state of the database; in a transaction, on the states that this reads. Waits for
 * a rebuilding to end, and lets none begin until it ends itself: it would find the rollups emptied that it had not read yet.
 */
export const onOneState = <T>(db: Db, read: (db: Db) => Promise<T>): Promise<T> =>
  db.isTransaction
    ? read(db)
    : db
        .transaction()
        .setIsolationLevel('repeatable read')
        .setAccessMode('read only')
        .execute(async (state) => {
          await sql`lock table rollup_state in access share mode`.execute(state);
          return read(state);
        });

/**
 * Folds what is logged by now and answers how many changes that were; null where another session is just folding.
 * `patient` waits for it instead.
 */
export async function foldRollups(db: Db, patient = false): Promise<number | null> {
  const { rows } = await sql<{ folded: number | null }>`select rollup_fold(${patient}) as folded`.execute(db);
  return rows[0]!.folded;
}
