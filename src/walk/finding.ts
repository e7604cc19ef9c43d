import type { AggregateQuery } from '../aggregates/queries.ts';
import { scopesTaken, yearsAsked } from '../aggregates/rollup-plan.ts';
import type { Db } from '../db/database.ts';
import { kindKeys, levelKeys } from '../editions/vocabulary.ts';
import { yearInShanghai } from '../http/calendar.ts';
import { divisionPrefix } from '../reports/filters.ts';
import { isBelow } from './cover.ts';
import { type Batch, entriesOf, type Meant, type Member } from './entries.ts';
import type { Register } from './register.ts';
import { organsNamed } from './texts.ts';

/** Finds the organs that a query is about, as flags by their numbers, and their reports. */

const flagsOf = (size: number, numbers: Iterable<number>): Uint8Array => {
  const flags = new Uint8Array(size);
  for (const number of numbers) if (number >= 0) flags[number] = 1;
  return flags;
};

/** The organs that the filters mean in a year, whatever text is asked for. Each year is worked out once. */
function organsMeant(
  register: Register,
  { organ_id, under, division, level, kind }: AggregateQuery,
): (year: number) => Uint8Array {
  const { size } = register;
  const numbersOf = (ids: readonly string[]) => ids.map((id) => register.numberOf(id));
  const always = organ_id ? flagsOf(size, numbersOf(organ_id)) : new Uint8Array(size).fill(1);
  const mask = (flags: Uint8Array, holds: (organ: number) => boolean) => {
    for (let organ = 0; organ < size; organ++) if (flags[organ] === 1 && !holds(organ)) flags[organ] = 0;
  };
  if (level) {
    const wanted = levelKeys.map((each) => (level as readonly string[]).includes(each));
    mask(always, (organ) => wanted[register.level[organ]!]!);
  }
  if (kind) {
    const wanted = kindKeys.map((each) => (kind as readonly string[]).includes(each));
    mask(always, (organ) => wanted[register.kind[organ]!]!);
  }
  if (!division && !under) return () => always;
  const prefixes = division?.map(divisionPrefix);
  const isWithin =
    prefixes && register.places.map(({ code }) => prefixes.some((prefix) => code.startsWith(prefix)));
  const roots = under && flagsOf(size, numbersOf(under));
  const known = new Map<number, Uint8Array>();
  return (year) => {
    const made = known.get(year) ?? always.slice();
    if (known.has(year)) return made;
    known.set(year, made);
    if (isWithin) {
      const places = register.placesIn(year);
      mask(made, (organ) => isWithin[places[organ]!]!);
    }
    if (roots) {
      const parents = register.parentsIn(year);
      mask(made, (organ) => roots[organ] === 1 || isBelow(parents, organ, roots, 1));
    }
    return made;
  };
}

/**
 * The codes of the provinces in which the organs meant stood in any of the years, '' for none; undefined where any
 * will do.
 */
function provincesMeant(
  register: Register,
  { organ_id, under, division }: AggregateQuery,
  years: readonly number[],
  organsIn: (year: number) => Uint8Array,
): string[] | undefined {
  if (!(organ_id ?? under ?? division)) return undefined;
  const provinces = new Set<string>();
  for (const year of years) {
    const [meant, places] = [organsIn(year), register.placesIn(year)];
    for (let organ = 0; organ < register.size; organ++)
      if (meant[organ] === 1) provinces.add(register.places[places[organ]!]!.province ?? '');
  }
  return [...provinces];
}

/**
 * The organs to look up one by one: those that the query names, or that are below organs it names. Undefined where it
 * names none, or where there are more than `few` pairs of such an organ and a year.
 */
function organsLookedUp(
  register: Register,
  { organ_id, under }: AggregateQuery,
  years: readonly number[],
  organsIn: (year: number) => Uint8Array,
  few: number,
): number[] | undefined {
  if (!(organ_id ?? under)) return undefined;
  const organs = new Set<number>();
  let amount = 0;
  for (const year of years) {
    const meant = organsIn(year);
    for (let organ = 0; organ < register.size; organ++) {
      if (meant[organ] !== 1) continue;
      organs.add(organ);
      if (++amount > few) return undefined;
    }
  }
  return [...organs];
}

/** The reports that match a query, and the organs that it means. */
export interface Found extends Meant {
  /** Whether the reports are looked up one by one. */
  areFew: boolean;
  /** The reports, year by year. */
  batches: AsyncIterable<Batch[]>;
}

/** The years asked about that there may be reports of: none after next year. */
export const yearsToFind = (query: AggregateQuery): number[] =>
  yearsAsked(query).years.filter((year) => year <= yearInShanghai() + 1);

/**
 * Finds the reports of these years, with these members. Where the query names organs, and there are at most `few`
 * pairs of such an organ and a year, their reports are looked up one by one. Must run on one state of the database.
 */
export async function find(
  db: Db,
  register: Register,
  query: AggregateQuery,
  years: readonly number[],
  members: readonly Member[],
  few: number,
): Promise<Found> {
  const organsIn = organsMeant(register, query);
  const named = query.q === undefined ? undefined : await organsNamed(db, register, query.q);
  const { takesOwn, takesConsolidated } = scopesTaken(query);
  const wanted = {
    members,
    years,
    provinces: provincesMeant(register, query, years, organsIn),
    takesOwn,
    takesConsolidated,
    publishedSince: query.published_since,
    text: query.q,
    organs: organsLookedUp(register, query, years, organsIn, few),
  };
  return {
    organsIn,
    named,
    areFew: wanted.organs !== undefined,
    batches: entriesOf(db, wanted, register, { organsIn, named }),
  };
}
