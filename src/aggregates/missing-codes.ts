import { sql } from 'kysely';
import type { Db } from '../db/database.ts';
import { givenRows } from '../db/given-rows.ts';
import { didYouMean } from '../http/near.ts';
import { divisionPrefix, type ReportFilters } from '../reports/filters.ts';
import type { KeptSums } from '../rollups/reader.ts';
import type { Unseen } from '../walk/unseen.ts';
import { countPublished } from './published-counts.ts';
import type { AggregateQuery } from './queries.ts';
import { levelOfArea, planOf } from './rollup-plan.ts';
import { asked, listed, mostCodes, type Warning, warnOfAbsent } from './warnings.ts';

/** A code that no division has, and the codes of the divisions in the same province or city. */
interface UnknownDivision {
  code: string;
  beside: string[];
}

/** Prefixes that were found before: only a migration changes divisions. */
const known = new Set<string>();

/** The codes that no division has. A town counts as known if its county is. */
async function unknownDivisions(db: Db, codes: readonly string[]): Promise<UnknownDivision[]> {
  const given = codes
    .map((code) => ({ code, prefix: divisionPrefix(code).slice(0, 6) }))
    .filter(({ prefix }) => !known.has(prefix));
  if (given.length === 0) return [];
  const { rows } = await sql<UnknownDivision>`
    select given.code, array(
      select divisions.code from divisions where starts_with(divisions.code, left(prefix, -2))
      order by divisions.code limit 5000) as beside
    from ${givenRows({ code: 'word', prefix: 'word' }, given)}
    where not exists (select from divisions where divisions.code between rpad(prefix, 6, '0') and rpad(prefix, 6, '9'))
    order by given.code`.execute(db);
  const missing = new Set(rows.map(({ code }) => code));
  for (const { code, prefix } of given) if (!missing.has(code)) known.add(prefix);
  return rows.slice(0, mostCodes);
}

async function unknownOrgans(db: Db, ids: readonly string[]): Promise<string[]> {
  if (ids.length === 0) return [];
  const { rows } = await sql<{ id: string }>`
    select given.id from unnest(${ids}::uuid[]) as given (id)
    where not exists (select from organs where organs.id = given.id) limit ${mostCodes}`.execute(db);
  return rows.map(({ id }) => id);
}

/**
 * Warns of places and organs that do not exist. They are data, so that the schema of the query does not know
 * them.
 */
export async function warnOfUnknown(db: Db, filters: ReportFilters): Promise<Warning[]> {
  const { division = [], organ_id = [], under = [] } = filters;
  const divisions = await unknownDivisions(db, [...new Set(division)]);
  const organs = await unknownOrgans(db, [...new Set([...organ_id, ...under])]);
  return [
    ...divisions.map(
      ({ code, beside }) => `${code} is no division${didYouMean(code.padEnd(6, '0'), beside, 1)}`,
    ),
    ...organs.map((id) => `${id} is no organ`),
  ].map((message) => ({ code: 'unknown-code', message }));
}

/** The filters that may name several codes in a query that rollups answer. */
const several = ['scope', 'division', 'level', 'kind'];

/** The codes of a filter, by the key that shows them one by one. */
const codesByKey = (filter: string, codes: readonly string[]) =>
  Map.groupBy(codes, (code) => (filter === 'division' ? levelOfArea(divisionPrefix(code)) : filter));

/** Whether a division is among the codes of the key that shows it. */
const isDivisionAmong = (codes: ReadonlySet<unknown>, division: string): boolean =>
  codes.has(divisionPrefix(division).padEnd(6, '0'));

/**
 * The codes of a query's filters that no added-up report has, for a query that rollups answer. Filters with
 * one code and filters that the answer is grouped by are passed over: other warnings tell of them without
 * looking.
 */
export async function unseenCodes(
  db: Db,
  query: AggregateQuery,
  groupBy: readonly string[],
  kept: KeptSums | undefined,
): Promise<Unseen[]> {
  const unseen: Unseen[] = [];
  for (const filter of several) {
    const named = [...new Set((query[filter] ?? []) as string[])];
    if (named.length < 2 || groupBy.includes(filter)) continue;
    const seen = new Set<string>();
    for (const [key, codes] of codesByKey(filter, named)) {
      const asked = { ...query, [filter]: codes };
      const plan = key && planOf(asked, { groupBy: [key] });
      // No cell is of these codes alone. They lie within other places of the query and count as seen with
      // those.
      if (!plan) for (const code of codes) seen.add(code);
      else {
        const { rows } = await countPublished(db, asked, [key], plan, kept);
        const found = new Set(rows.map((row) => row[key]));
        for (const code of codes)
          if (filter === 'division' ? isDivisionAmong(found, code) : found.has(code)) seen.add(code);
      }
    }
    const codes = named.filter((code) => !seen.has(code));
    if (codes.length > 0) unseen.push({ filter, codes });
  }
  return unseen;
}

/**
 * Warns of codes that no report has although others of the same filter have some: a sum over several does not
 * show it.
 */
export function warnOfUnseen(unseen: readonly Unseen[]): Warning[] {
  if (unseen.length === 0) return [];
  const told = unseen.map(({ filter, codes }) => `${filter}=${listed(codes)}`);
  return [{ code: 'code-without-data', message: `No report added up is of ${told.join('; ')}.` }];
}

/** Of these keys, those that show the codes of filters with several codes. */
export const keysOfSeveral = (query: AggregateQuery, keys: readonly string[]): string[] => {
  const { division = [] } = query;
  const levels = division.length > 1 ? [...codesByKey('division', division).keys()] : [];
  return keys.filter((key) => levels.some((level) => level === key) || asked(key, query).length > 1);
};

/** Warns of codes of filters that are not among the codes that have data. These are given by the keys that show them. */
export function warnOfCodes(
  query: AggregateQuery,
  present: ReadonlyMap<string, ReadonlySet<unknown>>,
): Warning[] {
  const { division = [] } = query;
  const isPresent = (code: string) => {
    const codes = present.get(levelOfArea(divisionPrefix(code)) ?? '');
    return codes === undefined || isDivisionAmong(codes, code);
  };
  return warnOfAbsent(query, [...present.keys(), 'division'], (key) =>
    key === 'division' ? division.filter(isPresent) : [...present.get(key)!],
  );
}
