import { type RawBuilder, type SqlBool, sql } from 'kysely';
import type { Db } from '../db/database.ts';
import { organFiltersEver, type ReportFilters, subtreeOf, yearsOf } from './filters.ts';

/**
 * Pages of lists are in the order of ids. Where filters choose many reports, the next page is soon found by walking along
 * all of them; where they choose few, by finding these first. PostgreSQL expects them everywhere alike and would walk.
 */

/** So many reports are sooner found first. */
const mostFew = 5_000;

/** Those of the organs that are named, whatever else is asked; null where these, or they, are more than `most`. */
function ofOrgans({ year, under, ...filters }: ReportFilters, most: number): RawBuilder<unknown> {
  const years = yearsOf(year);
  const isBelow = under ? sql`and organs.id in (${subtreeOf(under)} select id from subtree)` : sql``;
  return sql`
    with named as materialized (
      select id from organs where ${organFiltersEver(filters)} ${isBelow} limit ${most + 1}
    )
    select case when (select count(*) from named) <= ${most} then array(
      select id from reports
      where organ_id = any(array(select id from named)) ${years ? sql`and year = any(${years}::int[])` : sql``} limit ${most + 1}
    ) end as ids`;
}

/** Those with any revision that was published since. */
const ofDays = ({ published_since }: ReportFilters, most: number): RawBuilder<unknown> => sql`
  select array(select report_id from revisions where published_on >= ${published_since}::date limit ${most + 1}) as ids`;

/** Ids of reports among which are all that match, if they are found to be few by the filters for organs or the day. */
export async function fewReports(
  db: Db,
  filters: ReportFilters,
  most = mostFew,
): Promise<string[] | undefined> {
  const { organ_id, under, division, level, kind, published_since } = filters;
  const searches = [
    ...((organ_id ?? under ?? division ?? level ?? kind) ? [ofOrgans] : []),
    ...(published_since === undefined ? [] : [ofDays]),
  ];
  for (const search of searches) {
    const { rows } = await sql<{ ids: string[] | null }>`${search(filters, most)}`.execute(db);
    const { ids } = rows[0]!;
    if (ids !== null && ids.length <= most) return ids;
  }
  return undefined;
}

/** The condition that a report is one of them, if they are known. */
export const isAmong = (ids: readonly string[] | undefined): RawBuilder<SqlBool> =>
  ids === undefined ? sql`true` : sql`reports.id = any(${ids}::uuid[])`;
