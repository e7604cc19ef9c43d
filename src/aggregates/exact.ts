import type { Row } from '../formats/format.ts';
import { Problem } from '../http/problem.ts';
import { decimalsOfAmount, withDecimals } from '../walk/decimals.ts';

/** Sums are kept as text; what is made of them here stays exact, or is refused. */

/** An integer of no more digits is a JSON number. */
const safeDigits = 15;

/** A sum, of these keys of a row, as a JSON number, exactly; Problem `not-additive` (422) where no JSON number is. */
export function exactNumber(text: string, keys: readonly string[] = [], row: Row = {}): number {
  if (text.length <= safeDigits && !text.includes('.')) return Number(text);
  const plain = text.includes('.') ? text.replace(/\.?0+$/, '') : text;
  const value = Number(plain);
  if (!(Math.abs(value) <= Number.MAX_SAFE_INTEGER) || String(value) !== plain)
    throw new Problem('not-additive', {
      detail: `The sum${keys.length === 0 ? '' : ' of '}${keys.map((key) => `${key}=${row[key]}`).join(' and ')} is ${plain}, more than a JSON number holds exactly. Ask for smaller groups; group_by=organ and sort=-value show whose figures are so large.`,
    });
  return value;
}

const unitsOf = (amount: number): bigint => BigInt(amount.toFixed(decimalsOfAmount).replace('.', ''));

/** `a - b` of two sums, exactly. */
export function difference(a: number, b: number): number {
  const quick = a - b;
  if (Number.isInteger(a) && Number.isInteger(b) && Number.isSafeInteger(quick)) return quick;
  return exactNumber(withDecimals(unitsOf(a) - unitsOf(b)));
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
