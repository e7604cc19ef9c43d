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
export const titlesWith = (text: string): RawBuilder<unknown> =>
  isCased(text)
    ? sql`array(select ${hasText('title', text)} from unnest(titles) with ordinality as each (title, place) order by place)`
    : sql`packed_titles`;

/** Which titles have it, but for those that are not looked at. */
export function titlesFound(
  data: Buffer,
  amount: number,
  text: string,
  isLookedAt: (place: number) => boolean,
): Uint8Array {
  const found = new Uint8Array(amount);
  if (isCased(text)) {
    const { first } = arrayAt(data, 0);
    return found.map((_, place) => data[first + 5 * place + 4]!);
  }
  const bytes = Buffer.from(text);
  let next = -1;
  let end = 0;
  for (let place = 0; place < amount; place++) {
    const start = end + 2;
    const length = data.readInt16BE(end);
    end = start + Math.max(0, length);
    if (length < bytes.length || !isLookedAt(place)) continue;
    if (next < start) next = data.indexOf(bytes, start);
    if (next < 0) break;
    if (next + bytes.length <= end) found[place] = 1;
  }
  return found;
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
