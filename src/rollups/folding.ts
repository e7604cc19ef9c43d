import { setTimeout as sleep } from 'node:timers/promises';
import type { Db } from '../db/database.ts';
import { foldRollups, renewSegment } from './maintenance.ts';

/** Pause between two foldings, milliseconds: until then readers add the changes up themselves. */
const pause = 5_000;
/** The pause after a segment was made anew, milliseconds. It is short, since other segments may be waiting. */
const pauseAfterSegment = 1_000;
/** The longest time that segments wait for a moment in which nothing is published, milliseconds. */
const patience = 20_000;

/**
 * Folds what is published into the sums every few seconds, one instance of the service at a time. It makes segments
 * anew while there is nothing to fold, or when they have waited too long. A failure is told to `onFault` and tried
 * again: nothing is lost by it, readers only have more to add up. Ends when the signal is aborted.
 */
export async function keepFolding(
  db: Db,
  signal: AbortSignal,
  onFault: (error: unknown) => void,
): Promise<void> {
  let renewed = Date.now();
  /** Folds or makes a segment, and returns how long to pause, milliseconds. */
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
