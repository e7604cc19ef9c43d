import { closestMatch } from 'leven';

/** Longer text is no slip of the pen, and slow to compare. */
const mostCharacters = 64;

/**
 * `; did you mean granted?` where one of the values is spelt almost like the given text; otherwise ''.
 * `mostSlips` is how many characters may differ: a third of the given text, unless said otherwise.
 */
export function didYouMean(given: unknown, values: readonly unknown[], mostSlips?: number): string {
  if (typeof given !== 'string' || given.length < 2 || given.length > mostCharacters) return '';
  const near = closestMatch(given.toLowerCase(), values.map(String), {
    maxDistance: mostSlips ?? Math.ceil(given.length / 3),
  });
  return near === undefined ? '' : `; did you mean ${near}?`;
}
