-- Segments hold what the service walks and nothing else: which reports there are, what they are looked for by, and their figures.
-- Where organs stand, of which kind and below whom, the service has from the organs themselves, so no segment changes with it.
-- As long as questions about segments may take.
set local lock_timeout = '35s';
-- Nobody folds or makes segments meanwhile. All are made anew, by the service and in its time; until then reports are read.
select pg_advisory_xact_lock(hashtext('gongkai.rollup.fold'));
-- Of who reads several statements' worth of one moment: what is truncated is empty in earlier moments too.
lock table rollup_state in access exclusive mode;
truncate rollup_stale, rollup_segments, rollup_segment_figures;

drop function rollup_counts_of(integer, text, text, integer, text, text, text);
drop function rollup_decimals_of(integer, text, text, integer, text, text, text);
create function rollup_last_of(days date[]) returns date language sql immutable parallel safe
  return (select max(day) from unnest(days) as day);
alter table rollup_segments
  drop column cities, drop column counties, drop column levels, drop column kinds, drop column covers, drop column gone,
  drop column first_published_on,
  -- An organ's own report is one whether or not it has a consolidated one as well.
  drop constraint rollup_segments_scope_check,
  add constraint rollup_segments_scope_check check (scope in ('own', 'consolidated')),
  -- What is asked for since a later day is not among them.
  add column last_published_on date generated always as (rollup_last_of(published_on)) stored;
drop function rollup_first_of(date[]);
alter table rollup_segment_figures
  drop column counts,
  -- Of tables without units, in place of `decimals`: the width of a count in bytes, then each count, most significant byte first:
  -- -2 for a blank, -1 where the row was not captured. Sent as an array counts are six times as long.
  add column packed bytea,
  add constraint rollup_segment_figures_numbers check (num_nonnulls(decimals, packed) = 1);

-- Counts as they are kept where two bytes do not hold one. Elements are read, and put together, in their order.
create function rollup_packed(counts bigint[]) returns bytea language sql immutable strict parallel safe as $$
  select case
    when largest > 2147483647 then '\x08'::bytea || (select string_agg(int8send(coalesce(each, -2)), '') from unnest(counts) as each)
    else '\x04'::bytea || (select string_agg(int4send(coalesce(each, -2)::integer), '') from unnest(counts) as each)
  end from (select max(each) as largest from unnest(counts) as each) as bounds
$$;

-- Counts that are kept as an array again.
create function rollup_unpacked(packed bytea) returns bigint[] language sql immutable strict parallel safe as $$
  select array_agg(nullif(number, -2) order by place) from (
    select place, case width
        when 8 then bits::bit(64)::bigint
        when 4 then bits::bit(32)::integer
        else bits::bit(16)::integer - case when bits >= 'x8' then 65536 else 0 end
      end as number
    from (select get_byte(packed, 0) as width) as given,
      generate_series(0, (length(packed) - 1) / width - 1) as place,
      lateral (select 'x' || encode(substr(packed, 2 + width * place, width), 'hex') as bits) as found
  ) as numbers
$$;

-- Makes the segment of a year and province anew. Whoever calls it keeps others from folding. Figures of a revision never
-- change, so only the choice of revisions is of one moment. Of that moment are the changes that are logged and not folded:
-- the segment has them, and does not tell whether what follows takes them back.
create or replace function rollup_make_segment(in_year integer, in_province text) returns void language plpgsql
-- Where statistics are old, members and what they captured look few: a loop in a loop. What is looked up is lateral.
set enable_nestloop = off as $$
declare
  each record;
  packing constant text := $of$max(figure_%1$s) as largest_%1$s,
    string_agg(int2send(least(case when named.place is null then -1 else coalesce(figure_%1$s, -2) end, 32767)::smallint), '' order by members.place) as figures_%1$s$of$;
  -- Few are too large for two bytes.
  packed constant text := $of$case when coalesce(largest_%1$s, 0) <= 32767 then '\x02'::bytea || figures_%1$s else (
    select rollup_packed(array_agg(case when own.place is null then -1 else own.figure_%1$s end order by m.place))
    from members as m left join named as own on own.name = columns.name and own.place = m.place where m.scope = names.scope) end$of$;
begin
  delete from rollup_segments where year = in_year and province = in_province;
  delete from rollup_stale where year = in_year and province = in_province;
  with pending as (
    insert into rollup_stale select distinct year, province, organ_id from rollup_changes where year = in_year and province = in_province
  )
  insert into rollup_segments
    select in_year, in_province, e.scope, count(*), array_agg(y.organ_id order by y.organ_id), array_agg(v.id order by y.organ_id),
      array_agg(v.disclosure_edition order by y.organ_id), array_agg(v.request_edition order by y.organ_id),
      array_agg(v.title order by y.organ_id), array_agg(v.published_on order by y.organ_id)
    from rollup_organ_years as y
      cross join lateral (values ('own', y.own_revision), ('consolidated', y.consolidated_revision)) as e (scope, revision_id)
      cross join lateral (select id, disclosure_edition, request_edition, title, published_on from revisions where id = e.revision_id offset 0) as v
    where y.year = in_year and y.province = in_province
    group by e.scope;
  for each in select * from (values
      ('disclosure_items', 'decimals', $of$item || '.' || measure$of$, array['value'], array[$of$case
          when value is null or measure <> 'amount' or item <> 'procurement' or unit = '元' or value = 0 then value
          when unit = '万元' then value * 10000 else 'Infinity' end$of$],
        $of$array_agg(case when named.place is null then 'NaN'::numeric else figure_%1$s end order by members.place) as figures_%1$s$of$,
        'figures_%1$s'),
      ('request_statistics', 'packed', '"row"', null,
        array['natural_person', 'business', 'research', 'public_interest', 'legal_service', 'other', 'total'], packing, packed),
      ('review_litigation_counts', 'packed', 'proceeding', null, array['upheld', 'corrected', 'other', 'pending', 'total'], packing, packed)
    ) as tables (of, numbers, row_name, names, expressions, putting_together, put_together)
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
        from columns join names on names.name = columns.name, lateral (values %5$s) as chosen ("column", numbers)$of$,
      each.row_name,
      (select string_agg(format('%s as figure_%s', expression, place), ', ') from unnest(each.expressions) with ordinality as e (expression, place)),
      each.of,
      (select string_agg(format(each.putting_together, place), ', ') from generate_subscripts(each.expressions, 1) as place),
      (select string_agg(format('(%L, %s)', name, format(each.put_together, place)), ', ')
        from unnest(coalesce(each.names, each.expressions)) with ordinality as n (name, place)),
      each.numbers)
      using in_year, in_province;
  end loop;
end $$;

-- As before, and a segment is stale where its reports, or where their organs stand, changed: no longer with what is above them.
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
      group by organ_id, year, province, own_revision, consolidated_revision having sum(sign) <> 0
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
