import { numbers } from '../../test/support/generated-reports.ts';

/** Chance without a clock: whatever is drawn follows from a seed. */

/** Draws a whole number from 0 to below `bound`. */
export type Below = (bound: number) => number;

/** A 32-bit hash of whole numbers. */
export function mix(...values: readonly number[]): number {
  let hash = 0x9e3779b9;
  for (const value of values) {
    hash = Math.imul(hash ^ (value >>> 0), 0x85ebca6b);
    hash = Math.imul(hash ^ (hash >>> 13), 0xc2b2ae35);
    hash ^= hash >>> 16;
  }
  return hash >>> 0;
}

/** A stream of draws of its own for whatever the values stand for. */
export const drawsOf = (...values: readonly number[]): Below => numbers(mix(...values));

/** Whether something that happens at `rate` (0 to 1, exact to a ten-thousandth) happens. */
export const chance = (below: Below, rate: number): boolean => below(10_000) < rate * 10_000;

export const pick = <T>(below: Below, values: readonly T[]): T => values[below(values.length)]!;

/**
 * Draws a whole number near a mean, from half of it to one and a half times it. A fraction is the chance of one more.
 */
export const around = (below: Below, mean: number): number =>
  Math.floor(mean * (0.5 + below(1000) / 1000) + below(1000) / 1000);

/** Draws an index in proportion to whole weights. */
export function weighted(weights: readonly number[]): (below: Below) => number {
  const indexes = weights.flatMap((weight, index) => new Array<number>(weight).fill(index));
  return (below) => pick(below, indexes);
}
