import { sql } from 'kysely';
import type { Compared } from './segments-compared.ts';

/**
 * What is kept of organs and their years, and what reports and the tree give for it: `verifyRollups` compares the
 * two.
 */

/** Which revisions of each organ are effective, and which consolidated reports stand above it. */
const organYears: Compared = {
  of: 'rollup_organ_years',
  kept: sql`select organ_id, year, province, city, county, level, kind, gone_in, covers.signatures, own_revision, consolidated_revision
    from rollup_organ_years join rollup_covers as covers on covers.id = cover
    where year <= 0 or cover <> 0 or own_revision is not null or consolidated_revision is not null`,
  given: sql`
    with absences as (
      select organ_id, year from organ_periods, generate_series(2019, extract(year from now())::int) as year
      group by organ_id, year having make_date(year, 12, 31) < min(valid_from)
    ),
    effective as (
      select organ_id, year, max(revisions.id::text) filter (where scope = 'own')::uuid as own_revision,
        max(revisions.id::text) filter (where scope = 'consolidated')::uuid as consolidated_revision
      from reports join revisions on revisions.report_id = reports.id and state = 'published'
      group by organ_id, year
    ),
    tops as (select array_agg(organ_id) as organs, array_agg(year) as years from effective where consolidated_revision is not null),
    below as (select rollup_below.* from tops, rollup_below(organs, years)),
    covers as (
      select found.* from (select array_agg(organ_id) as organs, array_agg(year) as years from below) as below,
        rollup_covers_of(organs, years) as found
    ),
    states as (
      select organ_id, 0 as year, '' as signatures, null::uuid as own_revision, null::uuid as consolidated_revision from rollup_organs
      union all
      select organ_id, year, coalesce(signatures, ''), own_revision, consolidated_revision
      from effective full join covers using (organ_id, year)
      where own_revision is not null or consolidated_revision is not null or signatures <> ''
      union all
      select organ_id, marked, '', null, null from organ_earlier_places, unnest(array[-year, -10000 - year]) as marked
      union all
      select organ_id, -10000 - year, '', null, null from absences
    ),
    places as (
      select states.*, earlier.year as earlier_year from states left join organ_earlier_places as earlier
        on earlier.organ_id = states.organ_id and earlier.year = case when states.year > -10000 then abs(states.year) end
    )
    select organ_id, year, province, city, county, level, kind, case when absences.year is null then gone_in else 0 end,
      signatures, own_revision, consolidated_revision
    from places join rollup_organs using (organ_id) left join absences using (organ_id, year) where earlier_year is null
    union all
    select places.organ_id, year, province, city, county, level, kind, gone_in, signatures, own_revision, consolidated_revision
    from places, rollup_organ_in(places.organ_id, earlier_year) where earlier_year is not null`,
};

/** The division that each organ without one of its own has from the organs above it. */
const divisionsAbove: Compared = {
  of: 'organs',
  kept: sql`select id, division_above from organs`,
  given: sql`
    with recursive above as (
      select id, parent_id, null::text as division_code from organs where division_code is null
      union
      select above.id, organs.parent_id, organs.division_code from above join organs on organs.id = above.parent_id
      where above.division_code is null
    )
    select organs.id, max(above.division_code) from organs left join above on above.id = organs.id group by organs.id`,
};

/**
 * Where organs stood at the end of the years in which that was not where they stand today, from their periods and
 * those of the organs above.
 */
const earlierPlaces: Compared = {
  of: 'organ_earlier_places',
  kept: sql`select organ_id, year, place_code from organ_earlier_places`,
  given: sql`
    with recursive ends as (
      select year, make_date(year, 12, 31) as day
      from generate_series(2019, (select extract(year from max(valid_to))::int from organ_history)) as year
    ),
    above as (
      select organ_id, year, day, division_code, parent_id, null::uuid as unknown_id
      from organ_periods join ends on day between valid_from and valid_to
      union
      select above.organ_id, year, day, higher.division_code, higher.parent_id,
        case when higher.organ_id is null then above.parent_id end
      from above left join organ_periods as higher
        on higher.organ_id = above.parent_id and day between higher.valid_from and higher.valid_to
      where above.division_code is null and above.parent_id is not null
    ),
    stood as (
      select above.organ_id, year, coalesce(max(above.division_code), max(unknown.place_code), '') as place_code
      from above left join organs as unknown on unknown.id = unknown_id group by above.organ_id, year
    )
    select organ_id, year, stood.place_code from stood join organs on organs.id = organ_id
    where stood.place_code <> coalesce(organs.place_code, '')`,
};

/** The year in which each organ began, which is that of its first period. */
const beginnings: Compared = {
  of: 'organs',
  kept: sql`select id, began_in from organs`,
  given: sql`
    select organ_id, case when isfinite(min(valid_from)) then extract(year from min(valid_from))::int end
    from organ_periods group by organ_id`,
};

export const organsCompared: readonly Compared[] = [divisionsAbove, earlierPlaces, beginnings, organYears];
