import { type RawBuilder, type SqlBool, sql } from 'kysely';
import { any, contains, effectiveReports, every, reportFilters, subtreeYears } from '../reports/filters.ts';
import type { Aggregate } from './aggregate.ts';
import { dimensions, joinsOf } from './dimensions.ts';
import { type AggregateQuery, columnOf } from './queries.ts';
import { areasOf, provincesIn, scopesOf, yearsAsked } from './rollup-plan.ts';
import { arrays, beside, entriesOfSegments, isFresh } from './segment-entries.ts';

/**
 * The reports that match a query, with their keys: as `candidates`, which their effective revisions tell from each other,
 * whichever way they are found; of those from segments with the `province` that says which, of others without.
 */

const withKeys = (
  members: RawBuilder<unknown>,
  groupBy: readonly string[],
  keyed: (key: string) => RawBuilder<unknown>,
) => {
  const keys = groupBy.filter((key) => key in dimensions);
  return sql.join([members, ...keys.map((key) => sql`${keyed(key)} as ${sql.id(columnOf(key))}`)]);
};

/** The trees that a query asks for as `placed`, as a CTE: which organs were part of them at the end of which years. */
export const placedOf = (query: AggregateQuery): RawBuilder<unknown> =>
  query.under
    ? sql`placed as materialized (
      select distinct * from (${subtreeYears(query.under, yearsAsked(query).years)}) as pairs
    ),`
    : sql``;

/** Whether a pair of an organ and a year is part of them. */
export const isPlaced = ({ under }: AggregateQuery, pair: RawBuilder<unknown>): RawBuilder<SqlBool> =>
  under ? sql`${pair} in (select id, year from placed)` : sql`true`;

/** From reports, revisions and organs themselves. */
function ofReports(
  aggregate: Aggregate,
  query: AggregateQuery,
  groupBy: readonly string[],
): RawBuilder<unknown> {
  const { basis = 'auto', under: _, ...others } = query;
  const edition = sql.ref(`revisions.${aggregate.edition}`);
  const members = sql`revisions.id as revision_id, reports.organ_id, reports.year, reports.scope, ${edition} as edition, null as province`;
  return sql`
    select ${withKeys(members, groupBy, (key) => dimensions[key]!.expression ?? edition)}
    from ${effectiveReports} ${joinsOf(groupBy)}
    where ${reportFilters(others)} and ${isPlaced(query, sql`(reports.organ_id, reports.year)`)}
      ${basis === 'auto' ? sql`` : sql`and reports.scope = ${basis}`}`;
}

/** What a query asks of `entries` of segments, and with which of their members; undefined where they do not know. */
function asksOf(query: AggregateQuery) {
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
  if (areas) {
    conditions.push(any(Object.entries(areas).map(([place, codes]) => isOneOf(place, codes))));
    conditions.push(isOneOf('province', provincesIn(Object.values(areas).flat())));
  }
  // Not to be taken for a join, which might compare each with each.
  if (query.under) conditions.push(sql`(${isPlaced(query, sql`(entries.organ_id, entries.year)`)}) is true`);
  if (published_since) {
    members.push('published_on');
    conditions.push(sql`entries.published_on >= ${published_since}::date`);
  }
  if (q) {
    members.push('title');
    const isNamed = sql<SqlBool>`entries.organ_id in (select id from organs where ${contains(sql`name`, q)})`;
    conditions.push(any([isNamed, contains(sql`entries.title`, q)]));
  }
  return { members, conditions };
}

/** Where the organs of `placed` stand or have stood. */
const provincesOfPlaced = sql`select case when code = '' then '' else left(code, 2) || '0000' end from (
  select coalesce(place_code, '') as code from organs where id in (select id from placed)
  union all select place_code from organ_earlier_places where organ_id in (select id from placed)) as places`;

/**
 * From segments, and of years of organs that these do not have from their revisions; undefined where segments do not know
 * all that is asked for.
 */
function ofSegments(
  aggregate: Aggregate,
  query: AggregateQuery,
  groupBy: readonly string[],
): RawBuilder<unknown> | undefined {
  const asks = asksOf(query);
  if (asks === undefined) return undefined;
  const { takesOwn, takesConsolidated } = scopesOf(query);
  const edition = sql.ref(`entries.${aggregate.edition}`);
  const own: Readonly<Record<string, RawBuilder<unknown>>> = {
    year: sql`entries.year`,
    organ: sql`entries.organ_id`,
    edition,
  };
  const select = (scope: RawBuilder<unknown>, province: RawBuilder<unknown>) => {
    const members = sql`entries.revision_id, entries.organ_id, entries.year, ${scope} as scope, ${edition} as edition, ${province} as province`;
    return sql`select ${withKeys(members, groupBy, (key) => own[key] ?? sql`nullif(${sql.ref(`entries.${key}`)}, '')`)}`;
  };
  const members = new Set(['revision_id', aggregate.edition, ...groupBy, ...asks.members]);
  const scopes = [...(takesOwn ? ['own', 'replaced'] : []), ...(takesConsolidated ? ['consolidated'] : [])];
  return sql`
    ${select(sql`case entries.scope when 'consolidated' then entries.scope else 'own' end`, sql`entries.province`)}
    from ${entriesOfSegments({
      keys: [...members].filter((member) => member in arrays),
      columns: [sql`segments.scope`],
      where: every([
        sql`(select are_many from asked)`,
        sql`segments.year = any(${yearsAsked(query).years}::int[]) and segments.scope = any(${scopes}::text[])`,
        ...(query.under ? [sql<SqlBool>`segments.province in (${provincesOfPlaced})`] : []),
      ]),
    })}
    where ${every([...asks.conditions, isFresh])}
    union all
    ${select(sql`entries.scope`, sql`null`)}
    from (
      select organ_years.*, reports.scope, revision.* from unsegmented as organ_years
        cross join lateral (values ${sql.join([
          ...(takesOwn ? [sql`('own', own_revision)`] : []),
          ...(takesConsolidated ? [sql`('consolidated', consolidated_revision)`] : []),
          sql`('none', null::uuid)`,
        ])}) as reports (scope, revision_id)
        cross join lateral (
          select id as revision_id, disclosure_edition, request_edition, title, published_on from revisions
          where id = reports.revision_id offset 0) as revision
    ) as entries
    where ${every([sql`(select are_many from asked)`, ...asks.conditions])}`;
}

/**
 * `candidates`, and what these need besides `placed`, as CTEs: from segments where these know all that is asked for, unless
 * no more years of organs than `fewReports` are in the tree that is asked for; without that number from their own tables.
 */
export function candidatesOf(
  aggregate: Aggregate,
  query: AggregateQuery,
  groupBy: readonly string[],
  fewReports: number | undefined,
): RawBuilder<unknown> {
  const found = ofReports(aggregate, query, groupBy);
  const foundInSegments = fewReports === undefined ? undefined : ofSegments(aggregate, query, groupBy);
  if (foundInSegments === undefined) return sql`candidates as materialized (${found})`;
  const areMany = query.under ? sql`(select count(*) from placed) > ${fewReports}::int` : sql`true`;
  return sql`
    ${beside({ years: yearsAsked(query).years, earlier: [] })},
    asked as materialized (select ${areMany} as are_many),
    candidates as materialized (
      select * from (${found}) as found where not (select are_many from asked) union all ${foundInSegments}
    )`;
}
