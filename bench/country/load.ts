import { once } from 'node:events';
import { Worker } from 'node:worker_threads';
import type { Unit } from './plan.ts';
import type { Loaded, WorkerData } from './worker.ts';

/**
 * Loads every unit with `workers` threads, each with a connection of its own. A thread that is free takes the next
 * unit. A thread waits while PostgreSQL writes what it generated, so one thread more than there are processors keeps
 * them busy.
 */
export async function loadUnits(
  units: readonly Unit[],
  workers: number,
  data: WorkerData,
  onLoaded: (loaded: Loaded) => void,
): Promise<void> {
  const waiting = [...units];
  const threads = Array.from({ length: Math.min(workers, units.length) }, () => {
    const thread = new Worker(new URL('worker.ts', import.meta.url), {
      workerData: data,
      resourceLimits: { maxOldGenerationSizeMb: 256, maxYoungGenerationSizeMb: 32 },
    });
    thread.on('message', (loaded: Loaded) => {
      onLoaded(loaded);
      if (loaded.isDone) thread.postMessage(waiting.shift() ?? null);
    });
    return thread;
  });
  try {
    // Rejects with the first error of a thread.
    await Promise.all(threads.map((thread) => once(thread, 'exit')));
  } finally {
    await Promise.all(threads.map((thread) => thread.terminate()));
  }
}
