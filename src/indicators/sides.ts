import { type Sums, sumCells } from '../aggregates/answer.ts';
import type { Given } from '../aggregates/given.ts';
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
function partsOf(groupBy: readonly string[], all: Sums, counting: Sums): Map<string, Part> {
  const counted = new Map(counting.cells.map((cell) => [nameOf(cell, groupBy), cell.value as number | null]));
  return new Map(
    all.cells.map((row) => {
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

/** What keeps reports that were used from having a number in every cell of a side. */
function gapsOf({ cells, reports }: Sums): Gaps {
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
  denominator: Sums;
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
  const sums = ({ of, query, selection }: Chosen, given: readonly Given[] = []) =>
    sumCells(db, of, query, given.length === 0 ? selection : { ...selection, given }, kept);
  const [above, below] = [await sums(numerator), await sums(denominator)];
  const gaps = { numerator: gapsOf(above), denominator: gapsOf(below) };
  const given = givenOf([numerator, denominator]);
  const isWhole = !bothSides || (isComplete(gaps.numerator) && isComplete(gaps.denominator));
  const counting = (side: Chosen, all: Sums) => (isWhole ? all : sums(side, given));
  const { groupBy } = denominator.selection;
  const over = partsOf(groupBy, above, await counting(numerator, above));
  const under = partsOf(groupBy, below, await counting(denominator, below));
  return {
    groups: [...new Set([...under.keys(), ...over.keys()])].map((name) => ({
      numerator: over.get(name),
      denominator: under.get(name),
    })),
    gaps,
    denominator: below,
  };
}
