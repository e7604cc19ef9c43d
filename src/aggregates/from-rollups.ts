import type { Db } from '../db/database.ts';
import type { Cells } from '../rollups/cell-columns.ts';
import { KeptCells } from '../rollups/cells.ts';
import { lackingIn, Outdated } from '../rollups/changes.ts';
import { onOneState } from '../rollups/maintenance.ts';
import type { KeptSums } from '../rollups/reader.ts';
import type { Path } from '../rollups/state.ts';
import type { Aggregate } from './aggregate.ts';
import { sumCellsUsed, UnknownCell } from './cell-sums.ts';
import { organsIn, type Question, useCells } from './cell-use.ts';
import { inOrder, refuseCells } from './cells.ts';
import { changedSums } from './changed-sums.ts';
import { heightOf } from './columns.ts';
import { layoutOf } from './layout.ts';
import { addSums, finish, mergeRows, type PartialSums } from './partial-sums.ts';
import type { AggregateQuery, Summed } from './queries.ts';
import { type RollupPlan, yearsAsked } from './rollup-plan.ts';
import type { Selection } from './selection.ts';

/**
 * How often kept cells may lack a cell that a sum belongs to. Other requests may have read them before that
 * cell existed. Cells that the transaction reads itself lack none.
 */
const mostUseless = 5;

/**
 * Reads the rollups in the state that the kept sums are in. Where so much changed since then that this state
 * cannot be told any more, it reads them in a later one.
 */
export async function inKeptState<T extends object>(
  db: Db,
  kept: KeptSums | undefined,
  read: (db: Db, kept: KeptSums | undefined) => Promise<T>,
): Promise<T> {
  if (!kept) return onOneState(db, (state) => read(state, undefined));
  const unlessOutdated = (error: unknown) => {
    if (!(error instanceof Outdated)) throw error;
  };
  return (
    (await read(db, kept).catch(unlessOutdated)) ??
    (await read(db, await kept.later()).catch(unlessOutdated)) ??
    onOneState(db, (state) => read(state, undefined))
  );
}

/** Reads sums from the cells: in the given state, or without one in the state that the transaction sees. */
async function readSums(
  db: Db,
  aggregate: Aggregate,
  selection: Selection,
  question: Question,
  { cells, state }: Pick<KeptSums, 'cells'> & Partial<Pick<KeptSums, 'state'>>,
): Promise<PartialSums & { as_of: string }> {
  const { grain, grainOfFilters } = question.plan;
  const keys = layoutOf(aggregate, selection).keys.length;
  const counted = (path: Path) => changedSums(undefined, aggregate, selection, question, path);
  // Before the transaction begins, so that no connection is held while the cells are being read.
  let ofGrain = await cells.in(db, grain, state);
  const ofFilters = grain === grainOfFilters ? ofGrain : await cells.in(db, grainOfFilters, state);
  return onOneState(db, async (trx) => {
    // Cells, organs and sums were read at different times, so each lacks other changes to be of this state.
    const { changes: lacking, as_of } = await lackingIn(trx, state);
    const sum = async () => {
      const used = useCells(aggregate, selection, question, ofGrain.cells);
      const rows = await sumCellsUsed(trx, aggregate, selection, question, ofGrain.cells, used);
      return { used, rows };
    };
    // There may be new cells by now, which the kept ones lack.
    const useless: Cells[] = [];
    let read: Awaited<ReturnType<typeof sum>> | undefined;
    while (!read) {
      try {
        read = await sum();
      } catch (error) {
        if (!(error instanceof UnknownCell) || useless.length === mostUseless) throw error;
        useless.push(ofGrain.cells);
        ofGrain = await cells.in(trx, grain, state, useless);
      }
    }
    let rows = inOrder(aggregate, selection, read.rows);
    rows = mergeRows(
      keys,
      rows,
      (await changedSums(trx, aggregate, selection, question, { changes: [lacking], back: false })).rows,
    );
    let { years, editions } = read.used;
    let organs = organsIn(question, ofFilters.cells);
    for (const path of ofGrain.paths) {
      const more = await counted(path);
      years = mergeRows(1, years, more.years);
      editions = mergeRows(2, editions, more.editions);
    }
    for (const path of ofFilters.paths) organs = mergeRows(1, organs, (await counted(path)).organs);
    if (heightOf(rows) >= question.most) refuseCells();
    return { rows, years, organs, editions, as_of };
  });
}

/**
 * The same sums as reports give, from the rollups. Kept sums of the same question are not read again: the
 * changes up to the state that is asked for are added to them.
 */
export async function sumFromRollups(
  db: Db,
  aggregate: Aggregate,
  query: AggregateQuery,
  selection: Selection,
  plan: RollupPlan,
  most: number,
  kept: KeptSums | undefined,
): Promise<Summed> {
  const { years, owed } = yearsAsked(query);
  const { basis, scope, level, kind } = query;
  const question: Question = { basis, scope, level, kind, plan, years, most };
  const layout = layoutOf(aggregate, selection);
  if (!kept) {
    const cells = new KeptCells();
    const { as_of, ...sums } = await onOneState(db, (trx) =>
      readSums(trx, aggregate, selection, question, { cells }),
    );
    return { ...finish(layout, selection, sums, owed), as_of };
  }
  const { byQuestion, state } = kept;
  const name = JSON.stringify([selection.name, question]);
  const known = byQuestion.get(name);
  const since = known && state.since(known.moment);
  const sums =
    known && since
      ? addSums(layout.keys.length, known.sums, await changedSums(db, aggregate, selection, question, since))
      : await readSums(db, aggregate, selection, question, kept);
  // Another request may have kept sums of a later moment meanwhile.
  const present = byQuestion.peek(name)?.moment ?? -1;
  if (state.moment > present && heightOf(sums.rows) < most)
    byQuestion.set(name, { moment: state.moment, sums });
  return { ...finish(layout, selection, sums, owed), as_of: state.as_of };
}
