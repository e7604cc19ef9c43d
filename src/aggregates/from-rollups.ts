import type { Db } from '../db/database.ts';
import { onOneState } from '../rollups/maintenance.ts';
import type { KeptSums } from '../rollups/reader.ts';
import type { RollupState } from '../rollups/state.ts';
import type { Aggregate } from './aggregate.ts';
import { inOrder, refuseCells } from './cells.ts';
import { changedSums } from './changed-sums.ts';
import { heightOf, withSharedText } from './columns.ts';
import type { Question } from './counts.ts';
import { addSums, finish, type PartialSums } from './partial-sums.ts';
import { type AggregateQuery, layoutOf, type Summed } from './queries.ts';
import { type RollupPlan, yearsAsked } from './rollup-plan.ts';
import { rollupStatement } from './rollup-statement.ts';
import type { Selection } from './selection.ts';

/** So much changed since a state that the cells cannot be taken back to it. */
class Outdated extends Error {}

/**
 * Answers from the rollups as of the state that what is kept is in, or, where so much changed meanwhile that nothing tells
 * what they were then, as of one that is read.
 */
export async function inKeptState<T>(
  db: Db,
  kept: KeptSums | undefined,
  read: (db: Db, kept: KeptSums | undefined) => Promise<T>,
): Promise<T> {
  if (!kept) return onOneState(db, (state) => read(state, undefined));
  try {
    return await read(db, kept);
  } catch (error) {
    if (!(error instanceof Outdated)) throw error;
    return onOneState(db, (state) => read(state, undefined));
  }
}

/** Reads sums from the cells. */
async function readCells(
  db: Db,
  aggregate: Aggregate,
  selection: Selection,
  question: Question,
  state: RollupState | undefined,
): Promise<PartialSums & { as_of: string }> {
  const { rows } = await rollupStatement(aggregate, selection, question, state).execute(db);
  const { horizon, ...sums } = rows[0]!;
  if (state && horizon > state.generation) throw new Outdated();
  if (heightOf(sums.rows) >= question.most) refuseCells();
  return { ...sums, rows: inOrder(aggregate, selection, withSharedText(sums.rows)) };
}

/**
 * The same answers as reports give, from the rollups. What is kept of the same question is brought to the state that is
 * asked in by what changed between, instead of being read again.
 */
export async function sumFromRollups(
  db: Db,
  aggregate: Aggregate,
  query: AggregateQuery,
  selection: Selection,
  plan: RollupPlan,
  most: number,
  kept?: KeptSums,
): Promise<Summed> {
  const { years, owed } = yearsAsked(query);
  const { basis, scope, level, kind } = query;
  const question: Question = { basis, scope, level, kind, plan, years, most };
  const layout = layoutOf(aggregate, selection);
  if (!kept) {
    const { as_of, ...sums } = await readCells(db, aggregate, selection, question, undefined);
    return { ...finish(layout, selection, sums, owed), as_of };
  }
  const { folded, state } = kept;
  const name = JSON.stringify([selection.name, question]);
  const known = folded.get(name);
  const since = known && state.since(known.moment);
  const sums =
    known && since
      ? addSums(layout.keys.length, known.sums, await changedSums(aggregate, selection, question, since))
      : await readCells(db, aggregate, selection, question, state);
  // Others may have brought it further meanwhile.
  const present = folded.peek(name)?.moment ?? -1;
  if (state.moment > present && heightOf(sums.rows) < most) folded.set(name, { moment: state.moment, sums });
  return { ...finish(layout, selection, sums, owed), as_of: state.as_of };
}
