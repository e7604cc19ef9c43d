import { type RawBuilder, type SqlBool, sql } from 'kysely';
import type { Db } from '../db/database.ts';
import { yearInShanghai } from '../http/calendar.ts';
import { containing, organFiltersEver, placeFilters, yearsOf } from '../reports/filters.ts';
import type { Aggregate } from './aggregate.ts';
import { candidatesOf } from './candidates.ts';
import { byColumn, chosenRelation, isChosenRow, jsonOf } from './chosen.ts';
import { dimensions } from './dimensions.ts';
import { cellOf } from './given.ts';
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
    : sql`(organs.name ilike ${containing(q)} or organs.id in (select organ_id from candidates))`;

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

/** Where ways to the same answer part. */
export interface Ways {
  /** Of more organs asked about, it is looked from consolidated reports down what these are above, not from them up. */
  fewOrgans: number;
  /** More reports are looked for in segments than in their own tables, and figures of more are read there. */
  fewReports: number;
}

export const quickWays: Ways = { fewOrgans: 20_000, fewReports: 1_000 };

/** The figures of what is used as a relation `cells`, and what that needs as CTEs before it. */
function cellsOf(aggregate: Aggregate, selection: Selection, fewReports: number): RawBuilder<unknown> {
  const keys = layoutOf(aggregate, selection).keys.map(
    (key) => sql`${sql.id(key in dimensions ? 'used' : 'chosen', columnOf(key))}`,
  );
  const columns = [...keys, sql`used.revision_id`];
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
  const ofReports = (which: RawBuilder<SqlBool>) => sql`
    select ${sql.join([...columns, sql`1 as rows`, ...figures])}
    from used join ${sql.table(aggregate.table)} as facts on facts.revision_id = used.revision_id
      join ${chosenRelation(aggregate, selection)} on ${isChosenRow(aggregate)}
    where ${which}`;
  if (fewReports === Number.POSITIVE_INFINITY || selection.columns.length === 0)
    return sql`cells as (${ofReports(sql`true`)})`;
  return sql`
    places as (
      select distinct year, province from used join rollup_organ_years using (organ_id, year)
      where (select count(*) from used) > ${sql.lit(fewReports)}
    ),
    segments as materialized (
      select * from rollup_segments where (year, province) in (select year, province from places)
    ),
    found as materialized (
      select revision_id from segments, unnest(revisions) as revision_id
      where revision_id in (select revision_id from used)
    ),
    cells as (
      ${ofReports(sql`used.revision_id not in (select revision_id from found)`)}
      union all ${cellsOfUsed(aggregate, selection, columns)}
    )`;
}

/**
 * The answer worked out from every report that matches and its figures. Where there are `most` rows, they are refined as
 * `refining` says, which must not need other years.
 */
export async function sumFromRows(
  db: Db,
  aggregate: Aggregate,
  query: AggregateQuery,
  selection: Selection,
  most: number,
  refining?: Refining,
  { fewOrgans, fewReports }: Ways = { ...quickWays, fewReports: Number.POSITIVE_INFINITY },
): Promise<Summed> {
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
    with recursive ${candidatesOf(aggregate, query, groupBy, fewReports)},
    tops as materialized (select * from candidates where scope = 'consolidated'),
    expected as materialized (
      select organs.id, organs.abolished_on, organs.place_code from organs where ${organFiltersEver(query)} and ${named(query)}
    ),
    are_few as materialized (select (select count(*) from expected) <= ${sql.lit(fewOrgans)} as are_few),
    -- Who stands above whom, and when: the way up from the organs asked about, while each of its links held.
    above (organ_id, ancestor_id, valid_from, valid_to) as (
      select higher.organ_id, higher.parent_id, higher.valid_from, higher.valid_to
      from expected, lateral (select * from organ_parents as parents where parents.organ_id = expected.id offset 0) as higher
      where exists (select from tops) and (select are_few from are_few)
      union
      select above.organ_id, higher.parent_id,
        greatest(above.valid_from, higher.valid_from), least(above.valid_to, higher.valid_to)
      from above, lateral (select * from organ_parents as parents where parents.organ_id = above.ancestor_id
        and parents.valid_from <= above.valid_to and parents.valid_to >= above.valid_from offset 0) as higher
    ),
    -- The same as the way down from consolidated reports.
    below (organ_id, ancestor_id, valid_from, valid_to) as (
      select lower.organ_id, lower.parent_id, lower.valid_from, lower.valid_to
      from (select distinct organ_id from tops where not (select are_few from are_few)) as roots,
        lateral (select * from organ_parents as parents where parents.parent_id = roots.organ_id offset 0) as lower
      union
      select lower.organ_id, below.ancestor_id,
        greatest(below.valid_from, lower.valid_from), least(below.valid_to, lower.valid_to)
      from below, lateral (select * from organ_parents as parents where parents.parent_id = below.organ_id
        and parents.valid_from <= below.valid_to and parents.valid_to >= below.valid_from offset 0) as lower
    ),
    covers as materialized (
      select above.organ_id as covered_id, tops.* from (select * from above union all select * from below) as above
        join tops on tops.organ_id = above.ancestor_id
        and make_date(tops.year, 12, 31) between above.valid_from and above.valid_to
      where above.ancestor_id <> above.organ_id
    ),
    used as materialized (
      select * from candidates
      where not exists (
          select from covers where covers.covered_id = candidates.organ_id and covers.year = candidates.year
            and ${sql.join(sameGroup, sql` and `)})
        and (scope = 'consolidated' or not exists (
          select from tops where tops.organ_id = candidates.organ_id and tops.year = candidates.year))
    ),
    ${cellsOf(aggregate, selection, fewReports)},
    summed as (
      select ${sql.join(answered.map((each, place) => sql`${each} as ${sql.id(`column_${place}`)}`))}
      from cells
      ${keys.length === 0 ? sql`having count(*) > 0` : sql`group by ${sql.join(keys)}`}
      ${refined ? sql`` : sql`limit ${most}`}
    ),
    years as (${askedYears(query)}),
    owed as materialized (
      select organs.id, years.year from expected as organs join years
        on coalesce(organs.abolished_on >= make_date(years.year, 1, 1), true)
      where ${placeFilters(query, sql`(organs.id, years.year)`, yearsOf(query.year))}
    ),
    reported as (
      select bool_or(is_used) as is_used, bool_or(is_covered) as is_covered
      from (
        select organ_id, year, false as is_used, false as is_covered from candidates
        union all select organ_id, year, true, false from used
        union all select covered_id, year, false, true from covers
      ) as reports
      -- Not to be taken for a join, which might compare each with each.
      where ((organ_id, year) in (select id, year from owed)) is true
      group by organ_id, year
    ),
    counted as (
      select count(*) as reported, count(*) filter (where is_covered and not is_used) as covered from reported
    )
    select
      case when (select count(*) from summed) < ${most} then ${all} end as rows,
      ${refined ? sql`case when (select count(*) from summed) >= ${most} then ${refined} end as refined,` : sql``}
      (select count(*) from used) as reports,
      (select count(*) from owed) as organs_expected, counted.covered as organs_covered,
      (select count(*) from owed) - counted.reported as organs_missing,
      (${organKeys.length === 0 ? sql`0` : overlapping}) as overlapping,
      (select coalesce(array_agg(distinct year order by year), '{}') from used) as years,
      (select coalesce(array_agg(distinct edition order by edition), '{}') from used) as editions,
      now() as as_of
    from counted`.execute(db),
  );
  return sentOf(rows[0]!);
}
