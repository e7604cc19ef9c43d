-- Written by generate.ts from the catalogs of a migrated database; for reading only.

create table api_keys (
  id uuid not null,
  label text not null,
  key_hash bytea not null,
  prefix text not null,
  created_at timestamp with time zone default now() not null,
  created_by text not null,
  expires_at timestamp with time zone not null,
  last_used_at timestamp with time zone,
  revoked_at timestamp with time zone,
  constraint api_keys_pkey PRIMARY KEY (id),
  constraint api_keys_key_hash_key UNIQUE (key_hash),
  constraint api_keys_expiry CHECK ((expires_at <= (created_at + '2 years 1 day'::interval))),
  constraint api_keys_key_hash_check CHECK ((length(key_hash) = 32)),
  constraint api_keys_label_check CHECK (((length(label) >= 1) AND (length(label) <= 200)))
);

create table audit_entries (
  id bigint not null,
  at timestamp with time zone not null,
  principal text not null,
  action text not null,
  resource text not null,
  resource_id uuid not null,
  revision integer,
  before_hash text,
  after_hash text,
  request_id uuid not null,
  previous_hash text not null,
  hash text not null,
  constraint audit_entries_pkey PRIMARY KEY (id),
  constraint audit_entries_hash_key UNIQUE (hash),
  constraint audit_entries_id_check CHECK ((id >= 1)),
  constraint audit_entries_resource_check CHECK ((resource = ANY (ARRAY['organ'::text, 'report'::text, 'api_key'::text, 'grant'::text])))
);

create table cell_notes (
  revision_id uuid not null,
  "position" integer not null,
  cell text not null,
  raw text not null,
  note text,
  constraint cell_notes_pkey PRIMARY KEY (revision_id, cell),
  constraint cell_notes_revision_id_fkey FOREIGN KEY (revision_id) REFERENCES revisions(id) ON DELETE CASCADE
);

create table disclosure_items (
  revision_id uuid not null,
  edition text not null,
  item text not null,
  measure text not null,
  value numeric(20,4),
  unit text,
  constraint disclosure_items_pkey PRIMARY KEY (revision_id, item, measure),
  constraint disclosure_items_revision_id_fkey FOREIGN KEY (revision_id) REFERENCES revisions(id) ON DELETE CASCADE,
  constraint disclosure_items_on_form CHECK (
CASE edition
    WHEN '2019'::text THEN
    CASE
        WHEN (item = ANY (ARRAY['regulations'::text, 'normative_documents'::text])) THEN ((measure = ANY (ARRAY['made'::text, 'disclosed'::text, 'disclosed_total'::text])) AND (COALESCE(unit, ''::text) = '件'::text))
        WHEN (item = ANY (ARRAY['licensing'::text, 'other_services'::text, 'penalties'::text, 'compulsion'::text])) THEN (((measure = ANY (ARRAY['prior_items'::text, 'items_change'::text])) AND (COALESCE(unit, ''::text) = '项'::text)) OR ((measure = 'decisions'::text) AND (COALESCE(unit, ''::text) = '件'::text)))
        WHEN (item = 'fees'::text) THEN ((measure = ANY (ARRAY['prior_items'::text, 'items_change'::text])) AND (COALESCE(unit, ''::text) = '项'::text))
        WHEN (item = 'procurement'::text) THEN (((measure = 'projects'::text) AND (COALESCE(unit, ''::text) = '项'::text)) OR ((measure = 'amount'::text) AND COALESCE((unit = ANY (ARRAY['元'::text, '万元'::text])), true)))
        ELSE false
    END
    WHEN '2021'::text THEN
    CASE
        WHEN (item = ANY (ARRAY['regulations'::text, 'normative_documents'::text])) THEN ((measure = ANY (ARRAY['issued'::text, 'repealed'::text, 'in_force'::text])) AND (COALESCE(unit, ''::text) = '件'::text))
        WHEN (item = ANY (ARRAY['licensing'::text, 'penalties'::text, 'compulsion'::text])) THEN ((measure = 'decisions'::text) AND (COALESCE(unit, ''::text) = '件'::text))
        WHEN (item = 'fees'::text) THEN ((measure = 'amount'::text) AND (COALESCE(unit, ''::text) = '万元'::text))
        ELSE false
    END
    ELSE false
END),
  constraint disclosure_items_unit_check CHECK ((unit = ANY (ARRAY['件'::text, '项'::text, '元'::text, '万元'::text]))),
  constraint disclosure_items_value CHECK (
CASE measure
    WHEN 'amount'::text THEN ((value >= (0)::numeric) AND (value <= 99999999999.9999))
    WHEN 'items_change'::text THEN ((value = trunc(value)) AND (abs(value) <= ('9007199254740991'::bigint)::numeric))
    ELSE ((value = trunc(value)) AND ((value >= (0)::numeric) AND (value <= ('9007199254740991'::bigint)::numeric)))
END)
);

create table divisions (
  code text not null,
  name text not null,
  level text not null,
  parent_code text,
  valid_from date,
  valid_to date,
  constraint divisions_pkey PRIMARY KEY (code),
  constraint divisions_parent_code_fkey FOREIGN KEY (parent_code) REFERENCES divisions(code),
  constraint divisions_check CHECK ((valid_to >= valid_from)),
  constraint divisions_code_check CHECK ((code ~ '^[1-9][0-9]{5}$'::text)),
  constraint divisions_level_check CHECK ((level = ANY (ARRAY['province'::text, 'city'::text, 'county'::text])))
);

create table effective_answers (
  report_id uuid not null,
  revision_id uuid not null,
  etag text not null,
  body text not null,
  constraint effective_answers_pkey PRIMARY KEY (report_id),
  constraint effective_answers_report_id_fkey FOREIGN KEY (report_id) REFERENCES reports(id) ON DELETE CASCADE,
  constraint effective_answers_revision_id_fkey FOREIGN KEY (revision_id) REFERENCES revisions(id) ON DELETE CASCADE
);

create table finding_answers (
  revision_id uuid not null,
  finding_key text not null,
  text text not null,
  answered_at timestamp with time zone default now() not null,
  answered_by text not null,
  constraint finding_answers_pkey PRIMARY KEY (revision_id, finding_key),
  constraint finding_answers_revision_id_fkey FOREIGN KEY (revision_id) REFERENCES revisions(id) ON DELETE CASCADE,
  constraint finding_answers_text_check CHECK ((text <> ''::text))
);

create table grants (
  id uuid not null,
  api_key_id uuid,
  issuer text,
  subject text,
  role text not null,
  organ_id uuid,
  include_subtree boolean default false not null,
  created_at timestamp with time zone default now() not null,
  created_by text not null,
  constraint grants_pkey PRIMARY KEY (id),
  constraint grants_once UNIQUE NULLS NOT DISTINCT (api_key_id, issuer, subject, role, organ_id),
  constraint grants_api_key_id_fkey FOREIGN KEY (api_key_id) REFERENCES api_keys(id) ON DELETE CASCADE,
  constraint grants_organ_id_fkey FOREIGN KEY (organ_id) REFERENCES organs(id) ON DELETE CASCADE,
  constraint grants_issuer_check CHECK (((length(issuer) >= 1) AND (length(issuer) <= 500))),
  constraint grants_one_subject CHECK (((num_nonnulls(api_key_id, issuer) = 1) AND (num_nonnulls(issuer, subject) <> 1))),
  constraint grants_reach CHECK (
CASE role
    WHEN 'admin'::text THEN (organ_id IS NULL)
    WHEN 'auditor'::text THEN true
    ELSE (organ_id IS NOT NULL)
END),
  constraint grants_role_check CHECK ((role = ANY (ARRAY['preparer'::text, 'supervisor'::text, 'auditor'::text, 'admin'::text]))),
  constraint grants_subject_check CHECK (((length(subject) >= 1) AND (length(subject) <= 255)))
);

create table idempotent_answers (
  principal text not null,
  key text not null,
  request_hash text not null,
  status integer not null,
  headers jsonb not null,
  body text not null,
  created_at timestamp with time zone default now() not null,
  constraint idempotent_answers_pkey PRIMARY KEY (principal, key)
);

create table organ_history (
  organ_id uuid not null,
  name text not null,
  parent_id uuid,
  valid_from date,
  valid_to date not null,
  constraint organ_history_pkey PRIMARY KEY (organ_id, valid_to),
  constraint organ_history_organ_id_fkey FOREIGN KEY (organ_id) REFERENCES organs(id) ON DELETE CASCADE,
  constraint organ_history_parent_id_fkey FOREIGN KEY (parent_id) REFERENCES organs(id),
  constraint organ_history_check CHECK ((valid_from <= valid_to))
);

create table organs (
  id uuid not null,
  name text not null,
  kind text not null,
  level text not null,
  division_code text,
  division_county text generated always as ("left"(division_code, 6)) stored,
  parent_id uuid,
  credit_code text,
  version integer default 1 not null,
  created_at timestamp with time zone default now() not null,
  updated_at timestamp with time zone default now() not null,
  valid_from date,
  abolished_on date,
  successor_id uuid,
  constraint organs_pkey PRIMARY KEY (id),
  constraint organs_credit_code_key UNIQUE (credit_code),
  constraint organs_division_code_fkey FOREIGN KEY (division_county) REFERENCES divisions(code),
  constraint organs_parent_id_fkey FOREIGN KEY (parent_id) REFERENCES organs(id),
  constraint organs_successor_id_fkey FOREIGN KEY (successor_id) REFERENCES organs(id),
  constraint organs_credit_code_check CHECK ((credit_code ~ '^[0-9A-HJ-NPQRTUWXY]{18}$'::text)),
  constraint organs_division_code_check CHECK ((division_code ~ '^[1-9][0-9]{5}([0-9]{3})?$'::text)),
  constraint organs_kind_check CHECK ((kind = ANY (ARRAY['government'::text, 'general_office'::text, 'department'::text, 'subdistrict'::text, 'branch'::text, 'development_zone'::text, 'public_institution'::text]))),
  constraint organs_level_check CHECK ((level = ANY (ARRAY['national'::text, 'province'::text, 'city'::text, 'county'::text, 'town'::text]))),
  constraint organs_name_check CHECK (((length(name) >= 1) AND (length(name) <= 200))),
  constraint organs_parent_is_other CHECK ((parent_id <> id)),
  constraint organs_successor_is_other CHECK ((successor_id <> id)),
  constraint organs_successor_needs_end CHECK (((successor_id IS NULL) OR (abolished_on IS NOT NULL)))
);

create table reports (
  id uuid not null,
  organ_id uuid not null,
  year integer not null,
  scope text not null,
  version integer default 1 not null,
  created_at timestamp with time zone default now() not null,
  updated_at timestamp with time zone default now() not null,
  discarded_revision integer default 0 not null,
  constraint reports_pkey PRIMARY KEY (id),
  constraint reports_natural_key UNIQUE (organ_id, year, scope),
  constraint reports_organ_id_fkey FOREIGN KEY (organ_id) REFERENCES organs(id),
  constraint reports_scope_check CHECK ((scope = ANY (ARRAY['own'::text, 'consolidated'::text]))),
  constraint reports_year_check CHECK (((year >= 2019) AND (year <= 2100)))
);

create table request_statistics (
  revision_id uuid not null,
  edition text not null,
  "row" text not null,
  natural_person bigint,
  business bigint,
  research bigint,
  public_interest bigint,
  legal_service bigint,
  other bigint,
  total bigint,
  constraint request_statistics_pkey PRIMARY KEY (revision_id, "row"),
  constraint request_statistics_revision_id_fkey FOREIGN KEY (revision_id) REFERENCES revisions(id) ON DELETE CASCADE,
  constraint request_statistics_business_check CHECK (((business >= 0) AND (business <= '9007199254740991'::bigint))),
  constraint request_statistics_edition CHECK ((edition = ANY (ARRAY['2019'::text, '2021'::text]))),
  constraint request_statistics_legal_service_check CHECK (((legal_service >= 0) AND (legal_service <= '9007199254740991'::bigint))),
  constraint request_statistics_natural_person_check CHECK (((natural_person >= 0) AND (natural_person <= '9007199254740991'::bigint))),
  constraint request_statistics_on_form CHECK ((("row" = ANY (ARRAY['new_received'::text, 'carried_in'::text, 'granted'::text, 'partly_granted'::text, 'refused_state_secret'::text, 'refused_other_law'::text, 'refused_security_stability'::text, 'refused_third_party'::text, 'refused_internal_affairs'::text, 'refused_deliberative'::text, 'refused_enforcement_file'::text, 'refused_inquiry_matter'::text, 'unavailable_not_held'::text, 'unavailable_needs_creation'::text, 'unavailable_unclear'::text, 'not_handled_petition'::text, 'not_handled_repeat'::text, 'not_handled_publication'::text, 'not_handled_excessive'::text, 'not_handled_reissue'::text, 'handled_total'::text, 'carried_out'::text])) OR ((edition = '2019'::text) AND ("row" = 'other'::text)) OR ((edition = '2021'::text) AND ("row" = ANY (ARRAY['other_no_correction'::text, 'other_fee_unpaid'::text, 'other_misc'::text]))))),
  constraint request_statistics_other_check CHECK (((other >= 0) AND (other <= '9007199254740991'::bigint))),
  constraint request_statistics_public_interest_check CHECK (((public_interest >= 0) AND (public_interest <= '9007199254740991'::bigint))),
  constraint request_statistics_research_check CHECK (((research >= 0) AND (research <= '9007199254740991'::bigint))),
  constraint request_statistics_total_check CHECK (((total >= 0) AND (total <= '9007199254740991'::bigint)))
);

create table review_litigation_counts (
  revision_id uuid not null,
  proceeding text not null,
  upheld bigint,
  corrected bigint,
  other bigint,
  pending bigint,
  total bigint,
  constraint review_litigation_counts_pkey PRIMARY KEY (revision_id, proceeding),
  constraint review_litigation_counts_revision_id_fkey FOREIGN KEY (revision_id) REFERENCES revisions(id) ON DELETE CASCADE,
  constraint review_litigation_counts_corrected_check CHECK (((corrected >= 0) AND (corrected <= '9007199254740991'::bigint))),
  constraint review_litigation_counts_other_check CHECK (((other >= 0) AND (other <= '9007199254740991'::bigint))),
  constraint review_litigation_counts_pending_check CHECK (((pending >= 0) AND (pending <= '9007199254740991'::bigint))),
  constraint review_litigation_counts_proceeding_check CHECK ((proceeding = ANY (ARRAY['review'::text, 'litigation_direct'::text, 'litigation_after_review'::text]))),
  constraint review_litigation_counts_total_check CHECK (((total >= 0) AND (total <= '9007199254740991'::bigint))),
  constraint review_litigation_counts_upheld_check CHECK (((upheld >= 0) AND (upheld <= '9007199254740991'::bigint)))
);

create table revisions (
  id uuid not null,
  report_id uuid not null,
  number integer not null,
  state text default 'draft'::text not null,
  reason text,
  return_reason text,
  withdraw_reason text,
  title text,
  published_on date,
  source_url text,
  overview text,
  problems text,
  other_matters text,
  disclosure_edition text not null,
  request_edition text not null,
  findings_summary json default '{"error":0,"warning":0,"info":0,"not_evaluated":0}'::json not null,
  created_at timestamp with time zone default now() not null,
  updated_at timestamp with time zone default now() not null,
  submitted_at timestamp with time zone,
  submitted_by text,
  effective_at timestamp with time zone,
  effective_by text,
  ended_at timestamp with time zone,
  constraint revisions_pkey PRIMARY KEY (id),
  constraint revisions_number UNIQUE (report_id, number),
  constraint revisions_report_id_fkey FOREIGN KEY (report_id) REFERENCES reports(id) ON DELETE CASCADE,
  constraint revisions_check CHECK (((number = 1) OR (reason IS NOT NULL))),
  constraint revisions_check1 CHECK (((state = 'draft'::text) OR (submitted_at IS NOT NULL))),
  constraint revisions_check2 CHECK (((state = ANY (ARRAY['draft'::text, 'submitted'::text])) OR (effective_at IS NOT NULL))),
  constraint revisions_check3 CHECK (((state <> 'withdrawn'::text) OR (withdraw_reason IS NOT NULL))),
  constraint revisions_disclosure_edition_check CHECK ((disclosure_edition = ANY (ARRAY['2019'::text, '2021'::text]))),
  constraint revisions_number_check CHECK ((number >= 1)),
  constraint revisions_reason_check CHECK ((reason <> ''::text)),
  constraint revisions_request_edition_check CHECK ((request_edition = ANY (ARRAY['2019'::text, '2021'::text]))),
  constraint revisions_return_reason_check CHECK ((return_reason <> ''::text)),
  constraint revisions_state_check CHECK ((state = ANY (ARRAY['draft'::text, 'submitted'::text, 'published'::text, 'superseded'::text, 'withdrawn'::text]))),
  constraint revisions_withdraw_reason_check CHECK ((withdraw_reason <> ''::text))
);

CREATE INDEX audit_entries_principal ON public.audit_entries USING btree (principal, id);

CREATE INDEX audit_entries_resource_id ON public.audit_entries USING btree (resource_id, id);

CREATE INDEX divisions_parent_code ON public.divisions USING btree (parent_code);

CREATE INDEX grants_organ_id ON public.grants USING btree (organ_id);

CREATE INDEX idempotent_answers_created_at ON public.idempotent_answers USING btree (created_at);

CREATE INDEX organ_history_parent_id ON public.organ_history USING btree (parent_id);

CREATE INDEX organs_division_code ON public.organs USING btree (division_code text_pattern_ops);

CREATE INDEX organs_parent_id ON public.organs USING btree (parent_id);

CREATE INDEX organs_successor_id ON public.organs USING btree (successor_id) WHERE (successor_id IS NOT NULL);

CREATE INDEX reports_year ON public.reports USING btree (year);

CREATE UNIQUE INDEX revisions_one_effective ON public.revisions USING btree (report_id) WHERE (state = 'published'::text);

CREATE UNIQUE INDEX revisions_one_open ON public.revisions USING btree (report_id) WHERE (state = ANY (ARRAY['draft'::text, 'submitted'::text]));

create view organ_parents as
 SELECT organs.id AS organ_id,
    organs.parent_id,
    COALESCE(organs.valid_from, '-infinity'::date) AS valid_from,
    'infinity'::date AS valid_to
   FROM organs
  WHERE organs.parent_id IS NOT NULL
UNION ALL
 SELECT organ_history.organ_id,
    organ_history.parent_id,
    COALESCE(organ_history.valid_from, '-infinity'::date) AS valid_from,
    organ_history.valid_to
   FROM organ_history
  WHERE organ_history.parent_id IS NOT NULL;

CREATE OR REPLACE FUNCTION public.caller_reaches(setting text, organ uuid)
 RETURNS boolean
 LANGUAGE plpgsql
 STABLE
AS $function$
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
end $function$
;

CREATE OR REPLACE FUNCTION public.caller_reaches_report(setting text, report uuid)
 RETURNS boolean
 LANGUAGE plpgsql
 STABLE COST 5000
AS $function$
begin
  if current_setting(setting, true) = '{*}' or current_setting(setting || '_last', true) = report::text then return true; end if;
  if not caller_reaches(setting, (select organ_id from reports where id = report)) then return false; end if;
  perform set_config(setting || '_last', report::text, true);
  return true;
end $function$
;

CREATE OR REPLACE FUNCTION public.caller_reads_revision(revision uuid)
 RETURNS boolean
 LANGUAGE plpgsql
 STABLE
AS $function$
begin
  if current_setting('gongkai.reads', true) = '{*}' or current_setting('gongkai.reads_last', true) = revision::text then return true; end if;
  if not exists (select from revisions where id = revision) then return false; end if;
  perform set_config('gongkai.reads_last', revision::text, true);
  return true;
end $function$
;

CREATE OR REPLACE FUNCTION public.caller_writes_revision(revision uuid)
 RETURNS boolean
 LANGUAGE plpgsql
 STABLE
AS $function$
begin
  if current_setting('gongkai.writes', true) = '{*}' or current_setting('gongkai.writes_last', true) = revision::text then return true; end if;
  if not caller_reaches_report('gongkai.writes', (select report_id from revisions where id = revision)) then return false; end if;
  perform set_config('gongkai.writes_last', revision::text, true);
  return true;
end $function$
;

CREATE OR REPLACE FUNCTION public.refuse_change_of_audit()
 RETURNS trigger
 LANGUAGE plpgsql
AS $function$
begin
  raise exception 'audit entries are only ever appended' using errcode = 'GK001';
end $function$
;

CREATE OR REPLACE FUNCTION public.refuse_change_of_submitted()
 RETURNS trigger
 LANGUAGE plpgsql
AS $function$
begin
  if exists (select from changed join revisions on revisions.id = changed.revision_id where revisions.state <> 'draft') then
    raise exception 'the figures of a submitted, published, superseded or withdrawn revision never change'
      using errcode = 'GK001';
  end if;
  return null;
end $function$
;

CREATE OR REPLACE FUNCTION public.refuse_delete_of_published()
 RETURNS trigger
 LANGUAGE plpgsql
AS $function$
begin
  if old.effective_at is not null then
    raise exception 'a revision that was published is kept' using errcode = 'GK001';
  end if;
  return old;
end $function$
;

CREATE OR REPLACE FUNCTION public.refuse_rewrite_of_submitted()
 RETURNS trigger
 LANGUAGE plpgsql
AS $function$
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
end $function$
;

CREATE TRIGGER append_only BEFORE DELETE OR UPDATE ON public.audit_entries FOR EACH ROW EXECUTE FUNCTION refuse_change_of_audit();

CREATE TRIGGER no_truncation BEFORE TRUNCATE ON public.audit_entries FOR EACH STATEMENT EXECUTE FUNCTION refuse_change_of_audit();

CREATE TRIGGER deleted AFTER DELETE ON public.cell_notes REFERENCING OLD TABLE AS changed FOR EACH STATEMENT EXECUTE FUNCTION refuse_change_of_submitted();

CREATE TRIGGER inserted AFTER INSERT ON public.cell_notes REFERENCING NEW TABLE AS changed FOR EACH STATEMENT EXECUTE FUNCTION refuse_change_of_submitted();

CREATE TRIGGER updated AFTER UPDATE ON public.cell_notes REFERENCING NEW TABLE AS changed FOR EACH STATEMENT EXECUTE FUNCTION refuse_change_of_submitted();

CREATE TRIGGER deleted AFTER DELETE ON public.disclosure_items REFERENCING OLD TABLE AS changed FOR EACH STATEMENT EXECUTE FUNCTION refuse_change_of_submitted();

CREATE TRIGGER inserted AFTER INSERT ON public.disclosure_items REFERENCING NEW TABLE AS changed FOR EACH STATEMENT EXECUTE FUNCTION refuse_change_of_submitted();

CREATE TRIGGER updated AFTER UPDATE ON public.disclosure_items REFERENCING NEW TABLE AS changed FOR EACH STATEMENT EXECUTE FUNCTION refuse_change_of_submitted();

CREATE TRIGGER deleted AFTER DELETE ON public.request_statistics REFERENCING OLD TABLE AS changed FOR EACH STATEMENT EXECUTE FUNCTION refuse_change_of_submitted();

CREATE TRIGGER inserted AFTER INSERT ON public.request_statistics REFERENCING NEW TABLE AS changed FOR EACH STATEMENT EXECUTE FUNCTION refuse_change_of_submitted();

CREATE TRIGGER updated AFTER UPDATE ON public.request_statistics REFERENCING NEW TABLE AS changed FOR EACH STATEMENT EXECUTE FUNCTION refuse_change_of_submitted();

CREATE TRIGGER deleted AFTER DELETE ON public.review_litigation_counts REFERENCING OLD TABLE AS changed FOR EACH STATEMENT EXECUTE FUNCTION refuse_change_of_submitted();

CREATE TRIGGER inserted AFTER INSERT ON public.review_litigation_counts REFERENCING NEW TABLE AS changed FOR EACH STATEMENT EXECUTE FUNCTION refuse_change_of_submitted();

CREATE TRIGGER updated AFTER UPDATE ON public.review_litigation_counts REFERENCING NEW TABLE AS changed FOR EACH STATEMENT EXECUTE FUNCTION refuse_change_of_submitted();

CREATE TRIGGER kept BEFORE DELETE ON public.revisions FOR EACH ROW EXECUTE FUNCTION refuse_delete_of_published();

CREATE TRIGGER rewrite BEFORE UPDATE ON public.revisions FOR EACH ROW EXECUTE FUNCTION refuse_rewrite_of_submitted();

create policy administrators on api_keys
  using ((current_setting('gongkai.writes'::text, true) = '{*}'::text));

create policy deletable on cell_notes for delete
  using (caller_writes_revision(revision_id));

create policy insertable on cell_notes for insert
  with check (caller_writes_revision(revision_id));

create policy readable on cell_notes for select
  using (caller_reads_revision(revision_id));

create policy updatable on cell_notes for update
  using (caller_writes_revision(revision_id));

create policy deletable on disclosure_items for delete
  using (caller_writes_revision(revision_id));

create policy insertable on disclosure_items for insert
  with check (caller_writes_revision(revision_id));

create policy readable on disclosure_items for select
  using (caller_reads_revision(revision_id));

create policy updatable on disclosure_items for update
  using (caller_writes_revision(revision_id));

create policy deletable on effective_answers for delete
  using (caller_reaches_report('gongkai.writes'::text, report_id));

create policy insertable on effective_answers for insert
  with check (caller_reaches_report('gongkai.writes'::text, report_id));

create policy readable on effective_answers for select
  using (true);

create policy updatable on effective_answers for update
  using (caller_reaches_report('gongkai.writes'::text, report_id));

create policy deletable on finding_answers for delete
  using (caller_writes_revision(revision_id));

create policy insertable on finding_answers for insert
  with check (caller_writes_revision(revision_id));

create policy readable on finding_answers for select
  using (caller_reads_revision(revision_id));

create policy updatable on finding_answers for update
  using (caller_writes_revision(revision_id));

create policy administrators on grants
  using ((current_setting('gongkai.writes'::text, true) = '{*}'::text));

create policy deletable on reports for delete
  using (caller_reaches('gongkai.writes'::text, organ_id));

create policy insertable on reports for insert
  with check (caller_reaches('gongkai.writes'::text, organ_id));

create policy readable on reports for select
  using (true);

create policy updatable on reports for update
  using (caller_reaches('gongkai.writes'::text, organ_id));

create policy deletable on request_statistics for delete
  using (caller_writes_revision(revision_id));

create policy insertable on request_statistics for insert
  with check (caller_writes_revision(revision_id));

create policy readable on request_statistics for select
  using (caller_reads_revision(revision_id));

create policy updatable on request_statistics for update
  using (caller_writes_revision(revision_id));

create policy deletable on review_litigation_counts for delete
  using (caller_writes_revision(revision_id));

create policy insertable on review_litigation_counts for insert
  with check (caller_writes_revision(revision_id));

create policy readable on review_litigation_counts for select
  using (caller_reads_revision(revision_id));

create policy updatable on review_litigation_counts for update
  using (caller_writes_revision(revision_id));

create policy deletable on revisions for delete
  using (caller_reaches_report('gongkai.writes'::text, report_id));

create policy insertable on revisions for insert
  with check (caller_reaches_report('gongkai.writes'::text, report_id));

create policy readable on revisions for select
  using (((effective_at IS NOT NULL) OR caller_reaches_report('gongkai.reads'::text, report_id)));

create policy updatable on revisions for update
  using (caller_reaches_report('gongkai.writes'::text, report_id));
