import { closestMatch } from 'leven';

/** Longer text is no slip of the pen, and dear to compare. */
const mostCharacters = 64;

/**
 * `; did you mean granted?` where one of the values is spelt nearly as what was given; otherwise nothing. `mostSlips` is
 * how many characters may differ: a third of a word, unless said otherwise.
 */
export function didYouMean(given: unknown, values: readonly unknown[], mostSlips?: number): string {
  if (typeof given !== 'string' || given.length < 2 || given.length > mostCharacters) return '';
  const near = closestMatch(given.toLowerCase(), values.map(String), {
    maxDistance: mostSlips ?? Math.ceil(given.length / 3),
  });
  return near === undefined ? '' : `; did you mean ${near}?`;
}
