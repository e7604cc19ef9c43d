set local lock_timeout = '35s';

-- An answer goes with its report. Drafts have none, but whoever deleted one waited for all answers to be looked through.
alter table effective_answers drop constraint effective_answers_revision_id_fkey;

-- Where in the chain a time is.
create index audit_entries_at on audit_entries (at, id);

-- What came into effect since a time.
create index revisions_effective_at on revisions (effective_at, report_id) where effective_at is not null;
