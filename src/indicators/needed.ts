import { type RawBuilder, type SqlBool, sql } from 'kysely';
import { dimensions } from '../aggregates/dimensions.ts';
import { type Condition, conditionsBefore } from '../aggregates/having.ts';
import type { Refinement } from '../aggregates/refine.ts';
import { every } from '../reports/filters.ts';

/** Which of very many quotients an answer needs, told by the database in the very words and order of the answer. */
export interface Needed {
  conditions: readonly Condition[];
  /** The first of those that satisfy all conditions, in this order; undefined for all. */
  first: { count: number; order: readonly Order[] } | undefined;
}

interface Order {
  member: string;
  descending: boolean;
}

/** What a question needs, and no other rows; undefined where it may need any. `numbers` are those of a row. */
export function neededOf(
  groupBy: readonly string[],
  numbers: readonly string[],
  refinement: Refinement,
): Needed | undefined {
  const { compute = [], sort = ['-value'], top } = refinement;
  const conditions = conditionsBefore(refinement, numbers);
  if (conditions === undefined) return undefined;
  // By rank is by descending value, where all are ranked among each other.
  const order = sort
    .map((text) => (groupBy.length > 1 ? text : ({ rank: '-value', '-rank': 'value' }[text] ?? text)))
    .map((text) => ({ member: text.replace('-', ''), descending: text.startsWith('-') }));
  const isKnown = order.every(({ member }) => numbers.includes(member) || groupBy.includes(member));
  const [first] = order;
  // A rank is known from larger values.
  const isRanked = compute.length === 0 || (first!.member === 'value' && first!.descending);
  if (top !== undefined && isKnown && isRanked) return { conditions, first: { count: top, order } };
  return conditions.length > 0 ? { conditions, first: undefined } : undefined;
}

/** The rows of a relation that are needed; it has columns by the names of `keys`, and `numbers` are expressions over it. */
export function neededFrom(
  relation: string,
  groupBy: readonly string[],
  numbers: Readonly<Record<string, RawBuilder<unknown>>>,
  { conditions, first }: Needed,
  most: number,
): RawBuilder<unknown> {
  const holds = conditions.map(
    ({ member, operator, bound }) => sql<SqlBool>`${numbers[member]} ${sql.raw(operator)} ${bound}::float8`,
  );
  // As `sort` orders rows: by places where a key has them, otherwise by code.
  const orderOf = ({ member, descending }: Order) => {
    const places = dimensions[member]?.values;
    const key = sql.ref(`${relation}.${member}`);
    const value = numbers[member] ?? (places ? sql`array_position(${places}::text[], ${key}::text)` : key);
    return sql`${value} ${sql.raw(descending ? 'desc' : 'asc')} nulls last`;
  };
  const orders = [...(first?.order ?? []), ...groupBy.map((member) => ({ member, descending: false }))];
  return sql`(
    select * from ${sql.table(relation)} where ${every(holds)}
    ${first ? sql`order by ${sql.join(orders.map(orderOf))}` : sql``} limit ${Math.min(first?.count ?? most, most)})`;
}
