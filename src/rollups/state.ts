import { coalesce } from '../db/coalesce.ts';
import type { Db } from '../db/database.ts';
import { prepare } from '../db/prepared.ts';
import { type ChangedEntry, ChangeLog, Changes } from './changes.ts';
import { foldRollups } from './maintenance.ts';

/** A moment of the rollups: what was committed by then. */
export interface RollupState {
  /** Counts the states that differ from the one before. */
  moment: number;
  /** Counts the foldings. */
  generation: number;
  /** The transactions that are seen, as `pg_snapshot` has it. */
  snapshot: string;
  as_of: string;
  /** Changes that are not folded yet. */
  pending: number;
  /**
   * What to add to sums of another moment, or with `back` to take away from them, so that they are of this one; undefined where
   * not all of it is remembered.
   */
  since(moment: number): { changes: readonly Changes[]; back: boolean } | undefined;
}

/** Year and province of changes: no year above 0 of those that concern several. */
export type Touched = readonly [year: number, province: string];

/** As many changes as a reader adds up by itself; of more it has the database fold them first, unless that is being done. */
const fewChanges = 500;
/** As many as are told from one moment to the next. */
const mostTold = 1_000;

interface Read {
  generation: number;
  snapshot: string;
  as_of: string;
  /** Changes that are not folded yet. */
  pending: number;
  /** Since the state before; undefined where that is not known, because more changed than is told or remembered. */
  changed: { touched: readonly Touched[]; entries: readonly ChangedEntry[] } | undefined;
}

const changed =
  'sign, year, province, city, county, level, kind, gone_in, cover, own_revision, consolidated_revision';

const selectChanges = prepare<
  Omit<Read, 'changed'> & { horizon: number; touched: Touched[] | null; entries: ChangedEntry[] | null }
>(
  'rollup_changes_since',
  `with changes as materialized (
    select ${changed} from rollup_changes where not pg_visible_in_snapshot(transaction, $1::pg_snapshot)
    union all
    select ${changed} from rollup_folded_changes
    where generation > $2 and not pg_visible_in_snapshot(transaction, $1::pg_snapshot)
    limit ${mostTold + 1}
  ),
  told as (select count(*) <= ${mostTold} as are_few from changes),
  entries as (
    select e.entry_year as year, e.scope, e.gone, changes.cover, province, city, county, level, kind, e.revision_id,
      sum(sign * e.amount)::int as amount
    from changes, rollup_entries(changes.year, gone_in, cover, own_revision, consolidated_revision) as e
    group by e.entry_year, e.scope, e.gone, changes.cover, province, city, county, level, kind, e.revision_id
    having sum(sign * e.amount) <> 0
  )
  select generation, horizon, (select count(*) from rollup_changes) as pending, now() as as_of,
    pg_current_snapshot()::text as snapshot,
    case when are_few then (
      select coalesce(json_agg(json_build_array(year, province)), '[]')
      from (select distinct year, province from changes) as touched) end as touched,
    case when are_few then (
      select coalesce(json_agg(told), '[]') from (
        select entries.*, coalesce(v.disclosure_edition, '') as disclosure_edition, coalesce(v.request_edition, '') as request_edition,
          coalesce((select json_agg(s) from rollup_cover_signatures as s where s.cover = entries.cover), '[]') as signatures
        from entries left join revisions as v on v.id = entries.revision_id) as told) end as entries
  from rollup_state, told`,
);

/** A state that sees nothing. */
const nothing = { generation: -1, snapshot: '1:1:' };

async function readSince(db: Db, before: { generation: number; snapshot: string }): Promise<Read> {
  const [row] = await selectChanges(db, [before.snapshot, before.generation]);
  const { horizon, touched, entries, ...state } = row!;
  // All was worked out anew, or more was written than is remembered.
  const isUnknown = horizon > before.generation || state.generation < before.generation;
  return { ...state, changed: isUnknown || !touched || !entries ? undefined : { touched, entries } };
}

export interface StateReader {
  /** The state, read once for all who ask at the same time, and never of a moment before they asked. */
  read(): Promise<RollupState>;
  /** The state that a transaction sees, which began after another one was read. */
  within(transaction: Db, earlier: RollupState): Promise<RollupState>;
}

/**
 * Reads states. `enter` is told of each, one after the other: of which moment it is, and where changes are that came since the
 * one before; undefined where that is not known.
 */
export function stateReader(
  db: Db,
  enter: (moment: number, touched: readonly Touched[] | undefined) => void,
): StateReader {
  const log = new ChangeLog();
  let before = nothing;
  const read = coalesce(
    async (askers: true[]) => {
      const { generation, snapshot, as_of, pending, changed } = await readSince(db, before);
      before = { generation, snapshot };
      if (!changed || changed.touched.length > 0) {
        log.enter(changed && new Changes(db, changed.entries));
        enter(log.last, changed?.touched);
      }
      const moment = log.last;
      const since: RollupState['since'] = (other) => {
        const back = other > moment;
        const changes = back ? log.between(moment, other) : log.between(other, moment);
        return changes && { changes, back };
      };
      const state = { moment, generation, snapshot, as_of, pending, since };
      return askers.map(() => state);
    },
    { most: Number.POSITIVE_INFINITY, atOnce: 1 },
  );
  let folding: Promise<unknown> | undefined;
  return {
    async read() {
      const state = await read(true);
      if (state.pending <= fewChanges) return state;
      // Without it sums are right as well, only later; the service tries and tells of it every second.
      folding ??= foldRollups(db)
        .catch(() => {})
        .finally(() => {
          folding = undefined;
        });
      await folding;
      return read(true);
    },
    async within(transaction, earlier) {
      const { changed, ...state } = await readSince(transaction, earlier);
      const own = changed && new Changes(transaction, changed.entries);
      return {
        ...state,
        // Of no moment that others may ask of.
        moment: Number.NaN,
        since(moment) {
          const known = moment <= earlier.moment ? earlier.since(moment) : undefined;
          return known && own && { changes: [...known.changes, own], back: false };
        },
      };
    },
  };
}
