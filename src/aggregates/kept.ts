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
 * The reports that an answer depends on: their years and provinces, where undefined means all. Which years
 * are the last depends on reports of all provinces. What is above and below an organ depends on organs of any
 * province.
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
 * The answer to a question about published reports, or its JSON. It is made once and kept until something
 * changes that it depends on. `name` tells the question from others with the same query.
 */
export async function keptAnswer<Of extends object>(
  app: App,
  name: string,
  query: Asked,
  make: (sums: KeptSums) => Promise<Of>,
): Promise<Buffer | Of> {
  // A query without a year means all years up to the next one, and organs owe reports of those that have
  // ended. So the answer also depends on the current year.
  const question = JSON.stringify([name, yearInShanghai(), Object.entries(query).sort()]);
  return app.rollups.answer(question, make, () => subjectOf(query));
}
