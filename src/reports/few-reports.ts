import { type RawBuilder, type SqlBool, sql } from 'kysely';
import type { Db } from '../db/database.ts';
import { firstReportYear } from '../editions/index.ts';
import { yearInShanghai } from '../http/calendar.ts';
import { organFiltersEver, type ReportFilters, subtreeOf, yearsOf } from './filters.ts';

/**
 * Pages of lists are in the order of ids. Where filters choose many reports, the next page is soon found by walking along
 * all of them; where they choose few, by finding these first. PostgreSQL expects them everywhere alike and would walk.
 */

type Filters = ReportFilters & { effective_since?: string };

/** So many reports, or organs times years, are sooner found first. */
const mostFew = 5_000;

/** Reports among which are all that match, found by one of the filters. */
interface Search {
  /** What is counted, and how much of it are few. */
  counted: RawBuilder<unknown>;
  few: number;
  /** Their ids. */
  reports: RawBuilder<unknown>;
}

/** By the organs that are named, which have one or two reports a year. */
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

/** By the days on which any of their revisions was published. */
function ofDays({ published_since }: ReportFilters, most: number): Search {
  const reports = sql`select report_id from revisions where published_on >= ${published_since}::date`;
  return { counted: reports, few: most, reports };
}

/** By the times at which any of their revisions came into effect. */
function ofTimes({ effective_since }: Filters, most: number): Search {
  const reports = sql`select report_id from revisions where effective_at >= ${effective_since}::timestamptz`;
  return { counted: reports, few: most, reports };
}

/**
 * Where few reports are found to match by the filters for organs, the day or the time, that a report is one of them;
 * otherwise nothing.
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
