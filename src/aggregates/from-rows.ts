import { type RawBuilder, type SqlBool, sql } from 'kysely';
import type { Db } from '../db/database.ts';
import { yearInShanghai } from '../http/calendar.ts';
import { contains, every, organFiltersEver, placeFilters, yearsOf } from '../reports/filters.ts';
import type { Aggregate } from './aggregate.ts';
import { candidatesOf, isPlaced, placedOf } from './candidates.ts';
import { tooManyRows } from './cells.ts';
import { chosenRelation, isChosenRow } from './chosen.ts';
import { bitOf, coveredBy, isAmong, yearsHeld } from './covered-years.ts';
import { dimensions } from './dimensions.ts';
import { addressOf, cellOf } from './given.ts';
import { inTime } from './in-time.ts';
import {
  type AggregateQuery,
  type Besides,
  columnOf,
  layoutOf,
  type Summed,
  type Summing,
} from './queries.ts';
import { allSums, fewSums, refinedSums, type Sent, sentOf } from './refined-sums.ts';
import { cellsOfUsed, figuresAt } from './segment-cells.ts';
import type { Selection } from './selection.ts';

/**
 * For text, organs asked about are those of that name; whoever has a candidate belongs to them as well: distinct, since more
 * than fit into memory by estimate would be gone through for each organ.
 */
const named = ({ q }: AggregateQuery): RawBuilder<SqlBool> =>
  q === undefined
    ? sql`true`
    : sql`(${contains(sql`organs.name`, q)} or organs.id in (select distinct organ_id from candidates))`;

/** The years in which organs owe a report: those asked about that have begun, otherwise those of the reports used. */
function askedYears({ year }: AggregateQuery): RawBuilder<unknown> {
  const years = yearsOf(year)?.filter((each) => each <= yearInShanghai());
  return years ? sql`select unnest(${years}::int[]) as year` : sql`select distinct year from used_by_year`;
}

/** What is answered of each group of cells: see `layoutOf`. */
function figuresOf({ hasUnits }: Aggregate, { columns, rowsAreReports }: Selection) {
  const figures = columns.flatMap((_, place) => [
    sql`sum(${sql.id(`value_${place}`)})`,
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

/** The sums of what is used, as CTEs of which the last is `summed`; cut off after `most` rows, if at all. */
function sumsOfUsedReports(
  { aggregate, selection }: Summing,
  inSegments: boolean,
  most: number | undefined,
): RawBuilder<unknown> {
  const keys = layoutOf(aggregate, selection).keys.map((key) => sql.id(columnOf(key)));
  const answered = [...keys, ...figuresOf(aggregate, selection)];
  return sql`
    ${cellsOfUsedReports(aggregate, selection, inSegments)},
    summed as (
      select ${sql.join(answered.map((each, place) => sql`${each} as ${sql.id(`column_${place}`)}`))}
      from cells
      ${keys.length === 0 ? sql`having count(*) > 0` : sql`group by ${sql.join(keys)}`}
      ${most === undefined ? sql`` : sql`limit ${most}`}
    )`;
}

/** How the answer is worked out. */
interface FromRows extends Pick<Besides, 'refining' | 'also'> {
  /** With it, segments may tell which reports there are and what they say: see `candidatesOf`; without, their own tables do. */
  fewReports?: number;
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
  { refining, fewReports, also }: FromRows = {},
): Promise<Summed> {
  const { under, ...others } = query;
  const { groupBy } = selection;
  const inSegments = fewReports !== undefined;
  const reportKeys = groupBy.filter((key) => key in dimensions);
  const organKeys = reportKeys.filter((key) => dimensions[key]!.ofOrgan).map(columnOf);
  const sameGroup = organKeys.map(
    (key) => sql<SqlBool>`${sql.id('covers', key)} is not distinct from ${sql.id('candidates', key)}`,
  );
  const summing = { aggregate, selection };
  const refined = refining && refinedSums(aggregate, selection, refining);
  const areFew = sql`(select count(*) from summed) < ${most}`;
  const overlapping = sql`select count(*) from used join (${coveredBy(sql`used`, [])}) as covers
    on covers.organ_id = used.organ_id and ${isAmong('used.year', 'covers.years')}`;
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
    covers as materialized (${coveredBy(sql`tops`, organKeys)}),
    used as materialized (
      select * from candidates
      where not exists (
          select from covers where covers.organ_id = candidates.organ_id and ${isAmong('candidates.year', 'covers.years')}
            and ${every(sameGroup)})
        -- Not by exists, whose estimated cost hides that of comparing each with each above.
        and (scope = 'consolidated' or (organ_id, year) not in (select organ_id, year from tops))
    ),
    used_by_year as materialized (select year, edition, count(*) as reports from used group by year, edition),
    ${
      inSegments
        ? sql`segments as materialized (
          select * from rollup_segments where (year, province) in (select year, province from used)
        ),`
        : sql``
    }
    ${sumsOfUsedReports(summing, inSegments, refined ? undefined : most)},
    years as (${askedYears(query)}),
    owed as (
      select organs.id, years.year from expected as organs join years
        on coalesce(organs.abolished_on >= make_date(years.year, 1, 1), true)
      where ${placeFilters(others, sql`(organs.id, years.year)`, yearsOf(query.year))} and ${isPlaced(query, sql`(organs.id, years.year)`)}
    ),
    by_organ as (
      select organ_id, bit_or(found) as found, bit_or(used) as used, bit_or(covered) as covered
      from (
        select organ_id, ${bitOf('year')} as found, 0::bigint as used, 0::bigint as covered from candidates
        union all select organ_id, 0, ${bitOf('year')}, 0 from used
        union all select organ_id, 0, 0, years from covers
      ) as years group by organ_id
    ),
    counted as (
      select count(*) as expected,
        count(*) filter (where ${isAmong('owed.year', 'covered')} and not ${isAmong('owed.year', 'used')}) as covered,
        count(*) filter (where organ_id is null or not ${isAmong('owed.year', 'found')} and not ${isAmong('owed.year', 'covered')}) as missing
      from owed left join by_organ on by_organ.organ_id = owed.id
    )
    select
      case when ${areFew} then ${allSums(summing)} end as rows,
      ${refined ? sql`case when not ${areFew} then ${refined} end as refined,` : sql``}
      ${also ? sql`case when ${areFew} then (with ${sumsOfUsedReports(also, inSegments, tooManyRows(also))} ${fewSums(also)}) end as also,` : sql``}
      (select coalesce(sum(reports), 0)::int from used_by_year) as reports,
      counted.expected as organs_expected, counted.covered as organs_covered, counted.missing as organs_missing,
      (${organKeys.length === 0 ? sql`0` : overlapping}) as overlapping,
      array(select distinct year from used_by_year order by year) as years,
      array(select distinct edition from used_by_year order by edition) as editions,
      now() as as_of
    from counted ${inSegments ? sql`cross join rollup_state` : sql``}`.execute(db),
  );
  return sentOf(rows[0]!);
}
