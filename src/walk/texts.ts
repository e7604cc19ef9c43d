import { type RawBuilder, sql } from 'kysely';
import type { Db } from '../db/database.ts';
import { patternOf } from '../reports/filters.ts';
import { arrayAt, eachCopied, idSize } from './copied.ts';
import type { Register } from './register.ts';

/**
 * Finds the organs and reports that have a text in their name or title. It means the same as `contains` of
 * ../reports/filters.ts, but has no parameters.
 */

/** Whether a text has letters with capitals. Then the database decides which letters are the same. */
const isCased = (text: string): boolean => text.toLowerCase() !== text.toUpperCase();

/** Whether a name or a title has a text in it. */
export const hasText = (column: string, text: string): RawBuilder<unknown> =>
  sql`coalesce(${sql.ref(column)} ${sql.raw(isCased(text) ? 'ilike' : 'like')} ${sql.lit(patternOf(text))}, false)`;

/** The columns to read of a segment, from which `titlesFound` tells which titles have the text. */
export const titlesWith = (text: string): RawBuilder<unknown>[] =>
  isCased(text)
    ? [
        sql`array(select ${hasText('title', text)} from unnest(titles) with ordinality as each (title, place) order by place)`,
      ]
    : [sql`packed_title_heads`, sql`title_tails`, sql`packed_title_tails`];

/** Flags the titles of a segment that have the text. Those that are not looked at need not be flagged. */
export function titlesFound(
  [first, ...others]: readonly Buffer[],
  amount: number,
  text: string,
  isLookedAt: (place: number) => boolean,
): Uint8Array {
  const found = new Uint8Array(amount);
  const heads = first!;
  if (isCased(text)) {
    const array = arrayAt(heads, 0);
    return found.map((_, place) => heads[array.first + 5 * place + 4]!);
  }
  const [tails, tailOf] = others as [Buffer, Buffer];
  const endings = textsIn(tails).map((tail) => endingsBefore(tail, text));
  const bytes = Buffer.from(text);
  let next = -1;
  let end = 0;
  for (let place = 0; place < amount; place++) {
    const start = end + 2;
    const length = heads.readInt16BE(end);
    end = start + Math.max(0, length);
    if (length < 0 || !isLookedAt(place)) continue;
    for (const ending of endings[tailOf.readInt32BE(4 * place)]!)
      if (ending.length <= length && ending.equals(heads.subarray(end - ending.length, end)))
        found[place] = 1;
    if (next !== none && next < start) {
      const at = heads.indexOf(bytes, start);
      next = at < 0 ? none : at;
    }
    if (next + bytes.length <= end) found[place] = 1;
  }
  return found;
}

/** Stands for a text that does not occur any more. */
const none = Number.POSITIVE_INFINITY;

/** The elements of an array of texts. */
function textsIn(data: Buffer): string[] {
  const { amount, first } = arrayAt(data, 0);
  let place = first;
  return Array.from({ length: amount }, () => {
    const start = place + 4;
    place = start + data.readInt32BE(place);
    return data.toString('utf8', start, place);
  });
}

/**
 * What the head of a title may end with so that the text begins in the head and ends in this tail; empty where the
 * tail alone has all of the text.
 */
function endingsBefore(tail: string, text: string): Buffer[] {
  if (tail.includes(text)) return [Buffer.alloc(0)];
  const parts = Array.from({ length: text.length - 1 }, (_, index) => index + 1);
  return parts
    .filter((length) => tail.startsWith(text.slice(length)))
    .map((length) => Buffer.from(text.slice(0, length)));
}

/** The organs with a text in their name, as flags by their numbers. */
export async function organsNamed(db: Db, register: Register, text: string): Promise<Uint8Array> {
  const found = new Uint8Array(register.size);
  const statement = sql`select string_agg(uuid_send(id), '') from organs where ${hasText('name', text)}`;
  await eachCopied(db, statement, 1, (data, at, length) => {
    for (const organ of register.numbersIn(data, at[0]!, Math.max(0, length[0]!) / idSize))
      if (organ >= 0) found[organ] = 1;
  });
  return found;
}
