import { createHash } from 'node:crypto';
import type { RawBuilder } from 'kysely';
import type { Db } from '../db/database.ts';
import { yearInShanghai } from '../http/calendar.ts';
import { yearsOf } from '../reports/filters.ts';
import type { KeptSums } from '../rollups/reader.ts';
import type { Aggregate } from './aggregate.ts';
import { addSums, finish, type PartialSums } from './partial-sums.ts';
import type { AggregateQuery, Summed } from './queries.ts';
import type { RollupPlan } from './rollup-plan.ts';
import { type RollupSums, recordKeys, rollupStatement } from './rollup-statement.ts';
import type { Selection } from './selection.ts';

const firstYear = 2019;

/** The statement's row, and the folded sums that it is part of or the whole of. */
interface Read extends RollupSums {
  whole: PartialSums;
}

const read = async (db: Db, statement: RawBuilder<RollupSums>): Promise<RollupSums> =>
  (await statement.execute(db)).rows[0]!;

/** Brings sums that were read before up to date by what changed; undefined where that is not remembered. */
async function readSince(
  db: Db,
  kept: { generation: number; text: string },
  statementSince: (generation: number) => RawBuilder<RollupSums>,
  keys: number,
): Promise<Read | undefined> {
  const changed = await read(db, statementSince(kept.generation));
  // A state of the database that began before the sums were kept has an earlier generation.
  if (kept.generation < changed.horizon || kept.generation > changed.generation) return undefined;
  return { ...changed, whole: addSums(keys, JSON.parse(kept.text), changed.folded) };
}

/**
 * The same answers as from-rows.ts, from the rollups. What `sums` keeps of the same question is brought up to date
 * instead of being read again.
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
  const asked = yearsOf(query.year);
  const thisYear = yearInShanghai();
  const years = asked ?? Array.from({ length: thisYear + 2 - firstYear }, (_, index) => firstYear + index);
  const keys = recordKeys(aggregate, selection);
  const statement = (since: number | null) =>
    rollupStatement(aggregate, query, selection, plan, { years, most, since });
  const whole = statement(null);
  // The words and values of the statement are the question.
  const { sql, parameters } = whole.compile(db);
  const question = createHash('sha256').update(sql).update(JSON.stringify(parameters)).digest('base64');
  const before = sums?.get(question);
  let found = before && (await readSince(db, before, statement, keys.length));
  if (found === undefined) {
    const all = await read(db, whole);
    found = { ...all, whole: all.folded };
  }
  const { generation, pending, as_of } = found;
  if (sums && found.whole.rows.length < most && generation > (sums.get(question)?.generation ?? -1))
    sums.set(question, { generation, text: JSON.stringify(found.whole) });
  const owed = asked?.filter((year) => year <= thisYear);
  return { ...finish(aggregate, selection, keys, addSums(keys.length, found.whole, pending), owed), as_of };
}
