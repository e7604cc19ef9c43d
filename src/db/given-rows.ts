import { type RawBuilder, sql } from 'kysely';
import { refs } from './refs.ts';

/** Passes rows as parameters, one array for each column: so the statement is the same whatever the number of rows. */

/**
 * The types of columns. A number is the object id of the elements of an array that is sent in binary. `plain` values
 * are sent as text and need no quotes; so `word` is text without spaces, quotes, commas and braces.
 */
const types = {
  uuid: 'plain',
  integer: 'plain',
  bigint: 'plain',
  numeric: 'plain',
  date: 'plain',
  timestamptz: 'plain',
  word: 'plain',
  text: 25,
  json: 114,
} as const;
export type GivenType = keyof typeof types;
/** The columns of given rows. */
export type GivenColumns = Record<string, GivenType>;

const headerBytes = 20;

/** An array in PostgreSQL's binary format: quoting texts would take longer than everything else about them. */
function binaryArray(values: readonly (string | null)[], element: number): Buffer {
  const sizes = values.map((value) => (value === null ? -1 : Buffer.byteLength(value)));
  const bytes = Buffer.allocUnsafe(sizes.reduce((sum, size) => sum + 4 + Math.max(size, 0), headerBytes));
  // The header: number of dimensions, whether there are nulls, type of the elements, how many there are, index of the
  // first.
  for (const [index, value] of [1, sizes.includes(-1) ? 1 : 0, element, values.length, 1].entries())
    bytes.writeInt32BE(value, 4 * index);
  let at = headerBytes;
  values.forEach((value, index) => {
    at = bytes.writeInt32BE(sizes[index]!, at);
    if (value !== null) at += bytes.write(value, at);
  });
  return bytes;
}

/** The values of a column as one parameter: plain ones as the text of an array, others in binary. */
function arrayOf<T>(type: GivenType, rows: readonly T[], valueFor: (row: T) => unknown): string | Buffer {
  const element = types[type];
  if (rows.length === 0) return '{}';
  if (element === 'plain') return `{${rows.map((row) => valueFor(row) ?? 'null').join(',')}}`;
  return binaryArray(
    rows.map((row) => (valueFor(row) ?? null) as string | null),
    element,
  );
}

const sqlType = (type: GivenType) => sql.raw(type === 'word' ? 'text' : type);

/**
 * SQL for rows as a table `given` with these columns. `valueIn` is for values that are not the row's member of that
 * name.
 */
export function givenRows<T extends object>(
  columns: GivenColumns,
  rows: readonly T[],
  valueIn: (row: T, name: string) => unknown = (row, name) => row[name as keyof T],
): RawBuilder<unknown> {
  const arrays = Object.entries(columns).map(
    ([name, type]) => sql`${arrayOf(type, rows, (row) => valueIn(row, name))}::${sqlType(type)}[]`,
  );
  return sql`unnest(${sql.join(arrays)}) as given (${refs(Object.keys(columns))})`;
}
