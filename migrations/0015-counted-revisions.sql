-- Reports are counted by the month of their publication, and where nothing of them is effective any more, from indexes alone:
-- revisions hold narratives and are long to read. Whoever may see a revision depends on its state.
set local lock_timeout = '5s';

create unique index revisions_one_effective_dated on revisions (report_id) include (published_on, state) where state = 'published';
drop index revisions_one_effective;
alter index revisions_one_effective_dated rename to revisions_one_effective;
create index revisions_withdrawn on revisions (report_id) where state = 'withdrawn';
