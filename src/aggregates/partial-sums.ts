import { lastYearOwed } from '../http/calendar.ts';
import { capturedIn } from './absent-cells.ts';
import { byRow, type Columns, heightOf, placesWhere, rowsAt } from './columns.ts';
import { dimensions } from './dimensions.ts';
import { plus } from './exact.ts';
import type { Layout } from './layout.ts';
import type { Summed } from './queries.ts';
import type { Selection } from './selection.ts';

/**
 * Sums that can be added to others: those of a state, or what changed since then, which may be negative. In
 * each table keys come first, then figures: counts as numbers, sums as text.
 */
export interface PartialSums {
  /** Sums by group; the columns stand as `layoutOf` says. */
  rows: Columns;
  /** Year; reports used, organs that these are of, organs that reported, used reports that overlap. */
  years: Columns;
  /** Year in which organs were abolished, 9999 while they exist; number of organs. */
  organs: Columns;
  /** Year, edition; reports used. */
  editions: Columns;
}

/** Sums of nothing. */
export const noSums: PartialSums = { rows: [], years: [], organs: [], editions: [] };

/** The row of `columns` that has the same first `keys` members as row `place` of `more`; undefined where none has. */
function placeOf(columns: Columns, more: Columns, place: number, keys: number): number | undefined {
  const [first = [], ...others] = columns.slice(0, keys);
  // A sum of everything has no keys, and its table at most one row.
  if (keys === 0) return heightOf(columns) > 0 ? 0 : undefined;
  const wanted = more.slice(0, keys).map((column) => column[place]!);
  for (let at = first.indexOf(wanted[0]!); at >= 0; at = first.indexOf(wanted[0]!, at + 1))
    if (others.every((column, index) => column[at] === wanted[index + 1])) return at;
  return undefined;
}

/** Up to this many rows are looked for one by one. */
const few = 20;

/** The same for every row of `more`. */
function placesOf(columns: Columns, more: Columns, keys: number): (number | undefined)[] {
  const rows = placesWhere(more, () => true);
  if (rows.length <= few) return rows.map((place) => placeOf(columns, more, place, keys));
  const namesIn = (table: Columns, rows: readonly number[]) => {
    const members = table.slice(0, keys);
    return rows.map((place) => members.map((column) => column[place]).join(' '));
  };
  const known = placesWhere(columns, () => true);
  const places = new Map(namesIn(columns, known).map((name, place) => [name, place]));
  return namesIn(more, rows).map((name) => places.get(name));
}

/**
 * Which rows of a table differ from those of the table that it was made of. Other rows stand at the same
 * places in both.
 */
const changes = new WeakMap<Columns, { from: Columns; places: readonly number[] }>();

/**
 * The table that this one was made of by adding to some of its rows, if it was, and the places of these rows.
 * It is told only once, so that the older table is not held any longer.
 */
export function changedFrom(columns: Columns): { from?: Columns; places?: readonly number[] } {
  const change = changes.get(columns) ?? {};
  changes.delete(columns);
  return change;
}

/**
 * Adds values to those of a column, at these places or, where a place is undefined, behind it. A column that this does
 * not change is returned itself: most changes of large tables are of few of their columns.
 */
function addToColumn(
  column: Columns[number],
  more: Columns[number],
  places: readonly (number | undefined)[],
  isKey: boolean,
): Columns[number] {
  let added = column;
  for (const [index, place] of places.entries()) {
    const value = more[index]!;
    const known = place === undefined ? undefined : added[place]!;
    const sum =
      known === undefined
        ? value
        : isKey
          ? known
          : typeof value === 'number'
            ? (known as number) + value
            : plus(known as string | null, value as string | null);
    if (sum === known) continue;
    if (added === column) added = column.slice();
    added[place ?? added.length] = sum;
  }
  return added;
}

/**
 * Adds rows to those with the same first `keys` members. These stay in their order, and rows without such a
 * partner follow.
 */
export function mergeRows(keys: number, columns: Columns, more: Columns): Columns {
  if (heightOf(more) === 0) return columns;
  if (heightOf(columns) === 0) return more;
  const places = placesOf(columns, more, keys);
  const merged = columns.map((column, index) => addToColumn(column, more[index]!, places, index < keys));
  if (places.every((place) => place !== undefined)) changes.set(merged, { from: columns, places });
  // The table that `columns` was made of is no longer needed, and would be held for as long as `columns` is.
  changes.delete(columns);
  return merged;
}

/** Adds up the sums of a selection and what changed of them. */
export const addSums = (keys: number, sums: PartialSums, added: PartialSums): PartialSums => ({
  rows: mergeRows(keys, sums.rows, added.rows),
  years: mergeRows(1, sums.years, added.years),
  organs: mergeRows(1, sums.organs, added.organs),
  editions: mergeRows(2, sums.editions, added.editions),
});

const sumUp = (numbers: readonly number[]) => numbers.reduce((sum, each) => sum + each, 0);

/**
 * The counts over all of the sums. `owed` are the years for which organs owe reports; undefined means every
 * year that has ended and of which a report is used.
 */
export function finish(
  layout: Layout,
  { groupBy }: Selection,
  sums: PartialSums,
  owed: readonly number[] | undefined,
): Omit<Summed, 'as_of'> {
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
  const counts = (sums.rows[layout.reports] ?? []) as number[];
  return {
    captured: capturedIn(layout, sums.rows),
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
    editions: (byRow(sums.editions) as [number, string, number][])
      .filter(([, , reports]) => reports > 0)
      .map(([year, edition, reports]) => ({ year, edition, reports }))
      .sort((a, b) => a.year - b.year || (a.edition < b.edition ? -1 : 1)),
  };
}
