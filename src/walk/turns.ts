import pLimit from 'p-limit';
import { refuseTime } from '../aggregates/in-time.ts';
import type { AggregateQuery } from '../aggregates/queries.ts';
import { yearsAsked } from '../aggregates/rollup-plan.ts';
import type { Db } from '../db/database.ts';
import { Problem } from '../http/problem.ts';
import { onOneState } from '../rollups/maintenance.ts';

/** Who walks when: each question takes all of a processor and some dozens of megabytes. */

/** So many years of organs are looked up sooner than segments of their provinces are read. */
export const fewReports = 1_000;

/** So many questions hold a connection at most: who writes, folds or asks of what is kept needs others. */
const states = pLimit(2);

/** One of them walks; the other has found by then what it will walk over, and has a connection, so that none waits for one. */
const walks = pLimit(1);

/** As many wait: the last of them for half a minute, where each takes a second. */
export const mostWaiting = 30;

/** Longest wait, milliseconds: with the longest walk less than a connection may be silent (`connectionTimeout` of the service). */
const longestWait = 30_000;

/**
 * Longest walk, milliseconds: while segments are made anew, every report may have to be looked up. Whoever is next waits in a
 * transaction, which may be idle for half a minute.
 */
const longestWalk = 20_000;

/** Refuses what would wait for too long. Problem `unavailable` (503). */
function refuseCrowd(): never {
  throw new Problem('unavailable', {
    detail: 'too many questions that take long at a time',
    headers: { 'retry-after': '5' },
  });
}

/** Whether a query names few organs, of its years and `earlier` ones: these are looked up in no time. */
const namesFew = (query: AggregateQuery, earlier: readonly number[]): boolean =>
  query.organ_id !== undefined &&
  query.organ_id.length * new Set([...earlier, ...yearsAsked(query).years]).size <= fewReports;

/**
 * Reads on one state of the database, in turn unless about few organs, of `earlier` years as well; in a transaction, on the states that this reads.
 * Problem `unavailable` (503).
 */
export async function onWalkedState<T>(
  db: Db,
  query: AggregateQuery,
  read: (state: Db) => Promise<T>,
  earlier: readonly number[] = [],
): Promise<T> {
  if (db.isTransaction || namesFew(query, earlier)) return onOneState(db, read);
  if (states.pendingCount >= mostWaiting) refuseCrowd();
  const came = performance.now();
  return states(() => {
    if (performance.now() - came > longestWait) refuseCrowd();
    return onOneState(db, read);
  });
}

/** Walks, in turn unless about few reports. */
export const inTurn = <T>(areFew: boolean, work: () => Promise<T>): Promise<T> =>
  areFew ? work() : walks(work);

/** Begins a walk; what is answered refuses to go on when it takes too long. Problem `too-many-cells` (422). */
export function timeLimit(): () => void {
  const until = performance.now() + longestWalk;
  return () => {
    if (performance.now() >= until) refuseTime();
  };
}
