import type { Row } from '../formats/format.ts';
import { didYouMean } from '../http/near.ts';

/** Order of rows. Nulls come last, whichever way a member is sorted. */

export type Compare<Of = Row> = (a: Of, b: Of) => number;
type Value = string | number | boolean;

/** The order of a member's values, where it is not their natural one. */
export type Places = (member: string) => readonly string[] | undefined;

/** Compares values by their places in a list, if there is one. Nulls come last. */
export function byPlace(places: readonly string[] | undefined, sign: 1 | -1 = 1): Compare<Value | null> {
  const index = places && new Map(places.map((value, place) => [value, place]));
  const of = (value: Value): Value => (index ? index.get(value as string)! : value);
  return (one, other) => {
    if (one === other) return 0;
    if (one === null) return 1;
    if (other === null) return -1;
    return of(one) < of(other) ? -sign : sign;
  };
}

function byMember(member: string, places: readonly string[] | undefined): Compare {
  const compare = byPlace(places);
  return (a, b) => compare(a[member] ?? null, b[member] ?? null);
}

/** Compares by each in turn: the first that tells two rows apart decides. */
export const inTurn =
  <Of>(compares: readonly Compare<Of>[]): Compare<Of> =>
  (a, b) => {
    for (const compare of compares) {
      const order = compare(a, b);
      if (order !== 0) return order;
    }
    return 0;
  };

/** Compares rows by the keys of the answer: in the order of the form or the vocabulary where there is one. */
export const byKeys = (groupBy: readonly string[], places: Places): Compare =>
  inTurn(groupBy.map((key) => byMember(key, places(key))));

/** What rows are ordered by, and whether the largest come first. */
export interface Order {
  member: string;
  descending: boolean;
}

/** Reads a member of `sort`. */
export const readOrder = (text: string): Order => {
  const descending = text.startsWith('-');
  return { member: descending ? text.slice(1) : text, descending };
};

/**
 * Reads a member of `sort`; where it is not a valid one, returns as text what it must be. `columns` are the
 * members that it may name.
 */
export function sortOf(text: string, columns: readonly string[]): Order | string {
  const order = readOrder(text);
  if (columns.includes(order.member)) return order;
  return `must be a member of this answer, with a minus sign before it to begin with the largest: ${columns.join(', ')}${didYouMean(order.member, columns)}`;
}
