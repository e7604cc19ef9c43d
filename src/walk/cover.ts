import type { OrganGroups } from './groups.ts';
import type { Register } from './register.ts';

/** Decides which of the reports found for a year are added up: see `bases` in ../aggregates/queries.ts. */

/**
 * Whether any organ above this one is marked with this bit and, where there are groups, is in the same group. An
 * organ is not above itself. Ends even where parents run in a circle.
 */
export function isBelow(
  parents: Int32Array,
  organ: number,
  marks: Uint8Array,
  bit: number,
  groups?: Int32Array,
): boolean {
  // The place in `seen` is renewed after each power of two steps, so a walk in a circle comes back to it.
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

/**
 * The marks of an organ in a year, as bits: it has a report; it has a consolidated one; one of its reports is used.
 */
export const isFound = 1;
export const isTop = 2;
export const isUsed = 4;

/**
 * Marks the organs that have reports in a year, and flags the reports of each batch that are used. A report is not
 * used where an organ above, in the same group, has a consolidated one. Nor is an own report whose organ has a
 * consolidated one. Groups are those of `organGroups`.
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
