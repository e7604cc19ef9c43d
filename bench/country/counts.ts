import type { RequestRow, Role } from '../../src/editions/edition.ts';
import { editions } from '../../src/editions/index.ts';
import { applicantParts, outcomeParts, proceedingKeys } from '../../src/editions/vocabulary.ts';

/**
 * What really happened in an organ's year, whatever its report prints. The vectors are flat, so that the counts of
 * thousands of organs add up cheaply. They have no totals; printing adds them.
 */
export interface Counts {
  /**
   * Section three on the latest edition, which has the finest rows. The rows follow each other, each with six kinds
   * of applicant.
   */
  requests: Float64Array;
  /** Section four. The proceedings follow each other, each with four outcomes. */
  proceedings: Float64Array;
  /** Section two: every cell of any edition, in the order of `itemCells`. Money is in whole 元. */
  items: Float64Array;
}

/** The rows of `Counts.requests`. */
export const finestRows: readonly RequestRow[] = editions.at(-1)!.request_statistics;
export const width = applicantParts.length;
export const outcomeWidth = outcomeParts.length;

const indexesOf = (role: Role): readonly number[] =>
  finestRows.flatMap((row, index) => (row.role === role ? [index] : []));
export const results = indexesOf('result');
export const [received, carriedIn, carriedOut] = (['received', 'carried_in', 'carried_out'] as const).map(
  (role) => indexesOf(role)[0]!,
) as [number, number, number];

export const granted = finestRows.findIndex(({ row }) => row === 'granted');

/** `item.measure` of every cell that any edition has. Its position is the same as in `Counts.items`. */
export const itemCells: readonly string[] = [
  ...new Set(
    editions.flatMap((edition) =>
      edition.disclosure_items.flatMap(({ item, measures }) =>
        measures.map(({ measure }) => `${item}.${measure}`),
      ),
    ),
  ),
];
const positions = new Map(itemCells.map((cell, index) => [cell, index]));
export const itemPosition = (item: string, measure: string): number => positions.get(`${item}.${measure}`)!;

export const noCounts = (): Counts => ({
  requests: new Float64Array(finestRows.length * width),
  proceedings: new Float64Array(proceedingKeys.length * outcomeWidth),
  items: new Float64Array(itemCells.length),
});

const addEach = (into: Float64Array, more: Float64Array) => {
  for (let i = 0; i < into.length; i++) into[i]! += more[i]!;
};

/** Adds the counts of a part to those of the whole. */
export function addCounts(into: Counts, more: Counts): void {
  addEach(into.requests, more.requests);
  addEach(into.proceedings, more.proceedings);
  addEach(into.items, more.items);
}
