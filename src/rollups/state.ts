import { coalesce } from '../db/coalesce.ts';
import type { Db } from '../db/database.ts';
import { readAhead } from './changed-rows.ts';
import { type ChangedEntry, ChangeLog, Changes, selectSince, selectState } from './changes.ts';
import { foldRollups } from './maintenance.ts';

/** A state of the rollups as it is read. */
export interface StateRead {
  /** Counts the foldings. */
  generation: number;
  /** The transactions that the state sees, as a `pg_snapshot` in text. */
  snapshot: string;
  as_of: string;
  /** Changes that are not folded yet. */
  pending: number;
}

/**
 * The changes that turn sums of one moment into those of another. They are to be added or, with `back`, taken away.
 */
export interface Path {
  changes: readonly Changes[];
  back: boolean;
}

/** A state, with its place among those that were read. */
export interface RollupState extends StateRead {
  /** Counts the states so far that differ from the one before. */
  moment: number;
  /** The path from another moment to this state; undefined where not all of its changes are remembered. */
  since(moment: number): Path | undefined;
}

/** The year and province of a change. A year of 0 or less means that several years may be concerned. */
export type Touched = readonly [year: number, province: string];

/** The most changes that a reader adds up itself. If there are more, the database folds them first. */
const fewChanges = 500;
/** A state that sees nothing. */
const nothing = { generation: -1, snapshot: '1:1:' };

interface Read extends StateRead {
  /**
   * What changed since the state before; undefined where that is not known, because more changed than is told or
   * remembered.
   */
  changed: { touched: readonly Touched[]; entries: readonly ChangedEntry[] } | undefined;
}

async function readSince(db: Db, before: { generation: number; snapshot: string }): Promise<Read> {
  const [row] = await selectSince(db, [before.snapshot, before.generation]);
  const { horizon, touched, entries, ...state } = row!;
  // Either all was worked out anew, or more was written than is remembered.
  const isUnknown = horizon > before.generation || state.generation < before.generation;
  return { ...state, changed: isUnknown || !touched || !entries ? undefined : { touched, entries } };
}

/** Reads the state, and what changed since another one. Changes are read only if there are any. */
async function readNext(db: Db, before: { generation: number; snapshot: string }): Promise<Read> {
  const [row] = await selectState(db, [before.snapshot, before.generation]);
  const { is_changed, ...state } = row!;
  return is_changed ? readSince(db, before) : { ...state, changed: { touched: [], entries: [] } };
}

interface StateReader {
  /** Reads the present state, once for all who ask at the same time. It is never older than the question. */
  read(): Promise<RollupState>;
  /** The state that a transaction sees. The transaction must have begun after the state `earlier` was read. */
  within(transaction: Db, earlier: RollupState): Promise<RollupState>;
}

/**
 * Makes a reader of states. It calls `enter` for each new moment, one after the other, with the years and provinces
 * of the changes since the moment before; undefined where these are not known.
 */
export function stateReader(
  db: Db,
  enter: (moment: number, touched: readonly Touched[] | undefined) => void,
): StateReader {
  const log = new ChangeLog();
  let before = nothing;
  const read = coalesce(
    async (askers: true[]) => {
      const { generation, snapshot, as_of, pending, changed } = await readNext(db, before);
      before = { generation, snapshot };
      if (!changed || changed.touched.length > 0) {
        const changes = changed && new Changes(changed.entries);
        if (changes) readAhead(db, changes, log.latest);
        log.enter(changes);
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
      // A failure does no harm: without folding sums are right as well, only later. The service folds again by itself
      // and tells of failures.
      folding ??= foldRollups(db, true)
        .catch(() => {})
        .finally(() => {
          folding = undefined;
        });
      await folding;
      return read(true);
    },
    async within(transaction, earlier) {
      const { changed, ...state } = await readSince(transaction, earlier);
      const own = changed && new Changes(changed.entries);
      return {
        ...state,
        // Not a moment of the log, so that no other state can start from it.
        moment: Number.NaN,
        since(moment) {
          const known = moment <= earlier.moment ? earlier.since(moment) : undefined;
          return known && own && { changes: [...known.changes, own], back: false };
        },
      };
    },
  };
}
