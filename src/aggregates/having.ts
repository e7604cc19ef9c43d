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

const condition = /^([a-z_]+)(>=|<=|!=|=|>|<)(-?[0-9]+(?:[.][0-9]+)?)$/;
const tooLarge = /^-?[0-9]{16}/;
const tooExact = /[.][0-9]{16}/;

export interface Condition {
  member: string;
  /** One of those of SQL. */
  operator: string;
  /** A number in plain digits. */
  bound: string;
}

/** The parts of a condition; undefined where the text is none. */
export function readCondition(text: string): Condition | undefined {
  const [, member, operator, bound] = condition.exec(text) ?? [];
  return member === undefined ? undefined : { member, operator: operator!, bound: bound! };
}

/** Whether a row satisfies the condition; or, as text, what a right condition would be. `numbers` are the members it may name. */
export function conditionOf(text: string, numbers: readonly string[]): ((row: Row) => boolean) | string {
  const found = readCondition(text);
  if (found === undefined)
    return `must be a member, one of ${Object.keys(operators).join(' ')} and a number in plain digits, without spaces, such as ${numbers[0]}>=100`;
  const { member, operator, bound } = found;
  if (tooLarge.test(bound)) return `${bound} is too large: a number has at most 15 digits before the point`;
  if (tooExact.test(bound)) return `${bound} is too exact: a number has at most 15 decimals`;
  if (!numbers.includes(member))
    return `must begin with a number of this answer: ${numbers.join(', ')}${didYouMean(member, numbers)}`;
  const holds = operators[operator]!;
  const number = Number(bound);
  return (row) => row[member] !== null && holds(row[member] as number, number);
}
