import type { Row } from '../formats/format.ts';
import { Problem } from '../http/problem.ts';
import { decimalsOfAmount, withDecimals } from '../walk/decimals.ts';

/** Sums are kept as text; what is made of them here stays exact, or is refused. */

/** An integer of no more digits is a JSON number. */
const safeDigits = 15;

/** The same number in as few digits as it has. */
const plainOf = (text: string) => (text.includes('.') ? text.replace(/\.?0+$/, '') : text);

/** The text as a JSON number, exactly; undefined where no JSON number is. */
function exactly(text: string): number | undefined {
  if (text.length <= safeDigits && !text.includes('.')) return Number(text);
  const plain = plainOf(text);
  const value = Number(plain);
  return Math.abs(value) <= Number.MAX_SAFE_INTEGER && String(value) === plain ? value : undefined;
}

/** Problem `not-additive` (422). */
function refuseLarge(what: string, text: string, advice: string): never {
  const detail = `${what} is ${plainOf(text)}, more than a JSON number holds exactly. ${advice}`;
  throw new Problem('not-additive', { detail });
}

/** What to do about sums of these keys that are too large. */
const adviceFor = (keys: readonly string[]) =>
  keys.includes('organ')
    ? 'Leave it out by filters, as of years or rows: one organ hardly has so many, and its report should be corrected.'
    : 'Ask for smaller groups; group_by=organ and sort=-value show whose figures are so large.';

/** A sum, of these keys of a row, as a JSON number, exactly; Problem `not-additive` (422) where no JSON number is. */
export function exactNumber(
  text: string,
  keys: readonly string[] = [],
  row: Row = {},
  advice = adviceFor(keys),
): number {
  const named = keys.map((key) => `${key}=${row[key]}`).join(' and ');
  return exactly(text) ?? refuseLarge(`The sum${named && ` of ${named}`}`, text, advice);
}

const unitsOf = (amount: number): bigint => BigInt(amount.toFixed(decimalsOfAmount).replace('.', ''));

/** `a - b` of two sums, exactly. */
export function difference(a: number, b: number): number {
  const quick = a - b;
  if (Number.isInteger(a) && Number.isInteger(b) && Number.isSafeInteger(quick)) return quick;
  const text = withDecimals(unitsOf(a) - unitsOf(b));
  const advice = 'Leave out compute=change, or choose years whose figures are not so large.';
  return exactly(text) ?? refuseLarge(`A change, of ${b} to ${a},`, text, advice);
}

/** `a + b` of two sums as text, whatever their decimals. */
function addTexts(a: string, b: string): string {
  const fraction = Math.max(...[a, b].map((text) => text.split('.')[1]?.length ?? 0));
  if (fraction === 0) return String(BigInt(a) + BigInt(b));
  const whole = (text: string) => {
    const [integer, rest = ''] = text.split('.');
    return BigInt(`${integer}${rest.padEnd(fraction, '0')}`);
  };
  return withDecimals(whole(a) + whole(b), fraction);
}

/** Adds sums of two columns; null where neither holds a number. */
export function plus(a: string | null, b: string | null): string | null {
  if (a === null || b === null) return a ?? b;
  return addTexts(a, b);
}
