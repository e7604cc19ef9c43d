import type { Row } from '../formats/format.ts';
import { didYouMean } from '../http/near.ts';

/** `having`: conditions over the numbers of a row; all must hold, and a null satisfies none. */

const operators: Readonly<Record<string, (a: number, b: number) => boolean>> = {
  '>=': (a, b) => a >= b,
  '<=': (a, b) => a <= b,
  '!=': (a, b) => a !== b,
  '=': (a, b) => a === b,
  '>': (a, b) => a > b,
  '<': (a, b) => a < b,
};

const condition = /^([a-z_]+)(>=|<=|!=|=|>|<)(-?[0-9]{1,15}(?:[.][0-9]{1,15})?)$/;

/** Whether a row satisfies the condition; or, as text, what a right condition would be. `numbers` are the members it may name. */
export function conditionOf(text: string, numbers: readonly string[]): ((row: Row) => boolean) | string {
  const [, member = '', operator = '', number = ''] = condition.exec(text) ?? [];
  if (member === '')
    return `must be a member, one of ${Object.keys(operators).join(' ')} and a number in plain digits, without spaces, such as ${numbers[0]}>=100`;
  if (!numbers.includes(member))
    return `must begin with a number of this answer: ${numbers.join(', ')}${didYouMean(member, numbers)}`;
  const holds = operators[operator]!;
  const bound = Number(number);
  return (row) => row[member] !== null && holds(row[member] as number, bound);
}
