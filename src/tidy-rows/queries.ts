import { sql } from 'kysely';
import type { Db } from '../db/database.ts';
import { refs } from '../db/refs.ts';
import { pick, type Row } from '../formats/format.ts';
import { isAmongFew } from '../reports/few-reports.ts';
import {
  effectiveReports,
  joinPlaces,
  placeCode,
  type ReportFilters,
  reportFilters,
} from '../reports/filters.ts';
import { columnsOf, ownFilters, type TidyTable } from './tidy-table.ts';

export type TidyFilters = ReportFilters & Record<string, unknown>;
type TidyRow = Row & { report_id: string; position: number };

const reportSql = sql`reports.id as report_id, revisions.id as revision_id, revisions.number as revision,
  organs.id as organ_id, organs.name as organ_name, organs.level, organs.kind, ${placeCode} as division_code,
  reports.year, reports.scope`;

const factSql = (table: TidyTable) => refs(Object.keys(table.columns), 'facts');

/**
 * Up to `limit` rows of effective revisions that come after the key, by report and printed place. The key of
 * a row is its report and its `position`. Nothing is skipped or repeated while others publish: reports keep
 * their ids, and a correction has the same places.
 */
export async function listTidyRows(
  db: Db,
  table: TidyTable,
  filters: TidyFilters,
  limit: number,
  after?: readonly [report_id: string, position: number],
): Promise<TidyRow[]> {
  const few = await isAmongFew(db, filters);
  const { rows } = await sql<TidyRow>`
    select ${reportSql}, ${factSql(table)}, ${table.position} as position
    from ${effectiveReports} ${joinPlaces} join ${sql.table(table.table)} as facts on facts.revision_id = revisions.id
    where ${reportFilters(filters)} and ${ownFilters(table, filters)} and ${few}
      ${after ? sql`and reports.id >= ${after[0]}::uuid and (reports.id > ${after[0]}::uuid or ${table.position} > ${after[1]})` : sql``}
    order by reports.id, position
    limit ${limit}`.execute(db);
  return rows;
}

/** How many reports have their rows read in one statement while streaming: some 5,000 rows. */
const reportsPerStatement = 200;

/**
 * How many reports are looked for at a time while streaming; their ids take 1 MB. Finding what is below an
 * organ takes a second for 10,000 organs, and costs the same however few of them are asked for.
 */
const reportsPerSearch = 10_000;

/** The ids of the reports that match, in order, as many at a time as one statement reads. */
async function* matchingReports(db: Db, filters: TidyFilters): AsyncGenerator<string[]> {
  let after: string | undefined;
  for (;;) {
    const { rows } = await sql<{ id: string }>`
      select reports.id from ${effectiveReports}
      where ${reportFilters(filters)} ${after === undefined ? sql`` : sql`and reports.id > ${after}::uuid`}
      order by reports.id limit ${reportsPerSearch}`.execute(db);
    const ids = rows.map(({ id }) => id);
    for (let next = 0; next < ids.length; next += reportsPerStatement)
      yield ids.slice(next, next + reportsPerStatement);
    if (ids.length < reportsPerSearch) return;
    after = ids.at(-1);
  }
}

/**
 * Every row, however many, in the order of `listTidyRows`. A statement reads 200 whole reports, so that a
 * report's rows are always of one revision. No connection, transaction or snapshot is held while the reader
 * is slow.
 */
export async function* streamTidyRows(db: Db, table: TidyTable, filters: TidyFilters): AsyncGenerator<Row> {
  const columns = columnsOf(table);
  // Filters whose result may have changed since the report was found are applied again. What is below an
  // organ is not looked up again.
  const { under: _, ...others } = filters;
  for await (const ids of matchingReports(db, filters)) {
    const { rows } = await sql<TidyRow>`
      select ${reportSql}, ${factSql(table)}, ${table.position} as position
      from ${effectiveReports} ${joinPlaces} join ${sql.table(table.table)} as facts on facts.revision_id = revisions.id
      where reports.id = any(${ids}::uuid[]) and ${reportFilters(others)} and ${ownFilters(table, filters)}
      order by reports.id, position`.execute(db);
    for (const row of rows) yield pick(row, columns);
  }
}
