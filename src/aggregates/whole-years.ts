import { sql } from 'kysely';
import type { Db } from '../db/database.ts';
import { Problem } from '../http/problem.ts';
import { onOneState } from '../rollups/maintenance.ts';
import { scopesInSegments } from './candidates.ts';
import { refuseCells, tooManyRows } from './cells.ts';
import { type Columns, heightOf } from './columns.ts';
import { sumFromRows } from './from-rows.ts';
import { inTime } from './in-time.ts';
import { mergeRows } from './partial-sums.ts';
import {
  type AggregateQuery,
  type Besides,
  fewReports,
  layoutOf,
  type Summed,
  type Summing,
  sumReports,
} from './queries.ts';
import { refinedSums } from './refined-sums.ts';
import { provincesOf, type RollupPlan, rollupPlan, wayOf, yearsAsked } from './rollup-plan.ts';
import { publishedBefore } from './segment-entries.ts';

/**
 * Years of which everything was published since the day that a query names: there the day asks nothing, and rollups keep the
 * sums. Reports are due in the first months of the next year, so that only a year or two are left of which reports are asked.
 */

/** Whether rollups would keep the sums if the query named no day. */
export function isOfCellsWithoutDay(
  { published_since, ...whenever }: AggregateQuery,
  summings: readonly Summing[],
): boolean {
  return (
    published_since !== undefined &&
    summings.every(({ selection }) => wayOf(whenever, selection) === 'rollups')
  );
}

/** Of the years asked about, with `plan` for the query without the day. Of years without segments it is not known. */
async function wholeYears(db: Db, query: AggregateQuery, plan: RollupPlan): Promise<number[]> {
  const { years } = yearsAsked(query);
  const before = publishedBefore(query.published_since!, years, provincesOf(plan), scopesInSegments(query));
  const { rows } = await inTime(sql<{ year: number }>`${before}`.execute(db));
  const others = new Set(rows.map(({ year }) => year));
  return years.filter((year) => !others.has(year));
}

const union = <T extends number | string>(one: readonly T[], two: readonly T[]): T[] =>
  [...new Set([...one, ...two])].sort();

/** Answers about other years each, as one about all of them. */
function addYears(summing: Summing, one: Summed, two: Summed, also?: Summing): Summed {
  const merged = ({ aggregate, selection }: Summing, rows: Columns, more: Columns) =>
    mergeRows(layoutOf(aggregate, selection).keys.length, rows, more);
  return {
    rows: merged(summing, one.rows, two.rows),
    reports: one.reports + two.reports,
    organs_expected: one.organs_expected + two.organs_expected,
    organs_covered: one.organs_covered + two.organs_covered,
    organs_missing: one.organs_missing + two.organs_missing,
    overlapping: one.overlapping + two.overlapping,
    years: union(one.years, two.years),
    editions: union(one.editions, two.editions),
    as_of: one.as_of,
    ...(also && { also: merged(also, one.also!, two.also!) }),
  };
}

/** The same answer as from-rows.ts gives, of queries of which `isOfCellsWithoutDay` holds with all that is added up. */
export async function sumByYears(
  db: Db,
  summing: Summing,
  query: AggregateQuery,
  most: number,
  { sums, also, refining }: Besides,
): Promise<Summed> {
  const fromRows = (of: Db, asked: AggregateQuery, besides: Besides) =>
    sumFromRows(of, summing.aggregate, asked, summing.selection, most, { ...besides, also, fewReports });
  const { published_since: _, ...whenever } = query;
  const { years, owed } = yearsAsked(query);
  const ofYears = (asked: AggregateQuery, these: readonly number[]): AggregateQuery => ({
    ...asked,
    year: these.map(String),
    ...(owed === undefined && { owed: 'used' }),
  });
  const split = async (state: Db): Promise<Summed> => {
    const whole = await wholeYears(state, query, rollupPlan(whenever, summing.selection.groupBy)!);
    if (whole.length === 0) return fromRows(state, query, { refining });
    const sumWhole = ({ aggregate, selection }: Summing, rows: number) =>
      sumReports(state, aggregate, ofYears(whenever, whole), selection, rows, { sums });
    const ofWhole = {
      ...(await sumWhole(summing, most)),
      ...(also && { also: (await sumWhole(also, tooManyRows(also))).rows }),
    };
    const rest = years.filter((year) => !whole.includes(year));
    const summed =
      rest.length === 0
        ? ofWhole
        : addYears(summing, ofWhole, await fromRows(state, ofYears(query, rest), {}), also);
    if (heightOf(summed.rows) >= most || (also && heightOf(summed.also!) >= tooManyRows(also))) refuseCells();
    return summed;
  };
  try {
    return await onOneState(db, split);
  } catch (error) {
    // Too many rows to send are refined where all of them are.
    const isTooMuch = error instanceof Problem && error.code === 'too-many-cells';
    if (isTooMuch && refining && refinedSums(summing.aggregate, summing.selection, refining))
      return fromRows(db, query, { refining });
    throw error;
  }
}
