-- The same refusals and the same chain, asked for with less work.
set local lock_timeout = '5s';

-- A statement changes many rows of few revisions: each revision is looked at once, not once for every row.
-- Plans are kept, and one made while there were few revisions would read all of them when there are many.
create or replace function refuse_change_of_submitted() returns trigger language plpgsql set enable_seqscan = off as $$
begin
  if exists (
    select from revisions
    where revisions.id in (select revision_id from changed) and revisions.state <> 'draft'
  ) then
    raise exception 'the figures of a submitted, published, superseded or withdrawn revision never change'
      using errcode = 'GK001';
  end if;
  return null;
end $$;

-- Waits for whoever appends to the audit and answers the end that they left: in one call, since everyone else waits
-- from here until the commit. Volatile, so that the second statement sees what was committed while the first waited.
create function lock_audit_end() returns table (id bigint, hash text) language plpgsql volatile as $$
begin
  perform pg_advisory_xact_lock(hashtext('gongkai.audit'));
  return query select audit_entries.id, audit_entries.hash from audit_entries order by audit_entries.id desc limit 1;
end $$;
