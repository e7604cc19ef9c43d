import { setTimeout as sleep } from 'node:timers/promises';
import { sql } from 'kysely';
import type { Db } from '../db/database.ts';

/**
 * The database itself keeps the rollups: see migrations/0008-rollups.sql and the later migrations that change them.
 * What remains is to fold the changes that it logs into the sums, before there are so many that readers take long to
 * add them up.
 */

/**
 * Works out every rollup anew. Meanwhile those who read aggregates, publish or change organs have to wait; but not
 * until the segments are made, which come last.
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
 * migrations/0016-figures-by-organ.sql. Returns whether it made one; null where another session is folding.
 */
export async function renewSegment(db: Db): Promise<boolean | null> {
  const { rows } = await sql<{ renewed: boolean | null }>`select rollup_renew_segment() as renewed`.execute(
    db,
  );
  return rows[0]!.renewed;
}

/**
 * Runs `read`, with as many statements as it likes, on one state of the database. Within a transaction `read` sees
 * what that transaction sees. Otherwise it waits for a rebuilding to end, and no rebuilding begins before it ends:
 * `read` would find rollups emptied that it had not read yet.
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
 * Folds the changes logged so far and returns how many there were; null where another session is folding. With
 * `patient` it waits for that session instead.
 */
export async function foldRollups(db: Db, patient = false): Promise<number | null> {
  const { rows } = await sql<{ folded: number | null }>`select rollup_fold(${patient}) as folded`.execute(db);
  return rows[0]!.folded;
}
