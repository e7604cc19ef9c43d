import { type RawBuilder, type SqlBool, sql } from 'kysely';
import type { Db } from '../db/database.ts';
import { firstReportYear } from '../editions/index.ts';
import { yearInShanghai } from '../http/calendar.ts';
import { organFiltersEver, type ReportFilters, subtreeOf, yearsOf } from './filters.ts';

/**
 * Pages of lists are in order of report ids. Where filters match many reports, the next page is soon found by walking
 * along all of them. Where filters match few, it is faster to find those first. PostgreSQL expects matches to be
 * spread evenly, and would always walk.
 */

type Filters = ReportFilters & { effective_since?: string };

/** Up to so many reports, or organs times years, it is faster to find them first. */
const mostFew = 5_000;

/** A set of reports that one of the filters finds, among which are all that match. */
interface Search {
  /** A query whose rows are counted. */
  counted: RawBuilder<unknown>;
  /** Up to so many rows are few. */
  few: number;
  /** The ids of the reports. */
  reports: RawBuilder<unknown>;
}

/** Finds reports by the organs that match. An organ has one or two reports a year. */
function ofOrgans({ year, under, ...filters }: ReportFilters, most: number): Search {
  const years = yearsOf(year);
  const isBelow = under ? sql`and organs.id in (${subtreeOf(under)} select id from subtree)` : sql``;
  const named = sql`select organs.id from organs where ${organFiltersEver(filters)} ${isBelow}`;
  return {
    counted: named,
    few: Math.floor(most / (years?.length ?? yearInShanghai() - firstReportYear + 1)),
    reports: sql`select id from reports where organ_id = any(array(${named})) ${years ? sql`and year = any(${years}::int[])` : sql``}`,
  };
}

/** Finds reports by the day on which any of their revisions was published. */
function ofDays({ published_since }: ReportFilters, most: number): Search {
  const reports = sql`select report_id from revisions where published_on >= ${published_since}::date`;
  return { counted: reports, few: most, reports };
}

/** Finds reports by the time at which any of their revisions came into effect. */
function ofTimes({ effective_since }: Filters, most: number): Search {
  const reports = sql`select report_id from revisions where effective_at >= ${effective_since}::timestamptz`;
  return { counted: reports, few: most, reports };
}

/**
 * The condition that a report is among the few that the filters for organs, day or time can match. True where none of
 * these filters leaves only a few.
 */
export async function isAmongFew(db: Db, filters: Filters, most = mostFew): Promise<RawBuilder<SqlBool>> {
  const { organ_id, under, division, level, kind, published_since, effective_since } = filters;
  const searches = [
    ...((organ_id ?? under ?? division ?? level ?? kind) ? [ofOrgans] : []),
    ...(published_since === undefined ? [] : [ofDays]),
    ...(effective_since === undefined ? [] : [ofTimes]),
  ];
  for (const search of searches) {
    const { counted, few, reports } = search(filters, most);
    const { rows } = await sql<{ are_few: boolean }>`
      select count(*) <= ${few} as are_few from (${counted} limit ${few + 1}) as counted`.execute(db);
    if (rows[0]!.are_few) return sql`reports.id = any(array(${reports}))`;
  }
  return sql`true`;
}
