import pLimit from 'p-limit';
import { refuseTime } from '../aggregates/in-time.ts';
import type { AggregateQuery } from '../aggregates/queries.ts';
import { yearsAsked } from '../aggregates/rollup-plan.ts';
import type { Db } from '../db/database.ts';
import { Problem } from '../http/problem.ts';
import { onOneState } from '../rollups/maintenance.ts';

/** Lets questions walk in turn, since each takes a whole processor and some dozens of megabytes. */

/**
 * Up to this many pairs of an organ and a year are faster to look up one by one than to read from the segments of
 * their provinces.
 */
export const fewReports = 1_000;

/**
 * Only two questions that walk hold a connection at a time: writing, folding and questions to the rollups need the
 * others.
 */
const states = pLimit(2);

/**
 * Only one of the two walks. The other has a connection by then and knows what to walk over, so that it begins at
 * once.
 */
const walks = pLimit(1);

/** The most questions that wait. If each takes a second, the last one waits for a third of a minute. */
export const mostWaiting = 20;

/**
 * Longest wait for a connection, milliseconds. With two of the longest walks, the one before and its own, a question
 * still stays below the `connectionTimeout` of the service, after which a silent connection is closed.
 */
const longestWait = 18_000;

/**
 * Longest walk, milliseconds. A walk takes long while segments are made anew, as every report may have to be looked
 * up. Meanwhile the next question waits in a transaction, which may be idle for half a minute.
 */
const longestWalk = 20_000;

/** Refuses a question that would wait too long. Problem `unavailable` (503). */
function refuseCrowd(): never {
  throw new Problem('unavailable', {
    detail: 'too many questions that take long at a time',
    headers: { 'retry-after': '5' },
  });
}

/**
 * Whether a query names few organs, considering its years and the `earlier` ones: looking these up takes hardly any
 * time.
 */
const namesFew = (query: AggregateQuery, earlier: readonly number[]): boolean =>
  query.organ_id !== undefined &&
  query.organ_id.length * new Set([...earlier, ...yearsAsked(query).years]).size <= fewReports;

/**
 * Reads on one state of the database. Questions wait for their turn, unless they name few organs, considering
 * `earlier` years as well. In a transaction it reads at once, on the states that the transaction sees. Problem
 * `unavailable` (503).
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

/** Does the work of a walk: in turn or, where it is about few reports, at once. */
export const inTurn = <T>(areFew: boolean, work: () => Promise<T>): Promise<T> =>
  areFew ? work() : walks(work);

/**
 * Starts the clock of a walk. The function it returns throws once the walk has taken too long. Problem
 * `too-many-cells` (422).
 */
export function timeLimit(): () => void {
  const until = performance.now() + longestWalk;
  return () => {
    if (performance.now() >= until) refuseTime();
  };
}
