import type { Aggregate } from '../aggregates/aggregate.ts';
import { type Sums, sumCells } from '../aggregates/answer.ts';
import { total } from '../aggregates/exact.ts';
import type { AggregateQuery } from '../aggregates/queries.ts';
import type { Db } from '../db/database.ts';
import type { Row } from '../formats/format.ts';
import type { KeptSums } from '../rollups/reader.ts';
import { givenBothSides } from './both-sides.ts';
import { type Chosen, chosen } from './chosen.ts';
import type { Indicator } from './indicator.ts';

/** The two sums of an indicator over the reports of one cover, for each group of an answer. */

/** One side of a group. */
export interface Part {
  /** The sum, over the reports that count. */
  sum: number | null;
  /** Whether any report has a number here. */
  known: boolean;
  /** Blank cells, and reports that have any of the cells, of all reports. */
  blank: number;
  reports: number;
  row: Row;
}

const nameOf = (row: Row, keys: readonly string[]) => JSON.stringify(keys.map((key) => row[key]));

/** One side of each group: what is there by `all` sums, and the sum by those that count. */
function partsOf(
  groupBy: readonly string[],
  all: readonly Sums[],
  counting: readonly Sums[],
): Map<string, Part> {
  const grouped = (sums: readonly Sums[]) =>
    Map.groupBy(
      sums.flatMap(({ cells }) => cells),
      (cell) => nameOf(cell, groupBy),
    );
  const sum = (cells: readonly Row[] = []) => total(cells.map(({ value }) => value as number | null));
  const counted = grouped(counting);
  return new Map(
    [...grouped(all)].map(([name, cells]) => [
      name,
      {
        sum: sum(counted.get(name)),
        known: sum(cells) !== null,
        blank: cells.reduce((blanks, cell) => blanks + Number(cell.blank), 0),
        reports: Math.max(...cells.map((cell) => Number(cell.reports))),
        row: cells[0]!,
      },
    ]),
  );
}

/** What keeps reports that were used from having a number in every cell of these terms. */
function gapsOf(sums: readonly Sums[]): Gaps {
  const added = (cells: readonly Row[], member: string) =>
    cells.reduce((all, cell) => all + Number(cell[member]), 0);
  return {
    blank: sums.reduce((all, { cells }) => all + added(cells, 'blank'), 0),
    absent: Math.max(...sums.map(({ cells, reports }) => reports - added(cells, 'reports'))),
  };
}
const isComplete = ({ blank, absent }: Gaps): boolean => blank === 0 && absent === 0;

/** What one side lacks. */
export interface Gaps {
  /** Blank cells. */
  blank: number;
  /** Reports without any of the cells: they were not captured. */
  absent: number;
}

export interface Sides {
  /** Each side of the groups where it has any cell. */
  groups: { numerator: Part | undefined; denominator: Part | undefined }[];
  /** What keeps reports from having every cell of both sides. */
  gaps: { numerator: Gaps; denominator: Gaps };
  /** The first sum of the denominator, over all reports. */
  denominator: Sums;
}

/**
 * Adds both sides up, each term once. They see the same reports, since the cells asked for do not decide which are
 * used. Where some of these have blanks and only those count that have a number on `bothSides`, both sides are added
 * up again without the others. On one state of the database.
 */
export async function sumSides(
  db: Db,
  indicator: Indicator,
  query: AggregateQuery,
  bothSides: boolean,
  kept?: KeptSums,
): Promise<Sides> {
  const sums = async (terms: readonly Chosen[], of = (aggregate: Aggregate) => aggregate) => {
    const all: Sums[] = [];
    for (const each of terms)
      all.push(await sumCells(db, of(each.term.of), each.query, each.selection, kept));
    return all;
  };
  const numerator = chosen(indicator.numerator, query);
  const denominator = chosen(indicator.denominator, query);
  const [above, below] = [await sums(numerator), await sums(denominator)];
  const gaps = { numerator: gapsOf(above), denominator: gapsOf(below) };
  const complete = isComplete(gaps.numerator) && isComplete(gaps.denominator);
  const given = givenBothSides(numerator, denominator);
  const counting = (terms: readonly Chosen[], all: Sums[]) =>
    complete || !bothSides ? all : sums(terms, given);
  const { groupBy } = denominator[0]!.selection;
  const over = partsOf(groupBy, above, await counting(numerator, above));
  const under = partsOf(groupBy, below, await counting(denominator, below));
  return {
    groups: [...new Set([...under.keys(), ...over.keys()])].map((name) => ({
      numerator: over.get(name),
      denominator: under.get(name),
    })),
    gaps,
    denominator: below[0]!,
  };
}
