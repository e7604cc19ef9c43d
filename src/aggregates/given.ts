import { type RawBuilder, type SqlBool, sql } from 'kysely';
import { every } from '../reports/filters.ts';
import type { Aggregate, AggregateCell, FormFigure } from './aggregate.ts';
import type { Selection } from './selection.ts';

/** Cells of one table: a report has them if it has a number in any. */
export interface Given {
  of: Aggregate;
  figures: readonly FormFigure[];
}

/** The row of the fact table and its column that a figure is in. */
export const addressOf = ({ rowKeys, columnKey }: Aggregate, { keys }: FormFigure) => ({
  row: rowKeys.map((key) => keys[key]).join('.'),
  column: columnKey === undefined ? 'value' : keys[columnKey]!,
});

/** That the revision of `facts` has them. */
function isThere({ of, figures }: Given): RawBuilder<SqlBool> {
  const cells = figures.map((figure) => {
    const row = of.rowKeys.map((key) => sql`${sql.ref(`whole.${key}`)} = ${figure.keys[key]}`);
    return sql`exists (select from ${sql.table(of.table)} as whole where whole.revision_id = facts.revision_id
      and ${sql.join([...row, sql`${sql.ref(`whole.${addressOf(of, figure).column}`)} is not null`], sql` and `)})`;
  });
  return sql`(${sql.join(cells, sql` or `)})`;
}

/** The cell in a column of `facts`, with a number only where its report has all that the selection asks to be there. */
export function cellOf(
  aggregate: Aggregate,
  { given = [] }: Selection,
  column: string | null,
): AggregateCell {
  const cell = aggregate.cell(column);
  if (given.length === 0) return cell;
  return { ...cell, value: sql`case when ${every(given.map(isThere))} then ${cell.value} end` };
}
