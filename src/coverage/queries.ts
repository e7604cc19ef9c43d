import { type RawBuilder, type SqlBool, sql } from 'kysely';
import type { Basis } from '../aggregates/queries.ts';
import type { Db } from '../db/database.ts';
import type { Label } from '../editions/edition.ts';
import type { OrganKind, OrganLevel, Scope } from '../editions/vocabulary.ts';
import { lastYearOwed } from '../http/calendar.ts';
import { everyRow } from '../http/streams.ts';
import {
  contains,
  documentFilters,
  every,
  type OrganFilters,
  organFiltersIn,
  type ReportFilters,
} from '../reports/filters.ts';

/**
 * The status of an organ in a sum over a year. The list of organs names those that the coverage of the aggregates
 * counts, without organ keys in `group_by`.
 *
 * An organ is listed where it matches the filters and either existed in the year or has a report for it all the same.
 * It is `covered` where an organ above it, in the tree of 31 December, has a consolidated report that matches. It is
 * `used` where its own report is in the sum. Otherwise it is `missing`, or `not_due` in a year that has not ended.
 */
export const statuses = [
  { status: 'used', label: { zh: '已计入', en: 'Its report is in the sum' } },
  { status: 'covered', label: { zh: '已由上级汇总', en: 'Covered by a report above it' } },
  { status: 'missing', label: { zh: '无符合条件的报告', en: 'No report that matches' } },
  { status: 'not_due', label: { zh: '未到期', en: 'Not due yet' } },
] as const satisfies readonly { status: string; label: Label }[];
type CoverageStatus = (typeof statuses)[number]['status'];

export interface CoverageQuery extends OrganFilters, Pick<ReportFilters, 'scope' | 'published_since' | 'q'> {
  year: number;
  basis?: Basis;
  /** Lists the parts of this organ's consolidated report: it and everything below it, as if it had no such report. */
  parts_of?: string;
  status?: CoverageStatus[];
}

export interface CoverageRow {
  organ_id: string;
  organ_name: string;
  level: OrganLevel;
  kind: OrganKind;
  division_code: string | null;
  year: number;
  status: CoverageStatus;
  expected: boolean;
  report_id: string | null;
  revision: number | null;
  scope: Scope | null;
  covered_by_organ_id: string | null;
  covered_by_report_id: string | null;
}

/**
 * SQL for the division code of where an organ stood at the end of a year, or null. The query has a table `organs`.
 */
const placeIn = (year: number) => sql`nullif(coalesce((select place_code from organ_earlier_places as earlier
  where earlier.organ_id = organs.id and earlier.year = ${year}), organs.place_code), '')`;

/** No tree is this deep. The limit ends the climb where parents run in a circle. */
const deepest = 64;

/** Whether an organ matches the filters. The query has a table `organs`. */
const matches = ({ parts_of, year, ...filters }: CoverageQuery): RawBuilder<SqlBool> => {
  const inYear = (asked: OrganFilters) => organFiltersIn(asked, sql`(organs.id, ${year}::int)`, [year]);
  return parts_of === undefined ? inYear(filters) : every([inYear(filters), inYear({ under: [parts_of] })]);
};

/**
 * Whether an effective report may be in the sum, apart from its organ, which must match too. The query has the tables
 * `reports`, `revisions` and `organs`.
 */
function candidates(query: CoverageQuery): RawBuilder<SqlBool> {
  const { year, basis = 'auto', parts_of } = query;
  const conditions = [sql<SqlBool>`reports.year = ${year}`, documentFilters(query)];
  if (basis !== 'auto') conditions.push(sql`reports.scope = ${basis}`);
  if (parts_of !== undefined)
    conditions.push(sql`(reports.organ_id, reports.scope) <> (${parts_of}::uuid, 'consolidated')`);
  return every(conditions);
}

/**
 * Whether an organ is expected to report: it existed in the year and, with `parts_of`, is not the whole itself. With
 * `q`, its name contains the text or it has a report that matches (`candidate`).
 */
const isExpected = ({ year, parts_of, q }: CoverageQuery): RawBuilder<SqlBool> => sql`(
  coalesce(organs.began_in <= ${year}, true) and coalesce(organs.abolished_on >= make_date(${year}, 1, 1), true)
  ${q === undefined ? sql`` : sql`and (${contains(sql`organs.name`, q)} or candidate.report_id is not null)`} ${
    parts_of === undefined ? sql`` : sql`and organs.id <> ${parts_of}::uuid`
  })`;

/**
 * What follows `with recursive`: CTEs that end with `coverage`. It has up to `limit` organs that come after the id
 * `after`, or all of them.
 */
export function coverageTables(query: CoverageQuery, after?: string, limit?: number): RawBuilder<unknown> {
  const effective = sql`reports join revisions on revisions.report_id = reports.id and revisions.state = 'published'`;
  return sql`listed as materialized (
      select organs.id, organs.name, organs.level, organs.kind, ${placeIn(query.year)} as division_code, candidate.*,
        ${isExpected(query)} as expected
      from organs left join lateral (
        select reports.id as report_id, revisions.id as revision_id, revisions.number as revision, reports.scope
        from ${effective} where reports.organ_id = organs.id and ${candidates(query)}
        -- The consolidated one first: it holds the organ's own figures.
        order by reports.scope limit 1
      ) as candidate on true
      where ${matches(query)} and (candidate.report_id is not null or ${isExpected(query)})
        ${after === undefined ? sql`` : sql`and organs.id > ${after}::uuid`}
      order by organs.id ${limit === undefined ? sql`` : sql`limit ${limit}`}
    ),
    above (organ_id, ancestor_id, height) as (
      select listed.id, ancestor_id, 1 from listed, organ_above(listed.id, ${query.year}) as ancestor_id
      union all
      select above.organ_id, higher_id, above.height + 1
      from above, organ_above(above.ancestor_id, ${query.year}) as higher_id
      where above.height < ${deepest}
    ),
    tops as materialized (
      select reports.organ_id, reports.id as report_id
      from ${effective} join organs on organs.id = reports.organ_id
      where reports.scope = 'consolidated' and ${candidates(query)} and ${matches(query)}
        and reports.organ_id in (select ancestor_id from above)
    ),
    -- The topmost one is used, and stands for everything below it.
    covers as (
      select distinct on (above.organ_id) above.organ_id, tops.organ_id as top_id, tops.report_id
      from above join tops on tops.organ_id = above.ancestor_id
      where above.ancestor_id <> above.organ_id
      order by above.organ_id, above.height desc
    ),
    coverage as materialized (
      select listed.id as organ_id, listed.name as organ_name, listed.level, listed.kind, listed.division_code,
        ${query.year}::int as year,
        case when covers.organ_id is not null then 'covered' when listed.report_id is not null then 'used'
          else ${query.year > lastYearOwed() ? 'not_due' : 'missing'} end as status,
        listed.expected and ${query.year <= lastYearOwed()} as expected, listed.report_id, listed.revision, listed.scope,
        covers.top_id as covered_by_organ_id, covers.report_id as covered_by_report_id, listed.revision_id
      from listed left join covers on covers.organ_id = listed.id
    )`;
}

async function readCoverage(db: Db, query: CoverageQuery, after: string | undefined, limit: number) {
  const { rows } = await sql<CoverageRow & { revision_id: string | null }>`
    with recursive ${coverageTables(query, after, limit)} select * from coverage order by organ_id`.execute(
    db,
  );
  return rows.map(({ revision_id: _, ...row }): CoverageRow => row);
}

/**
 * How many organs one read takes. Each read finds the tree below `under` again, which takes tens of milliseconds for
 * a province and half a second for the nation.
 */
const organsPerRead = 5000;

/**
 * Yields the organs that come after the id in `after`, in order of id. Their status is known only once they are read,
 * so that finding few among many takes a while.
 */
export async function* coverageRows(
  db: Db,
  query: CoverageQuery,
  after?: string,
): AsyncGenerator<CoverageRow> {
  const rows = everyRow(
    (last: string | undefined, limit) => readCoverage(db, query, last, limit),
    ({ organ_id }) => organ_id,
    { after, perRead: organsPerRead },
  );
  for await (const row of rows) if (query.status?.includes(row.status) ?? true) yield row;
}

/** Up to `limit` organs that come after the id in `after`, in order of id. */
export async function listCoverage(db: Db, query: CoverageQuery, after: string | undefined, limit: number) {
  if (query.status === undefined) return readCoverage(db, query, after, limit);
  const rows: CoverageRow[] = [];
  for await (const row of coverageRows(db, query, after)) if (rows.push(row) === limit) break;
  return rows;
}
