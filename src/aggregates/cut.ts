import { type RawBuilder, type SqlBool, sql } from 'kysely';
import { every } from '../reports/filters.ts';
import type { Aggregate } from './aggregate.ts';
import { isByColumn } from './cells.ts';
import { sumOf } from './chosen.ts';
import { type Condition, conditionsBefore } from './having.ts';
import type { Refinement } from './refine.ts';
import type { Selection } from './selection.ts';

/** Which of very many rows an answer needs: those of which the value satisfies all conditions, and of these the first. */
export interface Cut {
  conditions: readonly Condition[];
  /** Those with the largest values, or the smallest; undefined for all. */
  first: { count: number; descending: boolean } | undefined;
}

/** What a question asks besides sums that needs no other rows than these; undefined where it may need any. */
export function cutOf(
  { hasUnits }: Aggregate,
  { groupBy, figures }: Selection,
  refinement: Refinement,
): Cut | undefined {
  const { compute = [], sort: [order = '-value'] = [], top } = refinement;
  // Amounts without a unit are counted over all rows.
  if (hasUnits && figures.some(({ unit }) => unit === '元' || unit === '万元')) return undefined;
  const conditions = conditionsBefore(refinement, ['value']);
  if (conditions === undefined) return undefined;
  const descending = order === '-value' || (order === 'rank' && groupBy.length === 1);
  const isByValue = descending || (order === 'value' && compute.length === 0);
  const first = top !== undefined && isByValue ? { count: top, descending } : undefined;
  return first || conditions.length > 0 ? { conditions, first } : undefined;
}

/**
 * The rows of the relation `summed` that a cut needs, `sums` being those of each column, and all that are equal to the last
 * of the first. Where there is no first one it gives up after `most`.
 */
export function cutFrom(
  aggregate: Aggregate,
  { groupBy }: Selection,
  { conditions, first }: Cut,
  sums: readonly RawBuilder<unknown>[],
  most: number,
): RawBuilder<unknown> {
  // Where no column is chosen there is none.
  const values =
    sums.length === 0 ? [sql`null::numeric`] : isByColumn(aggregate, groupBy) ? sums : [sumOf(sums)];
  const satisfied = (value: RawBuilder<unknown>) =>
    every(
      conditions.map(({ operator, bound }) => sql<SqlBool>`${value} ${sql.raw(operator)} ${bound}::numeric`),
    );
  const wanted = sql.join(values.map((value) => sql`case when ${satisfied(value)} then ${value} end`));
  const [best, direction] = first?.descending ? [sql`greatest`, sql`desc`] : [sql`least`, sql`asc`];
  return sql`(
    select * from summed where ${conditions.length === 0 ? sql`true` : sql`coalesce(${wanted}) is not null`}
    ${
      first
        ? sql`order by ${best}(${wanted}) ${direction} nulls last fetch first ${sql.lit(first.count)} rows with ties`
        : sql`limit ${most}`
    })`;
}
