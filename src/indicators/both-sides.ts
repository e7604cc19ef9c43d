import { type RawBuilder, type SqlBool, sql } from 'kysely';
import type { Aggregate } from '../aggregates/aggregate.ts';
import type { Chosen } from './chosen.ts';

/** That the revision of `facts` has a number in any of the cells that are chosen. */
function isThere({ of, selection }: Chosen): RawBuilder<SqlBool> {
  const cells = selection.figures.map(({ keys }) => {
    const row = of.rowKeys.map((key) => sql`${sql.ref(`whole.${key}`)} = ${keys[key]}`);
    const column = sql.ref(`whole.${of.columnKey === undefined ? 'value' : keys[of.columnKey]}`);
    return sql`exists (select from ${sql.table(of.table)} as whole where whole.revision_id = facts.revision_id
      and ${sql.join([...row, sql`${column} is not null`], sql` and `)})`;
  });
  return sql`(${sql.join(cells, sql` or `)})`;
}

/**
 * An aggregate over only those reports that have a number on both sides. No rollup keeps which these are, so every
 * report is read.
 */
export const givenBothSides =
  (numerator: Chosen, denominator: Chosen) =>
  (aggregate: Aggregate): Aggregate => ({
    ...aggregate,
    conditional: true,
    cell: (column) => {
      const cell = aggregate.cell(column);
      const there = sql`${isThere(numerator)} and ${isThere(denominator)}`;
      return { ...cell, value: sql`case when ${there} then ${cell.value} end` };
    },
  });
