/** Numbers as sums take them: units of a table, of which sums are whole numbers. */

/** Figures of one cell of the form: a number of units, or one of these. */
export type Figures = Float64Array;
export const blank = Number.NaN;
/** The row was not captured. */
export const absent = Number.POSITIVE_INFINITY;
/** An amount without a unit. */
export const unknown = Number.NEGATIVE_INFINITY;

/** So much is added up exactly by doubles, with one such number more. */
export const mostExact = 2 ** 52;

/** Amounts have no more. */
export const decimalsOfAmount = 4;
export const unitsOfAmount = 10 ** decimalsOfAmount;

/** Tells a number that is too large to be added up as a double, exactly. */
type Large = (units: bigint) => void;

/** `numeric` as it stands in binary, in ten-thousandths. A large number is told and 0 here. */
export function tenThousandths(data: Buffer, at: number, large: Large): number {
  const digits = data.readInt16BE(at);
  const weight = data.readInt16BE(at + 2);
  const sign = data.readUInt16BE(at + 4);
  if (sign === 0xc000) return absent;
  if (sign === 0xd000) return unknown;
  // Digits are of base 10,000: the first is of 10,000 to the power of the weight.
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

/** Units as a number of so many decimals. */
export function withDecimals(units: bigint, decimals = decimalsOfAmount): string {
  const digits = String(units < 0n ? -units : units).padStart(decimals + 1, '0');
  return `${units < 0n ? '-' : ''}${digits.slice(0, -decimals)}.${digits.slice(-decimals)}`;
}
