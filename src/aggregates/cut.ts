import { type RawBuilder, sql } from 'kysely';
import type { Aggregate } from './aggregate.ts';
import { isByColumn } from './cells.ts';
import type { Refinement } from './refine.ts';
import type { Selection } from './selection.ts';

/** The rows with the largest values, or the smallest: all that an answer needs that is ordered by them and cut. */
export interface Cut {
  count: number;
  descending: boolean;
}

/** What a question asks besides sums that needs no other rows than these; undefined where it may need any. */
export function cutOf(
  { hasUnits }: Aggregate,
  { groupBy, figures }: Selection,
  { compute = [], having, sort: [first = '-value'] = [], top }: Refinement,
): Cut | undefined {
  if (top === undefined || having !== undefined || compute.some((name) => name !== 'rank')) return undefined;
  // Amounts without a unit are counted over all rows.
  if (hasUnits && figures.some(({ unit }) => unit === '元' || unit === '万元')) return undefined;
  // All rows that rank above a row have a larger value.
  const descending = first === '-value' || (first === 'rank' && groupBy.length === 1);
  if (!descending && (first !== 'value' || compute.length > 0)) return undefined;
  return { count: top, descending };
}

/** The order of groups of which `values` are the sums in each column: by their value, or by the one of their cells that comes first. */
export function orderOf(
  aggregate: Aggregate,
  { groupBy }: Selection,
  { descending }: Cut,
  values: readonly RawBuilder<unknown>[],
): RawBuilder<unknown> {
  const [first, direction] = descending ? [sql`greatest`, sql`desc`] : [sql`least`, sql`asc`];
  // Where no column is chosen there is none.
  const some = [...values, sql`null::numeric`];
  const sum = sql.join(
    some.map((value) => sql`coalesce(${value}, 0)`),
    sql` + `,
  );
  const value = isByColumn(aggregate, groupBy)
    ? sql`${first}(${sql.join(some)})`
    : sql`case when coalesce(${sql.join(some)}) is not null then ${sum} end`;
  return sql`${value} ${direction} nulls last`;
}
