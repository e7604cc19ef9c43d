import { type RawBuilder, type SqlBool, sql } from 'kysely';
import type { Db } from '../db/database.ts';
import { yearInShanghai } from '../http/calendar.ts';
import { contains, organFiltersEver, placeFilters, yearsOf } from '../reports/filters.ts';
import type { Aggregate } from './aggregate.ts';
import { candidatesOf, isPlaced, placedOf } from './candidates.ts';
import { byColumn, chosenRelation, isChosenRow, jsonOf } from './chosen.ts';
import { dimensions } from './dimensions.ts';
import { addressOf, cellOf } from './given.ts';
import { inTime } from './in-time.ts';
import { type AggregateQuery, columnOf, layoutOf, type Summed } from './queries.ts';
import type { Refining } from './refined.ts';
import { refinedSums, type Sent, sentOf } from './refined-sums.ts';
import { cellsOfUsed, figuresAt } from './segment-cells.ts';
import type { Selection } from './selection.ts';

/** For text, organs asked about are those of that name; whoever has a candidate belongs to them as well. */
const named = ({ q }: AggregateQuery): RawBuilder<SqlBool> =>
  q === undefined
    ? sql`true`
    : sql`(${contains(sql`organs.name`, q)} or organs.id in (select organ_id from candidates))`;

/** The years in which organs owe a report: those asked about that have begun, otherwise those of the reports used. */
function askedYears({ year }: AggregateQuery): RawBuilder<unknown> {
  const years = yearsOf(year)?.filter((each) => each <= yearInShanghai());
  return years ? sql`select unnest(${years}::int[]) as year` : sql`select distinct used.year from used`;
}

/** What is answered of each group of cells: see `layoutOf`. */
function figuresOf({ hasUnits }: Aggregate, { columns, rowsAreReports }: Selection) {
  const figures = columns.flatMap((_, place) => [
    sql`sum(${sql.id(`value_${place}`)})::text`,
    sql`sum(${sql.id(`blank_${place}`)})`,
    ...(hasUnits ? [sql`sum(${sql.id(`unknown_${place}`)})`] : []),
  ]);
  const reports = rowsAreReports ? sql`count(*)` : sql`count(distinct revision_id)`;
  return [sql`sum(rows)`, reports, ...figures];
}

/** The figures of what is used as a relation `cells`, and what that needs as CTEs before it. */
function cellsOfUsedReports(
  aggregate: Aggregate,
  selection: Selection,
  inSegments: boolean,
): RawBuilder<unknown> {
  // Keys of rows stand in a relation of their own.
  const columnsWith = (own: string) => [
    ...layoutOf(aggregate, selection).keys.map((key) =>
      sql.id(key in dimensions ? 'used' : own, columnOf(key)),
    ),
    sql`used.revision_id`,
  ];
  const figures = selection.columns.map((column, place) => {
    const { value, blank, unit_unknown } = cellOf(aggregate, selection, column);
    return figuresAt(
      aggregate,
      place,
      value,
      sql`(${blank})::int`,
      sql`(${unit_unknown ?? sql`false`})::int`,
    );
  });
  const table = sql.table(aggregate.table);
  const rows = new Set(selection.figures.map((figure) => addressOf(aggregate, figure).row)).size;
  const ofReports = (facts: RawBuilder<unknown>) => sql`
    select ${sql.join([...columnsWith('chosen'), sql`1 as rows`, ...figures])}
    from used ${facts} join ${chosenRelation(aggregate, selection)} on ${isChosenRow(aggregate)}`;
  if (!inSegments || selection.columns.length === 0)
    return sql`cells as (${ofReports(sql`join ${table} as facts on facts.revision_id = used.revision_id`)})`;
  return sql`
    segments as materialized (
      select * from rollup_segments where (year, province) in (select year, province from used)
    ),
    -- A row of a report that is looked up takes three times as long as one read among all others, the report 25 times.
    ways as materialized (
      select count(*) * ${sql.lit(25 + 3 * rows)} > (select sum(amount) * ${sql.lit(rows)} from segments) as in_a_row
      from used where province is not null
    ),
    cells as (
      ${ofReports(sql`cross join lateral (select * from ${table} as of_report where of_report.revision_id = used.revision_id offset 0) as facts`)}
      where used.province is null or not (select in_a_row from ways)
      union all ${cellsOfUsed(aggregate, selection, columnsWith('entries'), sql`(select in_a_row from ways)`)}
    )`;
}

/**
 * The answer worked out from every report that matches and its figures. Where there are `most` rows, they are refined as
 * `refining` says, which must not need other years. With `fewReports`, segments may tell which there are and what they say:
 * see `candidatesOf`; without, their own tables do.
 */
export async function sumFromRows(
  db: Db,
  aggregate: Aggregate,
  query: AggregateQuery,
  selection: Selection,
  most: number,
  refining?: Refining,
  fewReports?: number,
): Promise<Summed> {
  const { under, ...others } = query;
  const { groupBy } = selection;
  const layout = layoutOf(aggregate, selection);
  const reportKeys = groupBy.filter((key) => key in dimensions);
  const organKeys = reportKeys.filter((key) => dimensions[key]!.ofOrgan).map(columnOf);
  const sameGroup = [
    sql`true`,
    ...organKeys.map(
      (key) => sql`${sql.id('covers', key)} is not distinct from ${sql.id('candidates', key)}`,
    ),
  ];
  const keys = layout.keys.map((key) => sql.id(columnOf(key)));
  const answered = [...keys, ...figuresOf(aggregate, selection)];
  const names = answered.map((_, place) => `column_${place}`);
  const organ = layout.keys.indexOf('organ');
  const all =
    organ < 0
      ? byColumn('summed', names)
      : sql`(select ${jsonOf([...names, 'organ_name'])} from (
          select summed.*, name as organ_name from summed join organs on id = ${sql.id(names[organ]!)}) as named)`;
  const refined = refining && refinedSums(aggregate, selection, refining);
  const overlapping = sql`select count(*) from used where exists (
    select from covers join used as other on other.revision_id = covers.revision_id
    where covers.covered_id = used.organ_id and covers.year = used.year)`;
  const { rows } = await inTime(
    sql<Sent<Summed>>`
    with recursive ${placedOf(query)} ${candidatesOf(aggregate, query, groupBy, fewReports)},
    tops as materialized (select * from candidates where scope = 'consolidated'),
    expected as materialized (
      select organs.id, organs.abolished_on, organs.place_code from organs
      where ${organFiltersEver(others)} and ${named(query)} ${under ? sql`and organs.id in (select id from placed)` : sql``}
    ),
    -- Who stands above whom, and when. Many organs have the same one above them, from which the way up is walked once,
    -- while each of its links held.
    links as materialized (
      select parents.* from expected join organ_parents as parents on parents.organ_id = expected.id
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
    tops_above as materialized (
      select above.organ_id as parent_id, tops.* from above join tops on tops.organ_id = above.ancestor_id
        and make_date(tops.year, 12, 31) between above.valid_from and above.valid_to
    ),
    covers as materialized (
      select links.organ_id as covered_id, tops.* from links join tops_above as tops on tops.parent_id = links.parent_id
        and make_date(tops.year, 12, 31) between links.valid_from and links.valid_to
      where tops.organ_id <> links.organ_id
    ),
    used as materialized (
      select * from candidates
      where not exists (
          select from covers where covers.covered_id = candidates.organ_id and covers.year = candidates.year
            and ${sql.join(sameGroup, sql` and `)})
        and (scope = 'consolidated' or not exists (
          select from tops where tops.organ_id = candidates.organ_id and tops.year = candidates.year))
    ),
    ${cellsOfUsedReports(aggregate, selection, fewReports !== undefined)},
    summed as (
      select ${sql.join(answered.map((each, place) => sql`${each} as ${sql.id(`column_${place}`)}`))}
      from cells
      ${keys.length === 0 ? sql`having count(*) > 0` : sql`group by ${sql.join(keys)}`}
      ${refined ? sql`` : sql`limit ${most}`}
    ),
    years as (${askedYears(query)}),
    owed as (
      select organs.id, years.year from expected as organs join years
        on coalesce(organs.abolished_on >= make_date(years.year, 1, 1), true)
      where ${placeFilters(others, sql`(organs.id, years.year)`, yearsOf(query.year))} and ${isPlaced(query, sql`(organs.id, years.year)`)}
    ),
    -- Grouped, not joined: how many there are of each is not known beforehand.
    accounted as (
      select bool_or(of = 'used') as is_used, bool_or(of = 'covers') as is_covered, bool_or(of <> 'owed') as is_reported
      from (
        select id, year, 'owed' as of from owed
        union all select organ_id, year, 'used' from used
        union all select covered_id, year, 'covers' from covers
        union all select organ_id, year, 'candidates' from candidates
      ) as organs group by id, year having bool_or(of = 'owed')
    ),
    counted as (
      select count(*) as expected, count(*) filter (where is_covered and not is_used) as covered,
        count(*) filter (where not is_reported) as missing
      from accounted
    )
    select
      case when (select count(*) from summed) < ${most} then ${all} end as rows,
      ${refined ? sql`case when (select count(*) from summed) >= ${most} then ${refined} end as refined,` : sql``}
      (select count(*) from used) as reports,
      counted.expected as organs_expected, counted.covered as organs_covered, counted.missing as organs_missing,
      (${organKeys.length === 0 ? sql`0` : overlapping}) as overlapping,
      (select coalesce(array_agg(distinct year order by year), '{}') from used) as years,
      (select coalesce(array_agg(distinct edition order by edition), '{}') from used) as editions,
      now() as as_of
    from counted ${fewReports === undefined ? sql`` : sql`cross join rollup_state`}`.execute(db),
  );
  return sentOf(rows[0]!);
}
