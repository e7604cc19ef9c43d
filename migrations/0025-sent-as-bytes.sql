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
