import { type RawBuilder, sql } from 'kysely';
import type { Db } from '../db/database.ts';
import type { Row } from '../formats/format.ts';
import { effectiveReports, type ReportFilters, reportFilters } from '../reports/filters.ts';
import { columnsOf, ownFilters, type TidyTable } from './tidy-table.ts';

export type TidyFilters = ReportFilters & Record<string, unknown>;
export type TidyRow = Row & { report_id: string; position: number };

const reportSql = sql`reports.id as report_id, revisions.id as revision_id, revisions.number as revision,
  organs.id as organ_id, organs.name as organ_name, organs.division_code, reports.year, reports.scope`;

const factSql = (table: TidyTable): RawBuilder<unknown> =>
  sql.join(Object.keys(table.columns).map((column) => sql.ref(`facts.${column}`)));

/**
 * Up to `limit` rows of effective revisions after the key, by report and printed place; a row's `position` completes
 * its key. Nothing is skipped or repeated while others publish: reports keep their ids, and a correction has the same places.
 */
export async function listTidyRows(
  db: Db,
  table: TidyTable,
  filters: TidyFilters,
  limit: number,
  after?: readonly [report_id: string, position: number],
): Promise<TidyRow[]> {
  const { rows } = await sql<TidyRow>`
    select ${reportSql}, ${factSql(table)}, ${table.position} as position
    from ${effectiveReports} join ${sql.table(table.table)} as facts on facts.revision_id = revisions.id
    where ${reportFilters(filters)} and ${ownFilters(table, filters)}
      ${after ? sql`and reports.id >= ${after[0]}::uuid and (reports.id > ${after[0]}::uuid or ${table.position} > ${after[1]})` : sql``}
    order by reports.id, position
    limit ${limit}`.execute(db);
  return rows;
}

/** Reports read in one statement while streaming: some 5,000 rows. */
const reportsPerStatement = 200;

/**
 * Every row, however many, in the order of `listTidyRows`. Reads whole reports, a statement for every 200, so that a
 * report's rows are always of one revision, and holds no connection, transaction or snapshot while the reader is slow.
 */
export async function* streamTidyRows(db: Db, table: TidyTable, filters: TidyFilters): AsyncGenerator<Row> {
  const columns = columnsOf(table);
  let after: string | undefined;
  for (;;) {
    const { rows } = await sql<TidyRow & { position: number | null }>`
      with chosen as (
        select ${reportSql} from ${effectiveReports}
        where ${reportFilters(filters)} ${after === undefined ? sql`` : sql`and reports.id > ${after}::uuid`}
        order by reports.id limit ${reportsPerStatement}
      )
      select chosen.*, ${factSql(table)}, ${table.position} as position
      from chosen left join ${sql.table(table.table)} as facts
        on facts.revision_id = chosen.revision_id and ${ownFilters(table, filters)}
      order by chosen.report_id, position`.execute(db);
    let reports = 0;
    for (const row of rows) {
      if (row.report_id !== after) reports++;
      after = row.report_id;
      if (row.position !== null)
        yield Object.fromEntries(columns.map((column) => [column, row[column] ?? null]));
    }
    if (reports < reportsPerStatement) return;
  }
}
