import type { Readable } from 'node:stream';
import type { TSchema } from 'typebox';

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
  /** A short body in this format, as an example; none where it is not text. */
  example?: string;
  /** Whether rows may have members within members, and are written as they are listed. */
  nests?: true;
  /** What callers may choose. */
  options: readonly (keyof FormatOptions)[];
  /**
   * Writes rows as they come: asks for more only when the reader takes more, and ends `rows` when the reader leaves.
   * `columns` are the members of every row, in order.
   */
  stream(rows: AsyncIterable<Row>, columns: readonly string[], options?: FormatOptions): Readable;
}

/** A key that names rows, with everything that rows have for it, in order; null where a row has none. */
export interface DatasetKey {
  key: string;
  label: string;
  /** What it stands for, where readers of cubes know what to do with it. */
  role?: 'time' | 'geo' | undefined;
  categories: readonly { value: Row[string]; label: string }[];
}

/** Members of rows that are figures. */
export interface DatasetMetric {
  metric: string;
  label: string;
  /** Absent where it is no quantity of anything; without `label` where a key of the rows says it. */
  unit?: { label?: string; decimals: number } | undefined;
  /** The status of a figure that is null. */
  missing(row: Row): string;
}

/** An answer as a cube: each row is one combination of the keys, and each cell one of its metrics. */
export interface Dataset {
  label: string;
  source: string;
  /** RFC 3339. */
  updated: string;
  keys: readonly DatasetKey[];
  metrics: readonly DatasetMetric[];
  /** What the dimension of the metrics is called. */
  metricLabel: string;
  /** What each status means. */
  statuses: Readonly<Record<string, string>>;
  rows: readonly Row[];
  /** Whatever else there is to say. */
  extension: Readonly<Record<string, unknown>>;
}

/** A way to write a whole answer at once, as JSON. Its operations are named as those of a `Format`. */
export interface DatasetFormat {
  suffix: string;
  description: string;
  /** A component: what `write` gives. */
  schema: TSchema & { $id?: string };
  write(dataset: Dataset): object;
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
