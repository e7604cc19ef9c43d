-- Whoever keeps up with what is published asks for it by day.
set local lock_timeout = '5s';
create index revisions_published_on on revisions (published_on, report_id);
