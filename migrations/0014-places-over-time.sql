-- Where an organ stands: in its division of the year or, without one of its own, as most development zones, where the organ
-- above it stands.
set local lock_timeout = '5s';
-- First, as whoever writes organs takes it before them.
select rollup_lock_tree(true);

-- Divisions of organs over time, as their names and parents. Until now that of today was taken for all of them.
alter table organ_history add column division_code text check (division_code ~ '^[1-9][0-9]{5}([0-9]{3})?$');
alter table organ_history disable trigger user;
update organ_history set division_code = organs.division_code from organs where organs.id = organ_id;
alter table organ_history enable trigger user;

create view organ_periods as
  select id as organ_id, division_code, parent_id, coalesce(valid_from, '-infinity') as valid_from, date 'infinity' as valid_to from organs
  union all
  select organ_id, division_code, parent_id, coalesce(valid_from, '-infinity'), valid_to from organ_history;

alter table organs
  -- Of an organ without one, the division of the nearest organ above that has one.
  add column division_above text,
  -- Where it stands today.
  add column place_code text generated always as (coalesce(division_code, division_above)) stored;
create index organs_place_code on organs (place_code text_pattern_ops);
drop index organs_division_code;

-- Where an organ stood at the end of a year, if not where it stands today; '' if in no division. Kept by triggers.
create table organ_earlier_places (
  organ_id uuid references organs (id) on delete cascade,
  year integer,
  place_code text not null,
  primary key (organ_id, year)
);
revoke insert, update, delete on organ_earlier_places from gongkai_caller;

-- An organ in a year; in year 0 as it is today.
create function rollup_organ_in(organ uuid, in_year integer)
  returns table (organ_id uuid, level text, kind text, gone_in integer, province text, city text, county text) language sql stable as $$
  select o.id, o.level, o.kind, extract(year from o.abolished_on)::integer,
    case when p.code = '' then '' else left(p.code, 2) || '0000' end,
    coalesce(cities.code, ''),
    case when left(p.code, 6) like '%00' then '' else left(p.code, 6) end
  from organs as o left join organ_earlier_places as earlier on earlier.organ_id = o.id and earlier.year = in_year
    cross join lateral (select coalesce(earlier.place_code, o.place_code, '') as code) as p
    left join divisions as cities on cities.level = 'city' and cities.code = left(p.code, 4) || '00'
  where o.id = organ
$$;

-- Organs as they are today.
create or replace view rollup_organs as
  select organs.id as organ_id, organs.level, organs.kind, extract(year from organs.abolished_on)::integer as gone_in,
    coalesce(left(organs.place_code, 2) || '0000', '') as province,
    coalesce(cities.code, '') as city,
    case when organs.place_code is null or left(organs.place_code, 6) like '%00' then '' else left(organs.place_code, 6) end as county
  from organs left join divisions as cities on cities.level = 'city' and cities.code = left(organs.place_code, 4) || '00';

-- Works out anew where some organs stand and stood, and those that stand where these do: answers all of them.
create function organs_place(changed uuid[]) returns uuid[] language plpgsql as $$
declare
  reached uuid[];
begin
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

-- What a year of an organ counts as. Year 0 is the organ as it is today, as if it had always been so: there until it is gone.
-- For a year that it stood elsewhere, year -Y is the organ there, in that year alone, and year -10000 - Y takes it away from where
-- it is today.
drop function rollup_entries(integer, integer, integer, uuid, uuid);
create function rollup_entries(year integer, gone_in integer, cover integer, own_revision uuid, consolidated_revision uuid)
  returns table (entry_year integer, scope text, gone boolean, revision_id uuid, amount integer) language sql immutable as $$
  select year, case when consolidated_revision is null then 'own' else 'replaced' end, coalesce(gone_in < year, false), own_revision, 1
    where own_revision is not null
  union all
  select year, 'consolidated', coalesce(gone_in < year, false), consolidated_revision, 1 where consolidated_revision is not null
  union all
  select year, 'none', coalesce(gone_in < year, false), null, 1
    where year > 0 and cover <> 0 and own_revision is null and consolidated_revision is null
  union all
  select coalesce(gone_in, 9999), 'organ', false, null, 1 where year = 0
  union all
  select -year % 10000 - before, 'organ', false, null, case when year > -10000 then 1 else -1 end * (1 - 2 * before)
    from (values (0), (1)) as years (before) where year < 0 and coalesce(gone_in >= -year % 10000, true)
$$;

-- Puts organs in all their years where they stood. Locks the rows in one order.
create function rollup_place(organs uuid[]) returns void language plpgsql as $$
begin
  insert into rollup_organ_years (organ_id, year, province, city, county, level, kind, gone_in)
    select o.organ_id, wanted.year, o.province, o.city, o.county, o.level, o.kind, o.gone_in
    from (
      select id as organ_id, 0 as year, 0 as in_year from unnest(organs) as id
      union all
      select earlier.organ_id, wanted.year, wanted.in_year from organ_earlier_places as earlier,
        lateral (values (-earlier.year, earlier.year), (-10000 - earlier.year, 0)) as wanted (year, in_year)
      where earlier.organ_id = any(organs)
    ) as wanted, rollup_organ_in(wanted.organ_id, wanted.in_year) as o
    order by o.organ_id, wanted.year on conflict do nothing;
  perform from rollup_organ_years as y where y.organ_id = any(organs) order by y.organ_id, y.year for update;
  delete from rollup_organ_years as y where y.organ_id = any(organs) and y.year < 0 and not exists (
    select from organ_earlier_places as earlier where earlier.organ_id = y.organ_id and earlier.year = -y.year % 10000);
  update rollup_organ_years as y
    set province = o.province, city = o.city, county = o.county, level = o.level, kind = o.kind, gone_in = o.gone_in
    from rollup_organ_years as held,
      rollup_organ_in(held.organ_id, case when held.year > -10000 then abs(held.year) else 0 end) as o
    where held.organ_id = any(organs) and y.organ_id = held.organ_id and y.year = held.year
      and (y.province, y.city, y.county, y.level, y.kind, y.gone_in) is distinct from (o.province, o.city, o.county, o.level, o.kind, o.gone_in);
end $$;

create or replace function rollup_organ_changed() returns trigger language plpgsql security definer set search_path = public as $$
declare
  changed uuid[];
begin
  -- What is worked out below is itself kept with organs.
  if pg_trigger_depth() > 1 or current_setting('gongkai.rollup_rebuilding', true) = 'on' then return null; end if;
  if tg_op = 'INSERT' then
    select array_agg(id) into changed from are;
  else
    select array_agg(are.id) into changed from were join are on are.id = were.id
      where (were.division_code, were.level, were.kind, were.parent_id, were.valid_from, were.abolished_on)
        is distinct from (are.division_code, are.level, are.kind, are.parent_id, are.valid_from, are.abolished_on);
  end if;
  if changed is null then return null; end if;
  perform rollup_lock_tree(true);
  -- Nothing is below new organs yet, but others of the same statement.
  if tg_op <> 'INSERT' or exists (select from organs where id = any(changed) and division_code is null) then
    changed := organs_place(changed);
  end if;
  perform rollup_place(changed);
  perform rollup_recover_tree(changed);
  return null;
end $$;

create or replace function rollup_history_changed() returns trigger language plpgsql security definer set search_path = public as $$
declare
  changed uuid[];
begin
  if current_setting('gongkai.rollup_rebuilding', true) = 'on' then return null; end if;
  if tg_op = 'DELETE' then
    select array_agg(distinct were.organ_id) into changed from were join organs on organs.id = were.organ_id;
  else
    select array_agg(distinct organ_id) into changed from are;
  end if;
  if changed is null then return null; end if;
  perform rollup_lock_tree(true);
  perform rollup_place(organs_place(changed));
  perform rollup_recover_tree(changed);
  return null;
end $$;

create or replace function rollup_log() returns trigger language plpgsql security definer set search_path = public as $$
begin
  if current_setting('gongkai.rollup_rebuilding', true) = 'on' then return null; end if;
  if tg_op <> 'INSERT' then
    insert into rollup_changes (sign, year, province, city, county, level, kind, gone_in, cover, own_revision, consolidated_revision)
    select -1, year, province, city, county, level, kind, gone_in, cover, own_revision, consolidated_revision from were
    where year <= 0 or cover <> 0 or num_nonnulls(own_revision, consolidated_revision) > 0;
  end if;
  if tg_op <> 'DELETE' then
    insert into rollup_changes (sign, year, province, city, county, level, kind, gone_in, cover, own_revision, consolidated_revision)
    select 1, year, province, city, county, level, kind, gone_in, cover, own_revision, consolidated_revision from are
    where year <= 0 or cover <> 0 or num_nonnulls(own_revision, consolidated_revision) > 0;
  end if;
  return null;
end $$;

create or replace function rollup_covers_of(organs uuid[], years integer[]) returns table(organ_id uuid, year integer, signatures text) language sql stable as $$
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
    cross join lateral rollup_organ_in(above.organ_id, above.year) as low
    cross join lateral rollup_organ_in(above.ancestor_id, above.year) as high
    where above.ancestor_id <> above.organ_id
  )
  select wanted.organ_id, wanted.year, coalesce(string_agg(distinct seen.signature, ' ' order by seen.signature), '')
  from wanted left join seen on seen.organ_id = wanted.organ_id and seen.year = wanted.year
  group by wanted.organ_id, wanted.year
$$;

create or replace function rollup_recover(organs uuid[], years integer[]) returns void language plpgsql as $$
declare
  found_organs uuid[];
  found_years integer[];
  found_signatures text[];
begin
  select array_agg(organ_id order by organ_id, year), array_agg(year order by organ_id, year), array_agg(signatures order by organ_id, year)
    into found_organs, found_years, found_signatures from rollup_covers_of(organs, years);
  if found_organs is null then return; end if;
  perform rollup_keep_covers(found_signatures);
  insert into rollup_organ_years (organ_id, year, province, city, county, level, kind, gone_in)
    select o.organ_id, w.year, o.province, o.city, o.county, o.level, o.kind, o.gone_in
    from unnest(found_organs, found_years, found_signatures) as w (organ_id, year, signatures)
    cross join lateral rollup_organ_in(w.organ_id, w.year) as o
    where w.signatures <> '' order by w.organ_id, w.year
    on conflict do nothing;
  perform from rollup_organ_years as y join unnest(found_organs, found_years) as w (organ_id, year) on w.organ_id = y.organ_id and w.year = y.year
    order by y.organ_id, y.year for update of y;
  update rollup_organ_years as y set cover = c.id
    from unnest(found_organs, found_years, found_signatures) as w (organ_id, year, signatures)
    join rollup_covers as c on c.signatures = w.signatures
    where y.organ_id = w.organ_id and y.year = w.year and y.cover <> c.id;
end $$;

create or replace function rollup_refresh(changed uuid[]) returns void language plpgsql as $$
declare
  top_organs uuid[];
  top_years integer[];
  held_organs uuid[];
  held_years integer[];
  added integer;
begin
  select array_agg(organ_id) filter (where consolidated), array_agg(year) filter (where consolidated), array_agg(organ_id), array_agg(year)
    into top_organs, top_years, held_organs, held_years from rollup_revisions_of(changed);
  if top_organs is not null then
    perform rollup_lock_line(top_organs, top_years);
    select array_agg(noted.organ_id), array_agg(noted.year) into top_organs, top_years
      from rollup_revisions_of(changed) as noted
      left join rollup_organ_years as y on y.organ_id = noted.organ_id and y.year = noted.year
      where noted.consolidated and (noted.consolidated_revision is null) <> (y.consolidated_revision is null);
  end if;
  insert into rollup_organ_years (organ_id, year, province, city, county, level, kind, gone_in, own_revision, consolidated_revision)
    select o.organ_id, noted.year, o.province, o.city, o.county, o.level, o.kind, o.gone_in, noted.own_revision, noted.consolidated_revision
    from rollup_revisions_of(changed) as noted cross join lateral rollup_organ_in(noted.organ_id, noted.year) as o
    order by o.organ_id, noted.year
    on conflict do nothing;
  get diagnostics added = row_count;
  if added = cardinality(held_organs) and top_organs is null then return; end if;
  if top_organs is not null then
    select held_organs || array_agg(organ_id), held_years || array_agg(year) into held_organs, held_years
      from rollup_below(top_organs, top_years);
  end if;
  perform from unnest(held_organs, held_years) as held (organ_id, year)
    join rollup_organ_years as y on y.organ_id = held.organ_id and y.year = held.year
    order by y.organ_id, y.year for update of y;
  update rollup_organ_years as y set
      own_revision = case when noted.own then noted.own_revision else y.own_revision end,
      consolidated_revision = case when noted.consolidated then noted.consolidated_revision else y.consolidated_revision end
    from rollup_revisions_of(changed) as noted
    where noted.organ_id = y.organ_id and noted.year = y.year
      and (noted.own and noted.own_revision is distinct from y.own_revision
        or noted.consolidated and noted.consolidated_revision is distinct from y.consolidated_revision);
  if top_organs is not null then
    perform rollup_recover(array_agg(organ_id), array_agg(year)) from rollup_below(top_organs, top_years);
  end if;
end $$;

create or replace function rollup_fold(patient boolean) returns integer language plpgsql security definer set search_path = public as $$
declare
  -- As many changes are remembered as are added to an answer in less time than it takes to make it anew.
  remembered constant integer := 1000;
  taken integer;
begin
  if patient then perform pg_advisory_xact_lock(hashtext('gongkai.rollup.fold'));
  elsif not pg_try_advisory_xact_lock(hashtext('gongkai.rollup.fold')) then return null;
  end if;
  with gone as (delete from rollup_changes returning *),
  entries as (
    insert into rollup_folding (year, province, city, county, level, kind, scope, gone, cover, revision_id, amount, disclosure_edition, request_edition)
    select e.*, coalesce(v.disclosure_edition, ''), coalesce(v.request_edition, '')
    from (
      select e.entry_year, province, city, county, level, kind, e.scope, e.gone, gone.cover, e.revision_id, sum(sign * e.amount)
      from gone, rollup_entries(year, gone_in, cover, own_revision, consolidated_revision) as e
      group by e.entry_year, province, city, county, level, kind, e.scope, e.gone, gone.cover, e.revision_id
      having sum(sign * e.amount) <> 0
    ) as e left join revisions as v on v.id = e.revision_id
  ),
  folded as (
    insert into rollup_folded_changes (transaction, generation, sign, year, province, city, county, level, kind, gone_in, cover, own_revision, consolidated_revision)
    select transaction, generation + 1, sign, year, province, city, county, level, kind, gone_in, cover, own_revision, consolidated_revision
    from gone, rollup_state where (select count(*) from gone) <= remembered
  )
  select count(*) into taken from gone;
  if taken > 0 then
    perform rollup_add();
    update rollup_state set horizon = greatest(horizon, case when taken > remembered then generation else (
      select coalesce(max(counted.generation), 0) from (
        select f.generation, sum(count(*)) over (order by f.generation desc) as since from rollup_folded_changes as f group by f.generation
      ) as counted where since > remembered) end);
    delete from rollup_folded_changes where generation <= (select horizon from rollup_state);
  end if;
  return taken;
end $$;

create or replace function rollup_rebuild() returns void language plpgsql security definer set search_path = public as $$
declare
  top_organs uuid[];
  top_years integer[];
  each_year integer;
begin
  perform pg_advisory_xact_lock(hashtext('gongkai.rollup.fold'));
  perform rollup_lock_tree(true);
  lock table organs, revisions in share mode;
  perform set_config('gongkai.rollup_rebuilding', 'on', true);
  perform set_config('work_mem', '256MB', true);
  perform organs_place(array_agg(id)) from organs;
  delete from rollup_organ_years;
  truncate rollup_changes, rollup_folded_changes, rollup_cells, rollup_leaves, rollup_folding, rollup_captures,
    rollup_disclosure_items, rollup_request_statistics, rollup_review_litigation_counts;
  insert into rollup_organ_years (organ_id, year, province, city, county, level, kind, gone_in)
    select organ_id, 0, province, city, county, level, kind, gone_in from rollup_organs;
  insert into rollup_organ_years (organ_id, year, province, city, county, level, kind, gone_in, own_revision, consolidated_revision)
    select o.organ_id, r.year, o.province, o.city, o.county, o.level, o.kind, o.gone_in,
      (array_agg(v.id) filter (where r.scope = 'own'))[1], (array_agg(v.id) filter (where r.scope = 'consolidated'))[1]
    from revisions as v join reports as r on r.id = v.report_id join rollup_organ_years as o on o.organ_id = r.organ_id and o.year = 0
    where v.state = 'published'
    group by o.organ_id, r.year, o.province, o.city, o.county, o.level, o.kind, o.gone_in;
  perform rollup_place(array_agg(distinct organ_id)) from organ_earlier_places;
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

select rollup_place(organs_place(array_agg(organs.id)))
from organs where division_code is null;
select rollup_recover_tree(array_agg(organs.id)) from organs where division_code is null;
