import { CompiledQuery, type RawBuilder, sql } from 'kysely';
import type { TakeCopied } from '../db/client.ts';
import type { Db } from '../db/database.ts';

/**
 * Takes one row: where each field begins in `data`, and its length in bytes, -1 for null. After the call the arrays
 * are used again and the data is overwritten.
 */
type OfRow = (data: Buffer, at: Int32Array, length: Int32Array) => void;

/** The fixed header before the rows, in bytes. Its last four bytes say how long the extension is that follows it. */
const header = 19;

/**
 * Calls `ofRow` for each row that a statement selects, with `fields` fields each. Rows come in PostgreSQL's binary
 * format, so that millions of numbers are neither written out as text nor parsed. Throws a RangeError if the
 * statement has parameters, which `copy` does not take.
 */
export async function eachCopied(
  db: Db,
  select: RawBuilder<unknown>,
  fields: number,
  ofRow: OfRow,
): Promise<void> {
  const { sql: text, parameters } = select.compile(db);
  if (parameters.length > 0) throw new RangeError(`copy takes no parameters: ${text}`);
  const at = new Int32Array(fields);
  const length = new Int32Array(fields);
  let isFirst = true;
  /** Each piece holds whole rows. After the last row comes the number of fields -1, which ends the loop. */
  const take: TakeCopied = (piece) => {
    let place = isFirst ? header + piece.readInt32BE(header - 4) : 0;
    isFirst = false;
    while (place < piece.length && piece.readInt16BE(place) === fields) {
      place += 2;
      for (let field = 0; field < fields; field++) {
        const size = piece.readInt32BE(place);
        place += 4;
        at[field] = place;
        length[field] = size;
        if (size > 0) place += size;
      }
      ofRow(piece, at, length);
    }
  };
  await db.executeQuery(CompiledQuery.raw(`copy (${text}) to stdout (format binary)`, [take]));
}

/** The number that is written here in digits; 0 where there are none. */
export function digitsAt(data: Buffer, at: number, length: number): number {
  let number = 0;
  for (let place = at; place < at + length; place++) number = 10 * number + data[place]! - 48;
  return number;
}

/** Values as SQL literals, each once, with commas between: a statement for `copy` takes no parameters. */
export const literals = (values: Iterable<string | number>): RawBuilder<unknown> =>
  sql.join([...new Set(values)].map((value) => sql.lit(value)));

/** How many elements the array that begins here has, and where the length of the first one stands. */
export const arrayAt = (data: Buffer, at: number): { amount: number; first: number } =>
  data.readInt32BE(at) === 0
    ? { amount: 0, first: at + 12 }
    : { amount: data.readInt32BE(at + 12), first: at + 20 };

/** Stands for no day among numbers of days. */
export const noDay = -(2 ** 31);

/** A date (`YYYY-MM-DD`) as the number of days since 2000-01-01, as PostgreSQL counts them. */
export const dayOf = (date: string): number => (Date.parse(date) - Date.parse('2000-01-01')) / 86_400_000;

/** The date of such a number. */
const dateOf = (day: number): Date => new Date(Date.parse('2000-01-01') + day * 86_400_000);

/** The year of such a number. */
export const yearOf = (day: number): number => dateOf(day).getUTCFullYear();

const months = new Map<number, string>();

/** The month of such a number, as `YYYY-MM`; null for `noDay`. */
export function monthOf(day: number): string | null {
  if (day === noDay) return null;
  const month = months.get(day) ?? dateOf(day).toISOString().slice(0, 7);
  if (!months.has(day)) months.set(day, month);
  return month;
}

/** The length of an id in bytes. */
export const idSize = 16;

/** A buffer that grows as bytes are added. */
export class Growing {
  #bytes = Buffer.alloc(64 * idSize);
  #size = 0;

  /** Adds `length` bytes of `data` from `at` on; as many zeros where there is no `data`. */
  push(data: Buffer | undefined, at: number, length: number): void {
    if (this.#size + length > this.#bytes.length)
      this.#bytes = Buffer.concat([this.#bytes], 2 * this.#bytes.length);
    if (data) data.copy(this.#bytes, this.#size, at, at + length);
    else this.#bytes.fill(0, this.#size, this.#size + length);
    this.#size += length;
  }

  all(): Buffer {
    return Buffer.from(this.#bytes.subarray(0, this.#size));
  }
}
