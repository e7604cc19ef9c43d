-- Who may do what: API keys, grants, and row-level security that hides drafts from whoever holds no grant for them.
set local lock_timeout = '5s';

create table api_keys (
  id uuid primary key,
  label text not null check (length(label) between 1 and 200),
  -- SHA-256 of the secret: 256 random bits need no salt and no slow hash.
  key_hash bytea not null constraint api_keys_key_hash_key unique check (length(key_hash) = 32),
  -- How the secret begins, to recognise it by.
  prefix text not null,
  created_at timestamptz not null default now(),
  created_by text not null,
  expires_at timestamptz not null,
  -- Exact to a minute.
  last_used_at timestamptz,
  revoked_at timestamptz,
  -- Two years by the service's clock; a day for what clocks and leap years differ.
  constraint api_keys_expiry check (expires_at <= created_at + interval '2 years 1 day')
);

create table grants (
  id uuid primary key,
  -- Whom: an API key, or a person as an OIDC issuer names them.
  api_key_id uuid constraint grants_api_key_id_fkey references api_keys (id) on delete cascade,
  issuer text check (length(issuer) between 1 and 500),
  subject text check (length(subject) between 1 and 255),
  role text not null check (role in ('preparer', 'supervisor', 'auditor', 'admin')),
  -- Null is everything.
  organ_id uuid constraint grants_organ_id_fkey references organs (id) on delete cascade,
  include_subtree boolean not null default false,
  created_at timestamptz not null default now(),
  created_by text not null,
  constraint grants_one_subject check (num_nonnulls(api_key_id, issuer) = 1 and num_nonnulls(issuer, subject) <> 1),
  constraint grants_reach check (case role when 'admin' then organ_id is null when 'auditor' then true else organ_id is not null end),
  constraint grants_once unique nulls not distinct (api_key_id, issuer, subject, role, organ_id)
);
create index grants_organ_id on grants (organ_id);

-- Requests run as this role. It owns nothing, so the policies below hold for it, whoever the service connects as.
do $$
begin
  if not exists (select from pg_roles where rolname = 'gongkai_caller') then
    begin
      create role gongkai_caller nologin nosuperuser nobypassrls;
    exception
      -- Another database of this server was quicker.
      when duplicate_object or unique_violation then null;
      when insufficient_privilege then
        raise exception 'the role gongkai_caller is missing and % may not create it', current_user
          using hint = format('as an administrator: create role gongkai_caller nologin; grant gongkai_caller to %I', current_user);
    end;
  end if;
  if not (select rolsuper from pg_roles where rolname = current_user) then
    begin
      execute format('grant gongkai_caller to %I', current_user);
    exception when insufficient_privilege then
      if not pg_has_role(current_user, 'gongkai_caller', 'member') then
        raise exception '% may not act as the role gongkai_caller', current_user
          using hint = format('as an administrator: grant gongkai_caller to %I', current_user);
      end if;
    end;
  end if;
end $$;
grant usage on schema public to gongkai_caller;
grant select, insert, update, delete on all tables in schema public to gongkai_caller;
grant usage on all sequences in schema public to gongkai_caller;
alter default privileges in schema public grant select, insert, update, delete on tables to gongkai_caller;
alter default privileges in schema public grant usage on sequences to gongkai_caller;
revoke update, delete on audit_entries from gongkai_caller;

-- Whether the caller's transaction reaches an organ. `setting` is a text array of marks: `*` for everything,
-- `organ:<id>` for that organ, `below:<id>` for those directly below it, `under:<id>` for it and all below it.
create function caller_reaches(setting text, organ uuid) returns boolean language plpgsql stable as $$
declare
  marks text[] := coalesce(nullif(current_setting(setting, true), ''), '{}')::text[];
  above uuid := organ;
  depth integer := 0;
begin
  -- The depth ends the climb where parents run in a circle.
  while above is not null and depth < 64 loop
    if 'under:' || above = any (marks)
      or depth = 0 and ('*' = any (marks) or 'organ:' || above = any (marks))
      or depth = 1 and 'below:' || above = any (marks)
    then
      return true;
    end if;
    select parent_id into above from organs where id = above;
    depth := depth + 1;
  end loop;
  return false;
end $$;

-- The same for the organ of a report. Policies are planned with every statement and asked for every row: so they are
-- plain calls, and what was reached last is remembered for the rows that follow. The cost makes plans ask it last.
create function caller_reaches_report(setting text, report uuid) returns boolean language plpgsql stable cost 5000 as $$
begin
  if current_setting(setting, true) = '{*}' or current_setting(setting || '_last', true) = report::text then return true; end if;
  if not caller_reaches(setting, (select organ_id from reports where id = report)) then return false; end if;
  perform set_config(setting || '_last', report::text, true);
  return true;
end $$;

-- Whether the caller may read, or write, what hangs on a revision.
create function caller_reads_revision(revision uuid) returns boolean language plpgsql stable as $$
begin
  if current_setting('gongkai.reads', true) = '{*}' or current_setting('gongkai.reads_last', true) = revision::text then return true; end if;
  if not exists (select from revisions where id = revision) then return false; end if;
  perform set_config('gongkai.reads_last', revision::text, true);
  return true;
end $$;
create function caller_writes_revision(revision uuid) returns boolean language plpgsql stable as $$
begin
  if current_setting('gongkai.writes', true) = '{*}' or current_setting('gongkai.writes_last', true) = revision::text then return true; end if;
  if not caller_reaches_report('gongkai.writes', (select report_id from revisions where id = revision)) then return false; end if;
  perform set_config('gongkai.writes_last', revision::text, true);
  return true;
end $$;

-- Keys and grants are for administrators, who alone may write everywhere.
alter table api_keys enable row level security;
create policy administrators on api_keys using (current_setting('gongkai.writes', true) = '{*}');
alter table grants enable row level security;
create policy administrators on grants using (current_setting('gongkai.writes', true) = '{*}');

-- That a report is kept is no secret; what it says is.
alter table reports enable row level security;
create policy readable on reports for select using (true);
create policy insertable on reports for insert with check (caller_reaches('gongkai.writes', organ_id));
create policy updatable on reports for update using (caller_reaches('gongkai.writes', organ_id));
create policy deletable on reports for delete using (caller_reaches('gongkai.writes', organ_id));

alter table revisions enable row level security;
-- What was effective once is public for ever.
create policy readable on revisions for select
  using (effective_at is not null or caller_reaches_report('gongkai.reads', report_id));
create policy insertable on revisions for insert with check (caller_reaches_report('gongkai.writes', report_id));
create policy updatable on revisions for update using (caller_reaches_report('gongkai.writes', report_id));
create policy deletable on revisions for delete using (caller_reaches_report('gongkai.writes', report_id));

alter table effective_answers enable row level security;
create policy readable on effective_answers for select using (true);
create policy insertable on effective_answers for insert with check (caller_reaches_report('gongkai.writes', report_id));
create policy updatable on effective_answers for update using (caller_reaches_report('gongkai.writes', report_id));
create policy deletable on effective_answers for delete using (caller_reaches_report('gongkai.writes', report_id));

-- What hangs on a revision is seen with it, and written by who may write to the report.
do $$
declare fact text;
begin
  foreach fact in array array['disclosure_items', 'request_statistics', 'review_litigation_counts', 'cell_notes', 'finding_answers'] loop
    execute format('alter table %I enable row level security', fact);
    execute format('create policy readable on %I for select using (caller_reads_revision(revision_id))', fact);
    execute format('create policy insertable on %I for insert with check (caller_writes_revision(revision_id))', fact);
    execute format('create policy updatable on %I for update using (caller_writes_revision(revision_id))', fact);
    execute format('create policy deletable on %I for delete using (caller_writes_revision(revision_id))', fact);
  end loop;
end $$;
