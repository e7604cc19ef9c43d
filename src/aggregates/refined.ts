import { type RawBuilder, type SqlBool, sql } from 'kysely';
import { every } from '../reports/filters.ts';
import { mostCells } from './cells.ts';
import { computationsOf, computedMembers } from './computations.ts';
import { sameKey } from './dimensions.ts';
import { readCondition } from './having.ts';
import { ordersOf, type Refinement, type Shape } from './refine.ts';
import { readOrder } from './sort.ts';

/** What is done with rows besides adding them up, for where there are too many to send. */
export interface Refining {
  refinement: Refinement;
  shape: Shape;
}

/**
 * The rows of a relation, refined by the database as `refinementOf` does it, with what is computed, in order; of too many
 * only as many as tell that they are. The relation has columns by the names of keys and numbers; its rows of other years
 * than those `asked` only say what these have changed from. Undefined where nothing leaves rows out, or where what does is
 * not known by the relation.
 */
export function refinedFrom(
  relation: string,
  { refinement, shape }: Refining,
  asked?: readonly number[],
): RawBuilder<unknown> | undefined {
  const { compute = [], having = [], top } = refinement;
  const { groupBy, numbers, places } = shape;
  const members = [...numbers, ...computedMembers(compute)];
  const orders = [...ordersOf(refinement), ...groupBy].map(readOrder);
  if (top === undefined && having.length === 0) return undefined;
  if (!orders.every(({ member }) => [...groupBy, ...members].includes(member))) return undefined;
  const ref = (of: string) => (member: string) => sql.ref(`${of}.${member}`);
  const [now, before] = [ref('present'), ref('before')];
  const isSame = (key: string) =>
    key === 'year' ? sql`${before(key)} = ${now(key)} - 1` : sameKey(key, before(key), now(key));
  const others = groupBy.slice(0, -1).map(now);
  const values = {
    value: now('value'),
    before: before('value'),
    group: others.length === 0 ? sql`` : sql`partition by ${sql.join(others)}`,
  };
  const computed = computationsOf(compute).flatMap(({ expressions }) =>
    Object.entries(expressions(values)).map(
      ([member, expression]) => sql`${expression} as ${sql.id(member)}`,
    ),
  );
  const holds = having.map(readCondition).map((condition) => {
    const { member, operator, bound } = condition!;
    return sql<SqlBool>`${sql.id(member)} ${sql.raw(operator)} ${bound}::float8`;
  });
  const ordered = orders.map(({ member, descending }) => {
    const codes = places(member);
    const value = codes ? sql`array_position(${codes}::text[], ${sql.id(member)}::text)` : sql.id(member);
    return sql`${value} ${sql.raw(descending ? 'desc' : 'asc')} nulls last`;
  });
  return sql`(
    select * from (
      select ${sql.join([sql`present.*`, ...computed])}
      from ${sql.table(relation)} as present ${
        compute.includes('change')
          ? sql`left join ${sql.table(relation)} as before on ${every(groupBy.map((key) => sql<SqlBool>`${isSame(key)}`))}`
          : sql``
      }
      where ${asked ? sql`${now('year')} = any(${asked}::int[])` : sql`true`}
    ) as computed
    where ${every(holds)} ${ordered.length === 0 ? sql`` : sql`order by ${sql.join(ordered)}`} limit ${top ?? mostCells + 1})`;
}

/** Refined rows as one JSON value: an array of each of these expressions over them, in their order, which a join would lose. */
export const refinedJson = (
  refined: RawBuilder<unknown>,
  columns: readonly RawBuilder<unknown>[],
): RawBuilder<unknown> =>
  sql`(select json_build_array(${sql.join(columns.map((column) => sql`coalesce(json_agg(${column}), '[]')`))}) from ${refined} as refined)`;
