-- What each organ reported, by column: all organs' figures of one cell of the form stand together, so that ranking them reads
-- these and not every report. Made now and then; what changed since is known, and read from the reports.
set local lock_timeout = '5s';
-- Nobody logs a change between this folding and the column below, which older ones would lack.
select pg_advisory_xact_lock(hashtext('gongkai.rollup.fold'));
lock table rollup_organ_years, rollup_changes in share row exclusive mode;
select rollup_fold(true);

-- Effective reports of a province and a year, by scope as in rollup_cells: members of the arrays belong together.
create table rollup_segments (
  year integer not null,
  province text collate "C" not null,
  scope text collate "C" not null check (scope in ('own', 'replaced', 'consolidated')),
  amount integer not null,
  organs uuid[] not null,
  revisions uuid[] not null,
  cities text[] not null,
  counties text[] not null,
  levels text[] not null,
  kinds text[] not null,
  disclosure_editions text[] not null,
  request_editions text[] not null,
  primary key (year, province, scope)
);

-- What they say in one cell of the form, in the order of the segment's members: a number in the unit of sums; null for a
-- blank, NaN where the row was not captured, Infinity for an amount other than 0 whose report names no unit.
create table rollup_segment_figures (
  year integer not null,
  province text collate "C" not null,
  scope text collate "C" not null,
  -- Table, its row and its column; of disclosure items the item and measure, and `value`.
  of text collate "C" not null,
  "row" text collate "C" not null,
  "column" text collate "C" not null,
  figures numeric[] not null,
  primary key (year, province, scope, of, "row", "column"),
  foreign key (year, province, scope) references rollup_segments on delete cascade
);

-- Members of a segment that are not there any more as it says, or that it lacks: changes that were folded
-- since it was made, or were logged by then and not folded.
create table rollup_stale (
  year integer not null,
  province text collate "C" not null,
  organ_id uuid not null,
  primary key (year, province, organ_id)
);

-- Years of provinces that have folded reports and no segment.
create view rollup_missing_segments as
  select distinct year, province from rollup_cells as cells
  where grain = 'province' and scope in ('own', 'replaced', 'consolidated') and amount > 0
    and not exists (select from rollup_segments as s where s.year = cells.year and s.province = cells.province);

create index rollup_organ_years_place on rollup_organ_years (year, province);

-- Of which organ: none is folded any more that does not say.
alter table rollup_changes add column organ_id uuid not null;

create or replace function rollup_log() returns trigger language plpgsql security definer set search_path = public as $$
begin
  if current_setting('gongkai.rollup_rebuilding', true) = 'on' then return null; end if;
  if tg_op <> 'INSERT' then
    insert into rollup_changes (sign, organ_id, year, province, city, county, level, kind, gone_in, cover, own_revision, consolidated_revision)
    select -1, organ_id, year, province, city, county, level, kind, gone_in, cover, own_revision, consolidated_revision from were
    where year <= 0 or cover <> 0 or num_nonnulls(own_revision, consolidated_revision) > 0;
  end if;
  if tg_op <> 'DELETE' then
    insert into rollup_changes (sign, organ_id, year, province, city, county, level, kind, gone_in, cover, own_revision, consolidated_revision)
    select 1, organ_id, year, province, city, county, level, kind, gone_in, cover, own_revision, consolidated_revision from are
    where year <= 0 or cover <> 0 or num_nonnulls(own_revision, consolidated_revision) > 0;
  end if;
  return null;
end $$;

-- Makes the segment of a year and province anew. Whoever calls it keeps others from folding. Figures of a revision never
-- change, so only the choice of revisions is of one moment. Of that moment are the changes that are logged and not folded:
-- the segment has them, and does not tell whether what follows takes them back.
create function rollup_make_segment(in_year integer, in_province text) returns void language plpgsql
-- Where statistics are old, members and what they captured look few: a loop in a loop. What is looked up is lateral.
set enable_nestloop = off as $$
declare
  each record;
begin
  delete from rollup_segments where year = in_year and province = in_province;
  delete from rollup_stale where year = in_year and province = in_province;
  with pending as (
    insert into rollup_stale select distinct year, province, organ_id from rollup_changes where year = in_year and province = in_province
  )
  insert into rollup_segments
    select in_year, in_province, e.scope, count(*), array_agg(y.organ_id order by y.organ_id), array_agg(v.id order by y.organ_id),
      array_agg(y.city order by y.organ_id), array_agg(y.county order by y.organ_id),
      array_agg(y.level order by y.organ_id), array_agg(y.kind order by y.organ_id),
      array_agg(coalesce(v.disclosure_edition, '') order by y.organ_id), array_agg(coalesce(v.request_edition, '') order by y.organ_id)
    from rollup_organ_years as y,
      rollup_entries(y.year, y.gone_in, y.cover, y.own_revision, y.consolidated_revision) as e,
      lateral (select id, disclosure_edition, request_edition from revisions where id = e.revision_id offset 0) as v
    where y.year = in_year and y.province = in_province
    group by e.scope;
  for each in select * from (values
      ('disclosure_items', $of$item || '.' || measure$of$, array['value'], array[$of$case
        when value is null or measure <> 'amount' or item <> 'procurement' or unit = '元' or value = 0 then value
        when unit = '万元' then value * 10000 else 'Infinity' end$of$]),
      ('request_statistics', '"row"', null,
        array['natural_person', 'business', 'research', 'public_interest', 'legal_service', 'other', 'total']),
      ('review_litigation_counts', 'proceeding', null, array['upheld', 'corrected', 'other', 'pending', 'total'])
    ) as tables (of, row_name, names, expressions)
  loop
    execute format($of$
      with members as materialized (
        select s.scope, m.place, m.revision_id from rollup_segments as s, unnest(s.revisions) with ordinality as m (revision_id, place)
        where s.year = $1 and s.province = $2
      ),
      captured as materialized (
        select members.scope, members.place, facts.* from members, lateral (
          select %1$s as row_name, %2$s from %3$I where revision_id = members.revision_id offset 0) as facts
      ),
      -- Numbered, since numbers are sorted in a fraction of the time.
      names as materialized (
        select row_number() over () as name, scope, row_name from (select distinct scope, row_name from captured) as found
      ),
      named as materialized (
        select name, captured.* from captured join names using (scope, row_name)
      ),
      columns as (
        select names.name, %4$s
        from members join names on names.scope = members.scope
          left join named on named.name = names.name and named.place = members.place
        group by names.name
      )
      insert into rollup_segment_figures
        select $1, $2, scope, %3$L, row_name, "column", figures
        from columns join names using (name), lateral (values %5$s) as chosen ("column", figures)$of$,
      each.row_name,
      (select string_agg(format('(%s)::numeric as figure_%s', expression, place), ', ') from unnest(each.expressions) with ordinality as e (expression, place)),
      each.of,
      (select string_agg(format($of$array_agg(case when named.place is null then 'NaN' else figure_%1$s end order by members.place) as figures_%1$s$of$, place), ', ')
        from generate_subscripts(each.expressions, 1) as place),
      (select string_agg(format('(%L, figures_%s)', name, place), ', ') from unnest(coalesce(each.names, each.expressions)) with ordinality as n (name, place)))
      using in_year, in_province;
  end loop;
end $$;

-- Folds, and makes the segment anew that is missing, or of which most is stale; answers whether there was one worth it. Null
-- where another session is just folding.
create function rollup_renew_segment() returns boolean language plpgsql security definer set search_path = public as $$
declare
  worst record;
begin
  if rollup_fold(false) is null then return null; end if;
  select year, province into worst from (
    select year, province, null::bigint as stale from rollup_missing_segments
    union all
    select year, province, count(*) from rollup_stale as stale group by year, province
      -- Reading one from its report takes some twenty microseconds, making a segment as long for each of its members.
      having count(*) >= least(50, 1 + (select sum(s.amount) from rollup_segments as s where s.year = stale.year and s.province = stale.province) / 20)
  ) as wanting order by stale desc nulls first limit 1;
  if not found then return false; end if;
  perform rollup_make_segment(worst.year, worst.province);
  return true;
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
  ),
  stale as (
    insert into rollup_stale
    select distinct year, province, organ_id from (
      select year, province, organ_id from gone where year > 0
      group by organ_id, year, province, city, county, level, kind, own_revision, consolidated_revision having sum(sign) <> 0
    ) as changed
    where exists (select from rollup_segments as s where s.year = changed.year and s.province = changed.province)
    on conflict do nothing
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

create or replace function rollup_emptied() returns trigger language plpgsql security definer set search_path = public as $$
begin
  perform pg_advisory_xact_lock(hashtext('gongkai.rollup.fold'));
  perform set_config('gongkai.rollup_rebuilding', 'on', true);
  delete from rollup_organ_years where year > 0;
  perform set_config('gongkai.rollup_rebuilding', 'off', true);
  delete from rollup_changes where year > 0 or not exists (select from organs);
  delete from rollup_folded_changes;
  delete from rollup_cells where scope <> 'organ' or not exists (select from organs);
  delete from rollup_leaves where scope <> 'organ' or not exists (select from organs);
  delete from rollup_captures;
  delete from rollup_disclosure_items;
  delete from rollup_request_statistics;
  delete from rollup_review_litigation_counts;
  delete from rollup_segments;
  delete from rollup_segment_figures;
  delete from rollup_stale;
  update rollup_state set generation = generation + 1, horizon = generation + 1;
  return null;
end $$;

do $$
declare name text;
begin
  for name in select tablename from pg_tables where schemaname = 'public' and tablename like 'rollup%' loop
    execute format('revoke insert, update, delete on %I from gongkai_caller', name);
  end loop;
end $$;
