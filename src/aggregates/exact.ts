import type { Row } from '../formats/format.ts';
import { Problem } from '../http/problem.ts';
import { decimalsOfAmount, withDecimals } from '../walk/decimals.ts';

/** Sums are kept as text. What is made of them here is exact, or refused. */

/** An integer of at most this many digits is always exact as a JSON number. */
const safeDigits = 15;

/** The same number without zeros at the end of its decimals. */
const plainOf = (text: string) => (text.includes('.') ? text.replace(/\.?0+$/, '') : text);

/** The text as a JSON number of exactly this value; undefined where there is no such JSON number. */
function exactly(text: string): number | undefined {
  if (text.length <= safeDigits && !text.includes('.')) return Number(text);
  const plain = plainOf(text);
  const value = Number(plain);
  return Math.abs(value) <= Number.MAX_SAFE_INTEGER && String(value) === plain ? value : undefined;
}

/** Refuses a number that no JSON number holds exactly. Problem `not-additive` (422). */
function refuseLarge(what: string, text: string, advice: string): never {
  const detail = `${what} is ${plainOf(text)}, more than a JSON number holds exactly. ${advice}`;
  throw new Problem('not-additive', { detail });
}

/** What to do about a sum by these keys that is too large. */
const adviceFor = (keys: readonly string[]) =>
  keys.includes('organ')
    ? 'Leave it out by filters, as of years or rows: one organ hardly has so many, and its report should be corrected.'
    : 'Ask for smaller groups; group_by=organ and sort=-value show whose figures are so large.';

/**
 * A sum as an exact JSON number. A refusal names the sum by its keys, with their values in `row`. Problem
 * `not-additive` (422) where no JSON number is exact.
 */
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

/** `a - b` of two sums, exactly. Problem `not-additive` (422) where no JSON number is exact. */
export function difference(a: number, b: number): number {
  const quick = a - b;
  if (Number.isInteger(a) && Number.isInteger(b) && Number.isSafeInteger(quick)) return quick;
  const text = withDecimals(unitsOf(a) - unitsOf(b));
  const advice = 'Leave out compute=change, or choose years whose figures are not so large.';
  return exactly(text) ?? refuseLarge(`A change, of ${b} to ${a},`, text, advice);
}

/** `a + b` of two sums as text, whatever the number of their decimals. */
function addTexts(a: string, b: string): string {
  const fraction = Math.max(...[a, b].map((text) => text.split('.')[1]?.length ?? 0));
  if (fraction === 0) return String(BigInt(a) + BigInt(b));
  const whole = (text: string) => {
    const [integer, rest = ''] = text.split('.');
    return BigInt(`${integer}${rest.padEnd(fraction, '0')}`);
  };
  return withDecimals(whole(a) + whole(b), fraction);
}

/** Adds two sums as text, either of which may be missing; null where both are. */
export function plus(a: string | null, b: string | null): string | null {
  if (a === null || b === null) return a ?? b;
  return addTexts(a, b);
}
