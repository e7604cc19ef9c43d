-- Administrative divisions, reporting organs, reports with their revisions and figures.
set local lock_timeout = '5s';

-- GB/T 2260 codes of provinces, cities and counties. A code is text, may be abolished, and is never reused here.
create table divisions (
  code text primary key check (code ~ '^[1-9][0-9]{5}$'),
  name text not null,
  level text not null check (level in ('province', 'city', 'county')),
  parent_code text references divisions (code),
  -- First and last day on which the code was in force; null where the lists do not say or it still is.
  valid_from date,
  valid_to date,
  check (valid_to >= valid_from)
);
create index divisions_parent_code on divisions (parent_code);

create table organs (
  id uuid primary key,
  name text not null check (length(name) between 1 and 200),
  kind text not null
    check (kind in ('government', 'general_office', 'department', 'subdistrict', 'branch', 'development_zone', 'public_institution')),
  level text not null check (level in ('national', 'province', 'city', 'county', 'town')),
  -- 6 digits, or 9 with the town or street; towns are not in divisions, their county is.
  division_code text check (division_code ~ '^[1-9][0-9]{5}([0-9]{3})?$'),
  division_county text generated always as (left(division_code, 6)) stored
    constraint organs_division_code_fkey references divisions (code),
  -- The organ whose consolidated report covers this one.
  parent_id uuid constraint organs_parent_id_fkey references organs (id),
  credit_code text constraint organs_credit_code_key unique check (credit_code ~ '^[0-9A-HJ-NPQRTUWXY]{18}$'),
  version integer not null default 1,
  created_at timestamptz not null default now(),
  updated_at timestamptz not null default now(),
  constraint organs_parent_is_other check (parent_id <> id)
);
create index organs_parent_id on organs (parent_id);
create index organs_division_code on organs (division_code text_pattern_ops);

-- A report is an organ's account of a year in a scope; what it says hangs on its revisions.
create table reports (
  id uuid primary key,
  organ_id uuid not null constraint reports_organ_id_fkey references organs (id),
  year integer not null check (year between 2019 and 2100),
  scope text not null check (scope in ('own', 'consolidated')),
  -- Counts every write to the report; the writers' ETag.
  version integer not null default 1,
  created_at timestamptz not null default now(),
  updated_at timestamptz not null default now(),
  constraint reports_natural_key unique (organ_id, year, scope)
);
create index reports_year on reports (year);

create table revisions (
  id uuid primary key,
  report_id uuid not null constraint revisions_report_id_fkey references reports (id) on delete cascade,
  number integer not null check (number >= 1),
  state text not null default 'draft' check (state in ('draft', 'submitted', 'published', 'superseded', 'withdrawn')),
  -- Why this correction was opened; null for the first revision.
  reason text check (reason <> ''),
  -- Why it was last returned, or withdrawn.
  return_reason text check (return_reason <> ''),
  withdraw_reason text check (withdraw_reason <> ''),
  title text,
  published_on date,
  source_url text,
  overview text,
  problems text,
  other_matters text,
  disclosure_edition text not null check (disclosure_edition in ('2019', '2021')),
  request_edition text not null check (request_edition in ('2019', '2021')),
  -- How many findings of each kind the rules had when last evaluated: {error, warning, info, not_evaluated}.
  findings_summary json not null default '{"error":0,"warning":0,"info":0,"not_evaluated":0}',
  created_at timestamptz not null default now(),
  updated_at timestamptz not null default now(),
  submitted_at timestamptz,
  submitted_by text,
  effective_at timestamptz,
  effective_by text,
  -- When a later revision or a withdrawal ended its effect.
  ended_at timestamptz,
  constraint revisions_number unique (report_id, number),
  check (number = 1 or reason is not null),
  check (state = 'draft' or submitted_at is not null),
  check (state in ('draft', 'submitted') or effective_at is not null),
  check (state <> 'withdrawn' or withdraw_reason is not null)
);
create unique index revisions_one_effective on revisions (report_id) where state = 'published';
create unique index revisions_one_open on revisions (report_id) where state in ('draft', 'submitted');

-- Section two. One row is a captured cell; a null value is a blank, an absent row was not captured.
create table disclosure_items (
  revision_id uuid not null references revisions (id) on delete cascade,
  edition text not null,
  item text not null,
  measure text not null,
  -- Wide enough for counts up to 2^53 - 1 beside four decimals.
  value numeric(20, 4),
  -- As published where the form names none (procurement amount); null is unknown.
  unit text check (unit in ('件', '项', '元', '万元')),
  primary key (revision_id, item, measure),
  constraint disclosure_items_on_form check (
    case edition
      when '2019' then case
        when item in ('regulations', 'normative_documents') then measure in ('made', 'disclosed', 'disclosed_total') and coalesce(unit, '') = '件'
        when item in ('licensing', 'other_services', 'penalties', 'compulsion') then
          measure in ('prior_items', 'items_change') and coalesce(unit, '') = '项' or measure = 'decisions' and coalesce(unit, '') = '件'
        when item = 'fees' then measure in ('prior_items', 'items_change') and coalesce(unit, '') = '项'
        when item = 'procurement' then measure = 'projects' and coalesce(unit, '') = '项' or measure = 'amount' and coalesce(unit in ('元', '万元'), true)
        else false end
      when '2021' then case
        when item in ('regulations', 'normative_documents') then measure in ('issued', 'repealed', 'in_force') and coalesce(unit, '') = '件'
        when item in ('licensing', 'penalties', 'compulsion') then measure = 'decisions' and coalesce(unit, '') = '件'
        when item = 'fees' then measure = 'amount' and coalesce(unit, '') = '万元'
        else false end
      else false end
  ),
  constraint disclosure_items_value check (
    case measure
      when 'amount' then value between 0 and 99999999999.9999
      when 'items_change' then value = trunc(value) and abs(value) <= 9007199254740991
      else value = trunc(value) and value between 0 and 9007199254740991 end
  )
);

-- Section three. One row of the table with its seven columns; null is a blank. Subtotals of groups are never stored.
create table request_statistics (
  revision_id uuid not null references revisions (id) on delete cascade,
  edition text not null,
  "row" text not null,
  natural_person bigint check (natural_person between 0 and 9007199254740991),
  business bigint check (business between 0 and 9007199254740991),
  research bigint check (research between 0 and 9007199254740991),
  public_interest bigint check (public_interest between 0 and 9007199254740991),
  legal_service bigint check (legal_service between 0 and 9007199254740991),
  other bigint check (other between 0 and 9007199254740991),
  total bigint check (total between 0 and 9007199254740991),
  primary key (revision_id, "row"),
  constraint request_statistics_on_form check (
    "row" in (
      'new_received', 'carried_in', 'granted', 'partly_granted',
      'refused_state_secret', 'refused_other_law', 'refused_security_stability', 'refused_third_party',
      'refused_internal_affairs', 'refused_deliberative', 'refused_enforcement_file', 'refused_inquiry_matter',
      'unavailable_not_held', 'unavailable_needs_creation', 'unavailable_unclear',
      'not_handled_petition', 'not_handled_repeat', 'not_handled_publication', 'not_handled_excessive', 'not_handled_reissue',
      'handled_total', 'carried_out')
    or edition = '2019' and "row" = 'other'
    or edition = '2021' and "row" in ('other_no_correction', 'other_fee_unpaid', 'other_misc')
  ),
  constraint request_statistics_edition check (edition in ('2019', '2021'))
);

-- Section four. One proceeding with its five outcomes; null is a blank.
create table review_litigation_counts (
  revision_id uuid not null references revisions (id) on delete cascade,
  proceeding text not null check (proceeding in ('review', 'litigation_direct', 'litigation_after_review')),
  upheld bigint check (upheld between 0 and 9007199254740991),
  corrected bigint check (corrected between 0 and 9007199254740991),
  other bigint check (other between 0 and 9007199254740991),
  pending bigint check (pending between 0 and 9007199254740991),
  total bigint check (total between 0 and 9007199254740991),
  primary key (revision_id, proceeding)
);

-- What was printed in a cell (or beside a row or table) where that was more than a plain number.
create table cell_notes (
  revision_id uuid not null references revisions (id) on delete cascade,
  position integer not null,
  cell text not null,
  raw text not null,
  note text,
  primary key (revision_id, cell)
);

-- Why a failed finding stands; bound to the operands' values through the key.
create table finding_answers (
  revision_id uuid not null references revisions (id) on delete cascade,
  finding_key text not null,
  text text not null check (text <> ''),
  answered_at timestamptz not null default now(),
  answered_by text not null,
  primary key (revision_id, finding_key)
);

-- The public answer of every report with an effective revision, rendered in the transaction that changed it.
create table effective_answers (
  report_id uuid primary key references reports (id) on delete cascade,
  revision_id uuid not null references revisions (id) on delete cascade,
  etag text not null,
  body text not null
);

-- A revision that was submitted never changes again; only its state moves on.
create function refuse_change_of_submitted() returns trigger language plpgsql as $$
begin
  if exists (select from changed join revisions on revisions.id = changed.revision_id where revisions.state <> 'draft') then
    raise exception 'the figures of a submitted, published, superseded or withdrawn revision never change'
      using errcode = 'GK001';
  end if;
  return null;
end $$;

create function refuse_rewrite_of_submitted() returns trigger language plpgsql as $$
begin
  if old.state <> 'draft' and (
    (old.id, old.report_id, old.number, old.created_at, old.reason, old.title, old.published_on, old.source_url,
      old.overview, old.problems, old.other_matters, old.disclosure_edition, old.request_edition)
    is distinct from
    (new.id, new.report_id, new.number, new.created_at, new.reason, new.title, new.published_on, new.source_url,
      new.overview, new.problems, new.other_matters, new.disclosure_edition, new.request_edition)
  ) then
    raise exception 'the text of a submitted, published, superseded or withdrawn revision never changes'
      using errcode = 'GK001';
  end if;
  if old.effective_at is not null
    and (old.effective_at, old.effective_by) is distinct from (new.effective_at, new.effective_by) then
    raise exception 'when and by whom a revision was published never changes' using errcode = 'GK001';
  end if;
  if (old.state, new.state) not in (
    ('draft', 'draft'), ('draft', 'submitted'), ('submitted', 'submitted'), ('submitted', 'draft'),
    ('submitted', 'published'), ('published', 'published'), ('published', 'superseded'), ('published', 'withdrawn'),
    ('superseded', 'superseded'), ('withdrawn', 'withdrawn')
  ) then
    raise exception 'a revision cannot go from % to %', old.state, new.state using errcode = 'GK002';
  end if;
  return new;
end $$;
create trigger rewrite before update on revisions for each row execute function refuse_rewrite_of_submitted();

create function refuse_delete_of_published() returns trigger language plpgsql as $$
begin
  if old.effective_at is not null then
    raise exception 'a revision that was published is kept' using errcode = 'GK001';
  end if;
  return old;
end $$;
create trigger kept before delete on revisions for each row execute function refuse_delete_of_published();

do $$
declare fact text;
begin
  foreach fact in array array['disclosure_items', 'request_statistics', 'review_litigation_counts', 'cell_notes'] loop
    execute format('create trigger inserted after insert on %I referencing new table as changed
      for each statement execute function refuse_change_of_submitted()', fact);
    execute format('create trigger updated after update on %I referencing new table as changed
      for each statement execute function refuse_change_of_submitted()', fact);
    execute format('create trigger deleted after delete on %I referencing old table as changed
      for each statement execute function refuse_change_of_submitted()', fact);
  end loop;
end $$;
