import { type TProperties, Type } from 'typebox';
import type { Row } from '../formats/format.ts';
import { faultsOf, Problem } from '../http/problem.ts';
import { yearsOf } from '../reports/filters.ts';
import { computations, computationsOf, computedMembers } from './computations.ts';
import { conditionOf, readCondition } from './having.ts';
import { type Compare, inTurn, type Places, readOrder, sortOf } from './sort.ts';
import { lastYears } from './years.ts';

/** What is done with the rows of an answer once they are there: computed over all of them, then left out, ordered, cut. */

export interface Refinement {
  compute?: string[];
  having?: string[];
  sort?: string[] | undefined;
  top?: number | undefined;
}

/** What the answer consists of before it is refined. */
export interface Shape {
  groupBy: readonly string[];
  /** Members of a row in order, without computed ones. */
  columns: readonly string[];
  /** Those of them that are numbers and no keys. */
  numbers: readonly string[];
  places: Places;
  /** The computations it may have, where not all. */
  computes?: readonly string[];
  /** One value less another, as exact as values are. */
  minus: (a: number, b: number) => number;
}

/** The order asked for: where only the first rows are, they are those with the largest value. */
export const ordersOf = ({ sort, top }: Pick<Refinement, 'sort' | 'top'>): string[] =>
  sort ?? (top === undefined ? [] : ['-value']);

export type Refine = (rows: readonly Row[], before?: readonly Row[]) => readonly Row[];

/** Most rows that `top` can ask for. */
export const mostTop = 10_000;

/** Query members of whatever answers in rows with a `value`. `names` are the computations it offers. */
export const refinementQuery = (
  names: readonly string[] = computations.map(({ name }) => name),
): TProperties => ({
  compute: Type.Optional(
    Type.Array(Type.Unsafe<string>({ type: 'string', enum: [...names] }), {
      minItems: 1,
      maxItems: 10,
      description: `Adds to every row: ${computationsOf(names)
        .map(({ name, members }) => `\`${name}\` (${Object.keys(members).join(', ')})`)
        .join(
          ', ',
        )}; over all rows of the answer, before \`having\` and \`top\` leave any out; shares and ranks within the same values of all keys of group_by but the last.`,
      examples: [['rank']],
    }),
  ),
  having: Type.Optional(
    Type.Array(Type.String({ maxLength: 100 }), {
      minItems: 1,
      maxItems: 20,
      description:
        'Only rows of which all this holds: a number of the row, one of `>=`, `>`, `<=`, `<`, `=`, `!=`, and a number. What is null satisfies none. In an address `>` and `<` are best written `%3E` and `%3C`.',
      examples: [['value>=100']],
    }),
  ),
  sort: Type.Optional(
    Type.Array(Type.String({ maxLength: 50 }), {
      minItems: 1,
      maxItems: 20,
      description:
        'Order of the rows: members of a row, each ascending or after a minus sign descending. Nulls come last; rows that are equal in these stand in the order of the keys.',
      examples: [['-value']],
    }),
  ),
  top: Type.Optional(
    Type.Integer({
      minimum: 1,
      maximum: mostTop,
      description:
        'Only so many of the first rows; without `sort` those with the largest `value`. Where organs are a key and no filter names any, it chooses as `having` does among more rows than an answer may have; not by `organ_name` or `reason`, nor among amounts of money; nor, with `q`, `published_since`, `under` or a town, by a change on a year that is not asked for or by an indicator.',
    }),
  ),
});

/**
 * What to do with the rows, which come in the order of their keys (`byKeys`) and stay as they are. Problem
 * `invalid-request` (400) with every fault: years that run backwards, a computation that means nothing with these keys, a
 * condition or an order by what is not in the answer.
 */
export function refinementOf(
  { year, compute, having, sort, top }: Refinement & { year?: string[] },
  shape: Shape,
): Refine {
  const { groupBy, places, minus } = shape;
  const computed = computedMembers(compute ?? []);
  const errors = faultsOf(() => lastYears(year) ?? yearsOf(year));
  const fault = (pointer: string, code: string, message: string) =>
    errors.push({ in: 'query', pointer, code, message });
  const accept =
    <T>(pointer: string, code: string) =>
    (found: T | string, index: number): T[] => {
      if (typeof found !== 'string') return [found];
      fault(`${pointer}/${index}`, code, found);
      return [];
    };
  for (const [index, name] of (compute ?? []).entries()) {
    const lacking = computationsOf([name])[0]?.lacks(groupBy);
    if (lacking !== undefined) fault(`/compute/${index}`, 'lacks-key', lacking);
  }
  /** Says of a member that is not there which computation adds it. */
  const lacked = (member = '') => {
    const adding = computationsOf(shape.computes).find(({ name }) =>
      computedMembers([name]).includes(member),
    );
    return adding && !computed.includes(member) ? `${member} needs compute=${adding.name}` : undefined;
  };
  const conditions = (having ?? [])
    .map((text) => lacked(readCondition(text)?.member) ?? conditionOf(text, [...shape.numbers, ...computed]))
    .flatMap(accept<(row: Row) => boolean>('/having', 'condition'));
  const orders = ordersOf({ sort, top })
    .map((text) => lacked(readOrder(text).member) ?? sortOf(text, [...shape.columns, ...computed], places))
    .flatMap(accept<Compare>('/sort', 'order'));
  if (errors.length > 0) throw new Problem('invalid-request', { errors });
  return (rows, before = []) => {
    let refined = rows;
    for (const each of computationsOf(compute ?? [])) {
      const members = each.compute(rows, groupBy, { before, minus });
      refined = refined.map((row, index) => ({ ...row, ...members[index] }));
    }
    if (conditions.length > 0) refined = refined.filter((row) => conditions.every((holds) => holds(row)));
    // Rows that are equal in these stay in the order of their keys.
    if (orders.length > 0) refined = refined.toSorted(inTurn(orders));
    return top === undefined ? refined : refined.slice(0, top);
  };
}
