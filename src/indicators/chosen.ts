import type { AggregateQuery } from '../aggregates/queries.ts';
import { type Selection, select } from '../aggregates/selection.ts';
import type { Term } from './indicator.ts';

/** A term as a query asks for it. */
export interface Chosen {
  term: Term;
  query: AggregateQuery;
  selection: Selection;
}

/** What each term adds up. Problems `not-additive` and `not-comparable` (422). */
export const chosen = (terms: readonly Term[], query: AggregateQuery): Chosen[] =>
  terms.map((term) => {
    const own = { ...query, ...term.cells } as AggregateQuery;
    return { term, query: own, selection: select(term.of, own) };
  });
