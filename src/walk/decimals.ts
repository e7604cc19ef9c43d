/**
 * Figures as whole numbers of units, so that sums are exact: ten-thousandths in the table with units, otherwise ones.
 */

/** The figures of one cell of the form, one for each report: a number of units, or one of the three values below. */
export type Figures = Float64Array;
export const blank = Number.NaN;
/** The row was not captured. */
export const absent = Number.POSITIVE_INFINITY;
/** An amount that has no unit. */
export const unknown = Number.NEGATIVE_INFINITY;

/** Doubles hold sums up to this exactly, also after one more number up to this is added. */
export const mostExact = 2 ** 52;

/** The most decimals that an amount has. */
export const decimalsOfAmount = 4;
export const unitsOfAmount = 10 ** decimalsOfAmount;

/** Takes a number of units that is too large to be added up exactly as a double. */
type Large = (units: bigint) => void;

/**
 * A `numeric` in PostgreSQL's binary format, as ten-thousandths; `absent` for NaN, `unknown` for Infinity. A number
 * that is too large goes to `large`, and 0 is returned for it.
 */
export function tenThousandths(data: Buffer, at: number, large: Large): number {
  const digits = data.readInt16BE(at);
  const weight = data.readInt16BE(at + 2);
  const sign = data.readUInt16BE(at + 4);
  if (sign === 0xc000) return absent;
  if (sign === 0xd000) return unknown;
  // Digits are of base 10,000. The first one counts 10,000 to the power of the weight.
  const isLarge = weight > 2 || (weight === 2 && data.readInt16BE(at + 8) >= 4500);
  let units = 0;
  let exact = 0n;
  for (let place = 0; place <= weight + 1; place++) {
    const digit = place < digits ? data.readInt16BE(at + 8 + 2 * place) : 0;
    if (isLarge) exact = exact * 10_000n + BigInt(digit);
    else units = units * 10_000 + digit;
  }
  if (weight < -1) return 0;
  const negative = sign === 0x4000;
  if (!isLarge) return negative ? -units : units;
  large(negative ? -exact : exact);
  return 0;
}

/** Units as a decimal number in which the last `decimals` digits stand after the point. */
export function withDecimals(units: bigint, decimals = decimalsOfAmount): string {
  const digits = String(units < 0n ? -units : units).padStart(decimals + 1, '0');
  return `${units < 0n ? '-' : ''}${digits.slice(0, -decimals)}.${digits.slice(-decimals)}`;
}
