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
  /** Whether the value of the member in a row satisfies the condition. */
  holds: (value: number | null) => boolean;
}

/** The member that a condition names, whether or not the answer has it; undefined where the text is no condition. */
export const memberOf = (text: string): string | undefined => condition.exec(text)?.[1];

/**
 * Reads a condition; where the text is not a valid one, returns as text what it must be. `numbers` are the
 * members that it may name.
 */
export function conditionOf(text: string, numbers: readonly string[]): Condition | string {
  const [, member, operator, bound] = condition.exec(text) ?? [];
  if (member === undefined || operator === undefined || bound === undefined)
    return `must be a member, one of ${Object.keys(operators).join(' ')} and a number in plain digits, without spaces, such as ${numbers[0]}>=100`;
  if (tooLarge.test(bound)) return `${bound} is too large: a number has at most 15 digits before the point`;
  if (tooExact.test(bound)) return `${bound} is too exact: a number has at most 15 decimals`;
  if (!numbers.includes(member))
    return `must begin with a number of this answer: ${numbers.join(', ')}${didYouMean(member, numbers)}`;
  const holds = operators[operator]!;
  const number = Number(bound);
  return { member, holds: (value) => value !== null && holds(value, number) };
}
