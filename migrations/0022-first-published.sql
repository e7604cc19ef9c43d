-- Of a year of which everything was published since a day, that day asks nothing: its sums are known. Segments say when the
-- first of their reports was.
set local lock_timeout = '5s';

-- The first of some days, or -infinity where one is not known.
create function rollup_first_of(days date[]) returns date language sql immutable parallel safe
  return (select min(coalesce(day, '-infinity')) from unnest(days) as day);

-- Nobody folds or makes segments meanwhile.
select pg_advisory_xact_lock(hashtext('gongkai.rollup.fold'));
alter table rollup_segments
  add column first_published_on date not null generated always as (rollup_first_of(published_on)) stored;
