-- What segments lacked to say which of their reports are added up where organs are not told apart: what stands above each
-- organ in its year, and whether the organ was there any more.
set local lock_timeout = '5s';
-- Nobody folds or makes segments meanwhile. All are made anew, by the service and in its time; until then reports are read.
select pg_advisory_xact_lock(hashtext('gongkai.rollup.fold'));
truncate rollup_segments, rollup_segment_figures, rollup_stale;
alter table rollup_segments
  add column covers integer[] not null,
  add column gone boolean[] not null;

-- Makes the segment of a year and province anew. Whoever calls it keeps others from folding. Figures of a revision never
-- change, so only the choice of revisions is of one moment. Of that moment are the changes that are logged and not folded:
-- the segment has them, and does not tell whether what follows takes them back.
create or replace function rollup_make_segment(in_year integer, in_province text) returns void language plpgsql
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
      array_agg(coalesce(v.disclosure_edition, '') order by y.organ_id), array_agg(coalesce(v.request_edition, '') order by y.organ_id),
      array_agg(y.cover order by y.organ_id), array_agg(e.gone order by y.organ_id)
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

-- As before, and a segment is stale where any of its members' years changed, covers included.
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
      group by organ_id, year, province, city, county, level, kind, gone_in, cover, own_revision, consolidated_revision having sum(sign) <> 0
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
