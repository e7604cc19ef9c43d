import { sql } from 'kysely';
import type { Aggregate } from '../aggregates/aggregate.ts';
import { chosenRelation, isChosenRow, rowNameOf } from '../aggregates/chosen.ts';
import type { Db } from '../db/database.ts';
import { prepare } from '../db/prepared.ts';
import type { Table } from '../editions/figures.ts';
import { type Cell, type Cells, type CoverSignature, cellsMaking } from './cell-columns.ts';
import type { RollupState, StateRead, Touched } from './state.ts';

/**
 * The reports that were published, withdrawn or moved between two moments. The service keeps them to bring sums up to
 * date.
 */

/** How many more, or fewer, a cell counts. An entry of reports also has their revision. */
export interface ChangedEntry
  extends Omit<Cell, 'id' | 'province' | 'city' | 'county'>,
    Record<'province' | 'city' | 'county', string> {
  revision_id: string | null;
  signatures: CoverSignature[];
}

const changed =
  'year, province, city, county, level, kind, gone_in, cover, own_revision, consolidated_revision';

/** SQL: the entries of a relation `changes` as one JSON value, `entries`. */
const entriesOf = `
  coalesce((select json_agg(told) from (
    select entries.*, coalesce(v.disclosure_edition, '') as disclosure_edition, coalesce(v.request_edition, '') as request_edition,
      coalesce((select json_agg(s) from rollup_cover_signatures as s where s.cover = entries.cover), '[]') as signatures
    from (
      select e.entry_year as year, e.scope, e.gone, changes.cover, province, city, county, level, kind, e.revision_id,
        sum(sign * e.amount)::int as amount
      from changes, rollup_entries(changes.year, gone_in, cover, own_revision, consolidated_revision) as e
      group by e.entry_year, e.scope, e.gone, changes.cover, province, city, county, level, kind, e.revision_id
      having sum(sign * e.amount) <> 0
    ) as entries left join revisions as v on v.id = entries.revision_id) as told), '[]') as entries`;

/** The most changes that are told from one moment to the next. */
const mostTold = 1_000;

interface ReadSince extends StateRead {
  horizon: number;
  /** Changes that are not folded yet. */
  pending: number;
  /** Null where there are too many changes to tell. */
  touched: Touched[] | null;
  entries: ChangedEntry[] | null;
}

/**
 * Reads the state, and whether it sees anything that another one did not. Its parameters are the snapshot and the
 * generation of the other one. It is asked all the time.
 */
export const selectState = prepare<StateRead & { is_changed: boolean }>(
  'rollup_state',
  `select generation, (select count(*) from rollup_changes) as pending, now() as as_of, pg_current_snapshot()::text as snapshot,
    horizon > $2 or generation < $2
      or exists (select from rollup_changes where not pg_visible_in_snapshot(transaction, $1::pg_snapshot))
      or exists (
        select from rollup_folded_changes
        where generation > $2 and not pg_visible_in_snapshot(transaction, $1::pg_snapshot)) as is_changed
  from rollup_state`,
);

/**
 * Reads the state, and the changes that it sees and another one did not. Its parameters are the snapshot and the
 * generation of the other one.
 */
export const selectSince = prepare<ReadSince>(
  'rollup_changes_since',
  // The state comes first, since a rebuilding also locks it before the other tables.
  `with state as materialized (select * from rollup_state),
  changes as materialized (
    select sign, ${changed} from rollup_changes where not pg_visible_in_snapshot(transaction, $1::pg_snapshot)
    union all
    select sign, ${changed} from rollup_folded_changes
    where generation > $2 and not pg_visible_in_snapshot(transaction, $1::pg_snapshot)
    limit ${mostTold + 1}
  )
  select generation, horizon, (select count(*) from rollup_changes) as pending, now() as as_of,
    pg_current_snapshot()::text as snapshot, told.*
  from state left join lateral (
    select (select coalesce(json_agg(json_build_array(year, province)), '[]')
      from (select distinct year, province from changes) as touched) as touched, ${entriesOf}
  ) as told on (select count(*) from changes) <= ${mostTold}`,
);

/**
 * What cells lack to be of a state. Changes that the state sees and that are not folded yet are to be added. Changes
 * that are folded and that the state does not see are to be taken away. Without a state it is what the transaction
 * sees that counts.
 */
const selectLacking = prepare<{ horizon: number; as_of: string; entries: ChangedEntry[] }>(
  'rollup_changes_lacking',
  `with changes as materialized (
    select sign, ${changed} from rollup_changes where $1::text is null or pg_visible_in_snapshot(transaction, $1::pg_snapshot)
    union all
    select -sign, ${changed} from rollup_folded_changes
    where generation > $2 and not pg_visible_in_snapshot(transaction, $1::pg_snapshot)
  )
  select horizon, now() as as_of, ${entriesOf} from rollup_state`,
);

/** Thrown where so much has changed since a state that cells cannot be taken back to it. */
export class Outdated extends Error {}

/**
 * What cells read in this transaction lack to be of a state; `as_of` is when the transaction began. Throws
 * `Outdated`.
 */
export async function lackingIn(
  db: Db,
  state: Pick<RollupState, 'generation' | 'snapshot'> | undefined,
): Promise<{ changes: Changes; as_of: string }> {
  const [row] = await selectLacking(db, [state?.snapshot, state?.generation]);
  const { horizon, as_of, entries } = row!;
  if (state && horizon > state.generation) throw new Outdated();
  return { changes: new Changes(entries), as_of };
}

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

/** The changes from one moment to the next. What their reports say is read when it is first asked for. */
export class Changes {
  /** What there is more of or, where the amount is negative, less of. */
  readonly cells: Cells;
  /** The revision of each of these cells; null where it does not count reports. */
  readonly revisions: readonly (string | null)[];
  /** What these reports say in a table, by revision; there may be other revisions as well. */
  readonly rows = new Map<Table, Promise<ReadonlyMap<string, ChangedRows>>>();

  constructor(entries: readonly ChangedEntry[]) {
    const making = cellsMaking(entries.length);
    for (const [id, { province, city, county, ...entry }] of entries.entries())
      making.push({ ...entry, id, province: Number(province), city: Number(city), county: Number(county) });
    const signatures = new Map(entries.map(({ cover, signatures }) => [cover, signatures]));
    this.cells = making.made([...signatures.values()].flat());
    this.revisions = entries.map(({ revision_id }) => revision_id);
  }
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

/**
 * The most changed entries that are remembered: a few megabytes with what their reports say. A moment counts as one
 * more.
 */
const mostRemembered = 1_000;
/** The most moments that sums are brought across. Across more, reading them anew would be faster. */
const mostMoments = 200;

/** The changes of the last moments. */
export class ChangeLog {
  /** All changes after this moment are remembered. */
  #first = 0;
  #last = 0;
  #changes: Changes[] = [];

  get last(): number {
    return this.#last;
  }

  /** What changed last; undefined where that is not remembered. */
  get latest(): Changes | undefined {
    return this.#changes.at(-1);
  }

  /** Enters a moment, with what changed since the one before; undefined where that is not known. */
  enter(changes: Changes | undefined): void {
    this.#last++;
    if (changes) this.#changes.push(changes);
    else {
      this.#changes = [];
      this.#first = this.#last;
    }
    let remembered = this.#changes.reduce((sum, { cells }) => sum + cells.size + 1, 0);
    while (remembered > mostRemembered) {
      remembered -= this.#changes.shift()!.cells.size + 1;
      this.#first++;
    }
  }

  /**
   * The changes after one moment up to another; undefined where not all are remembered, or where the moments are far
   * apart.
   */
  between(from: number, to: number): readonly Changes[] | undefined {
    if (from < this.#first || to - from > mostMoments) return undefined;
    return this.#changes.slice(from - this.#first, to - this.#first);
  }
}
