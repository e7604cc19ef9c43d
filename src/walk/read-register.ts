import { sql } from 'kysely';
import type { Db } from '../db/database.ts';
import { kindKeys, levelKeys } from '../editions/vocabulary.ts';
import { digitsAt, eachCopied, Growing, idSize, yearOf } from './copied.ts';
import { never, type Read, Register } from './register.ts';

/** Reads the register of all organs from the database. */

/**
 * The first four letters of each value as one number, by which values are told apart. Throws if two have the same.
 */
function wordsOf(values: readonly string[]): number[] {
  const words = values.map((value) => Buffer.from(value).readInt32BE());
  if (new Set(words).size < words.length)
    throw new Error(`two of ${values} begin with the same four letters`);
  return words;
}
const [levelWords, kindWords] = [wordsOf(levelKeys), wordsOf(kindKeys)];

export async function readRegister(db: Db): Promise<Register> {
  const { rows: cities } = await sql<{
    code: string;
  }>`select code from divisions where level = 'city'`.execute(db);
  const { rows: earlierPlaces } = await sql<Read['earlierPlaces'][number]>`
    select organ_id as id, year, place_code from organ_earlier_places`.execute(db);
  const { rows: earlierParents } = await sql<Read['earlierParents'][number]>`
    select organ_id as id, parent_id as parent, valid_from, valid_to from organ_history where parent_id is not null`.execute(
    db,
  );
  const [ids, parents] = [new Growing(), new Growing()];
  const numbers: number[][] = [[], [], [], [], [], []];
  const [placeCodes, level, kind, goneIn, linked, beganIn] = numbers as [
    number[],
    number[],
    number[],
    number[],
    number[],
    number[],
  ];
  await eachCopied(
    db,
    // Numbers and years are worked out here: the database would take three times as long for it.
    sql`select id, place_code, level, kind, abolished_on, parent_id, valid_from, began_in from organs order by id`,
    8,
    (data, at, length) => {
      ids.push(data, at[0]!, idSize);
      placeCodes.push(digitsAt(data, at[1]!, length[1]!));
      level.push(levelWords.indexOf(data.readInt32BE(at[2]!)));
      kind.push(kindWords.indexOf(data.readInt32BE(at[3]!)));
      goneIn.push(length[4]! < 0 ? never : Math.min(never, yearOf(data.readInt32BE(at[4]!))));
      parents.push(length[5]! < 0 ? undefined : data, at[5]!, idSize);
      linked.push(length[6]! < 0 ? 0 : yearOf(data.readInt32BE(at[6]!)));
      beganIn.push(length[7]! < 0 ? 0 : data.readInt32BE(at[7]!));
    },
  );
  return new Register({
    ids: ids.all(),
    parents: parents.all(),
    placeCodes,
    level: Uint8Array.from(level),
    kind: Uint8Array.from(kind),
    beganIn: Int16Array.from(beganIn),
    goneIn: Int16Array.from(goneIn),
    linked: Int16Array.from(linked),
    cities: new Set(cities.map(({ code }) => code)),
    earlierParents,
    earlierPlaces,
  });
}
