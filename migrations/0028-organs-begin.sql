-- An organ that began in a year owes no report of those before. Its first period tells; without a first day it is as old as is known.
set local lock_timeout = '35s';
-- Nobody folds meanwhile.
select pg_advisory_xact_lock(hashtext('gongkai.rollup.fold'));

alter table organs add column began_in integer;

-- The years of reports in which organs were not there yet.
create view organ_absences as
  select organs.id as organ_id, year from organs, generate_series(2019, organs.began_in - 1) as year
  where organs.began_in > 2019;

-- Where organs stand and stood, and when they began.
create or replace function organs_place(changed uuid[]) returns uuid[] language plpgsql as $$
declare
  reached uuid[];
begin
  update organs set began_in = found.began_in
  from (
    select organ_id, case when isfinite(min(valid_from)) then extract(year from min(valid_from))::integer end as began_in
    from organ_periods where organ_id = any(changed) group by organ_id
  ) as found
  where organs.id = found.organ_id and organs.began_in is distinct from found.began_in;
  with recursive below (id) as (
    select unnest(changed)
    union
    select lower.organ_id from below,
      lateral (select organ_id from organ_periods where parent_id = below.id and division_code is null offset 0) as lower
  )
  select array_agg(id) into reached from below;
  with recursive above (id, ancestor_id) as (
    select id, parent_id from organs where id = any(reached) and division_code is null
    union
    select above.id, higher.parent_id from above,
      lateral (select parent_id from organs where organs.id = above.ancestor_id and division_code is null offset 0) as higher
  ),
  inherited as (
    select above.id, ancestor.division_code from above,
      lateral (select division_code from organs where organs.id = above.ancestor_id and division_code is not null offset 0) as ancestor
  )
  update organs set division_above = found.division_code
  from (select wanted.id, inherited.division_code from unnest(reached) as wanted (id) left join inherited using (id)) as found
  where organs.id = found.id and organs.division_above is distinct from found.division_code;
  with recursive years (year, last_day) as (
    select year, make_date(year, 12, 31)
    from generate_series(2019, (select extract(year from max(valid_to))::integer from organ_history)) as year
  ),
  walked (organ_id, year, last_day, division_code, parent_id) as (
    select period.organ_id, years.year, last_day, period.division_code, period.parent_id
    from years, organs, lateral (select * from organ_periods as of_organ
      where of_organ.organ_id = organs.id and last_day between of_organ.valid_from and of_organ.valid_to offset 0) as period
    -- Others have always been where they are.
    where organs.id = any(reached)
      and (organs.division_code is null or exists (select from organ_history as history where history.organ_id = organs.id))
    union
    select walked.organ_id, walked.year, walked.last_day, higher.division_code, higher.parent_id
    from walked, lateral (select * from organ_periods as of_parent
      where of_parent.organ_id = walked.parent_id and last_day between of_parent.valid_from and of_parent.valid_to offset 0) as higher
    where walked.division_code is null
  ),
  -- Of an organ above that was not there yet nothing else is known than where it is today.
  stood as (
    select walked.organ_id, walked.year, coalesce(max(walked.division_code), max(unknown.place_code), '') as place_code
    from walked left join lateral (
      select place_code from organs
      where walked.division_code is null and organs.id = walked.parent_id and not exists (
        select from organ_periods as of_parent where of_parent.organ_id = organs.id and last_day between of_parent.valid_from and of_parent.valid_to)
    ) as unknown on true
    group by walked.organ_id, walked.year
  ),
  elsewhere as (
    select stood.* from stood join organs on organs.id = stood.organ_id where stood.place_code <> coalesce(organs.place_code, '')
  ),
  removed as (
    delete from organ_earlier_places as earlier where organ_id = any(reached)
      and not exists (select from elsewhere where elsewhere.organ_id = earlier.organ_id and elsewhere.year = earlier.year)
  )
  insert into organ_earlier_places as earlier select organ_id, year, place_code from elsewhere
  on conflict (organ_id, year) do update set place_code = excluded.place_code where earlier.place_code <> excluded.place_code;
  return reached;
end $$;

-- What is known of an organ in a year, or today (0). Before it began it is as if it were gone.
create or replace function rollup_organ_in(organ uuid, in_year integer) returns table (organ_id uuid, level text, kind text, gone_in integer, province text, city text, county text) language sql stable as $$
  select o.id, o.level, o.kind, case when in_year > 0 and in_year < o.began_in then 0 else extract(year from o.abolished_on)::integer end,
    case when p.code = '' then '' else left(p.code, 2) || '0000' end,
    coalesce(cities.code, ''),
    case when left(p.code, 6) like '%00' then '' else left(p.code, 6) end
  from organs as o left join organ_earlier_places as earlier on earlier.organ_id = o.id and earlier.year = in_year
    cross join lateral (select coalesce(earlier.place_code, o.place_code, '') as code) as p
    left join divisions as cities on cities.level = 'city' and cities.code = left(p.code, 4) || '00'
  where o.id = organ
$$;

-- Keeps where organs are counted: in a year in which they were not there, they are taken away from where they stand.
create or replace function rollup_place(organs uuid[]) returns void language plpgsql as $$
begin
  insert into rollup_organ_years (organ_id, year, province, city, county, level, kind, gone_in)
    select o.organ_id, wanted.year, o.province, o.city, o.county, o.level, o.kind, o.gone_in
    from (
      select id as organ_id, 0 as year, 0 as in_year from unnest(organs) as id
      union all
      select earlier.organ_id, wanted.year, wanted.in_year from organ_earlier_places as earlier,
        lateral (values (-earlier.year, earlier.year), (-10000 - earlier.year, 0)) as wanted (year, in_year)
      where earlier.organ_id = any(organs)
      union all
      select absent.organ_id, -10000 - absent.year, 0 from organ_absences as absent where absent.organ_id = any(organs)
    ) as wanted, rollup_organ_in(wanted.organ_id, wanted.in_year) as o
    order by o.organ_id, wanted.year on conflict do nothing;
  perform from rollup_organ_years as y where y.organ_id = any(organs) order by y.organ_id, y.year for update;
  delete from rollup_organ_years as y where y.organ_id = any(organs) and y.year < 0
    and not exists (
      select from organ_earlier_places as earlier where earlier.organ_id = y.organ_id and earlier.year = -y.year % 10000)
    and not exists (
      select from organ_absences as absent where absent.organ_id = y.organ_id and absent.year = -10000 - y.year);
  update rollup_organ_years as y
    set province = o.province, city = o.city, county = o.county, level = o.level, kind = o.kind, gone_in = o.gone_in
    from rollup_organ_years as held,
      rollup_organ_in(held.organ_id, case when held.year > -10000 then abs(held.year) else 0 end) as o
    where held.organ_id = any(organs) and y.organ_id = held.organ_id and y.year = held.year
      and (y.province, y.city, y.county, y.level, y.kind, y.gone_in) is distinct from (o.province, o.city, o.county, o.level, o.kind, o.gone_in);
end $$;

create or replace function rollup_rebuild() returns void language plpgsql security definer set search_path to 'public' as $$
declare
  top_organs uuid[];
  top_years integer[];
  each_year integer;
begin
  perform pg_advisory_xact_lock(hashtext('gongkai.rollup.fold'));
  -- Of who reads several statements' worth of one moment: what is truncated is empty in earlier moments too.
  lock table rollup_state in access exclusive mode;
  perform rollup_lock_tree(true);
  lock table organs, revisions in share mode;
  perform set_config('gongkai.rollup_rebuilding', 'on', true);
  perform set_config('work_mem', '256MB', true);
  perform organs_place(array_agg(id)) from organs;
  delete from rollup_organ_years;
  truncate rollup_changes, rollup_folded_changes, rollup_cells, rollup_leaves, rollup_folding, rollup_captures,
    rollup_disclosure_items, rollup_request_statistics, rollup_review_litigation_counts,
    rollup_segments, rollup_segment_figures, rollup_stale;
  insert into rollup_organ_years (organ_id, year, province, city, county, level, kind, gone_in)
    select organ_id, 0, province, city, county, level, kind, gone_in from rollup_organs;
  insert into rollup_organ_years (organ_id, year, province, city, county, level, kind, gone_in, own_revision, consolidated_revision)
    select o.organ_id, r.year, o.province, o.city, o.county, o.level, o.kind, o.gone_in,
      (array_agg(v.id) filter (where r.scope = 'own'))[1], (array_agg(v.id) filter (where r.scope = 'consolidated'))[1]
    from revisions as v join reports as r on r.id = v.report_id join rollup_organ_years as o on o.organ_id = r.organ_id and o.year = 0
    where v.state = 'published'
    group by o.organ_id, r.year, o.province, o.city, o.county, o.level, o.kind, o.gone_in;
  -- What follows joins millions of years of organs: taken for the few that there were, each would be compared with each.
  analyze organ_earlier_places, rollup_organ_years;
  perform rollup_place(array_agg(organ_id)) from (
    select organ_id from organ_earlier_places union select organ_id from organ_absences) as moved;
  select array_agg(organ_id), array_agg(year) into top_organs, top_years
    from rollup_organ_years where consolidated_revision is not null;
  perform rollup_keep_covers(array_agg(signatures)) from rollup_covers;
  perform rollup_recover(array_agg(organ_id), array_agg(year)) from rollup_below(top_organs, top_years);
  perform set_config('gongkai.rollup_rebuilding', 'off', true);
  -- A year at a time, so that what is added up fits into memory.
  for each_year in select distinct year from rollup_organ_years order by year loop
    insert into rollup_folding (year, province, city, county, level, kind, scope, gone, cover, revision_id, amount, disclosure_edition, request_edition)
      select e.*, coalesce(v.disclosure_edition, ''), coalesce(v.request_edition, '')
      from (
        select e.entry_year, province, city, county, level, kind, e.scope, e.gone, y.cover, e.revision_id, sum(e.amount)
        from rollup_organ_years as y, rollup_entries(y.year, y.gone_in, y.cover, y.own_revision, y.consolidated_revision) as e
        where y.year = each_year
        group by e.entry_year, province, city, county, level, kind, e.scope, e.gone, y.cover, e.revision_id
      ) as e left join revisions as v on v.id = e.revision_id;
    perform rollup_add();
  end loop;
  update rollup_state set horizon = generation;
  analyze rollup_covers, rollup_cover_signatures, rollup_organ_years, rollup_cells, rollup_leaves, rollup_captures,
    rollup_disclosure_items, rollup_request_statistics, rollup_review_litigation_counts;
end $$;

create or replace function rollup_organ_changed() returns trigger language plpgsql security definer set search_path to 'public' as $$
declare
  changed uuid[];
  renamed uuid[];
  placed uuid[];
begin
  -- What is worked out below is itself kept with organs.
  if pg_trigger_depth() > 1 or current_setting('gongkai.rollup_rebuilding', true) = 'on' then return null; end if;
  if tg_op = 'INSERT' then
    select array_agg(id) into changed from are;
  else
    select array_agg(are.id) filter (where (were.division_code, were.level, were.kind, were.parent_id, were.valid_from, were.abolished_on)
        is distinct from (are.division_code, are.level, are.kind, are.parent_id, are.valid_from, are.abolished_on)),
      array_agg(are.id) filter (where were.name <> are.name)
      into changed, renamed from were join are on are.id = were.id;
  end if;
  if changed is not null then
    perform rollup_lock_tree(true);
    -- Nothing is below new organs yet, but others of the same statement; without a first day they are as old as is known.
    if tg_op <> 'INSERT' or exists (
      select from organs where id = any(changed) and (division_code is null or valid_from is not null)) then
      placed := organs_place(changed);
    end if;
    perform rollup_place(coalesce(placed, changed));
    perform rollup_recover_tree(coalesce(placed, changed));
  end if;
  if tg_op <> 'INSERT' then perform rollup_touch(changed || renamed); end if;
  return null;
end $$;

-- Of what is there already.
do $$
declare
  begun uuid[];
begin
  select array_agg(id) into begun from organs where valid_from >= '2020-01-01';
  if begun is null then return; end if;
  perform rollup_lock_tree(true);
  perform organs_place(begun);
  perform rollup_place(begun);
end $$;
