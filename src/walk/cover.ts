import type { OrganGroups } from './groups.ts';
import type { Register } from './register.ts';

/** Which of the reports found of a year are added up: see `bases` in ../aggregates/queries.ts. */

/**
 * Whether any above an organ is marked with this bit, and of its group where there are groups. Ends where parents run in a circle;
 * of itself none is above.
 */
export function isBelow(
  parents: Int32Array,
  organ: number,
  marks: Uint8Array,
  bit: number,
  groups?: Int32Array,
): boolean {
  // Whoever walks in a circle comes by where it was after some power of two steps.
  let seen = organ;
  let steps = 0;
  let most = 1;
  for (
    let above = parents[organ]!;
    above >= 0 && above !== organ && above !== seen;
    above = parents[above]!
  ) {
    if ((marks[above]! & bit) !== 0 && (groups === undefined || groups[above] === groups[organ])) return true;
    if (++steps === most) {
      seen = above;
      most *= 2;
      steps = 0;
    }
  }
  return false;
}

/** What is known of each organ in a year, as bits. */
export const isFound = 1;
export const isTop = 2;
export const isUsed = 4;

/**
 * Marks organs with reports found in a year, `top` where one of them is consolidated. Of own reports and consolidated ones,
 * in the order of `batches`, answers whether each is used: within a group nothing above stands for it, nor the organ's
 * consolidated report for its own. Groups are those of `organGroups`.
 */
export function useOfReports(
  register: Register,
  year: number,
  batches: readonly { isConsolidated: boolean; organs: Int32Array }[],
  groups: OrganGroups,
): { marks: Uint8Array; areUsed: Uint8Array[] } {
  const marks = new Uint8Array(register.size);
  let hasTops = false;
  for (const { isConsolidated, organs } of batches) {
    const mark = isConsolidated ? isFound | isTop : isFound;
    hasTops ||= isConsolidated;
    for (const organ of organs) marks[organ]! |= mark;
  }
  const parents = register.parentsIn(year);
  const among = typeof groups === 'string' ? undefined : groups;
  const mayBeCovered = hasTops && groups !== 'organs';
  const areUsed = batches.map(({ isConsolidated, organs }) => {
    const flags = new Uint8Array(organs.length);
    for (let place = 0; place < organs.length; place++) {
      const organ = organs[place]!;
      if (!isConsolidated && (marks[organ]! & isTop) !== 0) continue;
      if (mayBeCovered && isBelow(parents, organ, marks, isTop, among)) continue;
      flags[place] = 1;
      marks[organ]! |= isUsed;
    }
    return flags;
  });
  return { marks, areUsed };
}
