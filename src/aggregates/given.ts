import type { Aggregate, FormFigure } from './aggregate.ts';

/** Cells of one table. A report has them if it has a number in any of them. */
export interface Given {
  of: Aggregate;
  figures: readonly FormFigure[];
}

/** The row and the column of the fact table that a figure is in. */
export const addressOf = ({ columnKey }: Aggregate, { keys, row }: FormFigure) => ({
  row,
  column: columnKey === undefined ? 'value' : keys[columnKey]!,
});
