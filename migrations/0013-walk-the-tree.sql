-- The tree of organs is walked from organ to organ by its indexes. Joined with what is known so far, of which the planner
-- knows nothing, all organs were read at each step: the longest part of publishing a consolidated report.
set local lock_timeout = '5s';

-- The organ above another at the end of a year. "offset 0" keeps it a step of its own.
create function organ_above(organ uuid, year integer) returns setof uuid language sql stable as $$
  select parent_id from organ_parents where organ_id = organ and make_date(year, 12, 31) between valid_from and valid_to offset 0
$$;

-- The organs directly below another at the end of a year.
create function organs_directly_below(organ uuid, year integer) returns setof uuid language sql stable as $$
  select organ_id from organ_parents where parent_id = organ and make_date(year, 12, 31) between valid_from and valid_to offset 0
$$;

-- Every organ below these, in each of their years.
create or replace function rollup_below(organs uuid[], years integer[]) returns table (organ_id uuid, year integer) language sql stable as $$
  with recursive below (organ_id, year) as (
    select lower_id, wanted.year
    from unnest(organs, years) as wanted (organ_id, year), organs_directly_below(wanted.organ_id, wanted.year) as lower_id
    union
    select lower_id, below.year from below, organs_directly_below(below.organ_id, below.year) as lower_id
  )
  select * from below
$$;

-- Of organs in years: as which the consolidated reports of those above stand for them.
create or replace function rollup_covers_of(organs uuid[], years integer[]) returns table (organ_id uuid, year integer, signatures text) language sql stable as $$
  with recursive wanted as (
    select * from unnest(organs, years) as wanted (organ_id, year)
  ),
  above (organ_id, year, ancestor_id) as (
    select wanted.organ_id, wanted.year, ancestor_id from wanted, organ_above(wanted.organ_id, wanted.year) as ancestor_id
    union
    select above.organ_id, above.year, higher_id from above, organ_above(above.ancestor_id, above.year) as higher_id
  ),
  -- Each once, however many are below it.
  covering as materialized (
    select distinct ancestor_id, year from above
  ),
  consolidated as materialized (
    select covering.* from covering where exists (
      select from reports join revisions on revisions.report_id = reports.id and revisions.state = 'published'
      where reports.organ_id = covering.ancestor_id and reports.year = covering.year and reports.scope = 'consolidated')
  ),
  seen as (
    select above.organ_id, above.year, concat_ws(',',
      (high.province = low.province)::int, (high.city = low.city)::int, (high.county = low.county)::int,
      (high.level = low.level)::int, (high.kind = low.kind)::int, high.level, high.kind,
      case when low.province <> '' and high.province not in ('', low.province) then high.province else '' end,
      case when low.city <> '' and high.city not in ('', low.city) then high.city else '' end,
      case when low.county <> '' and high.county not in ('', low.county) then high.county else '' end) as signature
    from above join consolidated on consolidated.ancestor_id = above.ancestor_id and consolidated.year = above.year
    join rollup_organs as low on low.organ_id = above.organ_id
    join rollup_organs as high on high.organ_id = above.ancestor_id
    where above.ancestor_id <> above.organ_id
  )
  select wanted.organ_id, wanted.year, coalesce(string_agg(distinct seen.signature, ' ' order by seen.signature), '')
  from wanted left join seen on seen.organ_id = wanted.organ_id and seen.year = wanted.year
  group by wanted.organ_id, wanted.year
$$;

-- Each consolidated report's organ is locked alone and everything above it shared, in one order: so whoever changes what
-- stands above an organ sees the others who do.
create or replace function rollup_lock_line(organs uuid[], years integer[]) returns void language plpgsql as $$
declare
  line record;
begin
  perform rollup_lock_tree(false);
  for line in
    with recursive above (organ_id, year, alone) as (
      select wanted.organ_id, wanted.year, true from unnest(organs, years) as wanted (organ_id, year)
      union
      select higher_id, above.year, false from above, organ_above(above.organ_id, above.year) as higher_id
    )
    select hashtextextended('gongkai.rollup.' || organ_id || year, 0) as key, bool_or(alone) as alone
    from above group by key order by key
  loop
    if line.alone then perform pg_advisory_xact_lock(line.key); else perform pg_advisory_xact_lock_shared(line.key); end if;
  end loop;
end $$;

-- Works out anew what stands above some organs and everything below them, at any time, in every year that has reports.
create or replace function rollup_recover_tree(organs uuid[]) returns void language plpgsql as $$
begin
  perform rollup_recover(array_agg(below.organ_id), array_agg(below.year))
  from (
    with recursive below (organ_id) as (
      select unnest(organs)
      union
      select lower.organ_id
      from below, lateral (select organ_id from organ_parents where parent_id = below.organ_id offset 0) as lower
    ),
    years as (select generate_series(min(reports.year), max(reports.year)) as year from reports)
    select below.organ_id, years.year from below, years
  ) as below;
end $$;
