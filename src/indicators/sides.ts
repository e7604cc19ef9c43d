import { type Sums, sumCells } from '../aggregates/answer.ts';
import type { Summing } from '../aggregates/queries.ts';
import { planOf } from '../aggregates/rollup-plan.ts';
import type { Db } from '../db/database.ts';
import type { Row } from '../formats/format.ts';
import type { KeptSums } from '../rollups/reader.ts';
import { type Chosen, givenOf } from './chosen.ts';

/** The two sums of an indicator over the reports of one cover, for each group of an answer. */

/** One side of a group. */
export interface Part {
  /** The sum, over the reports that count. */
  sum: number | null;
  /** Whether any report has a number here. */
  known: boolean;
  /** The cell with blanks and reports of all reports. */
  row: Row;
}

const nameOf = (row: Row, keys: readonly string[]) => JSON.stringify(keys.map((key) => row[key]));

/** One side of each group: what is there by `all` sums, and the sum by those that count. */
function partsOf(
  groupBy: readonly string[],
  all: readonly Row[],
  counting: readonly Row[],
): Map<string, Part> {
  const counted = new Map(counting.map((cell) => [nameOf(cell, groupBy), cell.value as number | null]));
  return new Map(
    all.map((row) => {
      const name = nameOf(row, groupBy);
      return [name, { sum: counted.get(name) ?? null, known: row.value !== null, row }];
    }),
  );
}

/** What one side lacks. */
export interface Gaps {
  /** Blank cells. */
  blank: number;
  /** Reports without any of the cells: they were not captured. */
  absent: number;
}

/** What keeps the reports that were used, so many, from having a number in every cell of a side. */
function gapsOf(cells: readonly Row[], reports: number): Gaps {
  const added = (member: string) => cells.reduce((all, cell) => all + Number(cell[member]), 0);
  return { blank: added('blank'), absent: reports - added('reports') };
}
const isComplete = ({ blank, absent }: Gaps): boolean => blank === 0 && absent === 0;

export interface Sides {
  /** Each side of the groups where it has any cell. */
  groups: { numerator: Part | undefined; denominator: Part | undefined }[];
  /** What keeps reports from having every cell of both sides. */
  gaps: { numerator: Gaps; denominator: Gaps };
  /** The sums of the denominator, over all reports. */
  denominator: Omit<Sums, 'captured'>;
}

/** Sums of two sides over the same reports: all of the denominator's, and the cells of the numerator. */
async function sumPair(
  db: Db,
  numerator: Chosen,
  denominator: Chosen,
  sums?: KeptSums,
): Promise<{ below: Sums; over: readonly Row[] }> {
  const sum = ({ of, query, selection }: Chosen, also?: Summing) =>
    sumCells(db, of, query, selection, { sums, also });
  // Rollups keep the sums of each side; where reports must be found, they are found once.
  const inOne = ![numerator, denominator].some(({ query, selection }) => planOf(query, selection));
  const below = await sum(
    denominator,
    inOne ? { aggregate: numerator.of, selection: numerator.selection } : undefined,
  );
  return { below, over: below.also ?? (await sum(numerator)).cells };
}

/**
 * Adds both sides up. They see the same reports, since the cells asked for do not decide which are used. Where some of
 * these have blanks and only those count that have a number on `bothSides`, both sides are added up again without the
 * others. On one state of the database.
 */
export async function sumSides(
  db: Db,
  [numerator, denominator]: readonly [Chosen, Chosen],
  bothSides: boolean,
  kept?: KeptSums,
): Promise<Sides> {
  const given = givenOf([numerator, denominator]);
  const strictly = (side: Chosen): Chosen => ({ ...side, selection: { ...side.selection, given } });
  const all = await sumPair(db, numerator, denominator, kept);
  const { reports, cells: under } = all.below;
  const gaps = { numerator: gapsOf(all.over, reports), denominator: gapsOf(under, reports) };
  const isWhole = !bothSides || (isComplete(gaps.numerator) && isComplete(gaps.denominator));
  const counting = isWhole ? all : await sumPair(db, strictly(numerator), strictly(denominator), kept);
  const { groupBy } = denominator.selection;
  const denominators = partsOf(groupBy, under, counting.below.cells);
  const numerators = partsOf(groupBy, all.over, counting.over);
  return {
    groups: [...new Set([...denominators.keys(), ...numerators.keys()])].map((name) => ({
      numerator: numerators.get(name),
      denominator: denominators.get(name),
    })),
    gaps,
    denominator: all.below,
  };
}
