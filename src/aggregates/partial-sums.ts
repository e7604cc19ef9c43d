import { dimensions } from './dimensions.ts';
import { addTexts } from './exact.ts';
import type { Layout, Summed, SumRecord } from './queries.ts';
import type { Selection } from './selection.ts';

/**
 * Sums that can be added to others: of cells that were folded, of what changed since, of what is not folded yet. A
 * record is an array of its keys, then its figures: counts as numbers, sums as text. What changed may be negative.
 */

type Figure = string | number;

export interface PartialSums {
  /** Of groups, as `layoutOf` says. */
  rows: SumRecord[];
  /** Year; reports used, organs that used ones are of, organs that reported, used reports that overlap. */
  years: SumRecord[];
  /** Year an organ was abolished in, 9999 while it is there; organs. */
  organs: SumRecord[];
  /** Edition; reports used. */
  editions: SumRecord[];
}

const transposed = <Value>(table: readonly (readonly Value[])[]): Value[][] =>
  (table[0] ?? []).map((_, place) => table.map((line) => line[place]!));

/** Sums as text. What is alike stands together: it is read again three times as fast as record by record. */
export const packed = ({ rows, ...sums }: PartialSums): string =>
  JSON.stringify({ ...sums, rows: transposed(rows) });

/** What `packed` made text of. */
export function unpacked(text: string): PartialSums {
  const sums: PartialSums = JSON.parse(text);
  return { ...sums, rows: transposed(sums.rows) };
}

/** Nothing. */
export const noSums: PartialSums = { rows: [], years: [], organs: [], editions: [] };

function plus(a: Figure, b: Figure): Figure {
  return typeof a === 'number' ? a + (b as number) : addTexts(a, b as string);
}

/** The first `keys` members, which are codes and numbers. */
function nameOf(record: SumRecord, keys: number): string {
  let name = '';
  for (let place = 0; place < keys; place++) name += `${record[place]} `;
  return name;
}

/** Adds `added` to the records with the same first `keys` members, which stay in their order; those without one follow. */
function merge(keys: number, records: SumRecord[], added: readonly SumRecord[]): SumRecord[] {
  if (added.length === 0) return records;
  const left = new Map(added.map((record) => [nameOf(record, keys), record]));
  const merged = records.map((record) => {
    const name = nameOf(record, keys);
    const more = left.get(name);
    if (more === undefined) return record;
    left.delete(name);
    return record.map((each, place) => (place < keys ? each : plus(each as Figure, more[place] as Figure)));
  });
  return [...merged, ...left.values()];
}

/** Sums of a selection's groups and what changed of them, added up. */
export const addSums = (keys: number, sums: PartialSums, added: PartialSums): PartialSums => ({
  rows: merge(keys, sums.rows, added.rows),
  years: merge(1, sums.years, added.years),
  organs: merge(1, sums.organs, added.organs),
  editions: merge(1, sums.editions, added.editions),
});

/** Of sums whose records begin with a mark, those that have it, without it. */
export function having(mark: boolean, { rows, years, organs, editions }: PartialSums): PartialSums {
  const pick = (records: readonly SumRecord[]) =>
    records.filter(([first]) => first === mark).map((record) => record.slice(1));
  return { rows: pick(rows), years: pick(years), organs: pick(organs), editions: pick(editions) };
}

const sumUp = (numbers: readonly number[]) => numbers.reduce((sum, each) => sum + each, 0);

/** What the whole of the sums says. `owed` are the years that organs owe reports of; undefined for all that have any. */
export function finish(
  { reports: place }: Layout,
  { groupBy }: Selection,
  sums: PartialSums,
  owed: readonly number[] | undefined,
): Omit<Summed, 'as_of'> {
  const byYear = (sums.years as number[][]).map(
    ([year, reports, organs_used, organs_reported, overlapping]) => ({
      year: year!,
      reports: reports!,
      organs_used: organs_used!,
      organs_reported: organs_reported!,
      overlapping: overlapping!,
    }),
  );
  const years = owed ?? byYear.filter(({ reports }) => reports > 0).map(({ year }) => year);
  const ofYears = byYear.filter(({ year }) => years.includes(year));
  const organs = sums.organs as number[][];
  const organs_expected = sumUp(
    years.flatMap((year) => organs.map(([goneIn, amount]) => (goneIn! >= year ? amount! : 0))),
  );
  const organs_reported = sumUp(ofYears.map((each) => each.organs_reported));
  return {
    rows: sums.rows.filter((record) => (record[place] as number) > 0),
    reports: sumUp(byYear.map(({ reports }) => reports)),
    organs_expected,
    organs_covered: organs_reported - sumUp(ofYears.map(({ organs_used }) => organs_used)),
    organs_missing: organs_expected - organs_reported,
    overlapping: groupBy.some((key) => dimensions[key]?.ofOrgan)
      ? sumUp(byYear.map(({ overlapping }) => overlapping))
      : 0,
    editions: (sums.editions as [string, number][])
      .filter(([, reports]) => reports > 0)
      .map(([edition]) => edition)
      .sort(),
  };
}
