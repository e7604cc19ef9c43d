import { sql } from 'kysely';
import { Type } from 'typebox';
import type { Db } from '../db/database.ts';
import type { Fault } from '../editions/form-faults.ts';
import { firstReportYear } from '../editions/index.ts';
import { lastYearOwed } from '../http/calendar.ts';
import { backwards, reportQuery, yearsOf } from '../reports/filters.ts';

/** Years relative to what is published: `last:3`, and the years before those that are asked for. */

const named = (reportQuery.year as unknown as { items: { pattern: string } }).items.pattern;

/** The query member `year` of aggregates: what lists of reports take, or `last:3`. */
export const yearQuery = Type.Optional(
  Type.Array(
    Type.String({
      pattern: `${named}|^last:[1-9][0-9]?$`,
      description: 'A year from 2019 to 2100, a range of such years, or `last:` and a number from 1 to 99.',
    }),
    {
      minItems: 1,
      maxItems: 1000,
      description:
        'Report years, 2019 to 2100: `2023`, several of them, a range `2019..2023`, or alone `last:3`, the last three years that have ended and of which a report is published.',
      examples: [['2023'], ['2019..2023'], ['last:3']],
    },
  ),
);

const isLast = (text: string): boolean => text.startsWith('last:');

/** Faults of years: ranges that run backwards, and `last:…` beside others. */
export const yearFaults = (year: readonly string[] = []): Fault[] => [
  ...backwards(year),
  ...year.flatMap((text, index) => {
    const message = `${text} stands alone: leave the other years out, or name all of them`;
    return isLast(text) && year.length > 1
      ? [{ pointer: `/year/${index}`, code: 'last-years', message }]
      : [];
  }),
];

/** How many of the last years are asked for; undefined where the query does not ask for the last years. */
export const lastYears = (year: readonly string[] | undefined): number | undefined =>
  year?.[0] !== undefined && isLast(year[0]) ? Number(year[0].slice('last:'.length)) : undefined;

/** Whether the query asks for exactly one year. This is decided without asking what is published. */
export const isOneYear = (year: readonly string[] | undefined): boolean =>
  (lastYears(year) ?? yearsOf(year as string[] | undefined)?.length) === 1;

/**
 * The query with `last:…` replaced by the years it means; where nothing is published, by the year that ended
 * last.
 */
export async function withYears<Query extends { year?: string[] }>(db: Db, query: Query): Promise<Query> {
  const count = lastYears(query.year);
  if (count === undefined) return query;
  // Looks for one report of each year by the index, the latest year first. Each year has very many reports.
  const { rows } = await sql<{ year: number }>`
    select years.year from generate_series(${lastYearOwed()}::int, ${firstReportYear}::int, -1) as years (year)
    cross join lateral (
      select from reports join revisions on revisions.report_id = reports.id and revisions.state = 'published'
      where reports.year = years.year limit 1
    ) as published
    order by years.year desc limit ${count}`.execute(db);
  const years = rows.map(({ year }) => String(year));
  return { ...query, year: years.length === 0 ? [String(lastYearOwed())] : years.sort() };
}

/** The years before those asked for that a change needs; empty where the query names no years. */
export function yearsBefore(year: string[] | undefined): string[] {
  const years = yearsOf(year) ?? [];
  return years
    .map((each) => each - 1)
    .filter((each) => each >= firstReportYear && !years.includes(each))
    .map(String);
}
