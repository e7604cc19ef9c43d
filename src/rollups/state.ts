import { coalesce } from '../db/coalesce.ts';
import type { Db } from '../db/database.ts';
import { prepare } from '../db/prepared.ts';
import { foldRollups } from './maintenance.ts';

/** A moment of the rollups. */
export interface RollupState {
  /** Counts the foldings. */
  generation: number;
  /** Changes that are not folded yet. */
  pending: number;
  /** The generation after which all changes are remembered. */
  horizon: number;
  /** Of the changes since the moment read before. */
  touched: readonly Touched[];
  as_of: string;
}

/** Year and province of changes: no year above 0 of those that concern several. */
export type Touched = readonly [year: number, province: string];

/** As many changes as a reader adds up by itself; of more it has the database fold them first, unless that is being done. */
const fewChanges = 500;

const selectState = prepare<RollupState & { snapshot: string }>(
  'rollup_state',
  `select generation, horizon, (select count(*) from rollup_changes) as pending, now() as as_of,
    pg_current_snapshot()::text as snapshot,
    (select coalesce(json_agg(json_build_array(year, province)), '[]') from (
      select year, province from rollup_changes where not pg_visible_in_snapshot(transaction, $1::pg_snapshot)
      union
      select year, province from rollup_folded_changes
      where generation > $2 and not pg_visible_in_snapshot(transaction, $1::pg_snapshot)) as changed) as touched
  from rollup_state`,
);

/**
 * Reads the state once for all who ask at the same time, and never of a moment before they asked. `enter` is told of
 * each, one after the other.
 */
export function stateReader(db: Db, enter: (state: RollupState) => void): () => Promise<RollupState> {
  // A snapshot that sees nothing.
  let before = { generation: -1, snapshot: '1:1:' };
  const read = coalesce(
    async (askers: true[]) => {
      const [state] = await selectState(db, [before.snapshot, before.generation]);
      before = state!;
      enter(state!);
      return askers.map(() => state!);
    },
    { most: Number.POSITIVE_INFINITY, atOnce: 1 },
  );
  let folding: Promise<unknown> | undefined;
  return async () => {
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
  };
}
