import { type RawBuilder, type SqlBool, sql } from 'kysely';
import { capturedIn } from '../../src/aggregates/absent-cells.ts';
import type { Aggregate, AggregateCell } from '../../src/aggregates/aggregate.ts';
import { refuseCells } from '../../src/aggregates/cells.ts';
import { chosenRelation, isChosenRow } from '../../src/aggregates/chosen.ts';
import type { Columns } from '../../src/aggregates/columns.ts';
import { dimensions, joinsOf, organKeysOf } from '../../src/aggregates/dimensions.ts';
import { addressOf, type Given } from '../../src/aggregates/given.ts';
import { inTime } from '../../src/aggregates/in-time.ts';
import { type Layout, layoutOf } from '../../src/aggregates/layout.ts';
import type { AggregateQuery, Summed, Summing } from '../../src/aggregates/queries.ts';
import { yearsAsked } from '../../src/aggregates/rollup-plan.ts';
import type { Selection } from '../../src/aggregates/selection.ts';
import type { Db } from '../../src/db/database.ts';
import { lastYearOwed, yearInShanghai } from '../../src/http/calendar.ts';
import {
  contains,
  effectiveReports,
  every,
  isWithin,
  organFiltersEver,
  reportFilters,
  subtreeOf,
} from '../../src/reports/filters.ts';
import type { Unseen } from '../../src/walk/unseen.ts';
import { bitOf, isAmong, setOf, sizeOf, yearsHeld, yearsSince, yearsUntil } from './year-sets.ts';

/** The name of a key's column where it could be another's. */
const columnOf = (key: string) => (key in dimensions ? `by_${key}` : key);

/** Rows as one JSON value: an array of each of their columns. */
const jsonOf = (columns: readonly string[]): RawBuilder<unknown> =>
  sql`json_build_array(${sql.join(columns.map((column) => sql`coalesce(json_agg(${sql.id(column)}), '[]')`))})`;

/**
 * What an aggregate answers, worked out by one statement from every report that matches and its figures: what every other way
 * is compared with, so that it takes none of them.
 */

/** Names of a row's columns in the database, which stand as `layoutOf` says; names of organs have none. */
const columnNames = ({ organName }: Layout): string[] =>
  Array.from({ length: organName }, (_, place) => `column_${place}`);

/** That the revision of `facts` has them. */
function isThere({ of, figures }: Given): RawBuilder<SqlBool> {
  const cells = figures.map((figure) => {
    const row = of.rowKeys.map((key) => sql`${sql.ref(`whole.${key}`)} = ${figure.keys[key]}`);
    return sql`exists (select from ${sql.table(of.table)} as whole where whole.revision_id = facts.revision_id
      and ${sql.join([...row, sql`${sql.ref(`whole.${addressOf(of, figure).column}`)} is not null`], sql` and `)})`;
  });
  return sql`(${sql.join(cells, sql` or `)})`;
}

/** The cell in a column of `facts`, with a number only where its report has all that the selection asks to be there. */
function cellOf(aggregate: Aggregate, { given = [] }: Selection, column: string | null): AggregateCell {
  const cell = aggregate.cell(column);
  if (given.length === 0) return cell;
  return { ...cell, value: sql`case when ${every(given.map(isThere))} then ${cell.value} end` };
}

/**
 * The `years` in which organs had a consolidated report above them, of `tops` with its years by organ, as relations `links`,
 * `above` and `circled` of from-rows.ts say, of each combination of its keys; at least for those links of which `of` holds.
 * Where parents run in a circle, an organ is above itself, and does not cover itself.
 */
const coveredBy = (
  tops: RawBuilder<unknown>,
  keys: readonly string[],
  of: RawBuilder<SqlBool> = sql`true`,
): RawBuilder<unknown> => {
  const names = sql.join([sql``, ...keys.map((key) => sql.id(key))]);
  const topsAbove = sql`above join ${tops} as tops on tops.organ_id = above.ancestor_id`;
  const years = sql`tops.years & ${yearsHeld('above')}`;
  return sql`
    select organ_id ${names}, bit_or(years) as years from (
      select links.organ_id ${names}, links.years & tops.years as years
      from links join (
        select above.organ_id as parent_id ${names}, bit_or(${years}) as years
        from ${topsAbove} group by above.organ_id ${names}
      ) as tops using (parent_id)
      where links.organ_id not in (select organ_id from circled) and ${of}
      union all
      select circled.organ_id ${names}, circled.years & ${years}
      from circled join ${topsAbove} on above.organ_id = circled.parent_id and tops.organ_id <> circled.organ_id
    ) as covers where years <> 0 group by organ_id ${names}`;
};

/** The trees that a query asks for as `placed`, as a CTE: which organs were part of them at the end of which years. */
const placedOf = (query: AggregateQuery): RawBuilder<unknown> =>
  query.under
    ? sql`placed as materialized (
      select * from (
        select id, bit_or(${yearsHeld('subtree')}) & ${setOf(yearsAsked(query).years)} as years
        from (${subtreeOf(query.under)} select * from subtree) as subtree group by id
      ) as sets where years <> 0
    ),`
    : sql``;

/** Joins `placed` with an organ in a year, if trees are asked for. */
const joinPlaced = ({ under }: AggregateQuery, organ: string, year: string): RawBuilder<unknown> =>
  under ? sql`join placed on placed.id = ${sql.ref(organ)} and ${isAmong(year, 'placed.years')}` : sql``;

/** These members and, as columns, what organs are told apart by. */
const listOf = (
  members: RawBuilder<unknown>,
  groupBy: readonly string[],
  keyed: (key: string) => RawBuilder<unknown>,
) =>
  sql.join([members, ...organKeysOf(groupBy).map((key) => sql`${keyed(key)} as ${sql.id(columnOf(key))}`)]);

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

/** The years of a relation's reports of a scope. */
const yearsInScope = (scope: string, of: string) =>
  sql`coalesce(bit_or(${bitOf(`${of}.year`)}) filter (where ${sql.ref(`${of}.scope`)} = ${sql.lit(scope)}), 0)`;

/** The reports that match, one by one as `listed`, and as `found` the years of each organ and edition with one of each scope. */
function candidatesOf(
  aggregate: Aggregate,
  query: AggregateQuery,
  groupBy: readonly string[],
): RawBuilder<unknown> {
  const keys = organKeysOf(groupBy).map((key) => sql.id(columnOf(key)));
  return sql`
    listed as materialized (${ofReports(aggregate, query, groupBy)}),
    found as materialized (
      select ${sql.join([sql`organ_id, edition`, ...keys])},
        ${yearsInScope('own', 'listed')} as own, ${yearsInScope('consolidated', 'listed')} as consolidated
      from listed group by ${sql.join([sql`organ_id, edition`, ...keys])}
    )`;
}

/** The sums of what is `used`, as CTEs of which the last is `summed`; cut off after `most` rows. */
function sumsOfUsed({ aggregate, selection }: Summing, most: number): RawBuilder<unknown> {
  const keys = layoutOf(aggregate, selection).keys.map((key) => {
    if (key === 'year') return sql`used_reports.year`;
    if (key === 'edition') return sql`used_reports.edition`;
    return sql.id(key in dimensions ? 'used_reports' : 'chosen', columnOf(key));
  });
  const figures = selection.columns.flatMap((column) => {
    const { value, blank, unit_unknown } = cellOf(aggregate, selection, column);
    const count = (which: RawBuilder<unknown>) => sql`count(*) filter (where ${which})`;
    return [sql`sum(${value})`, count(blank), ...(unit_unknown ? [count(unit_unknown)] : [])];
  });
  const answered = [...keys, sql`count(*)`, sql`count(distinct used_reports.revision_id)`, ...figures];
  return sql`
    used_reports as materialized (
      select listed.revision_id, listed.year, used.*
      from listed join used on used.organ_id = listed.organ_id
        and ${isAmong('listed.year', 'used.years')} and (listed.scope = 'consolidated') = (${isAmong('listed.year', 'used.consolidated')})
    ),
    summed as (
      select ${sql.join(answered.map((each, place) => sql`${each} as ${sql.id(`column_${place}`)}`))}
      from used_reports cross join lateral (select * from ${sql.table(aggregate.table)} as of_report where of_report.revision_id = used_reports.revision_id offset 0) as facts
        join ${chosenRelation(aggregate, selection)} on ${isChosenRow(aggregate)}
      ${keys.length === 0 ? sql`having count(*) > 0` : sql`group by ${sql.join(keys)}`}
      limit ${most}
    )`;
}

/** All of the relation `summed`, of columns as `layoutOf` says, with names of organs, as one JSON value. */
function allSums({ aggregate, selection }: Summing): RawBuilder<unknown> {
  const layout = layoutOf(aggregate, selection);
  const names = columnNames(layout);
  const sums = new Set(layout.columns.map(({ sum }) => sum));
  const written = names.map(
    (name, place) => sql`${sql.id(name)}${sql.raw(sums.has(place) ? '::text' : '')} as ${sql.id(name)}`,
  );
  const organ = layout.keys.indexOf('organ');
  if (organ < 0)
    return sql`(select ${jsonOf(names)} from (select ${sql.join(written)} from summed) as named)`;
  return sql`(
    select ${jsonOf([...names, 'organ_name'])} from (
      select ${sql.join(written)}, organs.name as organ_name
      from summed join organs on organs.id = ${sql.id(names[organ]!)}
    ) as named)`;
}

/**
 * For text, organs asked about are those of that name; whoever has a candidate belongs to them as well: distinct, since more
 * than fit into memory by estimate would be gone through for each organ.
 */
const named = ({ q }: AggregateQuery): RawBuilder<SqlBool> =>
  q === undefined
    ? sql`true`
    : sql`(${contains(sql`organs.name`, q)} or organs.id in (select distinct organ_id from found))`;

/** The years in which organs owe a report, as a set. */
function yearsOwed(query: AggregateQuery): RawBuilder<unknown> {
  const { owed } = yearsAsked(query);
  return owed
    ? setOf(owed)
    : sql`(select bit_or(${bitOf('year')}) from used_by_year where year <= ${lastYearOwed()})`;
}

/** The years at whose end `organs` of `expected` stood in one of the areas that are asked for. */
function yearsWithin(division: readonly string[]): RawBuilder<unknown> {
  const earlier = sql`select bit_or(${bitOf('earlier.year')}) as all, bit_or(${bitOf('earlier.year')}) filter (where ${isWithin('earlier.place_code', division)}) as within
    from organ_earlier_places as earlier where earlier.organ_id = organs.id`;
  return sql`(select coalesce(within, 0) | case when ${isWithin('organs.place_code', division)} then ~coalesce("all", 0) else 0 end from (${earlier}) as earlier)`;
}

/** The years in which `organs` of `expected` have a text in their name, which is all of them, or a report that matches. */
const yearsNamed = (q: string): RawBuilder<unknown> =>
  sql`case when ${contains(sql`organs.name`, q)} then -1
    else (select bit_or(found.own | found.consolidated) from found where found.organ_id = organs.id) end`;

/** The answer. Problem `too-many-cells` (422) where it has `most` rows. */
export async function sumFromRows(
  db: Db,
  aggregate: Aggregate,
  query: AggregateQuery,
  selection: Selection,
  most: number,
): Promise<Summed> {
  const { under, ...others } = query;
  const { groupBy } = selection;
  const keys = organKeysOf(groupBy).map(columnOf);
  const names = sql.join([sql`organ_id`, ...keys.map((key) => sql.id(key))]);
  const sameGroup = keys.map(
    (key) => sql<SqlBool>`${sql.id('covers', key)} is not distinct from ${sql.id('found', key)}`,
  );
  // Nothing above an organ is of its group.
  const isByOrgan = groupBy.includes('organ');
  const hasCovers = keys.length > 0 && !isByOrgan;
  const uncovered = isByOrgan ? sql`` : sql`& ~coalesce(covers.years, 0)`;
  const years = yearsAsked(query).years.filter((year) => year <= yearInShanghai() + 1);
  const summing = { aggregate, selection };
  const areFew = sql`(select count(*) from summed) < ${most}`;
  const overlapping = sql`select coalesce(sum(${sizeOf(sql`used.years & covers.years`)}), 0)::int
    from used join (${coveredBy(sql`(select organ_id, consolidated as years from used where consolidated <> 0)`, [])}) as covers
      on covers.organ_id = used.organ_id`;
  const statement = sql<
    Omit<Summed, 'rows' | 'editions' | 'captured'> & {
      rows: Columns | null;
      editions: Summed['editions'];
    }
  >`
    with recursive ${placedOf(query)} ${candidatesOf(aggregate, query, groupBy)},
    tops as materialized (
      select ${names}, bit_or(consolidated) as years from found where consolidated <> 0 group by ${names}
    ),
    expected as materialized (
      select organs.id, organs.name, organs.abolished_on, organs.place_code from organs
      where ${organFiltersEver(others)} and ${named(query)} ${under ? sql`and organs.id in (select id from placed)` : sql``}
    ),
    -- Who stands above whom, and when. Many organs have the same one above them, from which the way up is walked once,
    -- while each of its links held.
    links as materialized (
      select parents.*, ${yearsHeld('parents')} as years
      from expected join organ_parents as parents on parents.organ_id = expected.id
      where exists (select from tops)
    ),
    above (organ_id, ancestor_id, valid_from, valid_to) as (
      select distinct parent_id, parent_id, date '-infinity', date 'infinity' from links
      union
      select above.organ_id, higher.parent_id,
        greatest(above.valid_from, higher.valid_from), least(above.valid_to, higher.valid_to)
      from above, lateral (select * from organ_parents as parents where parents.organ_id = above.ancestor_id
        and parents.valid_from <= above.valid_to and parents.valid_to >= above.valid_from offset 0) as higher
    ),
    -- Links of organs that are above themselves.
    circled as materialized (
      select links.* from links where organ_id in (
        select links.organ_id from links join above on above.organ_id = links.parent_id and above.ancestor_id = links.organ_id)
    ),
    covers as materialized (${coveredBy(sql`tops`, [])}),
    ${
      hasCovers
        ? sql`covers_in_group as materialized (${coveredBy(sql`tops`, keys, sql`links.organ_id in (select organ_id from found)`)}),`
        : sql``
    }
    -- Of found years, those in which nothing above stands for the organ, nor its consolidated report for its own.
    used as materialized (
      select sets.*, own | consolidated as years from (
        select found.organ_id, found.edition ${sql.join([sql``, ...keys.map((key) => sql.id('found', key))])},
          found.own & ~coalesce(topped.years, 0) ${uncovered} as own, found.consolidated ${uncovered} as consolidated
        from found
          left join (select organ_id, bit_or(years) as years from tops group by organ_id) as topped on topped.organ_id = found.organ_id
          ${isByOrgan ? sql`` : sql`left join ${hasCovers ? sql`covers_in_group as covers` : sql`covers`} on covers.organ_id = found.organ_id and ${every(sameGroup)}`}
      ) as sets where own | consolidated <> 0
    ),
    asked_years as (select unnest(${years}::int[]) as year),
    used_by_year as materialized (
      select year, edition, sum(amount)::int as reports
      from (select edition, years, count(*) as amount from used group by edition, years) as sets
        join asked_years on ${isAmong('asked_years.year', 'sets.years')}
      group by year, edition
    ),
    ${sumsOfUsed(summing, most)},
    owed as materialized (
      select organs.id, ${sql.join(
        [
          yearsOwed(query),
          yearsUntil('organs.abolished_on'),
          yearsSince('organs.id'),
          ...(query.division ? [yearsWithin(query.division)] : []),
          ...(under ? [sql`placed.years`] : []),
          ...(query.q === undefined ? [] : [yearsNamed(query.q)]),
        ],
        sql` & `,
      )} as years
      from expected as organs ${under ? sql`join placed on placed.id = organs.id` : sql``}
    ),
    by_organ as (
      select organ_id, bit_or(found) as found, bit_or(used) as used, bit_or(covered) as covered
      from (
        select organ_id, own | consolidated as found, 0::bigint as used, 0::bigint as covered from found
        union all select organ_id, 0, years, 0 from used
        union all select organ_id, 0, 0, years from covers
      ) as years group by organ_id
    ),
    counted as (
      select coalesce(sum(${sizeOf(sql`owed.years`)}), 0)::int as expected,
        coalesce(sum(${sizeOf(sql`owed.years & coalesce(covered, 0) & ~coalesce(used, 0)`)}), 0)::int as covered,
        coalesce(sum(${sizeOf(sql`owed.years & ~coalesce(found, 0) & ~coalesce(covered, 0)`)}), 0)::int as missing
      from owed left join by_organ on by_organ.organ_id = owed.id
    )
    select
      case when ${areFew} then ${allSums(summing)} end as rows,
      (select coalesce(sum(reports), 0)::int from used_by_year) as reports,
      counted.expected as organs_expected, counted.covered as organs_covered, counted.missing as organs_missing,
      (${keys.length === 0 ? sql`0` : overlapping}) as overlapping,
      array(select distinct year from used_by_year order by year) as years,
      (select coalesce(json_agg(by_edition order by year, edition), '[]') from (
        select year, edition, sum(reports)::int as reports from used_by_year group by year, edition) as by_edition) as editions,
      now() as as_of
    from counted`;
  const { rows } = await inTime(statement.execute(db));
  const { rows: summed, ...rest } = rows[0]!;
  if (summed === null) refuseCells();
  return {
    ...rest,
    rows: summed,
    captured: capturedIn(layoutOf(aggregate, selection), summed),
  };
}

/** Of the codes that a query names, where it names several of a filter, those of which no report is that matches it. */
export async function unseenInRows(
  db: Db,
  query: AggregateQuery,
  groupBy: readonly string[],
): Promise<Unseen[]> {
  const { basis = 'auto' } = query;
  const looked = ['scope', 'division', 'level', 'kind'].flatMap((filter) => {
    const codes = [...new Set((query[filter] ?? []) as string[])];
    return codes.length < 2 || groupBy.includes(filter) ? [] : codes.map((code) => ({ filter, code }));
  });
  if (looked.length === 0) return [];
  const ofBasis = basis === 'auto' ? sql`true` : sql`reports.scope = ${basis}`;
  const isSeen = looked.map(
    ({ filter, code }) =>
      sql`exists (select from ${effectiveReports} where ${reportFilters({ ...query, [filter]: [code] })} and ${ofBasis})`,
  );
  const { rows } = await sql<{ seen: boolean[] }>`select array[${sql.join(isSeen)}] as seen`.execute(db);
  const unseen = Map.groupBy(
    looked.filter((_, index) => !rows[0]!.seen[index]),
    ({ filter }) => filter,
  );
  return [...unseen].map(([filter, codes]) => ({ filter, codes: codes.map(({ code }) => code) }));
}
