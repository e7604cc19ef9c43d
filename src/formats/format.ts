import type { Readable } from 'node:stream';
import type { TSchema } from 'typebox';

/** A flat row: text, numbers, true or false, and null for a blank. */
export type Row = Record<string, string | number | boolean | null>;

/** What people read instead of keys. */
export interface Labels {
  column(name: string): string;
  /** A member of a row. What is no key of the vocabulary stays as it is. */
  cell(row: Row, column: string): Row[string];
}

export interface FormatOptions {
  /** CSV: begin with a byte order mark, by which Excel knows UTF-8. */
  bom?: boolean | undefined;
  /** CSV: labels in place of keys, in the header and in cells. */
  labels?: Labels | undefined;
}

/**
 * A way to write rows. The operation of a resource in this format has the resource's path with `.` and the
 * suffix.
 */
export interface Format {
  suffix: string;
  media_type: string;
  /** What the format is, for readers of the OpenAPI document. */
  description: string;
  /** A short body in this format, as an example; none where it is not text. */
  example?: string;
  /** Whether rows may have members within members; these are then written as in the pages of a list. */
  nests?: true;
  /** The options that callers may choose. */
  options: readonly (keyof FormatOptions)[];
  /**
   * Writes rows as they come: asks for more only when the reader takes more, and ends `rows` when the reader
   * leaves. `columns` are the members of every row, in order.
   */
  stream(rows: AsyncIterable<Row>, columns: readonly string[], options?: FormatOptions): Readable;
}

/** A key that names rows, with all values that rows have for it, in order. A null stands for rows without a value. */
export interface DatasetKey {
  key: string;
  label: string;
  /** What the key stands for, where readers of cubes know how to use that. */
  role?: 'time' | 'geo' | undefined;
  categories: readonly { value: Row[string]; label: string }[];
}

/** A member of rows that is a figure. */
export interface DatasetMetric {
  metric: string;
  label: string;
  /** Absent where the figure is no quantity of anything. Without `label` where a key of the rows names the unit. */
  unit?: { label?: string; decimals: number } | undefined;
  /** The status of the figure in a row where it is null. */
  missing(row: Row): string;
}

/** An answer as a cube. Each row is one combination of the keys, and each cell is one of its metrics. */
export interface Dataset {
  label: string;
  source: string;
  /** The moment that the data is of, as in RFC 3339. */
  updated: string;
  keys: readonly DatasetKey[];
  metrics: readonly DatasetMetric[];
  /** The name of the dimension of the metrics. */
  metricLabel: string;
  /** What each status means. */
  statuses: Readonly<Record<string, string>>;
  rows: readonly Row[];
  /** Whatever else the answer says. */
  extension: Readonly<Record<string, unknown>>;
}

/** A way to write a whole answer at once, as JSON. Its operations are named like those of a `Format`. */
export interface DatasetFormat {
  suffix: string;
  description: string;
  /** The component that describes what `write` gives. */
  schema: TSchema & { $id?: string };
  write(dataset: Dataset): object;
}

/** The members of a row that these columns name, in their order; null where the row has none. */
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
