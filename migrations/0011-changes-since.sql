-- Each change says which transaction made it: what changed since a moment is what is not visible in a snapshot of it,
-- whether it was folded meanwhile or not. So an answer holds until something changes that it is about.
set local lock_timeout = '5s';

alter table rollup_changes add column transaction xid8 not null default pg_current_xact_id();
alter table rollup_folded_changes add column transaction xid8 not null default pg_current_xact_id();
alter table rollup_folded_changes alter column transaction drop default;

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
