import { type RawBuilder, sql } from 'kysely';
import { refs } from './refs.ts';

/** Rows as a parameter: an array a column, whatever the number of rows, so the statement stays the same. */

/** Types with the object id of their elements; `word` is text without spaces, quotes, commas and braces. */
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

/** An array as PostgreSQL's own binary format has it: quoting texts takes longer than everything else about them. */
function binaryArray(values: readonly (string | null)[], element: number): Buffer {
  const sizes = values.map((value) => (value === null ? -1 : Buffer.byteLength(value)));
  const bytes = Buffer.allocUnsafe(sizes.reduce((sum, size) => sum + 4 + Math.max(size, 0), headerBytes));
  // Dimensions, whether there are nulls, type of the elements, how many, index of the first.
  for (const [index, value] of [1, sizes.includes(-1) ? 1 : 0, element, values.length, 1].entries())
    bytes.writeInt32BE(value, 4 * index);
  let at = headerBytes;
  values.forEach((value, index) => {
    at = bytes.writeInt32BE(sizes[index]!, at);
    if (value !== null) at += bytes.write(value, at);
  });
  return bytes;
}

/** Values as a parameter: those of plain types as PostgreSQL writes an array. */
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

/** Rows as the table `given` of these columns; `valueIn` where a value is not the row's member of that name. */
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
