-- An organ without a division of its own, as most development zones are, stands where the organ above it does: by place its
-- reports count there.
set local lock_timeout = '5s';

alter table organs
  -- Of an organ without one, the division of the nearest organ above that has one, in the tree of today.
  add column division_above text,
  -- Where it stands.
  add column place_code text generated always as (coalesce(division_code, division_above)) stored;
create index organs_place_code on organs (place_code text_pattern_ops);
drop index organs_division_code;

-- Works out anew from whom some organs, and those below them, have their division.
create function organs_inherit_division(changed uuid[]) returns void language plpgsql security definer set search_path = public as $$
declare
  reached uuid[];
begin
  with recursive below (id) as (
    select unnest(changed)
    union
    select lower.id from below,
      lateral (select organs.id from organs where parent_id = below.id and division_code is null offset 0) as lower
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
  update organs set division_above = (select division_code from inherited where inherited.id = organs.id)
  where organs.id = any(reached)
    and division_above is distinct from (select division_code from inherited where inherited.id = organs.id);
end $$;

create function organ_division_changed() returns trigger language plpgsql security definer set search_path = public as $$
declare
  changed uuid[];
begin
  if tg_op = 'INSERT' then
    select array_agg(id) into changed from are where division_code is null and parent_id is not null;
  else
    select array_agg(are.id) into changed from were join are on are.id = were.id
      where (were.division_code, were.parent_id) is distinct from (are.division_code, are.parent_id);
  end if;
  if changed is not null then
    perform rollup_lock_tree(true);
    perform organs_inherit_division(changed);
  end if;
  return null;
end $$;
create trigger division_inserted after insert on organs referencing new table as are
  for each statement execute function organ_division_changed();
create trigger division_updated after update on organs referencing old table as were new table as are
  for each statement execute function organ_division_changed();

create or replace view rollup_organs as
  select organs.id as organ_id, organs.level, organs.kind, extract(year from organs.abolished_on)::integer as gone_in,
    coalesce(left(organs.place_code, 2) || '0000', '') as province,
    coalesce(cities.code, '') as city,
    case when organs.place_code is null or left(organs.place_code, 6) like '%00' then '' else left(organs.place_code, 6) end as county
  from organs left join divisions as cities on cities.level = 'city' and cities.code = left(organs.place_code, 4) || '00';

create or replace function rollup_organ_changed() returns trigger language plpgsql security definer set search_path = public as $$
declare
  changed uuid[];
begin
  if current_setting('gongkai.rollup_rebuilding', true) = 'on' then return null; end if;
  if tg_op = 'INSERT' then
    select array_agg(id) into changed from are;
  else
    select array_agg(are.id) into changed from were join are on are.id = were.id
      where (were.place_code, were.level, were.kind, were.parent_id, were.valid_from, were.abolished_on)
        is distinct from (are.place_code, are.level, are.kind, are.parent_id, are.valid_from, are.abolished_on);
  end if;
  if changed is null then return null; end if;
  perform rollup_lock_tree(true);
  insert into rollup_organ_years (organ_id, year, province, city, county, level, kind, gone_in)
    select o.organ_id, 0, o.province, o.city, o.county, o.level, o.kind, o.gone_in
    from rollup_organs as o where o.organ_id = any(changed) order by o.organ_id on conflict do nothing;
  perform from rollup_organ_years as y where y.organ_id = any(changed) order by y.organ_id, y.year for update;
  update rollup_organ_years as y
    set province = o.province, city = o.city, county = o.county, level = o.level, kind = o.kind, gone_in = o.gone_in
    from rollup_organs as o
    where o.organ_id = y.organ_id and y.organ_id = any(changed)
      and (y.province, y.city, y.county, y.level, y.kind, y.gone_in) is distinct from (o.province, o.city, o.county, o.level, o.kind, o.gone_in);
  perform rollup_recover_tree(changed);
  return null;
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
  perform organs_inherit_division(array_agg(id)) from organs;
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
        select e.entry_year, province, city, county, level, kind, e.scope, e.gone, y.cover, e.revision_id, count(*)
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

select organs_inherit_division(array_agg(id)) from organs where division_code is null;
