-- Who did what, when: appended in the transaction of the effect, each entry sealed with the hash of the one before.
set local lock_timeout = '5s';

create table audit_entries (
  -- 1, 2, 3 … without gaps: a missing number is a removed entry.
  id bigint primary key check (id >= 1),
  at timestamptz not null,
  principal text not null,
  action text not null,
  resource text not null check (resource in ('organ', 'report', 'api_key', 'grant')),
  resource_id uuid not null,
  -- Of a report; null for what has none.
  revision integer,
  -- SHA-256 of what the resource was and became; null where it did not exist before, or no longer does.
  before_hash text,
  after_hash text,
  request_id uuid not null,
  previous_hash text not null,
  hash text not null unique
);
create index audit_entries_resource_id on audit_entries (resource_id, id);
create index audit_entries_principal on audit_entries (principal, id);

create function refuse_change_of_audit() returns trigger language plpgsql as $$
begin
  raise exception 'audit entries are only ever appended' using errcode = 'GK001';
end $$;
create trigger append_only before update or delete on audit_entries for each row execute function refuse_change_of_audit();
create trigger no_truncation before truncate on audit_entries for each statement execute function refuse_change_of_audit();
