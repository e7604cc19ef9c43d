import { sql } from 'kysely';
import type { Aggregate } from '../aggregates/aggregate.ts';
import { chosenRelation, isChosenRow, rowNameOf } from '../aggregates/chosen.ts';
import type { Db } from '../db/database.ts';
import { prepare } from '../db/prepared.ts';
import type { Table } from '../editions/figures.ts';
import type { Changes } from './changes.ts';

/** Reads what the reports say that changed between two moments. */

/**
 * A cell of a report: its number, as text where it is too large to be exact with four decimals. It is null where the
 * cell is blank, true where its unit is not known, false where it adds nothing.
 */
type ChangedCell = number | string | boolean | null;

/** The rows of a table that a report has, by name, each with a cell for every column. */
export type ChangedRows = ReadonlyMap<string, readonly ChangedCell[]>;

/** The columns of an aggregate's table, in the order of the cells. */
export const columnsOfTable = ({ columnKey, keys }: Aggregate): readonly (string | null)[] =>
  columnKey === undefined ? [null] : keys[columnKey]!.values;

interface ReadRow {
  revision_id: string;
  row: string;
  cells: ChangedCell[];
}

/** Makes the statement that reads the rows of an aggregate's table which revisions have. */
function selectRows(
  db: Db,
  aggregate: Aggregate,
): (db: Db, revisions: readonly string[]) => Promise<ReadRow[]> {
  const cells = columnsOfTable(aggregate).map((column) => {
    const { value, blank, unit_unknown = sql`false` } = aggregate.cell(column);
    const number = sql`case when abs(${value}) < 1e11 then to_json((${value})::numeric) else to_json((${value})::text) end`;
    return sql`case when ${blank} then null when ${unit_unknown} then 'true'::json else coalesce(${number}, 'false') end`;
  });
  const { sql: text, parameters } = sql`
    select facts.revision_id, ${rowNameOf(aggregate, 'facts')} as row, json_build_array(${sql.join(cells)}) as cells
    from ${sql.table(aggregate.table)} as facts join ${chosenRelation(aggregate, aggregate)} on ${isChosenRow(aggregate)}
    where facts.revision_id = any(${[]}::uuid[])`.compile(db);
  const select = prepare<ReadRow>(`rollup_rows_${aggregate.table}`, text);
  const others = parameters.slice(0, -1);
  return (of, revisions) => select(of, [...others, revisions]);
}

/** These statements, by the tables that were asked for: each is worked out once. */
const selects = new Map<Table, ReturnType<typeof selectRows>>();

async function readRows(
  db: Db,
  table: Table,
  revisions: readonly string[],
): Promise<Map<string, Map<string, readonly ChangedCell[]>>> {
  const select = selects.get(table)!;
  const found = new Map<string, Map<string, readonly ChangedCell[]>>(revisions.map((id) => [id, new Map()]));
  for (const { revision_id, row, cells } of await select(db, revisions))
    found.get(revision_id)!.set(row, cells);
  return found;
}

/**
 * What the reports of each of these changes say in an aggregate's table, by revision. It never changes. What nobody
 * has read yet is read for all of these changes at once, and then by nobody else.
 */
export async function changedRows(
  db: Db,
  aggregate: Aggregate,
  changes: readonly Changes[],
): Promise<ReadonlyMap<string, ChangedRows>[]> {
  const { table } = aggregate;
  if (!selects.has(table)) selects.set(table, selectRows(db, aggregate));
  readUnread(db, table, changes);
  return Promise.all(changes.map(({ rows }) => rows.get(table)!));
}

/** Begins to read what nobody has read yet. */
function readUnread(db: Db, table: Table, changes: readonly Changes[]): void {
  const unread = changes.filter(({ rows }) => !rows.has(table));
  if (unread.length === 0) return;
  const revisions = unread.flatMap((each) => each.revisions.filter((revision) => revision !== null));
  const reading = readRows(db, table, [...new Set(revisions)]);
  for (const { rows } of unread) {
    rows.set(table, reading);
    // After a failure, whoever asks next reads them.
    reading.catch(() => rows.delete(table));
  }
}

/** The most entries of changes that are read before anybody asks. */
const mostAhead = 50;

/** Begins to read of changes what was asked for of those before them: whoever asks then need not wait for it. */
export function readAhead(db: Db, changes: Changes, before: Changes | undefined): void {
  if (changes.cells.size <= mostAhead)
    for (const table of before?.rows.keys() ?? []) readUnread(db, table, [changes]);
}
