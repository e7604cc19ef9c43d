import { type Sums, sumCells } from '../aggregates/answer.ts';
import { wayOf } from '../aggregates/rollup-plan.ts';
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
  denominator: Sums;
}

/** Sums of the same reports, found once where rollups do not keep them: all of the first, and the cells of each. */
async function sumTogether(
  db: Db,
  [first, ...others]: readonly [Chosen, ...Chosen[]],
  kept?: KeptSums,
): Promise<{ sums: Sums; cells: (readonly Row[])[] }> {
  const { of, query, selection } = first;
  const way = wayOf(query, selection);
  if (way !== 'rollups' && others.every((each) => wayOf(each.query, each.selection) === way)) {
    const also = others.map((each) => ({ aggregate: each.of, selection: each.selection }));
    const sums = await sumCells(db, of, query, selection, { also });
    return { sums, cells: [sums.cells, ...sums.also] };
  }
  const sums = await sumCells(db, of, query, selection, { sums: kept });
  const cells = [sums.cells];
  for (const each of others)
    cells.push((await sumCells(db, each.of, each.query, each.selection, { sums: kept })).cells);
  return { sums, cells };
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
  const { sums, cells: all } = await sumTogether(db, [denominator, numerator], kept);
  const [under, over] = all as [readonly Row[], readonly Row[]];
  const gaps = { numerator: gapsOf(over, sums.reports), denominator: gapsOf(under, sums.reports) };
  const isWhole = !bothSides || (isComplete(gaps.numerator) && isComplete(gaps.denominator));
  const counting = isWhole
    ? all
    : (await sumTogether(db, [strictly(denominator), strictly(numerator)], kept)).cells;
  const { groupBy } = denominator.selection;
  const denominators = partsOf(groupBy, under, counting[0]!);
  const numerators = partsOf(groupBy, over, counting[1]!);
  return {
    groups: [...new Set([...denominators.keys(), ...numerators.keys()])].map((name) => ({
      numerator: numerators.get(name),
      denominator: denominators.get(name),
    })),
    gaps,
    denominator: sums,
  };
}
