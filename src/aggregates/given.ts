import type { Aggregate, FormFigure } from './aggregate.ts';

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
