-- Answers by organ, or about organs that the tree or their names tell, are kept as others are for as long as nothing that they
-- are about changes: a name or a place in the tree that changes is logged with the sums, to which it adds nothing.
set local lock_timeout = '5s';

-- Takes out what is known of these organs and puts it back, wherever they stand or have stood.
create function rollup_touch(organs uuid[]) returns void language plpgsql as $$
begin
  perform from rollup_organ_years as y where y.organ_id = any(organs) and y.year <= 0 order by y.organ_id, y.year for update;
  update rollup_organ_years as y set cover = y.cover where y.organ_id = any(organs) and y.year <= 0;
end $$;

create or replace function rollup_organ_changed() returns trigger language plpgsql security definer set search_path = public as $$
declare
  changed uuid[];
  renamed uuid[];
  placed uuid[];
begin
  -- What is worked out below is itself kept with organs.
  if pg_trigger_depth() > 1 or current_setting('gongkai.rollup_rebuilding', true) = 'on' then return null; end if;
  if tg_op = 'INSERT' then
    select array_agg(id) into changed from are;
  else
    select array_agg(are.id) filter (where (were.division_code, were.level, were.kind, were.parent_id, were.valid_from, were.abolished_on)
        is distinct from (are.division_code, are.level, are.kind, are.parent_id, are.valid_from, are.abolished_on)),
      array_agg(are.id) filter (where were.name <> are.name)
      into changed, renamed from were join are on are.id = were.id;
  end if;
  if changed is not null then
    perform rollup_lock_tree(true);
    -- Nothing is below new organs yet, but others of the same statement.
    if tg_op <> 'INSERT' or exists (select from organs where id = any(changed) and division_code is null) then
      placed := organs_place(changed);
    end if;
    perform rollup_place(coalesce(placed, changed));
    perform rollup_recover_tree(coalesce(placed, changed));
  end if;
  if tg_op <> 'INSERT' then perform rollup_touch(changed || renamed); end if;
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
  perform rollup_touch(changed);
  return null;
end $$;
