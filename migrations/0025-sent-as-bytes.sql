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

-- Ids and titles are read sooner where they lie than unpacked.
alter table rollup_segments
  add column packed_organs bytea storage external not null generated always as (rollup_pack_ids(organs)) stored,
  add column packed_disclosure_editions bytea not null generated always as (rollup_pack_texts(disclosure_editions)) stored,
  add column packed_request_editions bytea not null generated always as (rollup_pack_texts(request_editions)) stored,
  add column packed_titles bytea storage external not null generated always as (rollup_pack_texts(titles)) stored,
  add column packed_published_on bytea not null generated always as (rollup_pack_days(published_on)) stored;
