-- What the service walks of members of segments is sent as bytes: element by element, arrays take the database ten times as long.
-- As long as questions about segments may take.
set local lock_timeout = '35s';
-- Nobody folds or makes segments meanwhile.
select pg_advisory_xact_lock(hashtext('gongkai.rollup.fold'));
-- Of who reads several statements' worth of one moment: a table that is written anew is empty in earlier moments.
lock table rollup_state in access exclusive mode;

-- Sixteen bytes each.
create function rollup_pack_ids(ids uuid[]) returns bytea language sql immutable parallel safe
  return (select coalesce(string_agg(uuid_send(id), '' order by place), '') from unnest(ids) with ordinality as each (id, place));

-- Of each the number of its bytes in two bytes, and then these; -1 where there is none.
create function rollup_pack_texts(texts text[]) returns bytea language sql immutable parallel safe
  return (
    select coalesce(string_agg(coalesce(int2send(length(bytes)::smallint) || bytes, '\xffff'), '' order by place), '')
    from unnest(texts) with ordinality as each (text, place), convert_to(text, 'UTF8') as bytes);

-- Days since 2000-01-01, four bytes each; the least number where there is none.
create function rollup_pack_days(days date[]) returns bytea language sql immutable parallel safe
  return (
    select coalesce(string_agg(coalesce(int4send(day - date '2000-01-01'), '\x80000000'), '' order by place), '')
    from unnest(days) with ordinality as each (day, place));

-- A title up to its first digit: of most, who reports. What follows few write otherwise: `2023年政府信息公开工作年度报告`.
create function rollup_title_head(title text) returns text language sql immutable parallel safe
  return substring(title from '^[^0-9]*');

create function rollup_title_tail(title text) returns text language sql immutable parallel safe
  return coalesce(substring(title from '[0-9].*$'), '');

create function rollup_pack_heads(titles text[]) returns bytea language sql immutable parallel safe
  return rollup_pack_texts(array(select rollup_title_head(title) from unnest(titles) with ordinality as each (title, place) order by place));

-- What follows, each once; and of each title which of these, four bytes each from 0 on.
create function rollup_title_tails(titles text[]) returns text[] language sql immutable parallel safe
  return array(
    select tail collate "C" from (select distinct rollup_title_tail(title) as tail from unnest(titles) as title) as tails
    order by tail collate "C");

create function rollup_pack_tails(titles text[]) returns bytea language sql immutable parallel safe
  return (
    select coalesce(string_agg(int4send(number::integer - 1), '' order by place), '')
    from (
      select place, dense_rank() over (order by rollup_title_tail(title) collate "C") as number
      from unnest(titles) with ordinality as each (title, place)) as numbered);

-- Ids and titles are read sooner where they lie than unpacked.
alter table rollup_segments
  add column packed_organs bytea storage external not null generated always as (rollup_pack_ids(organs)) stored,
  add column packed_disclosure_editions bytea not null generated always as (rollup_pack_texts(disclosure_editions)) stored,
  add column packed_request_editions bytea not null generated always as (rollup_pack_texts(request_editions)) stored,
  add column packed_title_heads bytea storage external not null generated always as (rollup_pack_heads(titles)) stored,
  add column title_tails text[] not null generated always as (rollup_title_tails(titles)) stored,
  add column packed_title_tails bytea not null generated always as (rollup_pack_tails(titles)) stored,
  add column packed_published_on bytea not null generated always as (rollup_pack_days(published_on)) stored;

-- Counts and amounts of the table with units: in the first byte 128, the width of a number in bytes and, where they are
-- ten-thousandths, 64; then each, most significant byte first. The greatest number that would go in stands for a row that was not
-- captured ('NaN'), the next for a blank (null), the next for an amount without a unit ('Infinity'). Null where eight bytes are too few.
create function rollup_pack_decimals(decimals numeric[]) returns bytea language sql immutable strict parallel safe as $$
  with numbers as materialized (
    select place, number, number < 'Infinity' as is_finite from unnest(decimals) with ordinality as each (number, place)
  ),
  units as materialized (
    select case when bool_and(number = trunc(number)) filter (where is_finite) then 1 else 10000 end as unit,
      coalesce(max(abs(number)) filter (where is_finite), 0) as largest
    from numbers
  ),
  widths as materialized (
    select unit, (64 * (unit / 10000)) as is_scaled, case
      when largest * unit <= 32764 then 2 when largest * unit <= 2147483644 then 4 when largest * unit <= 9223372036854775804 then 8 end as width
    from units
  ),
  coded as (
    select place, case when number is null then top - 1 when is_finite then (number * unit)::bigint when number = 'NaN' then top else top - 2 end as code
    from numbers, widths, lateral (select case width when 2 then 32767 when 4 then 2147483647 when 8 then 9223372036854775807 end as top) as tops
    where width is not null
  )
  select case width
    when 2 then set_byte('\x00', 0, 130 + is_scaled) || (select string_agg(int2send(code::smallint), '' order by place) from coded)
    when 4 then set_byte('\x00', 0, 132 + is_scaled) || (select string_agg(int4send(code::integer), '' order by place) from coded)
    when 8 then set_byte('\x00', 0, 136 + is_scaled) || (select string_agg(int8send(code), '' order by place) from coded) end
  from widths
$$;

-- The same as an array again.
create function rollup_unpacked_decimals(packed bytea) returns numeric[] language sql immutable strict parallel safe as $$
  select array_agg(case top - number when 0 then 'NaN' when 1 then null when 2 then 'Infinity' else number / unit end order by place) from (
    select place, unit, top, case width
        when 8 then bits::bit(64)::bigint
        when 4 then bits::bit(32)::integer
        else bits::bit(16)::integer - case when bits >= 'x8' then 65536 else 0 end
      end::numeric as number
    from (select get_byte(packed, 0) & 15 as width, case when get_byte(packed, 0) & 64 = 0 then 1 else 10000 end as unit) as given,
      lateral (select case width when 2 then 32767 when 4 then 2147483647 else 9223372036854775807 end::numeric as top) as tops,
      generate_series(0, (length(packed) - 1) / width - 1) as place,
      lateral (select 'x' || encode(substr(packed, 2 + width * place, width), 'hex') as bits) as found
  ) as numbers
$$;

update rollup_segment_figures as f set packed = tight, decimals = case when tight is null then decimals end
  from (
    select year, province, scope, of, "row", "column", rollup_pack_decimals(decimals) as tight
    from rollup_segment_figures where decimals is not null offset 0) as p
  where (f.year, f.province, f.scope, f.of, f."row", f."column") = (p.year, p.province, p.scope, p.of, p."row", p."column");

-- As before, and amounts are packed.
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
      ('disclosure_items', $of$item || '.' || measure$of$, array['value'], array[$of$case
          when value is null or measure <> 'amount' or item <> 'procurement' or unit = '元' or value = 0 then value
          when unit = '万元' then value * 10000 else 'Infinity' end$of$],
        $of$array_agg(case when named.place is null then 'NaN'::numeric else figure_%1$s end order by members.place) as figures_%1$s$of$,
        'figures_%1$s', 'rollup_pack_decimals(numbers)', 'case when tight is null then numbers end'),
      ('request_statistics', '"row"', null,
        array['natural_person', 'business', 'research', 'public_interest', 'legal_service', 'other', 'total'], packing, packed, 'numbers', 'null'),
      ('review_litigation_counts', 'proceeding', null, array['upheld', 'corrected', 'other', 'pending', 'total'], packing, packed, 'numbers', 'null')
    ) as tables (of, row_name, names, expressions, putting_together, put_together, tight, otherwise)
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
      insert into rollup_segment_figures (year, province, scope, of, "row", "column", packed, decimals)
        select $1, $2, scope, %3$L, row_name, "column", tight, %7$s
        from columns join names on names.name = columns.name, lateral (values %5$s) as chosen ("column", numbers),
          lateral (select %6$s as tight offset 0) as packed$of$,
      each.row_name,
      (select string_agg(format('%s as figure_%s', expression, place), ', ') from unnest(each.expressions) with ordinality as e (expression, place)),
      each.of,
      (select string_agg(format(each.putting_together, place), ', ') from generate_subscripts(each.expressions, 1) as place),
      (select string_agg(format('(%L, %s)', name, format(each.put_together, place)), ', ')
        from unnest(coalesce(each.names, each.expressions)) with ordinality as n (name, place)),
      each.tight, each.otherwise)
      using in_year, in_province;
  end loop;
end $$;
