import type { Readable } from 'node:stream';

/** A flat row: text, numbers, or null for a blank. */
export type Row = Record<string, string | number | boolean | null>;

export interface FormatOptions {
  /** CSV: begin with a byte order mark, by which Excel knows UTF-8. */
  bom?: boolean;
}

/** A way to write rows. The operation of a resource in this format is its path with `.` and the suffix. */
export interface Format {
  suffix: string;
  media_type: string;
  /** What it is, for the reader of the OpenAPI document. */
  description: string;
  /** A short body in this format, as an example. */
  example: string;
  /**
   * Writes rows as they come: asks for more only when the reader takes more, and ends `rows` when the reader leaves.
   * `columns` are the members of every row, in order.
   */
  stream(rows: AsyncIterable<Row>, columns: readonly string[], options?: FormatOptions): Readable;
}

/** How many rows become one chunk of output: large enough to be cheap, small enough to stay in memory. */
export const rowsPerChunk = 200;

/** The members of a row that are columns, in their order. */
export const pick = (row: Row, columns: readonly string[]): Row =>
  Object.fromEntries(columns.map((column) => [column, row[column] ?? null]));

/** The rows in batches of `rowsPerChunk`. */
export async function* batches(rows: AsyncIterable<Row>): AsyncGenerator<Row[]> {
  let batch: Row[] = [];
  for await (const row of rows) {
    batch.push(row);
    if (batch.length < rowsPerChunk) continue;
    yield batch;
    batch = [];
  }
  if (batch.length > 0) yield batch;
}
