import type { Aggregate } from './aggregate.ts';
import type { Columns } from './columns.ts';
import { dimensions } from './dimensions.ts';
import type { Selection } from './selection.ts';

/**
 * At which place of a row of sums each value stands. The rows are combinations of the keys that are no column
 * of the fact table. Sums are text, so that none is rounded.
 */
export interface Layout {
  /** Keys, which come first: those of reports and organs, then the aggregate's own. */
  keys: readonly string[];
  /** Places of the number of fact rows added up, and of the number of reports. */
  rows: number;
  reports: number;
  /**
   * For each chosen column, the places of its sum, of its blanks and, where cells have units, of amounts
   * without one.
   */
  columns: readonly { column: string | null; sum: number; blank: number; unknown: number | undefined }[];
  /** Place of the organ's name, where organs are a key. */
  organName: number;
}

export function layoutOf({ columnKey, hasUnits }: Aggregate, { groupBy, columns }: Selection): Layout {
  const keys = [
    ...groupBy.filter((key) => key in dimensions),
    ...groupBy.filter((key) => !(key in dimensions) && key !== columnKey),
  ];
  const [first, width] = [keys.length + 2, hasUnits ? 3 : 2];
  return {
    keys,
    rows: first - 2,
    reports: first - 1,
    columns: columns.map((column, index) => {
      const sum = first + index * width;
      return { column, sum, blank: sum + 1, unknown: hasUnits ? sum + 2 : undefined };
    }),
    organName: first + columns.length * width,
  };
}

/** The sum of one column in a row; null where none of the cells added up holds a number. */
export function sumAt(
  rows: Columns,
  place: number,
  layout: Layout,
  column: Layout['columns'][number],
): string | null {
  const missing =
    (rows[column.blank]![place] as number) +
    (column.unknown === undefined ? 0 : (rows[column.unknown]![place] as number));
  return (rows[layout.rows]![place] as number) > missing ? (rows[column.sum]![place] as string | null) : null;
}
