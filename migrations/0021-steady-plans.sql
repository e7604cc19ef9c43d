-- Plans that hung on a sample, or on what was no longer so, made a rebuilding of the whole country take many times as long.
set local lock_timeout = '5s';

-- Reports looked up in three tables at once have three parameters to PostgreSQL, of which it takes one for the key of what it
-- remembers (Memoize): the others make it forget all, which is to clear much memory, for each report. Whether it tries hangs
-- on a sample of how many organs have no report.
alter function rollup_add() set enable_memoize = off;

-- Works out everything anew, as before, from years of organs as they are now.
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
  -- What follows joins millions of years of organs: taken for the few that there were, each would be compared with each.
  analyze organ_earlier_places, rollup_organ_years;
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
