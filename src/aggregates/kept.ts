import type { App } from '../http/app-type.ts';
import { yearInShanghai } from '../http/calendar.ts';
import type { AggregateQuery } from './queries.ts';
import { rollupPlan } from './rollup-plan.ts';

/**
 * The answer to a question about sums, or its JSON text: what comes from the rollups alone is made once for each of their
 * states. `name` tells the question from others with the same query.
 */
export async function keptAnswer<Answer>(
  app: App,
  name: string,
  query: AggregateQuery,
  make: () => Promise<Answer>,
): Promise<Answer | string> {
  if (rollupPlan(query, query.group_by ?? []) === undefined) return make();
  // Where no year is named, those that have begun are meant.
  const question = JSON.stringify([name, yearInShanghai(), Object.entries(query).sort()]);
  return app.rollups.answer(question, make);
}
