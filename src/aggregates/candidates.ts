import { type RawBuilder, type SqlBool, sql } from 'kysely';
import { containing, effectiveReports, every, organFiltersIn, reportFilters } from '../reports/filters.ts';
import type { Aggregate } from './aggregate.ts';
import { dimensions, joinsOf } from './dimensions.ts';
import { type AggregateQuery, columnOf } from './queries.ts';
import { scopesOf, yearsAsked } from './rollup-plan.ts';
import { arrays, beside, entriesOfSegments, isFresh } from './segment-entries.ts';

/**
 * The reports that match a query, with their keys: as `candidates`, which a report's effective revision tells from each
 * other, whichever way they are found.
 */

const withKeys = (
  members: RawBuilder<unknown>,
  groupBy: readonly string[],
  keyed: (key: string) => RawBuilder<unknown>,
) => {
  const keys = groupBy.filter((key) => key in dimensions);
  return sql.join([members, ...keys.map((key) => sql`${keyed(key)} as ${sql.id(columnOf(key))}`)]);
};

/** From reports, revisions and organs themselves. */
function ofReports(
  aggregate: Aggregate,
  query: AggregateQuery,
  groupBy: readonly string[],
): RawBuilder<unknown> {
  const { basis = 'auto' } = query;
  const edition = sql.ref(`revisions.${aggregate.edition}`);
  const members = sql`revisions.id as revision_id, reports.organ_id, reports.year, reports.scope, ${edition} as edition`;
  return sql`
    select ${withKeys(members, groupBy, (key) => dimensions[key]!.expression ?? edition)}
    from ${effectiveReports} ${joinsOf(groupBy)}
    where ${reportFilters(query)} ${basis === 'auto' ? sql`` : sql`and reports.scope = ${basis}`}`;
}

/** From segments, and of years of organs that these do not have from their revisions. Needs `placed` where organs are asked for. */
function ofSegments(
  aggregate: Aggregate,
  query: AggregateQuery,
  groupBy: readonly string[],
  which: RawBuilder<SqlBool>,
): RawBuilder<unknown> {
  const { q, published_since } = query;
  const { takesOwn, takesConsolidated } = scopesOf(query);
  const edition = sql.ref(`entries.${aggregate.edition}`);
  const own: Readonly<Record<string, RawBuilder<unknown>>> = {
    year: sql`entries.year`,
    organ: sql`entries.organ_id`,
    edition,
  };
  const select = (scope: RawBuilder<unknown>) => {
    const members = sql`entries.revision_id, entries.organ_id, entries.year, ${scope} as scope, ${edition} as edition`;
    return sql`select ${withKeys(members, groupBy, (key) => own[key] ?? sql`nullif(${sql.ref(`entries.${key}`)}, '')`)}`;
  };
  const conditions: RawBuilder<SqlBool>[] = [which];
  const keys = ['revision_id', aggregate.edition, ...groupBy.filter((key) => key in arrays)];
  if (asksForOrgans(query))
    // Not to be taken for a join, which might compare each with each.
    conditions.push(sql`((entries.organ_id, entries.year) in (select id, year from placed)) is true`);
  if (published_since) {
    keys.push('published_on');
    conditions.push(sql`entries.published_on >= ${published_since}::date`);
  }
  if (q) {
    keys.push('title');
    const isNamed = sql`entries.organ_id in (select id from organs where name ilike ${containing(q)})`;
    conditions.push(sql`(${isNamed} or entries.title ilike ${containing(q)})`);
  }
  const inSegment = [
    ...(takesOwn ? ['own', 'replaced'] : []),
    ...(takesConsolidated ? ['consolidated'] : []),
  ];
  const provinces = sql`select case when code = '' then '' else left(code, 2) || '0000' end from (
      select coalesce(place_code, '') as code from organs where id in (select id from placed)
      union all select place_code from organ_earlier_places where organ_id in (select id from placed)) as places`;
  return sql`
    ${select(sql`case segments.scope when 'consolidated' then segments.scope else 'own' end`)}
    from rollup_segments as segments ${entriesOfSegments([...new Set(keys)], {})}
    where ${every([
      ...conditions,
      sql`segments.year = any(${yearsAsked(query).years}::int[]) and segments.scope = any(${inSegment}::text[])`,
      ...(asksForOrgans(query) ? [sql<SqlBool>`segments.province in (${provinces})`] : []),
      isFresh,
    ])}
    union all
    ${select(sql`entries.scope`)}
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
    where ${every(conditions)}`;
}

/** Whether organs are asked for, whatever is known of their reports. */
const asksForOrgans = ({ under, division, level, kind }: AggregateQuery): boolean =>
  (under ?? division ?? level ?? kind) !== undefined;

/** `candidates`, and what these need, as CTEs: from segments where more years of organs than `fewReports` are asked for. */
export function candidatesOf(
  aggregate: Aggregate,
  query: AggregateQuery,
  groupBy: readonly string[],
  fewReports: number,
): RawBuilder<unknown> {
  const found = ofReports(aggregate, query, groupBy);
  if (fewReports === Number.POSITIVE_INFINITY || query.organ_id)
    return sql`candidates as materialized (${found})`;
  const { years } = yearsAsked(query);
  const placed = sql`placed as materialized (
      select organs.id, years.year from organs cross join unnest(${years}::int[]) as years (year)
      where ${organFiltersIn(query, sql`(organs.id, years.year)`, years)}
    ),`;
  const areMany = asksForOrgans(query)
    ? sql`(select count(*) from placed) > ${sql.lit(fewReports)}`
    : sql`true`;
  return sql`
    ${asksForOrgans(query) ? placed : sql``} ${beside({ years, earlier: [] })},
    asked as materialized (select ${areMany} as are_many),
    candidates as materialized (
      select * from (${found}) as found where not (select are_many from asked)
      union all ${ofSegments(aggregate, query, groupBy, sql`(select are_many from asked)`)}
    )`;
}
