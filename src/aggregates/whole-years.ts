import { type SqlBool, sql } from 'kysely';
import type { Db } from '../db/database.ts';
import { every } from '../reports/filters.ts';
import { onOneState } from '../rollups/maintenance.ts';
import { scopesInSegments } from './candidates.ts';
import { refuseCells, tooManyRows } from './cells.ts';
import { heightOf } from './columns.ts';
import { mergeRows } from './partial-sums.ts';
import {
  type AggregateQuery,
  type Besides,
  layoutOf,
  type Summed,
  type Summing,
  sumReports,
} from './queries.ts';
import { provincesOf, type RollupPlan, rollupPlan, wayOf, yearsAsked } from './rollup-plan.ts';
import { beside } from './segment-entries.ts';

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
  const provinces = provincesOf(plan);
  const isAsked = every([
    sql`year = any(${years}::int[])`,
    ...(provinces ? [sql<SqlBool>`province = any(${provinces}::text[])`] : []),
  ]);
  const day = sql`${query.published_since}::date`;
  const { rows } = await sql<{ year: number }>`
    with ${beside(years, provinces)}
    select year from unnest(${years}::int[]) as asked (year)
    where year not in (
      select year from rollup_missing_segments where ${isAsked}
      union all
      select year from rollup_segments
      where ${isAsked} and scope = any(${scopesInSegments(query)}::text[]) and first_published_on < ${day}
      union all
      select year from unsegmented join revisions on revisions.id in (own_revision, consolidated_revision)
      where (published_on >= ${day}) is not true
    )`.execute(db);
  return rows.map(({ year }) => year);
}

const union = <T extends number | string>(one: readonly T[], two: readonly T[]): T[] =>
  [...new Set([...one, ...two])].sort();

/** Answers about other years each, as one about all of them. */
function addYears({ aggregate, selection }: Summing, one: Summed, two: Summed, also?: Summing): Summed {
  const merge = (of: Summing, more: Pick<Summed, 'rows'>, rows: Pick<Summed, 'rows'>) =>
    mergeRows(layoutOf(of.aggregate, of.selection).keys.length, more.rows, rows.rows);
  return {
    rows: merge({ aggregate, selection }, one, two),
    reports: one.reports + two.reports,
    organs_expected: one.organs_expected + two.organs_expected,
    organs_covered: one.organs_covered + two.organs_covered,
    organs_missing: one.organs_missing + two.organs_missing,
    overlapping: one.overlapping + two.overlapping,
    years: union(one.years, two.years),
    editions: union(one.editions, two.editions),
    as_of: one.as_of,
    ...(also && { also: merge(also, { rows: one.also! }, { rows: two.also! }) }),
  };
}

/**
 * The same answer as `fromRows` gives, which is asked only about years that are not whole. For what `isOfCellsWithoutDay`
 * says of all that is added up.
 */
export const sumByYears = (
  db: Db,
  summing: Summing,
  query: AggregateQuery,
  most: number,
  { sums, also }: Besides,
  fromRows: (db: Db, query: AggregateQuery) => Promise<Summed>,
): Promise<Summed> =>
  onOneState(db, async (state) => {
    const { published_since: _, ...whenever } = query;
    const { years, owed } = yearsAsked(query);
    const whole = await wholeYears(state, query, rollupPlan(whenever, summing.selection.groupBy)!);
    if (whole.length === 0) return fromRows(state, query);
    const of = (asked: AggregateQuery, ofYears: readonly number[]): AggregateQuery => ({
      ...asked,
      year: ofYears.map(String),
      ...(owed === undefined && { owed: 'used' }),
    });
    const sumWhole = ({ aggregate, selection }: Summing, most: number) =>
      sumReports(state, aggregate, of(whenever, whole), selection, most, { sums });
    const ofWhole = {
      ...(await sumWhole(summing, most)),
      ...(also && { also: (await sumWhole(also, tooManyRows(also))).rows }),
    };
    const rest = years.filter((year) => !whole.includes(year));
    const summed =
      rest.length === 0 ? ofWhole : addYears(summing, ofWhole, await fromRows(state, of(query, rest)), also);
    if (also && heightOf(summed.also!) >= tooManyRows(also)) refuseCells();
    return summed;
  });
