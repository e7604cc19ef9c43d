import { CompiledQuery, type RawBuilder, sql } from 'kysely';
import type { TakeCopied } from '../db/client.ts';
import type { Db } from '../db/database.ts';

/**
 * Where the fields of a row begin, and how long each is: -1 where it is null. The same arrays for each row, and data that is
 * overwritten after it.
 */
type OfRow = (data: Buffer, at: Int32Array, length: Int32Array) => void;

/** Bytes before the first row, and before an extension of them that says how long it is. */
const header = 19;

/**
 * Goes through what a statement selects, so many fields a row, in PostgreSQL's binary format: millions of numbers are neither
 * written out as text nor parsed. The statement has no parameters, which `copy` does not take.
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
  /** Each piece holds rows that are whole; the last row is one of no fields. */
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

/** A number in digits; 0 where there is none. */
export function digitsAt(data: Buffer, at: number, length: number): number {
  let number = 0;
  for (let place = at; place < at + length; place++) number = 10 * number + data[place]! - 48;
  return number;
}

/** Values as they stand in a statement, each once: those of a copy take no parameters. */
export const literals = (values: Iterable<string | number>): RawBuilder<unknown> =>
  sql.join([...new Set(values)].map((value) => sql.lit(value)));

/** The elements of an array that begins here: how many there are, and where the length of the first stands. */
export const arrayAt = (data: Buffer, at: number): { amount: number; first: number } =>
  data.readInt32BE(at) === 0
    ? { amount: 0, first: at + 12 }
    : { amount: data.readInt32BE(at + 12), first: at + 20 };

/** No day. */
export const noDay = -(2 ** 31);

/** A day as days since 2000-01-01, as PostgreSQL counts them. */
export const dayOf = (date: string): number => (Date.parse(date) - Date.parse('2000-01-01')) / 86_400_000;

/** A day as a date. */
const dateOf = (day: number): Date => new Date(Date.parse('2000-01-01') + day * 86_400_000);

/** The year of a day. */
export const yearOf = (day: number): number => dateOf(day).getUTCFullYear();

const months = new Map<number, string>();

/** The month of a day, as YYYY-MM; null for none. */
export function monthOf(day: number): string | null {
  if (day === noDay) return null;
  const month = months.get(day) ?? dateOf(day).toISOString().slice(0, 7);
  if (!months.has(day)) months.set(day, month);
  return month;
}

/** Bytes of an id. */
export const idSize = 16;

/** Bytes that grow. */
export class Growing {
  #bytes = Buffer.alloc(64 * idSize);
  #size = 0;

  /** Adds some bytes of others; zeros without. */
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
