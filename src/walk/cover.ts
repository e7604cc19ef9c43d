import type { Register } from './register.ts';

/** Which of the reports found of a year are added up: see `bases` in ../aggregates/queries.ts. */

/** Answers of an organ whether this holds of any above it, nearest first. Ends where parents run in a circle; of itself none is above. */
export function aboveIn(parents: Int32Array): (organ: number, holds: (above: number) => boolean) => boolean {
  return (organ, holds) => {
    // Whoever walks in a circle comes by where it was after some power of two steps.
    let mark = organ;
    let steps = 0;
    let most = 1;
    for (
      let above = parents[organ]!;
      above >= 0 && above !== organ && above !== mark;
      above = parents[above]!
    ) {
      if (holds(above)) return true;
      if (++steps === most) {
        mark = above;
        most *= 2;
        steps = 0;
      }
    }
    return false;
  };
}

/** What is known of each organ in a year, as bits. */
export const isFound = 1;
export const isTop = 2;
export const isUsed = 4;

/**
 * Marks organs with reports found in a year, `top` where one of them is consolidated. Of own reports and consolidated ones,
 * in the order of `batches`, answers whether each is used: within a group nothing above stands for it, nor the organ's
 * consolidated report for its own. Without `groupOf` there is one group; where organs are told apart, each is one.
 */
export function useOf(
  register: Register,
  year: number,
  batches: readonly { isConsolidated: boolean; organs: Int32Array }[],
  groups: 'one' | 'organs' | ((organ: number) => number),
): { marks: Uint8Array; areUsed: Uint8Array[] } {
  const marks = new Uint8Array(register.size);
  let hasTops = false;
  for (const { isConsolidated, organs } of batches) {
    const mark = isConsolidated ? isFound | isTop : isFound;
    hasTops ||= isConsolidated;
    for (const organ of organs) marks[organ]! |= mark;
  }
  const isAbove = aboveIn(register.parentsIn(year));
  const isATop = (organ: number) => (marks[organ]! & isTop) !== 0;
  const isCovered = (organ: number): boolean => {
    if (groups === 'one') return isAbove(organ, isATop);
    const group = groups === 'organs' ? organ : groups(organ);
    return isAbove(organ, (above) => isATop(above) && groups !== 'organs' && groups(above) === group);
  };
  const areUsed = batches.map(({ isConsolidated, organs }) => {
    const flags = new Uint8Array(organs.length);
    for (let place = 0; place < organs.length; place++) {
      const organ = organs[place]!;
      if (!isConsolidated && isATop(organ)) continue;
      if (hasTops && groups !== 'organs' && isCovered(organ)) continue;
      flags[place] = 1;
      marks[organ]! |= isUsed;
    }
    return flags;
  });
  return { marks, areUsed };
}
