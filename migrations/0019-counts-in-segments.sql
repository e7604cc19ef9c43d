-- What reports are asked for by is known from segments as well. Counts stand there as whole numbers, which are compared and
-- added up in a fraction of the time that decimals take.
set local lock_timeout = '5s';
-- Nobody folds or makes segments meanwhile. All are made anew, by the service and in its time; until then reports are read.
select pg_advisory_xact_lock(hashtext('gongkai.rollup.fold'));
-- In the order in which readers take them.
truncate rollup_stale, rollup_segments, rollup_segment_figures;
alter table rollup_segments
  add column titles text[] not null,
  add column published_on date[] not null;
alter table rollup_segment_figures rename column figures to decimals;
alter table rollup_segment_figures
  alter column decimals drop not null,
  -- Of tables without units, in place of `decimals`: null for a blank, -1 where the row was not captured.
  add column counts bigint[],
  add check (num_nonnulls(decimals, counts) = 1);

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
      array_agg(y.cover order by y.organ_id), array_agg(e.gone order by y.organ_id),
      array_agg(v.title order by y.organ_id), array_agg(v.published_on order by y.organ_id)
    from rollup_organ_years as y,
      rollup_entries(y.year, y.gone_in, y.cover, y.own_revision, y.consolidated_revision) as e,
      lateral (select id, disclosure_edition, request_edition, title, published_on from revisions where id = e.revision_id offset 0) as v
    where y.year = in_year and y.province = in_province
    group by e.scope;
  for each in select * from (values
      ('disclosure_items', 'decimals', $of$'NaN'::numeric$of$, $of$item || '.' || measure$of$, array['value'], array[$of$case
        when value is null or measure <> 'amount' or item <> 'procurement' or unit = '元' or value = 0 then value
        when unit = '万元' then value * 10000 else 'Infinity' end$of$]),
      ('request_statistics', 'counts', '-1::bigint', '"row"', null,
        array['natural_person', 'business', 'research', 'public_interest', 'legal_service', 'other', 'total']),
      ('review_litigation_counts', 'counts', '-1::bigint', 'proceeding', null, array['upheld', 'corrected', 'other', 'pending', 'total'])
    ) as tables (of, numbers, absent, row_name, names, expressions)
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
      insert into rollup_segment_figures (year, province, scope, of, "row", "column", %6$I)
        select $1, $2, scope, %3$L, row_name, "column", numbers
        from columns join names using (name), lateral (values %5$s) as chosen ("column", numbers)$of$,
      each.row_name,
      (select string_agg(format('%s as figure_%s', expression, place), ', ') from unnest(each.expressions) with ordinality as e (expression, place)),
      each.of,
      (select string_agg(format('array_agg(case when named.place is null then %2$s else figure_%1$s end order by members.place) as figures_%1$s', place, each.absent), ', ')
        from generate_subscripts(each.expressions, 1) as place),
      (select string_agg(format('(%L, figures_%s)', name, place), ', ') from unnest(coalesce(each.names, each.expressions)) with ordinality as n (name, place)),
      each.numbers)
      using in_year, in_province;
  end loop;
end $$;
