import type { Aggregate, FormFigure } from './aggregate.ts';

/** Cells of one table: a report has them if it has a number in any. */
export interface Given {
  of: Aggregate;
  figures: readonly FormFigure[];
}

/** The row of the fact table and its column that a figure is in. */
export const addressOf = ({ columnKey }: Aggregate, { keys, row }: FormFigure) => ({
  row,
  column: columnKey === undefined ? 'value' : keys[columnKey]!,
});
