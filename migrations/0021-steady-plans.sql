-- Plans that hung on a sample, or on what was no longer so, made a rebuilding of the whole country take many times as long.
set local lock_timeout = '5s';

-- Adds what is being folded to all sums, as before. What rows reports have is looked up by subqueries: looked up in three
-- tables at once, of which each has a parameter of its own, PostgreSQL took one for the key of what it remembers (Memoize),
-- and the others made it clear its memory for each report. Whether it tried hung on a sample of how many organs have none.
create or replace function rollup_add() returns void language plpgsql as $$
begin
  -- It holds one report or a million: plans that suit the one do not suit the other.
  analyze rollup_folding;
  insert into rollup_leaves (year, province, city, county, level, kind, scope, gone, cover, disclosure_edition, request_edition)
    select distinct year, province, city, county, level, kind, scope, gone, cover, disclosure_edition, request_edition
    from rollup_folding as f
    where not exists (select from rollup_leaves as l
      where l.year = f.year and l.province = f.province and l.city = f.city and l.county = f.county and l.level = f.level
        and l.kind = f.kind and l.scope = f.scope and l.gone = f.gone and l.cover = f.cover
        and l.disclosure_edition = f.disclosure_edition and l.request_edition = f.request_edition);
  if found then
    -- Queries join each cell with its cover: that there are dozens of them decides how.
    analyze rollup_covers, rollup_cover_signatures;
    insert into rollup_cells (grain, year, province, city, county, level, kind, scope, gone, cover, disclosure_edition, request_edition, amount)
      select distinct grain, year, province, city, county, level, kind, scope, gone, cover, disclosure_edition, request_edition, 0
      from rollup_new_leaves
      -- What is read together stands together.
      order by grain, year, province, city, county, level, kind, scope, gone, cover, disclosure_edition, request_edition
      on conflict do nothing;
    with wanted as materialized (select * from rollup_new_leaves),
    found as (
      select wanted.leaf, array_agg(c.id) as cells
      from wanted join rollup_cells as c
        using (grain, year, province, city, county, level, kind, scope, gone, cover, disclosure_edition, request_edition)
      group by wanted.leaf
    )
    update rollup_leaves as l set cells = found.cells from found where found.leaf = l.id;
  end if;
  update rollup_folding as f set leaf = l.id from rollup_leaves as l
    where l.year = f.year and l.province = f.province and l.city = f.city and l.county = f.county and l.level = f.level
      and l.kind = f.kind and l.scope = f.scope and l.gone = f.gone and l.cover = f.cover
      and l.disclosure_edition = f.disclosure_edition and l.request_edition = f.request_edition;

  update rollup_cells as c set amount = c.amount + d.amount
    from (
      select cell_id, sum(f.amount) as amount
      from (select leaf, sum(amount) as amount from rollup_folding group by leaf) as f
      join rollup_leaves as l on l.id = f.leaf, unnest(l.cells) as cell_id
      group by cell_id having sum(f.amount) <> 0
    ) as d
    where d.cell_id = c.id;

  -- Report by report, as the keys of their rows stand; joined as wholes they would be sorted.
  with rows_of as materialized (
    select leaf, amount,
      (select array_agg(item || '.' || measure order by item, measure) from disclosure_items where revision_id = f.revision_id) as items,
      (select array_agg("row" order by "row") from request_statistics where revision_id = f.revision_id) as requests,
      (select array_agg(proceeding order by proceeding) from review_litigation_counts where revision_id = f.revision_id) as reviews
    from rollup_folding as f
  ),
  captured as materialized (
    select leaf, amount, of, captured from rows_of, lateral (values
      ('disclosure_items', items), ('request_statistics', requests), ('review_litigation_counts', reviews)) as tables (of, captured)
    where captured is not null
  ),
  added as (
    insert into rollup_shapes (of, captured) select distinct of, captured from captured on conflict do nothing returning *
  ),
  summed as (
    select leaf, shapes.id as shape, sum(amount) as amount
    from captured join (select * from rollup_shapes union all select * from added) as shapes using (of, captured)
    group by leaf, shapes.id
  )
  insert into rollup_captures as s (grain, year, province, cell_id, shape, amount)
    select c.grain, c.year, c.province, c.id, shape, sum(f.amount)
    from summed as f join rollup_leaves as l on l.id = f.leaf, unnest(l.cells) as cell_id join rollup_cells as c on c.id = cell_id
    group by c.id, shape
    order by c.grain, c.year, c.province, c.id, shape
    on conflict (grain, year, province, cell_id, shape) do update set amount = s.amount + excluded.amount;

  insert into rollup_disclosure_items as s (grain, year, item, measure, province, cell_id, reports, value, blank, unit_unknown)
    select c.grain, c.year, item, measure, c.province, c.id, sum(reports), sum(value), sum(blank), sum(unit_unknown)
    from (
      select leaf, item, measure, sum(amount)::integer as reports,
        coalesce(sum(amount * case
          when measure <> 'amount' or item <> 'procurement' or unit = '元' or d.value = 0 then d.value
          when unit = '万元' then d.value * 10000 end), 0) as value,
        sum(case when d.value is null then amount else 0 end)::integer as blank,
        sum(case when unit is null and d.value <> 0 then amount else 0 end)::integer as unit_unknown
      from rollup_folding join disclosure_items as d using (revision_id)
      group by leaf, item, measure
    ) as f join rollup_leaves as l on l.id = f.leaf, unnest(l.cells) as cell_id join rollup_cells as c on c.id = cell_id
    group by c.id, item, measure
    order by c.grain, c.year, item, measure, c.province, c.id
    on conflict (grain, year, item, measure, province, cell_id) do update set reports = s.reports + excluded.reports,
      value = s.value + excluded.value, blank = s.blank + excluded.blank,
      unit_unknown = s.unit_unknown + excluded.unit_unknown;

  insert into rollup_request_statistics as s
    select c.grain, c.year, "row", c.province, c.id, sum(reports),
      sum(natural_person), sum(business), sum(research), sum(public_interest), sum(legal_service), sum(other), sum(total),
      sum(blank_natural_person), sum(blank_business), sum(blank_research), sum(blank_public_interest),
      sum(blank_legal_service), sum(blank_other), sum(blank_total)
    from (
      select leaf, "row", sum(amount)::integer as reports,
        coalesce(sum(amount * natural_person), 0) as natural_person, coalesce(sum(amount * business), 0) as business,
        coalesce(sum(amount * research), 0) as research, coalesce(sum(amount * public_interest), 0) as public_interest,
        coalesce(sum(amount * legal_service), 0) as legal_service, coalesce(sum(amount * other), 0) as other,
        coalesce(sum(amount * total), 0) as total,
        sum(case when natural_person is null then amount else 0 end)::integer as blank_natural_person,
        sum(case when business is null then amount else 0 end)::integer as blank_business,
        sum(case when research is null then amount else 0 end)::integer as blank_research,
        sum(case when public_interest is null then amount else 0 end)::integer as blank_public_interest,
        sum(case when legal_service is null then amount else 0 end)::integer as blank_legal_service,
        sum(case when other is null then amount else 0 end)::integer as blank_other,
        sum(case when total is null then amount else 0 end)::integer as blank_total
      from rollup_folding join request_statistics using (revision_id)
      group by leaf, "row"
    ) as f join rollup_leaves as l on l.id = f.leaf, unnest(l.cells) as cell_id join rollup_cells as c on c.id = cell_id
    group by c.id, "row"
    order by c.grain, c.year, "row", c.province, c.id
    on conflict (grain, year, "row", province, cell_id) do update set reports = s.reports + excluded.reports,
      natural_person = s.natural_person + excluded.natural_person, business = s.business + excluded.business,
      research = s.research + excluded.research, public_interest = s.public_interest + excluded.public_interest,
      legal_service = s.legal_service + excluded.legal_service, other = s.other + excluded.other, total = s.total + excluded.total,
      blank_natural_person = s.blank_natural_person + excluded.blank_natural_person,
      blank_business = s.blank_business + excluded.blank_business, blank_research = s.blank_research + excluded.blank_research,
      blank_public_interest = s.blank_public_interest + excluded.blank_public_interest,
      blank_legal_service = s.blank_legal_service + excluded.blank_legal_service,
      blank_other = s.blank_other + excluded.blank_other, blank_total = s.blank_total + excluded.blank_total;

  insert into rollup_review_litigation_counts as s
    select c.grain, c.year, proceeding, c.province, c.id, sum(reports),
      sum(upheld), sum(corrected), sum(other), sum(pending), sum(total),
      sum(blank_upheld), sum(blank_corrected), sum(blank_other), sum(blank_pending), sum(blank_total)
    from (
      select leaf, proceeding, sum(amount)::integer as reports,
        coalesce(sum(amount * upheld), 0) as upheld, coalesce(sum(amount * corrected), 0) as corrected,
        coalesce(sum(amount * other), 0) as other, coalesce(sum(amount * pending), 0) as pending,
        coalesce(sum(amount * total), 0) as total,
        sum(case when upheld is null then amount else 0 end)::integer as blank_upheld,
        sum(case when corrected is null then amount else 0 end)::integer as blank_corrected,
        sum(case when other is null then amount else 0 end)::integer as blank_other,
        sum(case when pending is null then amount else 0 end)::integer as blank_pending,
        sum(case when total is null then amount else 0 end)::integer as blank_total
      from rollup_folding join review_litigation_counts using (revision_id)
      group by leaf, proceeding
    ) as f join rollup_leaves as l on l.id = f.leaf, unnest(l.cells) as cell_id join rollup_cells as c on c.id = cell_id
    group by c.id, proceeding
    order by c.grain, c.year, proceeding, c.province, c.id
    on conflict (grain, year, proceeding, province, cell_id) do update set reports = s.reports + excluded.reports,
      upheld = s.upheld + excluded.upheld, corrected = s.corrected + excluded.corrected, other = s.other + excluded.other,
      pending = s.pending + excluded.pending, total = s.total + excluded.total,
      blank_upheld = s.blank_upheld + excluded.blank_upheld, blank_corrected = s.blank_corrected + excluded.blank_corrected,
      blank_other = s.blank_other + excluded.blank_other, blank_pending = s.blank_pending + excluded.blank_pending,
      blank_total = s.blank_total + excluded.blank_total;

  update rollup_state set generation = generation + 1;
  truncate rollup_folding;
end $$;

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
