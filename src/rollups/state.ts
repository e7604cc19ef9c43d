import { coalesce } from '../db/coalesce.ts';
import type { Db } from '../db/database.ts';
import { type ChangedEntry, ChangeLog, Changes, selectSince, selectState } from './changes.ts';
import { foldRollups } from './maintenance.ts';

/** A state of the rollups as it is read. */
export interface StateRead {
  /** Counts the foldings. */
  generation: number;
  /** The transactions that are seen, as `pg_snapshot` has it. */
  snapshot: string;
  as_of: string;
  /** Changes that are not folded yet. */
  pending: number;
}

/** What changes sums of one moment into those of another: to be added, or with `back` taken away. */
export interface Path {
  changes: readonly Changes[];
  back: boolean;
}

/** A state, among those that were read. */
export interface RollupState extends StateRead {
  /** Counts the states that differ from the one before. */
  moment: number;
  /** What to do with sums of another moment, so that they are of this one; undefined where not all of it is remembered. */
  since(moment: number): Path | undefined;
}

/** Year and province of changes: no year above 0 of those that concern several. */
export type Touched = readonly [year: number, province: string];

/** As many changes as a reader adds up by itself; of more it has the database fold them first, unless that is being done. */
const fewChanges = 500;
/** A state that sees nothing. */
const nothing = { generation: -1, snapshot: '1:1:' };

interface Read extends StateRead {
  /** Since the state before; undefined where that is not known, because more changed than is told or remembered. */
  changed: { touched: readonly Touched[]; entries: readonly ChangedEntry[] } | undefined;
}

async function readSince(db: Db, before: { generation: number; snapshot: string }): Promise<Read> {
  const [row] = await selectSince(db, [before.snapshot, before.generation]);
  const { horizon, touched, entries, ...state } = row!;
  // All was worked out anew, or more was written than is remembered.
  const isUnknown = horizon > before.generation || state.generation < before.generation;
  return { ...state, changed: isUnknown || !touched || !entries ? undefined : { touched, entries } };
}

/** The state, and what changed since another one if anything did. */
async function readNext(db: Db, before: { generation: number; snapshot: string }): Promise<Read> {
  const [row] = await selectState(db, [before.snapshot, before.generation]);
  const { is_changed, ...state } = row!;
  return is_changed ? readSince(db, before) : { ...state, changed: { touched: [], entries: [] } };
}

interface StateReader {
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
      const { generation, snapshot, as_of, pending, changed } = await readNext(db, before);
      before = { generation, snapshot };
      if (!changed || changed.touched.length > 0) {
        log.enter(changed && new Changes(changed.entries));
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
      // Without it sums are right as well, only later; the service tries again and tells of it.
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
