-- A batch that publishes takes fewer steps: what it files becomes effective in one, and the organ's year begins with its
-- revision.
set local lock_timeout = '5s';

-- A draft is published without another step between where both happen at the same moment, and are recorded so.
create or replace function refuse_rewrite_of_submitted() returns trigger language plpgsql as $$
begin
  if old.state <> 'draft' and (
    (old.id, old.report_id, old.number, old.created_at, old.reason, old.title, old.published_on, old.source_url,
      old.overview, old.problems, old.other_matters, old.disclosure_edition, old.request_edition)
    is distinct from
    (new.id, new.report_id, new.number, new.created_at, new.reason, new.title, new.published_on, new.source_url,
      new.overview, new.problems, new.other_matters, new.disclosure_edition, new.request_edition)
  ) then
    raise exception 'the text of a submitted, published, superseded or withdrawn revision never changes'
      using errcode = 'GK001';
  end if;
  if old.effective_at is not null
    and (old.effective_at, old.effective_by) is distinct from (new.effective_at, new.effective_by) then
    raise exception 'when and by whom a revision was published never changes' using errcode = 'GK001';
  end if;
  if (old.state, new.state) not in (
    ('draft', 'draft'), ('draft', 'submitted'), ('submitted', 'submitted'), ('submitted', 'draft'),
    ('submitted', 'published'), ('published', 'published'), ('published', 'superseded'), ('published', 'withdrawn'),
    ('superseded', 'superseded'), ('withdrawn', 'withdrawn')
  ) and ((old.state, new.state) <> ('draft', 'published') or new.submitted_at is distinct from new.effective_at) then
    raise exception 'a revision cannot go from % to %', old.state, new.state using errcode = 'GK002';
  end if;
  return new;
end $$;

-- The organs and years that revisions are of: whether each scope is among them, and which of them is effective now.
create function rollup_revisions_of(changed uuid[]) returns table (
  organ_id uuid, year integer, own boolean, consolidated boolean, own_revision uuid, consolidated_revision uuid
) language sql stable as $$
  select r.organ_id, r.year, bool_or(r.scope = 'own'), bool_or(r.scope = 'consolidated'),
    (array_agg(v.id) filter (where r.scope = 'own' and v.state = 'published'))[1],
    (array_agg(v.id) filter (where r.scope = 'consolidated' and v.state = 'published'))[1]
  from revisions as v join reports as r on r.id = v.report_id where v.id = any(changed)
  group by r.organ_id, r.year
$$;

-- Notes for the years of organs which of these revisions is effective now. What is below an organ is looked at only where
-- there was no consolidated report of it, or is none any more; and what to lock is named first: asked for within one
-- statement, all organ years were read for it.
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
    from rollup_revisions_of(changed) as noted join rollup_organs as o on o.organ_id = noted.organ_id
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

-- The revisions are named before they are looked for: joined with the changed rows, which nothing is known of when the
-- plan is made, it was sometimes all revisions that were looked for among those.
create or replace function refuse_change_of_submitted() returns trigger language plpgsql set enable_seqscan = off as $$
declare
  touched uuid[];
begin
  select array_agg(distinct revision_id) into touched from changed;
  if exists (select from revisions where id = any(touched) and state <> 'draft') then
    raise exception 'the figures of a submitted, published, superseded or withdrawn revision never change'
      using errcode = 'GK001';
  end if;
  return null;
end $$;
