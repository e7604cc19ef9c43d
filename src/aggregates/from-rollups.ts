import { CompiledQuery } from 'kysely';
import type { Db } from '../db/database.ts';
import { prepareOften } from '../db/prepared.ts';
import type { KeptSums, Statement } from '../rollups/reader.ts';
import type { Aggregate } from './aggregate.ts';
import { inOrder, refuseCells } from './cells.ts';
import { heightOf, withSharedText } from './columns.ts';
import type { Question } from './counts.ts';
import { addSums, finish, having, noSums, type PartialSums } from './partial-sums.ts';
import { type AggregateQuery, layoutOf, type Summed } from './queries.ts';
import { type RollupPlan, yearsAsked } from './rollup-plan.ts';
import { type RollupSums, rollupStatement } from './rollup-statement.ts';
import type { Selection } from './selection.ts';

/** Folded sums, what is not folded yet, and of when. */
interface Read extends Pick<RollupSums, 'generation' | 'as_of'> {
  folded: PartialSums;
  pending: PartialSums;
}

async function read(
  db: Db,
  { sql, parameters }: Statement,
  most: number,
): Promise<Read & Pick<RollupSums, 'horizon'>> {
  const [row] = (await db.executeQuery<RollupSums>(CompiledQuery.raw(sql, [...parameters]))).rows;
  const { generation, horizon, as_of, ...sums } = row!;
  // Cut off somewhere: then either the groups that are folded are too many, or those that are not.
  if (heightOf(sums.rows) >= 2 * most) refuseCells();
  return { folded: having(false, sums), pending: having(true, sums), generation, horizon, as_of };
}

/**
 * The same answers as reports give, from the rollups. What `sums` keeps of the same question is brought up to date by
 * what changed since, instead of being read again.
 */
export async function sumFromRollups(
  db: Db,
  aggregate: Aggregate,
  query: AggregateQuery,
  selection: Selection,
  plan: RollupPlan,
  most: number,
  sums?: KeptSums,
): Promise<Summed> {
  const { years, owed } = yearsAsked(query);
  const { basis, scope, level, kind } = query;
  const question: Question = { basis, scope, level, kind, plan, years, most };
  const statement = (fromCells: boolean) =>
    rollupStatement(aggregate, selection, question, fromCells).compile(db) as Statement;
  const layout = layoutOf(aggregate, selection);
  const add = (a: PartialSums, b: PartialSums) => addSums(layout.keys.length, a, b);

  const name = JSON.stringify([selection.name, question]);
  const kept = sums?.folded.get(name);
  const state = sums?.state;
  let found: Read | undefined;
  // A transaction may read another state than that in which it was asked.
  if (kept && state && state.generation === kept.generation && state.pending === 0 && !db.isTransaction) {
    found = { ...state, folded: kept.sums, pending: noSums };
  } else if (kept) {
    const { sql, parameters } = kept.changes;
    prepareOften(sql);
    const changed = await read(db, { sql, parameters: [kept.generation, ...parameters.slice(1)] }, most);
    // Not everything that changed is remembered; and who reads an earlier state cannot use later sums.
    if (kept.generation >= changed.horizon && kept.generation <= changed.generation)
      found = { ...changed, folded: add(kept.sums, changed.folded) };
  }
  if (found === undefined) {
    found = await read(db, statement(true), most);
    found.folded.rows = inOrder(aggregate, selection, withSharedText(found.folded.rows));
  }
  const { folded, pending, generation, as_of } = found;
  if (sums && heightOf(folded.rows) < most && generation !== kept?.generation) {
    const { sql, parameters } = kept?.changes ?? statement(false);
    sums.folded.set(name, { generation, sums: folded, changes: { sql, parameters } });
  }
  return { ...finish(layout, selection, add(folded, pending), owed), as_of };
}
