import type { Db } from '../db/database.ts';
import { prepare } from '../db/prepared.ts';
import type { Table } from '../editions/figures.ts';
import { type Cell, type Cells, type CoverSignature, cellsMaking } from './cell-columns.ts';
import type { ChangedRows } from './changed-rows.ts';
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
