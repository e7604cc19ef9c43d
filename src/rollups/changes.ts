import { sql } from 'kysely';
import type { Aggregate } from '../aggregates/aggregate.ts';
import { chosenRelation, isChosenRow, rowNameOf } from '../aggregates/chosen.ts';
import type { Db } from '../db/database.ts';
import type { Table } from '../editions/figures.ts';

/** What is published, withdrawn or moved between two moments, as the service keeps it to bring sums up to date. */

/** What stands above an organ: see `rollup_cover_signatures`. */
export interface CoverSignature {
  same_province: boolean;
  same_city: boolean;
  same_county: boolean;
  same_level: boolean;
  same_kind: boolean;
  level: string;
  kind: string;
  foreign_province: string;
  foreign_city: string;
  foreign_county: string;
}

/** So many more of what a cell of the rollups counts: a report, an organ and year without one, or an organ. */
export interface ChangedEntry {
  year: number;
  scope: 'own' | 'replaced' | 'consolidated' | 'none' | 'organ';
  gone: boolean;
  /** Places are '' where there are none. */
  province: string;
  city: string;
  county: string;
  level: string;
  kind: string;
  disclosure_edition: string;
  request_edition: string;
  revision_id: string | null;
  amount: number;
  signatures: CoverSignature[];
}

/** A cell of a report: its number as text, null where it is blank, true where its unit is not known, false where it adds nothing. */
export type ChangedCell = string | boolean | null;

/** Of a report the rows of a table that it has, by name; each a cell of every column. */
export type ChangedRows = ReadonlyMap<string, readonly ChangedCell[]>;

/** The columns of an aggregate's table, in the order of the cells. */
export const columnsOfTable = ({ columnKey, keys }: Aggregate): readonly (string | null)[] =>
  columnKey === undefined ? [null] : keys[columnKey]!.values;

async function readRows(
  db: Db,
  aggregate: Aggregate,
  revisions: readonly string[],
): Promise<Map<string, Map<string, readonly ChangedCell[]>>> {
  const cells = columnsOfTable(aggregate).map((column) => {
    const { value, blank, unit_unknown = sql`false` } = aggregate.cell(column);
    return sql`case when ${blank} then null when ${unit_unknown} then 'true'::json else coalesce(to_json((${value})::text), 'false') end`;
  });
  const { rows } = await sql<{ revision_id: string; row: string; cells: ChangedCell[] }>`
    select facts.revision_id, ${rowNameOf(aggregate, 'facts')} as row, json_build_array(${sql.join(cells)}) as cells
    from ${sql.table(aggregate.table)} as facts join ${chosenRelation(aggregate, aggregate)} on ${isChosenRow(aggregate)}
    where facts.revision_id = any(${revisions}::uuid[])`.execute(db);
  const found = new Map<string, Map<string, readonly ChangedCell[]>>(revisions.map((id) => [id, new Map()]));
  for (const { revision_id, row, cells } of rows) found.get(revision_id)!.set(row, cells);
  return found;
}

/** The changes from one moment to the next, with what their reports say once that is asked for. */
export class Changes {
  readonly entries: readonly ChangedEntry[];
  readonly #db: Db;
  readonly #rows = new Map<Table, Promise<ReadonlyMap<string, ChangedRows>>>();

  constructor(db: Db, entries: readonly ChangedEntry[]) {
    this.#db = db;
    this.entries = entries;
  }

  /** What the reports say in an aggregate's table, by revision: that never changes. */
  rowsOf(aggregate: Aggregate): Promise<ReadonlyMap<string, ChangedRows>> {
    const known = this.#rows.get(aggregate.table);
    if (known) return known;
    const revisions = [...new Set(this.entries.flatMap(({ revision_id }) => revision_id ?? []))];
    const reading = readRows(this.#db, aggregate, revisions);
    this.#rows.set(aggregate.table, reading);
    reading.catch(() => this.#rows.delete(aggregate.table));
    return reading;
  }
}

/** As many changed entries as are remembered: a few megabytes with what their reports say. */
const mostRemembered = 2_000;

/** The changes of the last moments. */
export class ChangeLog {
  /** The moment from which on all are remembered. */
  #first = 0;
  #last = 0;
  #changes: Changes[] = [];

  get last(): number {
    return this.#last;
  }

  /** Enters a moment: what changed since the one before, or undefined where that is not known. */
  enter(changes: Changes | undefined): void {
    this.#last++;
    if (changes) this.#changes.push(changes);
    else {
      this.#changes = [];
      this.#first = this.#last;
    }
    let remembered = this.#changes.reduce((sum, { entries }) => sum + entries.length, 0);
    while (remembered > mostRemembered) {
      remembered -= this.#changes.shift()!.entries.length;
      this.#first++;
    }
  }

  /** What changed after one moment up to another; undefined where not all of it is remembered. */
  between(from: number, to: number): readonly Changes[] | undefined {
    if (from < this.#first || to < this.#first) return undefined;
    return this.#changes.slice(from - this.#first, to - this.#first);
  }
}
