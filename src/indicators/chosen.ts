import type { Aggregate } from '../aggregates/aggregate.ts';
import type { Given } from '../aggregates/given.ts';
import type { AggregateQuery } from '../aggregates/queries.ts';
import { choose, type Selection, select } from '../aggregates/selection.ts';
import type { Term } from './indicator.ts';

/** A side of an indicator as a query asks for it. */
export interface Chosen {
  of: Aggregate;
  query: AggregateQuery;
  selection: Selection;
}

/** The filters of all terms together: by key, the values that any term has. */
const united = (terms: readonly Term[]): Record<string, string[]> => {
  const keys = new Set(terms.flatMap(({ cells }) => Object.keys(cells)));
  return Object.fromEntries(
    [...keys].map((key) => [key, [...new Set(terms.flatMap(({ cells }) => cells[key] ?? []))]]),
  );
};

/**
 * What the terms of a side add up, as one sum. The terms are of one table and filter by the same keys. Problems
 * `not-additive` and `not-comparable` (422) where one of them is no sum.
 */
export function chosen(terms: readonly Term[], query: AggregateQuery): Chosen {
  for (const { of, cells } of terms) select(of, { ...query, ...cells } as AggregateQuery);
  const own = { ...query, ...united(terms) } as AggregateQuery;
  const { of } = terms[0]!;
  return { of, query: own, selection: choose(of, own) };
}

/** What a report must have to count on both sides: a number on each. */
export const givenOf = (sides: readonly Chosen[]): Given[] =>
  sides.map(({ of, selection: { figures } }) => ({ of, figures }));
