import { type RawBuilder, type SqlBool, sql } from 'kysely';
import { any, contains, effectiveReports, every, reportFilters, subtreeOf } from '../reports/filters.ts';
import type { Aggregate } from './aggregate.ts';
import { dimensions, joinsOf, organKeysOf } from './dimensions.ts';
import { type AggregateQuery, columnOf } from './queries.ts';
import { areasOf, provincesIn, scopesOf, yearsAsked } from './rollup-plan.ts';
import { arrays, beside, entriesOfSegments, isFresh, sideBySide } from './segment-entries.ts';
import { bitOf, isAmong, setOf, sizeOf, yearsHeld } from './year-sets.ts';

/**
 * The reports that match a query: those of segments as years of each organ, since there are very many, others as well with
 * their effective revisions.
 */

/** These members and, as columns, what organs are told apart by. */
const listOf = (
  members: RawBuilder<unknown>,
  groupBy: readonly string[],
  keyed: (key: string) => RawBuilder<unknown>,
) =>
  sql.join([members, ...organKeysOf(groupBy).map((key) => sql`${keyed(key)} as ${sql.id(columnOf(key))}`)]);

/** The trees that a query asks for as `placed`, as a CTE: which organs were part of them at the end of which years. */
export const placedOf = (query: AggregateQuery): RawBuilder<unknown> =>
  query.under
    ? sql`placed as materialized (
      select * from (
        select id, bit_or(${yearsHeld('subtree')}) & ${setOf(yearsAsked(query).years)} as years
        from (${subtreeOf(query.under)} select * from subtree) as subtree group by id
      ) as sets where years <> 0
    ),`
    : sql``;

/** Joins `placed` with an organ in a year, if trees are asked for. */
export const joinPlaced = ({ under }: AggregateQuery, organ: string, year: string): RawBuilder<unknown> =>
  under ? sql`join placed on placed.id = ${sql.ref(organ)} and ${isAmong(year, 'placed.years')}` : sql``;

/** From reports, revisions and organs themselves. */
function ofReports(
  aggregate: Aggregate,
  query: AggregateQuery,
  groupBy: readonly string[],
): RawBuilder<unknown> {
  const { basis = 'auto', under: _, ...others } = query;
  const edition = sql.ref(`revisions.${aggregate.edition}`);
  const members = sql`revisions.id as revision_id, reports.organ_id, reports.year, reports.scope, ${edition} as edition`;
  return sql`
    select ${listOf(members, groupBy, (key) => dimensions[key]!.expression!)}
    from ${effectiveReports} ${joinsOf(groupBy)} ${joinPlaced(query, 'reports.organ_id', 'reports.year')}
    where ${reportFilters(others)} ${basis === 'auto' ? sql`` : sql`and reports.scope = ${basis}`}`;
}

/** What a query asks of `entries` of segments, and with which of their members; undefined where they do not know. */
export function asksOf(query: AggregateQuery) {
  const { organ_id, division, level, kind, q, published_since } = query;
  const areas = division && areasOf(division);
  if (organ_id || (division && !areas)) return undefined;
  const members: string[] = [];
  const conditions: RawBuilder<SqlBool>[] = [];
  const isOneOf = (member: string, codes: readonly string[]) => {
    members.push(member);
    return sql<SqlBool>`${sql.ref(`entries.${member}`)} = any(${codes}::text[])`;
  };
  if (level) conditions.push(isOneOf('level', level));
  if (kind) conditions.push(isOneOf('kind', kind));
  if (areas) conditions.push(any(Object.entries(areas).map(([place, codes]) => isOneOf(place, codes))));
  if (published_since) {
    members.push('published_on');
    conditions.push(sql`entries.published_on >= ${published_since}::date`);
  }
  if (q) {
    members.push('title');
    const isNamed = sql<SqlBool>`entries.organ_id in (select id from organs where ${contains(sql`name`, q)})`;
    conditions.push(any([isNamed, contains(sql`entries.title`, q)]));
  }
  return { members, conditions, provinces: areas && provincesIn(Object.values(areas).flat()) };
}

/** Where the organs of `placed` stand or have stood. */
const provincesOfPlaced = sql`select case when code = '' then '' else left(code, 2) || '0000' end from (
  select coalesce(place_code, '') as code from organs where id in (select id from placed)
  union all select place_code from organ_earlier_places where organ_id in (select id from placed)) as places`;

/** The scopes of segments with reports that may match. */
export function scopesInSegments(query: AggregateQuery): string[] {
  const { takesOwn, takesConsolidated } = scopesOf(query);
  return [...(takesOwn ? ['own', 'replaced'] : []), ...(takesConsolidated ? ['consolidated'] : [])];
}

/** Whether an entry's organ was ever part of the trees. Not a join, which might compare each with each. */
const isInTrees = sql<SqlBool>`(entries.organ_id in (select id from placed)) is true`;

/** Whether so many are in a tree that segments are read. */
const areMany = sql<SqlBool>`(select are_many from asked)`;

/** The years of a relation's reports of a scope. */
const yearsInScope = (scope: string, of: string) =>
  sql`coalesce(bit_or(${bitOf(`${of}.year`)}) filter (where ${sql.ref(`${of}.scope`)} = ${sql.lit(scope)}), 0)`;

/** Reports of `unsegmented`, the CTE that `beside` makes, as `entries`. */
export function listedEntries(query: AggregateQuery): RawBuilder<unknown> {
  const { takesOwn, takesConsolidated } = scopesOf(query);
  return sql`(
      select organ_years.*, reports.scope, revision.* from unsegmented as organ_years
        cross join lateral (values ${sql.join([
          ...(takesOwn ? [sql`('own', own_revision)`] : []),
          ...(takesConsolidated ? [sql`('consolidated', consolidated_revision)`] : []),
          sql`('none', null::uuid)`,
        ])}) as reports (scope, revision_id)
        cross join lateral (
          select id as revision_id, disclosure_edition, request_edition, title, published_on from revisions
          where id = reports.revision_id offset 0) as revision
    ) as entries`;
}

/**
 * From segments, and of years of organs that these do not have from their revisions; undefined where segments do not know
 * all that is asked for.
 */
function ofSegments(aggregate: Aggregate, query: AggregateQuery, groupBy: readonly string[]) {
  const asks = asksOf(query);
  if (asks === undefined) return undefined;
  const { members, conditions, provinces } = asks;
  const edition = sql.ref(`entries.${aggregate.edition}`);
  const keyed = (key: string) =>
    key === 'organ' ? sql`entries.organ_id` : sql`nullif(${sql.ref(`entries.${key}`)}, '')`;
  const keys = new Set([aggregate.edition, ...groupBy, ...members]);
  const groups = sql.join([1, 2, 3, ...organKeysOf(groupBy).map((_, place) => place + 4)].map(sql.lit));
  // What hangs on `placed`, a common table expression, one process alone reads.
  const areOfCountry = query.under === undefined && provinces === undefined;
  const found = sideBySide(areOfCountry, (isOfPart) => {
    const of = sql`entries.organ_id, entries.province, ${edition} as edition`;
    return sql`
      select ${listOf(of, groupBy, keyed)},
        coalesce(bit_or(${bitOf('entries.year')}) filter (where entries.scope <> 'consolidated'), 0) as own,
        ${yearsInScope('consolidated', 'entries')} as consolidated
      from ${entriesOfSegments({
        keys: [...keys].filter((member) => member in arrays),
        columns: [sql`segments.scope`],
        where: every([
          isOfPart,
          sql`segments.year = any(${yearsAsked(query).years}::int[]) and segments.scope = any(${scopesInSegments(query)}::text[])`,
          ...(provinces ? [sql<SqlBool>`segments.province = any(${provinces}::text[])`] : []),
          ...(query.under ? [areMany, sql<SqlBool>`segments.province in (${provincesOfPlaced})`] : []),
        ]),
      })}
      where ${every([...conditions, ...(query.under ? [isInTrees] : []), isFresh])}
      group by ${groups}`;
  });
  const listed = sql`
    select ${listOf(sql`entries.revision_id, entries.organ_id, entries.year, entries.scope, ${edition} as edition`, groupBy, keyed)}
    from ${listedEntries(query)} ${joinPlaced(query, 'entries.organ_id', 'entries.year')}
    where ${every([...(query.under ? [areMany] : []), ...conditions])}`;
  return { found, listed, provinces, areOfCountry };
}

/**
 * The reports that match as CTEs, and what these need besides `placed`: `listed`, one by one, and `found`, of all of them
 * the years of each organ and edition with a report of its `own` and a `consolidated` one, of segments with the `province`
 * that says which. From segments where these know all that is asked for, unless no more years of organs than `fewReports`
 * are in the tree that is asked for; without that number from their own tables. And whether segments of the whole country
 * are read.
 */
export function candidatesOf(
  aggregate: Aggregate,
  query: AggregateQuery,
  groupBy: readonly string[],
  fewReports: number | undefined,
): { candidates: RawBuilder<unknown>; areOfCountry: boolean } {
  const reports = ofReports(aggregate, query, groupBy);
  const segments = fewReports === undefined ? undefined : ofSegments(aggregate, query, groupBy);
  const keys = organKeysOf(groupBy).map((key) => sql.id(columnOf(key)));
  const columns = sql.join([sql`organ_id, province, edition`, ...keys, sql`own, consolidated`]);
  const foundOf = (listed: RawBuilder<unknown>) => sql`
    listed as materialized (${listed}),
    found as materialized (
      select ${sql.join([sql`organ_id, null::text as province, edition`, ...keys])},
        ${yearsInScope('own', 'listed')} as own, ${yearsInScope('consolidated', 'listed')} as consolidated
      from listed group by ${sql.join([sql`organ_id, edition`, ...keys])}
      ${segments ? sql`union all select ${columns} from ${inTrees(segments.found)}` : sql``}
    )`;
  const inTrees = (found: RawBuilder<unknown>) =>
    query.under
      ? sql`(
        select ${sql.join([sql`organ_id, province, edition`, ...keys])}, own & years as own, consolidated & years as consolidated
        from ${found} as found join placed on placed.id = found.organ_id where (own | consolidated) & years <> 0) as found`
      : sql`${found} as found`;
  if (segments === undefined) return { candidates: foundOf(reports), areOfCountry: false };
  const { listed, provinces, areOfCountry } = segments;
  const unsegmented = beside(yearsAsked(query).years, provinces);
  if (!query.under) return { candidates: sql`${unsegmented}, ${foundOf(listed)}`, areOfCountry };
  const candidates = sql`
    ${unsegmented},
    asked as materialized (select (select sum(${sizeOf(sql`years`)}) from placed) > ${fewReports}::int as are_many),
    ${foundOf(sql`select * from (${reports}) as found where not ${areMany} union all ${listed}`)}`;
  return { candidates, areOfCountry };
}
