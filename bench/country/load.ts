import { once } from 'node:events';
import { Worker } from 'node:worker_threads';
import type { Unit } from './plan.ts';
import type { Loaded, WorkerData } from './worker.ts';

/**
 * Loads every unit with `workers` threads, each with a connection of its own, the next unit to whoever is free. A
 * thread waits while PostgreSQL writes what it generated, so two more than there are processors keep them busy.
 */
export async function loadUnits(
  units: readonly Unit[],
  workers: number,
  data: WorkerData,
  onLoaded: (loaded: Loaded) => void,
): Promise<void> {
  const waiting = [...units];
  const run = async () => {
    const worker = new Worker(new URL('worker.ts', import.meta.url), {
      workerData: data,
      resourceLimits: { maxOldGenerationSizeMb: 256, maxYoungGenerationSizeMb: 16 },
    });
    worker.on('message', (loaded: Loaded) => {
      onLoaded(loaded);
      if (loaded.isDone) worker.postMessage(waiting.shift() ?? null);
    });
    // Rejects with the error of the thread, if it has one.
    await once(worker, 'exit');
  };
  const threads = Array.from({ length: Math.min(workers, units.length) }, run);
  try {
    await Promise.all(threads);
  } finally {
    waiting.length = 0;
    await Promise.allSettled(threads);
  }
}
