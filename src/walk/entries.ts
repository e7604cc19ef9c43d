import { type RawBuilder, sql } from 'kysely';
import type { Db } from '../db/database.ts';
import { editionKeys } from '../editions/index.ts';
import {
  among,
  changedYears,
  missingSegments,
  staleOf,
  yearsInProvinces,
  yearsOfOrgans,
} from './beside-segments.ts';
import { dayOf, eachCopied, Growing, idSize, noDay } from './copied.ts';
import type { Register } from './register.ts';
import { hasText, titlesFound, titlesWith } from './texts.ts';

/**
 * Finds the effective reports that match a query. They are read from segments, one year after the other. Reports that
 * segments lack, or hold as they were before a change, are read from their revisions.
 */

/**
 * What may be read of each report, as a number: a day as days since 2000-01-01, an edition as its place in
 * `editionKeys`.
 */
export type Member = 'disclosure_edition' | 'request_edition' | 'published_on';

/** What a report must be like, apart from its organ, and what is read of it. */
export interface Wanted {
  members: readonly Member[];
  years: readonly number[];
  /** The codes of the provinces that its organ may have stood in, '' for none; undefined for any. */
  provinces: readonly string[] | undefined;
  takesOwn: boolean;
  takesConsolidated: boolean;
  /** Published on this day or later. */
  publishedSince: string | undefined;
  /** A text that its title must contain, unless the name of its organ does. */
  text: string | undefined;
  /** The numbers of the organs to look up one by one, where they are few. */
  organs: readonly number[] | undefined;
}

/** Names a segment of a year. */
export interface SegmentKey {
  province: string;
  scope: string;
  /** How many members (reports) the segment has. */
  amount: number;
}

/** Reports of one year and scope that match. */
export interface Batch {
  year: number;
  isConsolidated: boolean;
  organs: Int32Array;
  /** The members that were asked for, each with its value for every report. */
  members: Readonly<Partial<Record<Member, Int32Array>>>;
  /** The place of each report in its segment; or the ids of their revisions, where the reports were looked up. */
  at: { segment: SegmentKey; places: Int32Array } | { revisions: Buffer };
}

const editionCodes = editionKeys.map((key) => Buffer.from(key).readInt32BE());

/** The number of a member whose field stands here; `noDay` for a day that is null (length -1). */
const numberAt = (member: Member, data: Buffer, at: number, length: number): number => {
  if (member !== 'published_on') return editionCodes.indexOf(data.readInt32BE(at));
  return length < 0 ? noDay : data.readInt32BE(at);
};

/**
 * The same for `amount` packed values of a segment. A day takes four bytes; an edition takes two for its length and
 * four for itself.
 */
function numbersIn(member: Member, data: Buffer, first: number, amount: number): Int32Array {
  const numbers = new Int32Array(amount);
  if (member === 'published_on')
    for (let place = 0; place < amount; place++) numbers[place] = data.readInt32BE(first + 4 * place);
  else
    for (let place = 0; place < amount; place++)
      numbers[place] = editionCodes.indexOf(data.readInt32BE(first + 6 * place + 2));
  return numbers;
}

/**
 * The organs that a query means, as flags by their numbers. `named` are those with the text that is asked for in
 * their name: all their reports match it, whatever their titles. It is undefined where no text is asked for.
 */
export interface Meant {
  organsIn: (year: number) => Uint8Array;
  named: Uint8Array | undefined;
}

/** The members to read: those asked for, and the day of publication where it decides. */
const read = ({ members, publishedSince }: Wanted): Member[] => [
  ...new Set<Member>([...members, ...(publishedSince === undefined ? [] : (['published_on'] as const))]),
];

/** The column of `rollup_segments` that holds each member, packed. */
const packed: Record<Member, string> = {
  disclosure_edition: 'packed_disclosure_editions',
  request_edition: 'packed_request_editions',
  published_on: 'packed_published_on',
};

/** Reads the matching reports of one year from segments, except those that are stale. */
async function ofSegments(
  db: Db,
  wanted: Wanted,
  register: Register,
  { organsIn, named }: Meant,
  stale: ReadonlyMap<string, ReadonlySet<number>>,
  year: number,
): Promise<Batch[]> {
  const { publishedSince, text, takesOwn, takesConsolidated, provinces } = wanted;
  const scopes = [...(takesOwn ? ['own'] : []), ...(takesConsolidated ? ['consolidated'] : [])];
  const members = read(wanted);
  const ofTitles = text === undefined ? [] : titlesWith(text);
  const columns = [...members.map((member) => sql.ref(packed[member])), ...ofTitles];
  const firstOfTitles = 3 + members.length;
  const statement = sql`select province, scope, packed_organs ${sql.join(
    columns.map((column) => sql`, ${column}`),
    sql``,
  )} from rollup_segments
    where year = ${sql.lit(year)} and ${among('scope', scopes)}
      ${provinces ? sql`and ${among('province', provinces)}` : sql``}
      ${publishedSince === undefined ? sql`` : sql`and last_published_on >= ${sql.lit(publishedSince)}`}`;
  const meant = organsIn(year);
  const since = publishedSince === undefined ? undefined : dayOf(publishedSince);
  const batches: Batch[] = [];
  await eachCopied(db, statement, 3 + columns.length, (data, at, length) => {
    const province = data.toString('latin1', at[0]!, at[0]! + length[0]!);
    const scope = data.toString('latin1', at[1]!, at[1]! + length[1]!);
    const amount = length[2]! / idSize;
    const all = register.numbersIn(data, at[2]!, amount);
    const numbers = members.map((member, place) => numbersIn(member, data, at[3 + place]!, amount));
    const days = numbers[members.indexOf('published_on')];
    const bytesOf = (field: number) => data.subarray(at[field]!, at[field]! + length[field]!);
    const isLookedAt = (place: number) => meant[all[place]!] === 1 && named![all[place]!] !== 1;
    const titles =
      text === undefined
        ? undefined
        : titlesFound(
            ofTitles.map((_, index) => bytesOf(firstOfTitles + index)),
            amount,
            text,
            isLookedAt,
          );
    const changed = stale.get(`${year} ${province}`);
    const organs = new Int32Array(amount);
    const places = new Int32Array(amount);
    let height = 0;
    for (let place = 0; place < amount; place++) {
      const organ = all[place]!;
      if (meant[organ] !== 1 || changed?.has(organ)) continue;
      if (since !== undefined && days![place]! < since) continue;
      if (titles && titles[place] !== 1 && named![organ] !== 1) continue;
      organs[height] = organ;
      places[height] = place;
      height++;
    }
    if (height === 0) return;
    const found = places.slice(0, height);
    const taken = (of: Int32Array) => {
      const some = new Int32Array(height);
      for (let index = 0; index < height; index++) some[index] = of[found[index]!]!;
      return some;
    };
    batches.push({
      year,
      isConsolidated: scope === 'consolidated',
      organs: organs.slice(0, height),
      members: Object.fromEntries(members.map((member, index) => [member, taken(numbers[index]!)])),
      at: { segment: { province, scope, amount }, places: found },
    });
  });
  return batches;
}

/**
 * Reads the matching reports of some years of organs from their revisions. `years` are rows of `rollup_organ_years`.
 */
async function ofRevisions(
  db: Db,
  years: RawBuilder<unknown>,
  wanted: Wanted,
  register: Register,
  { organsIn, named }: Meant,
): Promise<Batch[]> {
  const { publishedSince, text, takesOwn, takesConsolidated } = wanted;
  const scopes = [
    ...(takesOwn ? [sql`(false, own_revision)`] : []),
    ...(takesConsolidated ? [sql`(true, consolidated_revision)`] : []),
  ];
  if (scopes.length === 0) return [];
  const members = read(wanted);
  const columns = [
    ...members.map((member) => sql.ref(member)),
    ...(text === undefined ? [] : [hasText('title', text)]),
  ];
  const statement = sql`select years.organ_id, years.year, reports.is_consolidated, revision.*
    from (${years}) as years
      cross join lateral (values ${sql.join(scopes)}) as reports (is_consolidated, revision_id)
      cross join lateral (
        select ${sql.join([sql.ref('id'), ...columns])} from revisions where id = reports.revision_id offset 0) as revision`;
  const since = publishedSince === undefined ? undefined : dayOf(publishedSince);
  const day = members.indexOf('published_on');
  const found = new Map<string, { organs: number[]; revisions: Growing; numbers: number[][] }>();
  await eachCopied(db, statement, 4 + columns.length, (data, at, length) => {
    const organ = register.numberAt(data, at[0]!);
    const year = data.readInt32BE(at[1]!);
    if (organsIn(year)[organ] !== 1) return;
    const numbers = members.map((member, place) =>
      numberAt(member, data, at[4 + place]!, length[4 + place]!),
    );
    if (since !== undefined && numbers[day]! < since) return;
    if (text !== undefined && named![organ] !== 1 && data[at[4 + members.length]!] !== 1) return;
    const name = `${year} ${data[at[2]!]}`;
    const batch = found.get(name) ?? { organs: [], revisions: new Growing(), numbers: members.map(() => []) };
    found.set(name, batch);
    batch.organs.push(organ);
    batch.revisions.push(data, at[3]!, idSize);
    for (const [place, number] of numbers.entries()) batch.numbers[place]!.push(number);
  });
  return [...found].map(([name, { organs, revisions, numbers }]) => {
    const [year, isConsolidated] = name.split(' ').map(Number);
    return {
      year: year!,
      isConsolidated: isConsolidated === 1,
      organs: Int32Array.from(organs),
      members: Object.fromEntries(members.map((member, place) => [member, Int32Array.from(numbers[place]!)])),
      at: { revisions: revisions.all() },
    };
  });
}

/** All reports that match, year by year. Must run on one state of the database. */
export async function* entriesOf(
  db: Db,
  wanted: Wanted,
  register: Register,
  meant: Meant,
): AsyncGenerator<Batch[]> {
  const lookUp = (years: RawBuilder<unknown>) => ofRevisions(db, years, wanted, register, meant);
  const { organs } = wanted;
  const missing = organs ? undefined : await missingSegments(db, wanted);
  const changed = await lookUp(missing ? changedYears(wanted, missing) : yearsOfOrgans(wanted, register));
  const stale = organs ? undefined : await staleOf(db, wanted, register);
  for (const year of wanted.years) {
    const batches = changed.filter((batch) => batch.year === year);
    const provinces = missing?.get(year);
    if (provinces) batches.push(...(await lookUp(yearsInProvinces(year, provinces))));
    if (stale) batches.push(...(await ofSegments(db, wanted, register, meant, stale, year)));
    if (batches.length > 0) yield batches;
  }
}
