import { setTimeout as sleep } from 'node:timers/promises';
import type { Db } from '../db/database.ts';
import { foldRollups, renewSegment } from './maintenance.ts';

/** Pause between two foldings, milliseconds: until then readers add the changes up themselves. */
const pause = 5_000;
/** After a segment was made anew, since others may wait for it as well. */
const pauseAfterSegment = 1_000;
/** For how long at most segments wait for a moment in which nothing is published, milliseconds. */
const patience = 20_000;

/**
 * Folds what is published into the sums every few seconds, one instance of the service at a time, and makes segments anew
 * while there is nothing to fold. A failure is told to `onFault` and tried again: nothing is lost by it, readers only have
 * more to add up. Ends when the signal says so.
 */
export async function keepFolding(
  db: Db,
  signal: AbortSignal,
  onFault: (error: unknown) => void,
): Promise<void> {
  let renewed = Date.now();
  /** Answers for how long to pause. */
  const work = async (): Promise<number> => {
    const folded = await foldRollups(db);
    if (folded === null || (folded > 0 && Date.now() < renewed + patience)) return pause;
    const isRenewed = await renewSegment(db);
    renewed = Date.now();
    return isRenewed ? pauseAfterSegment : pause;
  };
  while (!signal.aborted) {
    const next = await work().catch((error) => {
      if (!signal.aborted) onFault(error);
      return pause;
    });
    await sleep(next, undefined, { signal }).catch(() => {});
  }
}
