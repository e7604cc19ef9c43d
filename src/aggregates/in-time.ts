import { Problem } from '../http/problem.ts';

/** Refuses a question that takes too long. Problem `too-many-cells` (422). */
export function refuseTime(): never {
  throw new Problem('too-many-cells', {
    detail: 'There is too much to look at: it took too long. Filter more, or choose fewer years.',
  });
}

/**
 * Waits for a reading, and refuses it where PostgreSQL cancelled it because it took too long. Problem
 * `too-many-cells` (422).
 */
export async function inTime<Result>(reading: Promise<Result>): Promise<Result> {
  try {
    return await reading;
  } catch (error) {
    if ((error as { code?: string }).code !== '57014') throw error;
    refuseTime();
  }
}
