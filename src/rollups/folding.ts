import { setTimeout as sleep } from 'node:timers/promises';
import type { Db } from '../db/database.ts';
import { foldRollups } from './maintenance.ts';

/** Pause between two foldings, milliseconds: until then readers add the changes up themselves. Longer after a failure. */
const pause = 1_000;
const pauseAfterFault = 5_000;

/**
 * Folds what is published into the sums every second, one instance of the service at a time. A failure is told to
 * `onFault` and tried again: nothing is lost by it, readers only have more to add up. Ends when the signal says so.
 */
export async function keepFolding(
  db: Db,
  signal: AbortSignal,
  onFault: (error: unknown) => void,
): Promise<void> {
  while (!signal.aborted) {
    const next = await foldRollups(db).then(
      () => pause,
      (error) => {
        if (!signal.aborted) onFault(error);
        return pauseAfterFault;
      },
    );
    await sleep(next, undefined, { signal }).catch(() => {});
  }
}
