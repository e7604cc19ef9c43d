import { lastYearOwed } from '../http/calendar.ts';
import { byRow, type Columns, heightOf, placesWhere, rowsAt } from './columns.ts';
import { dimensions } from './dimensions.ts';
import { plus } from './exact.ts';
import type { Layout, Summed } from './queries.ts';
import type { Selection } from './selection.ts';

/**
 * Sums that can be added to others: of cells that were folded, of what changed since, of what is not folded yet. Keys
 * come first, then figures: counts as numbers, sums as text. What changed may be negative.
 */
export interface PartialSums {
  /** Of groups, as `layoutOf` says. */
  rows: Columns;
  /** Year; reports used, organs that used ones are of, organs that reported, used reports that overlap. */
  years: Columns;
  /** Year an organ was abolished in, 9999 while it is there; organs. */
  organs: Columns;
  /** Edition; reports used. */
  editions: Columns;
}

/** Nothing. */
export const noSums: PartialSums = { rows: [], years: [], organs: [], editions: [] };

/** What the first `keys` columns say of a row: codes, numbers, or null. */
function nameAt(columns: Columns, keys: number, place: number): string {
  let name = '';
  for (let key = 0; key < keys; key++) name += `${columns[key]![place]} `;
  return name;
}

/** Adds rows to those with the same first `keys` members, which stay in their order; those without one follow. */
function mergeRows(keys: number, columns: Columns, more: Columns): Columns {
  if (heightOf(more) === 0) return columns;
  if (heightOf(columns) === 0) return more;
  const left = new Map(more[0]!.map((_, place) => [nameAt(more, keys, place), place]));
  const merged = columns.map((column) => column.slice());
  for (let place = 0; place < heightOf(columns); place++) {
    const name = nameAt(columns, keys, place);
    const other = left.get(name);
    if (other === undefined) continue;
    left.delete(name);
    for (let figure = keys; figure < merged.length; figure++) {
      const [one, two] = [merged[figure]![place]!, more[figure]![other]!];
      merged[figure]![place] =
        typeof one === 'number' ? one + (two as number) : plus(one as string | null, two as string | null);
    }
  }
  const others = rowsAt(more, [...left.values()]);
  return merged.map((column, index) => [...column, ...others[index]!]);
}

/** Sums of a selection's groups and what changed of them, added up. */
export const addSums = (keys: number, sums: PartialSums, added: PartialSums): PartialSums => ({
  rows: mergeRows(keys, sums.rows, added.rows),
  years: mergeRows(1, sums.years, added.years),
  organs: mergeRows(1, sums.organs, added.organs),
  editions: mergeRows(1, sums.editions, added.editions),
});

/** Of sums with a mark in front of each row, those that have it, without it. */
export function having(mark: boolean, { rows, years, organs, editions }: PartialSums): PartialSums {
  const pick = ([marks, ...columns]: Columns): Columns =>
    marks!.every((each) => each === mark)
      ? columns
      : rowsAt(
          columns,
          placesWhere([marks!], (place) => marks![place] === mark),
        );
  return { rows: pick(rows), years: pick(years), organs: pick(organs), editions: pick(editions) };
}

const sumUp = (numbers: readonly number[]) => numbers.reduce((sum, each) => sum + each, 0);

/** What the whole of the sums says. `owed` are the years that organs owe reports of; undefined for all that have ended and have any. */
export function finish(
  { reports: place }: Layout,
  { groupBy }: Selection,
  sums: PartialSums,
  owed: readonly number[] | undefined,
): Omit<Summed, 'as_of' | 'also'> {
  const byYear = (byRow(sums.years) as number[][]).map(
    ([year, reports, organs_used, organs_reported, overlapping]) => ({
      year: year!,
      reports: reports!,
      organs_used: organs_used!,
      organs_reported: organs_reported!,
      overlapping: overlapping!,
    }),
  );
  const used = byYear
    .filter(({ reports }) => reports > 0)
    .map(({ year }) => year)
    .sort();
  const years = owed ?? used.filter((year) => year <= lastYearOwed());
  const ofYears = byYear.filter(({ year }) => years.includes(year));
  const organs = byRow(sums.organs) as number[][];
  const organs_expected = sumUp(
    years.flatMap((year) => organs.map(([goneIn, amount]) => (goneIn! >= year ? amount! : 0))),
  );
  const organs_reported = sumUp(ofYears.map((each) => each.organs_reported));
  const counts = (sums.rows[place] ?? []) as number[];
  return {
    rows: counts.every((count) => count > 0)
      ? sums.rows
      : rowsAt(
          sums.rows,
          placesWhere(sums.rows, (row) => counts[row]! > 0),
        ),
    reports: sumUp(byYear.map(({ reports }) => reports)),
    organs_expected,
    organs_covered: organs_reported - sumUp(ofYears.map(({ organs_used }) => organs_used)),
    organs_missing: organs_expected - organs_reported,
    overlapping: groupBy.some((key) => dimensions[key]?.ofOrgan)
      ? sumUp(byYear.map(({ overlapping }) => overlapping))
      : 0,
    years: used,
    editions: (byRow(sums.editions) as [string, number][])
      .filter(([, reports]) => reports > 0)
      .map(([edition]) => edition)
      .sort(),
  };
}
