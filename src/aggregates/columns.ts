/** A table as a list of columns. A large one takes less memory than by row, and leaves less to collect. */
export type Columns = (string | number | boolean | null)[][];

/** About how much memory a table takes, in bytes. */
export const sizeOf = (columns: Columns): number =>
  columns.reduce((size, column) => size + column.length * (typeof column[0] === 'string' ? 32 : 8), 0);

/** How many rows there are. */
export const heightOf = (columns: Columns): number => columns[0]?.length ?? 0;

/** The rows at these places, in this order. */
export const rowsAt = (columns: Columns, places: readonly number[]): Columns =>
  columns.map((column) => places.map((place) => column[place]!));

/** The places of the rows for which `holds` is true. */
export const placesWhere = (columns: Columns, holds: (place: number) => boolean): number[] =>
  Array.from(columns[0] ?? [], (_, place) => place).filter(holds);

/** A small table as a list of rows. */
export const byRow = (columns: Columns): Columns =>
  (columns[0] ?? []).map((_, place) => columns.map((column) => column[place]!));
