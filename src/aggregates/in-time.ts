import { Problem } from '../http/problem.ts';

/** Refuses what takes too long. Problem `too-many-cells` (422). */
export function refuseTime(): never {
  throw new Problem('too-many-cells', {
    detail: 'There is too much to look at: it took too long. Filter more, or choose fewer years.',
  });
}

/** Refuses what PostgreSQL was not given the time for. Problem `too-many-cells` (422). */
export async function inTime<Result>(reading: Promise<Result>): Promise<Result> {
  try {
    return await reading;
  } catch (error) {
    if ((error as { code?: string }).code !== '57014') throw error;
    refuseTime();
  }
}
