-- The same sums with less to read and to keep. A grain's cells tell covers apart only as far as its queries can; sums
-- stand in the order in which they are read, all cells of a row of the form together; and what was folded lately is
-- remembered, so that an answer can be brought up to date by what changed since it was given.
set local lock_timeout = '5s';

drop table rollup_cells, rollup_captures, rollup_disclosure_items, rollup_request_statistics,
  rollup_review_litigation_counts, rollup_leaves, rollup_folding, rollup_grains;

create type rollup_grain as enum ('nation', 'province', 'city', 'county', 'nation/kind', 'province/kind', 'city/kind');

-- Which columns each grain of the rollups keeps; '' in the others. By grain a query reads only what it asks for.
create table rollup_grains (
  grain rollup_grain primary key,
  by_province boolean not null,
  by_city boolean not null,
  by_county boolean not null,
  by_kind boolean not null
);
insert into rollup_grains values
  ('nation', false, false, false, false),
  ('province', true, false, false, false),
  ('city', true, true, false, false),
  ('county', true, true, true, false),
  ('nation/kind', false, false, false, true),
  ('province/kind', true, false, false, true),
  ('city/kind', true, true, false, true);

-- What queries of a grain can see of a cover: a cover without what they neither group nor filter by.
create table rollup_grain_covers (
  grain rollup_grain not null references rollup_grains (grain),
  cover integer not null references rollup_covers (id),
  seen integer not null references rollup_covers (id),
  primary key (cover, grain)
);
insert into rollup_grain_covers select grain, 0, 0 from rollup_grains;

-- Pages here and of the sums leave room, so that a sum is rewritten beside itself.
-- How many organs or reports are alike in all that a grain keeps. Sums of their figures hang on the cell; what is 0 or
-- has no reports left may stay until the next rebuilding.
create table rollup_cells (
  id integer generated always as identity primary key,
  grain rollup_grain not null,
  -- Of the reports; of organs (scope `organ`) the year they were abolished in, 9999 while they are there.
  year integer not null,
  province text collate "C" not null,
  city text collate "C" not null,
  county text collate "C" not null,
  level text collate "C" not null,
  kind text collate "C" not null,
  -- `own` and `consolidated` are reports; `replaced` own ones beside a consolidated one of the same organ; `none` are
  -- organs without a report that stand below a consolidated one; `organ` are organs, whatever they reported.
  scope text collate "C" not null check (scope in ('own', 'replaced', 'consolidated', 'none', 'organ')),
  -- Whether their organs were abolished before the year.
  gone boolean not null,
  -- As far as it is seen.
  cover integer not null,
  -- Editions of the reports; '' of organs.
  disclosure_edition text collate "C" not null,
  request_edition text collate "C" not null,
  amount integer not null,
  constraint rollup_cells_key
    unique (grain, year, province, city, county, level, kind, scope, gone, cover, disclosure_edition, request_edition)
) with (fillfactor = 75);

-- Organs are counted in every answer, and are few among the cells.
create index rollup_cells_of_organs on rollup_cells (grain, province) where scope = 'organ';

-- How many reports of a cell captured just these rows of a table.
create table rollup_captures (
  grain rollup_grain not null,
  year integer not null,
  province text collate "C" not null,
  cell_id integer not null,
  shape integer not null references rollup_shapes (id),
  amount integer not null,
  primary key (grain, year, province, cell_id, shape)
) with (fillfactor = 75);

-- Sums of cells that hold a number, how many reports captured the row, and how many of its cells are blank.
create table rollup_disclosure_items (
  grain rollup_grain not null,
  year integer not null,
  item text collate "C" not null,
  measure text collate "C" not null,
  province text collate "C" not null,
  cell_id integer not null,
  reports integer not null,
  -- In the unit of sums of the measure: money of procurement in 元.
  value numeric not null,
  blank integer not null,
  -- Amounts other than 0 whose report names no unit; not in the sum.
  unit_unknown integer not null,
  primary key (grain, year, item, measure, province, cell_id)
) with (fillfactor = 75);

create table rollup_request_statistics (
  grain rollup_grain not null,
  year integer not null,
  "row" text collate "C" not null,
  province text collate "C" not null,
  cell_id integer not null,
  reports integer not null,
  natural_person numeric not null, business numeric not null, research numeric not null, public_interest numeric not null,
  legal_service numeric not null, other numeric not null, total numeric not null,
  blank_natural_person integer not null, blank_business integer not null, blank_research integer not null,
  blank_public_interest integer not null, blank_legal_service integer not null, blank_other integer not null,
  blank_total integer not null,
  primary key (grain, year, "row", province, cell_id)
) with (fillfactor = 75);

create table rollup_review_litigation_counts (
  grain rollup_grain not null,
  year integer not null,
  proceeding text collate "C" not null,
  province text collate "C" not null,
  cell_id integer not null,
  reports integer not null,
  upheld numeric not null, corrected numeric not null, other numeric not null, pending numeric not null, total numeric not null,
  blank_upheld integer not null, blank_corrected integer not null, blank_other integer not null,
  blank_pending integer not null, blank_total integer not null,
  primary key (grain, year, proceeding, province, cell_id)
) with (fillfactor = 75);

-- The finest keys met so far, each with its cells in all grains.
create table rollup_leaves (
  id integer generated always as identity primary key,
  year integer not null,
  province text not null,
  city text not null,
  county text not null,
  level text not null,
  kind text not null,
  scope text not null,
  gone boolean not null,
  cover integer not null,
  disclosure_edition text not null,
  request_edition text not null,
  -- Empty within the folding that meets it.
  cells integer[] not null default '{}',
  constraint rollup_leaves_key
    unique (year, province, city, county, level, kind, scope, gone, cover, disclosure_edition, request_edition)
);
create index rollup_leaves_new on rollup_leaves (id) where cells = '{}';

-- What is being folded; filled and emptied by one transaction at a time.
create unlogged table rollup_folding (
  year integer not null,
  province text not null,
  city text not null,
  county text not null,
  level text not null,
  kind text not null,
  scope text not null,
  gone boolean not null,
  cover integer not null,
  disclosure_edition text not null,
  request_edition text not null,
  revision_id uuid,
  amount integer not null,
  leaf integer
);

-- Changes that were folded lately, with the generation that has them in its sums.
create table rollup_folded_changes (
  generation bigint not null,
  sign smallint not null,
  year integer not null,
  province text not null,
  city text not null,
  county text not null,
  level text not null,
  kind text not null,
  gone_in integer,
  cover integer not null,
  own_revision uuid,
  consolidated_revision uuid
);
create index rollup_folded_changes_generation on rollup_folded_changes (generation);
alter table rollup_folded_changes set (autovacuum_vacuum_threshold = 2000, autovacuum_vacuum_scale_factor = 0);

-- All changes folded after the generation `horizon` are remembered.
alter table rollup_state add column horizon bigint not null default 0;

-- A cover as the queries of a grain see it.
create function rollup_seen(signatures text, grain rollup_grains) returns text language sql immutable as $$
  select coalesce(string_agg(distinct seen, ' ' order by seen), '')
  from unnest(string_to_array(signatures, ' ')) as signature, string_to_array(signature, ',') as part,
    concat_ws(',',
      case when grain.by_province then part[1] else '0' end, case when grain.by_city then part[2] else '0' end,
      case when grain.by_county then part[3] else '0' end,
      case when grain.by_kind then part[4] else '0' end, case when grain.by_kind then part[5] else '0' end,
      case when grain.by_kind then part[6] else '' end, case when grain.by_kind then part[7] else '' end,
      case when grain.by_province then part[8] else '' end, case when grain.by_city then part[9] else '' end,
      case when grain.by_county then part[10] else '' end) as seen
$$;

-- Keeps signatures that were not met before, and what each grain sees of them.
create or replace function rollup_keep_covers(wanted text[]) returns void language plpgsql as $$
declare
  fresh text[];
begin
  select array_agg(distinct each) into fresh from unnest(wanted) as each
    where not exists (select from rollup_covers join rollup_grain_covers on cover = id where signatures = each);
  if fresh is null then return; end if;
  with added as (
    insert into rollup_covers (signatures)
      select each from unnest(fresh) as each
      union
      select rollup_seen(each, rollup_grains) from unnest(fresh) as each, rollup_grains
      except
      select signatures from rollup_covers
      order by 1
    on conflict do nothing returning id, signatures
  )
  insert into rollup_cover_signatures
  select added.id, part[1] = '1', part[2] = '1', part[3] = '1', part[4] = '1', part[5] = '1', part[6], part[7], part[8], part[9], part[10]
  from added, unnest(string_to_array(added.signatures, ' ')) as signature, string_to_array(signature, ',') as part;
  insert into rollup_grain_covers (grain, cover, seen)
    select rollup_grains.grain, whole.id, seen.id
    from rollup_covers as whole cross join rollup_grains
    join rollup_covers as seen on seen.signatures = rollup_seen(whole.signatures, rollup_grains)
    where whole.signatures = any(fresh)
    order by 2, 1
  on conflict do nothing;
end $$;

-- Leaves that have no cells yet, with the key of their cell in each grain.
create view rollup_new_leaves as
  select l.id as leaf, g.grain, l.year,
    case when g.by_province then l.province else '' end collate "C" as province,
    case when g.by_city then l.city else '' end collate "C" as city,
    case when g.by_county then l.county else '' end collate "C" as county,
    case when g.by_kind then l.level else '' end collate "C" as level,
    case when g.by_kind then l.kind else '' end collate "C" as kind,
    l.scope collate "C" as scope, l.gone, s.seen as cover,
    l.disclosure_edition collate "C" as disclosure_edition, l.request_edition collate "C" as request_edition
  from rollup_leaves as l join rollup_grain_covers as s on s.cover = l.cover join rollup_grains as g on g.grain = s.grain
  where l.cells = '{}';

-- Adds what is in rollup_folding to the cells and their sums, and empties it.
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

  with captured as materialized (
    select leaf, revision_id, amount, 'disclosure_items' as of, array_agg(item || '.' || measure order by item, measure) as captured
      from rollup_folding join disclosure_items using (revision_id) group by leaf, revision_id, amount
    union all
    select leaf, revision_id, amount, 'request_statistics', array_agg("row" order by "row")
      from rollup_folding join request_statistics using (revision_id) group by leaf, revision_id, amount
    union all
    select leaf, revision_id, amount, 'review_litigation_counts', array_agg(proceeding order by proceeding)
      from rollup_folding join review_litigation_counts using (revision_id) group by leaf, revision_id, amount
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

-- Moves logged changes into the sums; answers how many. One transaction at a time: to others it answers null, or waits.
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
      select e.entry_year, province, city, county, level, kind, e.scope, e.gone, gone.cover, e.revision_id, sum(sign)
      from gone, rollup_entries(year, gone_in, cover, own_revision, consolidated_revision) as e
      group by e.entry_year, province, city, county, level, kind, e.scope, e.gone, gone.cover, e.revision_id
      having sum(sign) <> 0
    ) as e left join revisions as v on v.id = e.revision_id
  ),
  folded as (
    insert into rollup_folded_changes
    select generation + 1, sign, year, province, city, county, level, kind, gone_in, cover, own_revision, consolidated_revision
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

-- Works everything out anew from organs and effective revisions. Readers and writers wait meanwhile.
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

-- Without revisions there are only organs to count.
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
  update rollup_state set generation = generation + 1, horizon = generation + 1;
  return null;
end $$;

-- Callers of the service change rollups through what they do to reports and organs only.
do $$
declare name text;
begin
  for name in select tablename from pg_tables where schemaname = 'public' and tablename like 'rollup%' loop
    execute format('revoke insert, update, delete on %I from gongkai_caller', name);
  end loop;
end $$;
select rollup_rebuild();
