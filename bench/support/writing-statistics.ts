/** Medians and spreads of a few measurements. */

export interface Spread {
  median: number;
  least: number;
  most: number;
}

const at = (sorted: readonly number[], share: number): number =>
  sorted[Math.min(sorted.length - 1, Math.floor(sorted.length * share))] ?? Number.NaN;

export function spreadOf(values: readonly number[]): Spread {
  const sorted = [...values].sort((a, b) => a - b);
  return { median: at(sorted, 0.5), least: sorted[0] ?? Number.NaN, most: sorted.at(-1) ?? Number.NaN };
}

export const percentile = (values: readonly number[], share: number): number =>
  at(
    [...values].sort((a, b) => a - b),
    share,
  );

/** `438 (401–460)` */
export const shown = ({ median, least, most }: Spread, digits = 0): string =>
  `${median.toFixed(digits)} (${least.toFixed(digits)}–${most.toFixed(digits)})`;
