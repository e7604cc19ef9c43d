-- Numbers of revisions are never used again, so that what was said of one is not said of another.
set local lock_timeout = '5s';

-- The highest number of a discarded draft; 0 where none was discarded.
alter table reports add column discarded_revision integer not null default 0;
