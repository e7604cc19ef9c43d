import { type RawBuilder, type SqlBool, sql } from 'kysely';
import type { Db } from '../db/database.ts';
import { lastYearOwed, yearInShanghai } from '../http/calendar.ts';
import { contains, every, isWithin, organFiltersEver } from '../reports/filters.ts';
import type { Aggregate } from './aggregate.ts';
import { candidatesOf, placedOf, scopesInSegments } from './candidates.ts';
import { tooManyRows } from './cells.ts';
import { coveredBy } from './covered-years.ts';
import { organKeysOf } from './dimensions.ts';
import { inTime } from './in-time.ts';
import { type AggregateQuery, type Besides, columnOf, type Summed } from './queries.ts';
import { allSums, fewSums, refinedSums, type Sent, sentOf } from './refined-sums.ts';
import { yearsAsked } from './rollup-plan.ts';
import { readSegments } from './segment-entries.ts';
import type { Selection } from './selection.ts';
import { sumsOfUsedReports } from './used-reports.ts';
import { bitOf, isAmong, setOf, sizeOf, yearsHeld, yearsUntil } from './year-sets.ts';

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
  const { candidates, areOfCountry } = candidatesOf(aggregate, query, groupBy, fewReports);
  const summing = { aggregate, selection };
  const refined = refining && refinedSums(aggregate, selection, refining);
  const areFew = sql`(select count(*) from summed) < ${most}`;
  const overlapping = sql`select coalesce(sum(${sizeOf(sql`used.years & covers.years`)}), 0)::int
    from used join (${coveredBy(sql`(select organ_id, consolidated as years from used where consolidated <> 0)`, [])}) as covers
      on covers.organ_id = used.organ_id`;
  const statement = sql<Sent<Summed>>`
    with recursive ${placedOf(query)} ${candidates},
    tops as materialized (
      select ${names}, bit_or(consolidated) as years from found where consolidated <> 0 group by ${names}
    ),
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
    covers as materialized (${coveredBy(sql`tops`, [])}),
    ${
      hasCovers
        ? sql`covers_in_group as materialized (${coveredBy(sql`tops`, keys, sql`links.organ_id in (select organ_id from found)`)}),`
        : sql``
    }
    -- Of found years, those in which nothing above stands for the organ, nor its consolidated report for its own.
    used as materialized (
      select sets.*, own | consolidated as years from (
        select found.organ_id, found.province, found.edition ${sql.join([sql``, ...keys.map((key) => sql.id('found', key))])},
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
    ${
      inSegments
        ? sql`segments as materialized (
          select * from rollup_segments where scope = any(${scopesInSegments(query)}::text[]) and (year, province) in (
            select year, province from (select distinct province, years from used where province is not null) as sets
              join asked_years on ${isAmong('asked_years.year', 'sets.years')})
        ),`
        : sql``
    }
    ${sumsOfUsedReports(summing, inSegments, refined ? undefined : most)},
    owed as materialized (
      select organs.id, ${sql.join(
        [
          yearsOwed(query),
          yearsUntil('organs.abolished_on'),
          ...(query.division ? [yearsWithin(query.division)] : []),
          ...(under ? [sql`placed.years`] : []),
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
      ${refined ? sql`case when not ${areFew} then ${refined} end as refined,` : sql``}
      ${also ? sql`case when ${areFew} then (with ${sumsOfUsedReports(also, inSegments, tooManyRows(also))} ${fewSums(also)}) end as also,` : sql``}
      (select coalesce(sum(reports), 0)::int from used_by_year) as reports,
      counted.expected as organs_expected, counted.covered as organs_covered, counted.missing as organs_missing,
      (${keys.length === 0 ? sql`0` : overlapping}) as overlapping,
      array(select distinct year from used_by_year order by year) as years,
      array(select distinct edition from used_by_year order by edition) as editions,
      now() as as_of
    from counted ${inSegments ? sql`cross join rollup_state` : sql``}`;
  const { rows } = await inTime(readSegments(db, areOfCountry, (trx) => statement.execute(trx)));
  return sentOf(rows[0]!);
}
