import pLimit from 'p-limit';
import { refuseTime } from '../aggregates/in-time.ts';
import type { AggregateQuery } from '../aggregates/queries.ts';
import type { Db } from '../db/database.ts';
import { onOneState } from '../rollups/maintenance.ts';

/** Who walks when: each question takes all of a processor and some dozens of megabytes. */

/** So many questions hold a connection at most: who writes, folds or asks of what is kept needs others. */
const states = pLimit(3);

/** One of them walks. Those that wait have a connection, so that the one under way never waits for one. */
const walks = pLimit(1);

/** Reads on one state of the database; in a transaction, on the states that this reads. Single organs are no such question. */
export const onWalkedState = <T>(
  db: Db,
  { organ_id }: AggregateQuery,
  read: (state: Db) => Promise<T>,
): Promise<T> => (db.isTransaction || organ_id ? onOneState(db, read) : states(() => onOneState(db, read)));

/** Walks, in turn unless about few reports. */
export const inTurn = <T>(areFew: boolean, work: () => Promise<T>): Promise<T> =>
  areFew ? work() : walks(work);

/** Longest walk, milliseconds: while segments are made anew, every report may have to be looked up. */
const mostTime = 30_000;

/** Begins a walk; what is answered refuses to go on when it takes too long. Problem `too-many-cells` (422). */
export function timeLimit(): () => void {
  const until = performance.now() + mostTime;
  return () => {
    if (performance.now() >= until) refuseTime();
  };
}
