import type { App } from '../http/app-type.ts';
import { yearInShanghai } from '../http/calendar.ts';
import { yearsOf } from '../reports/filters.ts';
import type { Subject } from '../rollups/kept-answers.ts';
import type { AggregateQuery } from './queries.ts';
import { provincesOf, type RollupPlan, rollupPlan } from './rollup-plan.ts';
import { lastYears, yearsBefore } from './years.ts';

type Asked = AggregateQuery & { compute?: string[] };

/** Which reports an answer is about. Which years are the last is told by the reports of all provinces. */
function subjectOf({ year, compute }: Asked, plan: RollupPlan): Subject {
  if (lastYears(year) !== undefined) return { years: undefined, provinces: undefined };
  const years = yearsOf(year);
  const before = compute?.includes('change') ? yearsBefore(year) : [];
  return { years: years && [...years, ...yearsOf(before)!], provinces: provincesOf(plan) };
}

/**
 * The answer to a question about sums, or its JSON: what the rollups know all about is made once for as
 * long as no report changes that it is about. `name` tells the question from others with the same query.
 */
export async function keptAnswer<Answer>(
  app: App,
  name: string,
  query: Asked,
  make: () => Promise<Answer>,
): Promise<Answer | Buffer> {
  const groupBy = query.group_by ?? [];
  const plan = rollupPlan(query, groupBy);
  // Names of organs change without a report.
  if (plan === undefined || groupBy.includes('organ')) return make();
  // Where no year is named, those that have begun are meant.
  const question = JSON.stringify([name, yearInShanghai(), Object.entries(query).sort()]);
  return app.rollups.answer(question, make, () => subjectOf(query, plan));
}
