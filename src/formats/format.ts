import type { Readable } from 'node:stream';

/** A flat row: text, numbers, or null for a blank. */
export type Row = Record<string, string | number | boolean | null>;

/** What people read instead of keys. */
export interface Labels {
  column(name: string): string;
  /** A member of a row; what is no key of the vocabulary is as it was. */
  cell(row: Row, column: string): Row[string];
}

export interface FormatOptions {
  /** CSV: begin with a byte order mark, by which Excel knows UTF-8. */
  bom?: boolean | undefined;
  /** CSV: labels in place of keys, in the header and in cells. */
  labels?: Labels | undefined;
}

/** A way to write rows. The operation of a resource in this format is its path with `.` and the suffix. */
export interface Format {
  suffix: string;
  media_type: string;
  /** What it is, for the reader of the OpenAPI document. */
  description: string;
  /** A short body in this format, as an example. */
  example: string;
  /** What callers may choose. */
  options: readonly (keyof FormatOptions)[];
  /**
   * Writes rows as they come: asks for more only when the reader takes more, and ends `rows` when the reader leaves.
   * `columns` are the members of every row, in order.
   */
  stream(rows: AsyncIterable<Row>, columns: readonly string[], options?: FormatOptions): Readable;
}

/** The members of a row that are columns, in their order. */
export const pick = (row: Row, columns: readonly string[]): Row =>
  Object.fromEntries(columns.map((column) => [column, row[column] ?? null]));

/** How many rows become one chunk of text: large enough to be cheap, small enough to stay in memory. */
export const rowsPerChunk = 200;

/** The rows in batches of `size`. */
export async function* batches(rows: AsyncIterable<Row>, size = rowsPerChunk): AsyncGenerator<Row[]> {
  let batch: Row[] = [];
  for await (const row of rows) {
    batch.push(row);
    if (batch.length < size) continue;
    yield batch;
    batch = [];
  }
  if (batch.length > 0) yield batch;
}
