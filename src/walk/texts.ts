import { type RawBuilder, sql } from 'kysely';
import type { Db } from '../db/database.ts';
import { patternOf } from '../reports/filters.ts';
import { arrayAt, eachCopied, idSize } from './copied.ts';
import type { Register } from './register.ts';

/** Which organs and reports have a text in their name or title: as `contains` of ../reports/filters.ts says, without parameters. */

/** Whether letters of a text may be large or small: what they are the same as the database says then. */
const isCased = (text: string): boolean => text.toLowerCase() !== text.toUpperCase();

/** Whether a name or a title has a text in it. */
export const hasText = (column: string, text: string): RawBuilder<unknown> =>
  sql`coalesce(${sql.ref(column)} ${sql.raw(isCased(text) ? 'ilike' : 'like')} ${sql.lit(patternOf(text))}, false)`;

/** What is read of a segment to tell which titles have a text in them. */
export const titlesWith = (text: string): RawBuilder<unknown>[] =>
  isCased(text)
    ? [
        sql`array(select ${hasText('title', text)} from unnest(titles) with ordinality as each (title, place) order by place)`,
      ]
    : [sql`packed_title_heads`, sql`title_tails`, sql`packed_title_tails`];

/** Which titles have it, but for those that are not looked at. */
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

/** Nowhere. */
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

/** What a text may end with, for another text to end in what follows it: nothing, where what follows has all of it. */
function endingsBefore(tail: string, text: string): Buffer[] {
  if (tail.includes(text)) return [Buffer.alloc(0)];
  const parts = Array.from({ length: text.length - 1 }, (_, index) => index + 1);
  return parts
    .filter((length) => tail.startsWith(text.slice(length)))
    .map((length) => Buffer.from(text.slice(0, length)));
}

/** Organs with a text in their name, as flags by their numbers. */
export async function organsNamed(db: Db, register: Register, text: string): Promise<Uint8Array> {
  const found = new Uint8Array(register.size);
  const statement = sql`select string_agg(uuid_send(id), '') from organs where ${hasText('name', text)}`;
  await eachCopied(db, statement, 1, (data, at, length) => {
    for (const organ of register.numbersIn(data, at[0]!, Math.max(0, length[0]!) / idSize))
      if (organ >= 0) found[organ] = 1;
  });
  return found;
}
