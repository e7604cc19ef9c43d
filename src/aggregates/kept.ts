import type { App } from '../http/app-type.ts';
import { yearInShanghai } from '../http/calendar.ts';
import { yearsOf } from '../reports/filters.ts';
import type { Subject } from '../rollups/kept-answers.ts';
import type { KeptSums } from '../rollups/reader.ts';
import type { AggregateQuery } from './queries.ts';
import { provincesIn } from './rollup-plan.ts';
import { lastYears, yearsBefore } from './years.ts';

type Asked = AggregateQuery & { compute?: string[] };

/**
 * Which reports an answer is about. Which years are the last is told by the reports of all provinces, and what is above
 * and below an organ by organs of any.
 */
function subjectOf(asked: Asked): Subject {
  const { year, compute, organ_id, under, division } = asked;
  if (lastYears(year) !== undefined) return { years: undefined, provinces: undefined };
  const years = yearsOf(year);
  const before = compute?.includes('change') ? yearsBefore(year) : [];
  const provinces = organ_id || under ? undefined : division && provincesIn(division);
  return { years: years && [...years, ...yearsOf(before)!], provinces };
}

/**
 * The answer to a question about what is published, or its JSON: made once for as long as nothing changes that it is about.
 * `name` tells the question from others with the same query.
 */
export async function keptAnswer<Of extends object>(
  app: App,
  name: string,
  query: Asked,
  make: (sums: KeptSums) => Promise<Of>,
): Promise<Buffer | Of> {
  // Where no year is named, those up to the next one are meant, and reports of those that have ended are owed.
  const question = JSON.stringify([name, yearInShanghai(), Object.entries(query).sort()]);
  return app.rollups.answer(question, make, () => subjectOf(query));
}
