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
  constraint effective_answers_report_id_fkey FOREIGN KEY (report_id) REFERENCES reports(id) ON DELETE CASCADE
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

create table organ_earlier_places (
  organ_id uuid not null,
  year integer not null,
  place_code text not null,
  constraint organ_earlier_places_pkey PRIMARY KEY (organ_id, year),
  constraint organ_earlier_places_organ_id_fkey FOREIGN KEY (organ_id) REFERENCES organs(id) ON DELETE CASCADE
);

create table organ_history (
  organ_id uuid not null,
  name text not null,
  parent_id uuid,
  valid_from date,
  valid_to date not null,
  division_code text,
  constraint organ_history_pkey PRIMARY KEY (organ_id, valid_to),
  constraint organ_history_organ_id_fkey FOREIGN KEY (organ_id) REFERENCES organs(id) ON DELETE CASCADE,
  constraint organ_history_parent_id_fkey FOREIGN KEY (parent_id) REFERENCES organs(id),
  constraint organ_history_check CHECK ((valid_from <= valid_to)),
  constraint organ_history_division_code_check CHECK ((division_code ~ '^[1-9][0-9]{5}([0-9]{3})?$'::text))
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
  division_above text,
  place_code text generated always as (COALESCE(division_code, division_above)) stored,
  began_in integer,
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

create table rollup_captures (
  grain rollup_grain not null,
  year integer not null,
  province text not null,
  cell_id integer not null,
  shape integer not null,
  amount integer not null,
  constraint rollup_captures_pkey PRIMARY KEY (grain, year, province, cell_id, shape),
  constraint rollup_captures_shape_fkey FOREIGN KEY (shape) REFERENCES rollup_shapes(id)
);

create table rollup_cells (
  id integer generated always as identity not null,
  grain rollup_grain not null,
  year integer not null,
  province text not null,
  city text not null,
  county text not null,
  level text not null,
  kind text not null,
  scope text not null,
  gone boolean not null,
  cover integer not null,
  disclosure_edition text not null,
  request_edition text not null,
  amount integer not null,
  constraint rollup_cells_pkey PRIMARY KEY (id),
  constraint rollup_cells_key UNIQUE (grain, year, province, city, county, level, kind, scope, gone, cover, disclosure_edition, request_edition),
  constraint rollup_cells_scope_check CHECK ((scope = ANY (ARRAY['own'::text, 'replaced'::text, 'consolidated'::text, 'none'::text, 'organ'::text])))
);

create table rollup_changes (
  id bigint generated always as identity not null,
  sign smallint not null,
  year integer not null,
  province text not null,
  city text not null,
  county text not null,
  level text not null,
  kind text not null,
  gone_in integer,
  cover integer not null,
  own_revision uuid,
  consolidated_revision uuid,
  transaction xid8 default pg_current_xact_id() not null,
  organ_id uuid not null,
  constraint rollup_changes_pkey PRIMARY KEY (id),
  constraint rollup_changes_sign_check CHECK ((sign = ANY (ARRAY['-1'::integer, 1])))
);

create table rollup_cover_signatures (
  cover integer not null,
  same_province boolean not null,
  same_city boolean not null,
  same_county boolean not null,
  same_level boolean not null,
  same_kind boolean not null,
  level text not null,
  kind text not null,
  foreign_province text not null,
  foreign_city text not null,
  foreign_county text not null,
  constraint rollup_cover_signatures_cover_fkey FOREIGN KEY (cover) REFERENCES rollup_covers(id)
);

create table rollup_covers (
  id integer generated by default as identity not null,
  signatures text not null,
  constraint rollup_covers_pkey PRIMARY KEY (id),
  constraint rollup_covers_signatures_key UNIQUE (signatures)
);

create table rollup_disclosure_items (
  grain rollup_grain not null,
  year integer not null,
  item text not null,
  measure text not null,
  province text not null,
  cell_id integer not null,
  reports integer not null,
  value numeric not null,
  blank integer not null,
  unit_unknown integer not null,
  constraint rollup_disclosure_items_pkey PRIMARY KEY (grain, year, item, measure, province, cell_id)
);

create table rollup_folded_changes (
  generation bigint not null,
  sign smallint not null,
  year integer not null,
  province text not null,
  city text not null,
  county text not null,
  level text not null,
  kind text not null,
  gone_in integer,
  cover integer not null,
  own_revision uuid,
  consolidated_revision uuid,
  transaction xid8 not null
);

create table rollup_folding (
  year integer not null,
  province text not null,
  city text not null,
  county text not null,
  level text not null,
  kind text not null,
  scope text not null,
  gone boolean not null,
  cover integer not null,
  disclosure_edition text not null,
  request_edition text not null,
  revision_id uuid,
  amount integer not null,
  leaf integer
);

create table rollup_grain_covers (
  grain rollup_grain not null,
  cover integer not null,
  seen integer not null,
  constraint rollup_grain_covers_pkey PRIMARY KEY (cover, grain),
  constraint rollup_grain_covers_cover_fkey FOREIGN KEY (cover) REFERENCES rollup_covers(id),
  constraint rollup_grain_covers_grain_fkey FOREIGN KEY (grain) REFERENCES rollup_grains(grain),
  constraint rollup_grain_covers_seen_fkey FOREIGN KEY (seen) REFERENCES rollup_covers(id)
);

create table rollup_grains (
  grain rollup_grain not null,
  by_province boolean not null,
  by_city boolean not null,
  by_county boolean not null,
  by_kind boolean not null,
  constraint rollup_grains_pkey PRIMARY KEY (grain)
);

create table rollup_leaves (
  id integer generated always as identity not null,
  year integer not null,
  province text not null,
  city text not null,
  county text not null,
  level text not null,
  kind text not null,
  scope text not null,
  gone boolean not null,
  cover integer not null,
  disclosure_edition text not null,
  request_edition text not null,
  cells integer[] default '{}'::integer[] not null,
  constraint rollup_leaves_pkey PRIMARY KEY (id),
  constraint rollup_leaves_key UNIQUE (year, province, city, county, level, kind, scope, gone, cover, disclosure_edition, request_edition)
);

create table rollup_organ_years (
  organ_id uuid not null,
  year integer not null,
  province text not null,
  city text not null,
  county text not null,
  level text not null,
  kind text not null,
  gone_in integer,
  cover integer default 0 not null,
  own_revision uuid,
  consolidated_revision uuid,
  constraint rollup_organ_years_pkey PRIMARY KEY (organ_id, year),
  constraint rollup_organ_years_cover_fkey FOREIGN KEY (cover) REFERENCES rollup_covers(id),
  constraint rollup_organ_years_organ_id_fkey FOREIGN KEY (organ_id) REFERENCES organs(id) ON DELETE CASCADE
);

create table rollup_request_statistics (
  grain rollup_grain not null,
  year integer not null,
  "row" text not null,
  province text not null,
  cell_id integer not null,
  reports integer not null,
  natural_person numeric not null,
  business numeric not null,
  research numeric not null,
  public_interest numeric not null,
  legal_service numeric not null,
  other numeric not null,
  total numeric not null,
  blank_natural_person integer not null,
  blank_business integer not null,
  blank_research integer not null,
  blank_public_interest integer not null,
  blank_legal_service integer not null,
  blank_other integer not null,
  blank_total integer not null,
  constraint rollup_request_statistics_pkey PRIMARY KEY (grain, year, "row", province, cell_id)
);

create table rollup_review_litigation_counts (
  grain rollup_grain not null,
  year integer not null,
  proceeding text not null,
  province text not null,
  cell_id integer not null,
  reports integer not null,
  upheld numeric not null,
  corrected numeric not null,
  other numeric not null,
  pending numeric not null,
  total numeric not null,
  blank_upheld integer not null,
  blank_corrected integer not null,
  blank_other integer not null,
  blank_pending integer not null,
  blank_total integer not null,
  constraint rollup_review_litigation_counts_pkey PRIMARY KEY (grain, year, proceeding, province, cell_id)
);

create table rollup_segment_figures (
  year integer not null,
  province text not null,
  scope text not null,
  of text not null,
  "row" text not null,
  "column" text not null,
  decimals numeric[],
  packed bytea,
  constraint rollup_segment_figures_pkey PRIMARY KEY (year, province, scope, of, "row", "column"),
  constraint rollup_segment_figures_year_province_scope_fkey FOREIGN KEY (year, province, scope) REFERENCES rollup_segments(year, province, scope) ON DELETE CASCADE,
  constraint rollup_segment_figures_numbers CHECK ((num_nonnulls(decimals, packed) = 1))
);

create table rollup_segments (
  year integer not null,
  province text not null,
  scope text not null,
  amount integer not null,
  organs uuid[] not null,
  revisions uuid[] not null,
  disclosure_editions text[] not null,
  request_editions text[] not null,
  titles text[] not null,
  published_on date[] not null,
  last_published_on date generated always as (rollup_last_of(published_on)) stored,
  packed_organs bytea generated always as (rollup_pack_ids(organs)) stored not null,
  packed_disclosure_editions bytea generated always as (rollup_pack_texts(disclosure_editions)) stored not null,
  packed_request_editions bytea generated always as (rollup_pack_texts(request_editions)) stored not null,
  packed_title_heads bytea generated always as (rollup_pack_heads(titles)) stored not null,
  title_tails text[] generated always as (rollup_title_tails(titles)) stored not null,
  packed_title_tails bytea generated always as (rollup_pack_tails(titles)) stored not null,
  packed_published_on bytea generated always as (rollup_pack_days(published_on)) stored not null,
  constraint rollup_segments_pkey PRIMARY KEY (year, province, scope),
  constraint rollup_segments_scope_check CHECK ((scope = ANY (ARRAY['own'::text, 'consolidated'::text])))
);

create table rollup_shapes (
  id integer generated always as identity not null,
  of text not null,
  captured text[] not null,
  constraint rollup_shapes_pkey PRIMARY KEY (id),
  constraint rollup_shapes_of_captured_key UNIQUE (of, captured),
  constraint rollup_shapes_of_check CHECK ((of = ANY (ARRAY['disclosure_items'::text, 'request_statistics'::text, 'review_litigation_counts'::text])))
);

create table rollup_stale (
  year integer not null,
  province text not null,
  organ_id uuid not null,
  constraint rollup_stale_pkey PRIMARY KEY (year, province, organ_id)
);

create table rollup_state (
  generation bigint not null,
  horizon bigint default 0 not null
);

create type rollup_grain as enum ('nation', 'province', 'city', 'county', 'nation/kind', 'province/kind', 'city/kind');

create sequence rollup_cells_id_seq as integer;

create sequence rollup_changes_id_seq as bigint;

create sequence rollup_covers_id_seq as integer;

create sequence rollup_leaves_id_seq as integer;

create sequence rollup_shapes_id_seq as integer;

CREATE INDEX audit_entries_at ON public.audit_entries USING btree (at, id);

CREATE INDEX audit_entries_principal ON public.audit_entries USING btree (principal, id);

CREATE INDEX audit_entries_resource_id ON public.audit_entries USING btree (resource_id, id);

CREATE INDEX divisions_parent_code ON public.divisions USING btree (parent_code);

CREATE INDEX grants_organ_id ON public.grants USING btree (organ_id);

CREATE INDEX idempotent_answers_created_at ON public.idempotent_answers USING btree (created_at);

CREATE INDEX organ_history_parent_id ON public.organ_history USING btree (parent_id);

CREATE INDEX organs_parent_id ON public.organs USING btree (parent_id);

CREATE INDEX organs_place_code ON public.organs USING btree (place_code text_pattern_ops);

CREATE INDEX organs_successor_id ON public.organs USING btree (successor_id) WHERE (successor_id IS NOT NULL);

CREATE INDEX reports_year ON public.reports USING btree (year);

CREATE INDEX revisions_effective_at ON public.revisions USING btree (effective_at, report_id) WHERE (effective_at IS NOT NULL);

CREATE UNIQUE INDEX revisions_one_effective ON public.revisions USING btree (report_id) INCLUDE (published_on, state) WHERE (state = 'published'::text);

CREATE UNIQUE INDEX revisions_one_open ON public.revisions USING btree (report_id) WHERE (state = ANY (ARRAY['draft'::text, 'submitted'::text]));

CREATE INDEX revisions_published_on ON public.revisions USING btree (published_on, report_id);

CREATE INDEX revisions_withdrawn ON public.revisions USING btree (report_id) WHERE (state = 'withdrawn'::text);

CREATE INDEX rollup_cover_signatures_cover ON public.rollup_cover_signatures USING btree (cover);

CREATE INDEX rollup_folded_changes_generation ON public.rollup_folded_changes USING btree (generation);

CREATE INDEX rollup_leaves_new ON public.rollup_leaves USING btree (id) WHERE (cells = '{}'::integer[]);

CREATE INDEX rollup_organ_years_place ON public.rollup_organ_years USING btree (year, province);

CREATE UNIQUE INDEX rollup_state_once ON public.rollup_state USING btree ((true));

create view organ_absences as
 SELECT organs.id AS organ_id,
    year.year
   FROM organs,
    LATERAL generate_series(2019, organs.began_in - 1) year(year)
  WHERE organs.began_in > 2019;

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

create view organ_periods as
 SELECT organs.id AS organ_id,
    organs.division_code,
    organs.parent_id,
    COALESCE(organs.valid_from, '-infinity'::date) AS valid_from,
    'infinity'::date AS valid_to
   FROM organs
UNION ALL
 SELECT organ_history.organ_id,
    organ_history.division_code,
    organ_history.parent_id,
    COALESCE(organ_history.valid_from, '-infinity'::date) AS valid_from,
    organ_history.valid_to
   FROM organ_history;

create view rollup_missing_segments as
 SELECT DISTINCT year,
    province
   FROM rollup_cells cells
  WHERE grain = 'province'::rollup_grain AND (scope = ANY (ARRAY['own'::text, 'replaced'::text, 'consolidated'::text])) AND amount > 0 AND NOT (EXISTS ( SELECT
           FROM rollup_segments s
          WHERE s.year = cells.year AND s.province = cells.province));

create view rollup_new_leaves as
 SELECT l.id AS leaf,
    g.grain,
    l.year,
        CASE
            WHEN g.by_province THEN l.province
            ELSE ''::text
        END COLLATE "C" AS province,
        CASE
            WHEN g.by_city THEN l.city
            ELSE ''::text
        END COLLATE "C" AS city,
        CASE
            WHEN g.by_county THEN l.county
            ELSE ''::text
        END COLLATE "C" AS county,
        CASE
            WHEN g.by_kind THEN l.level
            ELSE ''::text
        END COLLATE "C" AS level,
        CASE
            WHEN g.by_kind THEN l.kind
            ELSE ''::text
        END COLLATE "C" AS kind,
    l.scope COLLATE "C" AS scope,
    l.gone,
    s.seen AS cover,
    l.disclosure_edition COLLATE "C" AS disclosure_edition,
    l.request_edition COLLATE "C" AS request_edition
   FROM rollup_leaves l
     JOIN rollup_grain_covers s ON s.cover = l.cover
     JOIN rollup_grains g ON g.grain = s.grain
  WHERE l.cells = '{}'::integer[];

create view rollup_organs as
 SELECT organs.id AS organ_id,
    organs.level,
    organs.kind,
    EXTRACT(year FROM organs.abolished_on)::integer AS gone_in,
    COALESCE("left"(organs.place_code, 2) || '0000'::text, ''::text) AS province,
    COALESCE(cities.code, ''::text) AS city,
        CASE
            WHEN organs.place_code IS NULL OR "left"(organs.place_code, 6) ~~ '%00'::text THEN ''::text
            ELSE "left"(organs.place_code, 6)
        END AS county
   FROM organs
     LEFT JOIN divisions cities ON cities.level = 'city'::text AND cities.code = ("left"(organs.place_code, 4) || '00'::text);

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

CREATE OR REPLACE FUNCTION public.lock_audit_end()
 RETURNS TABLE(id bigint, hash text)
 LANGUAGE plpgsql
AS $function$
begin
  perform pg_advisory_xact_lock(hashtext('gongkai.audit'));
  return query select audit_entries.id, audit_entries.hash from audit_entries order by audit_entries.id desc limit 1;
end $function$
;

CREATE OR REPLACE FUNCTION public.lock_publication(names text[])
 RETURNS void
 LANGUAGE plpgsql
AS $function$
begin
  perform rollup_lock_tree(false);
  perform pg_advisory_xact_lock(key) from (
    select distinct hashtextextended(name, 0) as key from unnest(names) as name order by key) as keys;
end $function$
;

CREATE OR REPLACE FUNCTION public.organ_above(organ uuid, year integer)
 RETURNS SETOF uuid
 LANGUAGE sql
 STABLE
AS $function$
  select parent_id from organ_parents where organ_id = organ and make_date(year, 12, 31) between valid_from and valid_to offset 0
$function$
;

CREATE OR REPLACE FUNCTION public.organs_directly_below(organ uuid, year integer)
 RETURNS SETOF uuid
 LANGUAGE sql
 STABLE
AS $function$
  select organ_id from organ_parents where parent_id = organ and make_date(year, 12, 31) between valid_from and valid_to offset 0
$function$
;

CREATE OR REPLACE FUNCTION public.organs_place(changed uuid[])
 RETURNS uuid[]
 LANGUAGE plpgsql
AS $function$
declare
  reached uuid[];
begin
  update organs set began_in = found.began_in
  from (
    select organ_id, case when isfinite(min(valid_from)) then extract(year from min(valid_from))::integer end as began_in
    from organ_periods where organ_id = any(changed) group by organ_id
  ) as found
  where organs.id = found.organ_id and organs.began_in is distinct from found.began_in;
  with recursive below (id) as (
    select unnest(changed)
    union
    select lower.organ_id from below,
      lateral (select organ_id from organ_periods where parent_id = below.id and division_code is null offset 0) as lower
  )
  select array_agg(id) into reached from below;
  with recursive above (id, ancestor_id) as (
    select id, parent_id from organs where id = any(reached) and division_code is null
    union
    select above.id, higher.parent_id from above,
      lateral (select parent_id from organs where organs.id = above.ancestor_id and division_code is null offset 0) as higher
  ),
  inherited as (
    select above.id, ancestor.division_code from above,
      lateral (select division_code from organs where organs.id = above.ancestor_id and division_code is not null offset 0) as ancestor
  )
  update organs set division_above = found.division_code
  from (select wanted.id, inherited.division_code from unnest(reached) as wanted (id) left join inherited using (id)) as found
  where organs.id = found.id and organs.division_above is distinct from found.division_code;
  with recursive years (year, last_day) as (
    select year, make_date(year, 12, 31)
    from generate_series(2019, (select extract(year from max(valid_to))::integer from organ_history)) as year
  ),
  walked (organ_id, year, last_day, division_code, parent_id) as (
    select period.organ_id, years.year, last_day, period.division_code, period.parent_id
    from years, organs, lateral (select * from organ_periods as of_organ
      where of_organ.organ_id = organs.id and last_day between of_organ.valid_from and of_organ.valid_to offset 0) as period
    -- Others have always been where they are.
    where organs.id = any(reached)
      and (organs.division_code is null or exists (select from organ_history as history where history.organ_id = organs.id))
    union
    select walked.organ_id, walked.year, walked.last_day, higher.division_code, higher.parent_id
    from walked, lateral (select * from organ_periods as of_parent
      where of_parent.organ_id = walked.parent_id and last_day between of_parent.valid_from and of_parent.valid_to offset 0) as higher
    where walked.division_code is null
  ),
  -- Of an organ above that was not there yet nothing else is known than where it is today.
  stood as (
    select walked.organ_id, walked.year, coalesce(max(walked.division_code), max(unknown.place_code), '') as place_code
    from walked left join lateral (
      select place_code from organs
      where walked.division_code is null and organs.id = walked.parent_id and not exists (
        select from organ_periods as of_parent where of_parent.organ_id = organs.id and last_day between of_parent.valid_from and of_parent.valid_to)
    ) as unknown on true
    group by walked.organ_id, walked.year
  ),
  elsewhere as (
    select stood.* from stood join organs on organs.id = stood.organ_id where stood.place_code <> coalesce(organs.place_code, '')
  ),
  removed as (
    delete from organ_earlier_places as earlier where organ_id = any(reached)
      and not exists (select from elsewhere where elsewhere.organ_id = earlier.organ_id and elsewhere.year = earlier.year)
  )
  insert into organ_earlier_places as earlier select organ_id, year, place_code from elsewhere
  on conflict (organ_id, year) do update set place_code = excluded.place_code where earlier.place_code <> excluded.place_code;
  return reached;
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
 SET enable_seqscan TO 'off'
AS $function$
declare
  touched uuid[];
begin
  select array_agg(distinct revision_id) into touched from changed;
  if exists (select from revisions where id = any(touched) and state <> 'draft') then
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
  ) and ((old.state, new.state) <> ('draft', 'published') or new.submitted_at is distinct from new.effective_at) then
    raise exception 'a revision cannot go from % to %', old.state, new.state using errcode = 'GK002';
  end if;
  return new;
end $function$
;

CREATE OR REPLACE FUNCTION public.rollup_add()
 RETURNS void
 LANGUAGE plpgsql
AS $function$
begin
  -- It holds one report or a million: plans that suit the one do not suit the other.
  analyze rollup_folding;
  insert into rollup_leaves (year, province, city, county, level, kind, scope, gone, cover, disclosure_edition, request_edition)
    select distinct year, province, city, county, level, kind, scope, gone, cover, disclosure_edition, request_edition
    from rollup_folding as f
    where not exists (select from rollup_leaves as l
      where l.year = f.year and l.province = f.province and l.city = f.city and l.county = f.county and l.level = f.level
        and l.kind = f.kind and l.scope = f.scope and l.gone = f.gone and l.cover = f.cover
        and l.disclosure_edition = f.disclosure_edition and l.request_edition = f.request_edition);
  if found then
    -- Queries join each cell with its cover: that there are dozens of them decides how.
    analyze rollup_covers, rollup_cover_signatures;
    insert into rollup_cells (grain, year, province, city, county, level, kind, scope, gone, cover, disclosure_edition, request_edition, amount)
      select distinct grain, year, province, city, county, level, kind, scope, gone, cover, disclosure_edition, request_edition, 0
      from rollup_new_leaves
      -- What is read together stands together.
      order by grain, year, province, city, county, level, kind, scope, gone, cover, disclosure_edition, request_edition
      on conflict do nothing;
    with wanted as materialized (select * from rollup_new_leaves),
    found as (
      select wanted.leaf, array_agg(c.id) as cells
      from wanted join rollup_cells as c
        using (grain, year, province, city, county, level, kind, scope, gone, cover, disclosure_edition, request_edition)
      group by wanted.leaf
    )
    update rollup_leaves as l set cells = found.cells from found where found.leaf = l.id;
  end if;
  update rollup_folding as f set leaf = l.id from rollup_leaves as l
    where l.year = f.year and l.province = f.province and l.city = f.city and l.county = f.county and l.level = f.level
      and l.kind = f.kind and l.scope = f.scope and l.gone = f.gone and l.cover = f.cover
      and l.disclosure_edition = f.disclosure_edition and l.request_edition = f.request_edition;

  update rollup_cells as c set amount = c.amount + d.amount
    from (
      select cell_id, sum(f.amount) as amount
      from (select leaf, sum(amount) as amount from rollup_folding group by leaf) as f
      join rollup_leaves as l on l.id = f.leaf, unnest(l.cells) as cell_id
      group by cell_id having sum(f.amount) <> 0
    ) as d
    where d.cell_id = c.id;

  -- Report by report, as the keys of their rows stand; joined as wholes they would be sorted.
  with rows_of as materialized (
    select leaf, amount,
      (select array_agg(item || '.' || measure order by item, measure) from disclosure_items where revision_id = f.revision_id) as items,
      (select array_agg("row" order by "row") from request_statistics where revision_id = f.revision_id) as requests,
      (select array_agg(proceeding order by proceeding) from review_litigation_counts where revision_id = f.revision_id) as reviews
    from rollup_folding as f
  ),
  captured as materialized (
    select leaf, amount, of, captured from rows_of, lateral (values
      ('disclosure_items', items), ('request_statistics', requests), ('review_litigation_counts', reviews)) as tables (of, captured)
    where captured is not null
  ),
  added as (
    insert into rollup_shapes (of, captured) select distinct of, captured from captured on conflict do nothing returning *
  ),
  summed as (
    select leaf, shapes.id as shape, sum(amount) as amount
    from captured join (select * from rollup_shapes union all select * from added) as shapes using (of, captured)
    group by leaf, shapes.id
  )
  insert into rollup_captures as s (grain, year, province, cell_id, shape, amount)
    select c.grain, c.year, c.province, c.id, shape, sum(f.amount)
    from summed as f join rollup_leaves as l on l.id = f.leaf, unnest(l.cells) as cell_id join rollup_cells as c on c.id = cell_id
    group by c.id, shape
    order by c.grain, c.year, c.province, c.id, shape
    on conflict (grain, year, province, cell_id, shape) do update set amount = s.amount + excluded.amount;

  insert into rollup_disclosure_items as s (grain, year, item, measure, province, cell_id, reports, value, blank, unit_unknown)
    select c.grain, c.year, item, measure, c.province, c.id, sum(reports), sum(value), sum(blank), sum(unit_unknown)
    from (
      select leaf, item, measure, sum(amount)::integer as reports,
        coalesce(sum(amount * case
          when measure <> 'amount' or item <> 'procurement' or unit = '元' or d.value = 0 then d.value
          when unit = '万元' then d.value * 10000 end), 0) as value,
        sum(case when d.value is null then amount else 0 end)::integer as blank,
        sum(case when unit is null and d.value <> 0 then amount else 0 end)::integer as unit_unknown
      from rollup_folding join disclosure_items as d using (revision_id)
      group by leaf, item, measure
    ) as f join rollup_leaves as l on l.id = f.leaf, unnest(l.cells) as cell_id join rollup_cells as c on c.id = cell_id
    group by c.id, item, measure
    order by c.grain, c.year, item, measure, c.province, c.id
    on conflict (grain, year, item, measure, province, cell_id) do update set reports = s.reports + excluded.reports,
      value = s.value + excluded.value, blank = s.blank + excluded.blank,
      unit_unknown = s.unit_unknown + excluded.unit_unknown;

  insert into rollup_request_statistics as s
    select c.grain, c.year, "row", c.province, c.id, sum(reports),
      sum(natural_person), sum(business), sum(research), sum(public_interest), sum(legal_service), sum(other), sum(total),
      sum(blank_natural_person), sum(blank_business), sum(blank_research), sum(blank_public_interest),
      sum(blank_legal_service), sum(blank_other), sum(blank_total)
    from (
      select leaf, "row", sum(amount)::integer as reports,
        coalesce(sum(amount * natural_person), 0) as natural_person, coalesce(sum(amount * business), 0) as business,
        coalesce(sum(amount * research), 0) as research, coalesce(sum(amount * public_interest), 0) as public_interest,
        coalesce(sum(amount * legal_service), 0) as legal_service, coalesce(sum(amount * other), 0) as other,
        coalesce(sum(amount * total), 0) as total,
        sum(case when natural_person is null then amount else 0 end)::integer as blank_natural_person,
        sum(case when business is null then amount else 0 end)::integer as blank_business,
        sum(case when research is null then amount else 0 end)::integer as blank_research,
        sum(case when public_interest is null then amount else 0 end)::integer as blank_public_interest,
        sum(case when legal_service is null then amount else 0 end)::integer as blank_legal_service,
        sum(case when other is null then amount else 0 end)::integer as blank_other,
        sum(case when total is null then amount else 0 end)::integer as blank_total
      from rollup_folding join request_statistics using (revision_id)
      group by leaf, "row"
    ) as f join rollup_leaves as l on l.id = f.leaf, unnest(l.cells) as cell_id join rollup_cells as c on c.id = cell_id
    group by c.id, "row"
    order by c.grain, c.year, "row", c.province, c.id
    on conflict (grain, year, "row", province, cell_id) do update set reports = s.reports + excluded.reports,
      natural_person = s.natural_person + excluded.natural_person, business = s.business + excluded.business,
      research = s.research + excluded.research, public_interest = s.public_interest + excluded.public_interest,
      legal_service = s.legal_service + excluded.legal_service, other = s.other + excluded.other, total = s.total + excluded.total,
      blank_natural_person = s.blank_natural_person + excluded.blank_natural_person,
      blank_business = s.blank_business + excluded.blank_business, blank_research = s.blank_research + excluded.blank_research,
      blank_public_interest = s.blank_public_interest + excluded.blank_public_interest,
      blank_legal_service = s.blank_legal_service + excluded.blank_legal_service,
      blank_other = s.blank_other + excluded.blank_other, blank_total = s.blank_total + excluded.blank_total;

  insert into rollup_review_litigation_counts as s
    select c.grain, c.year, proceeding, c.province, c.id, sum(reports),
      sum(upheld), sum(corrected), sum(other), sum(pending), sum(total),
      sum(blank_upheld), sum(blank_corrected), sum(blank_other), sum(blank_pending), sum(blank_total)
    from (
      select leaf, proceeding, sum(amount)::integer as reports,
        coalesce(sum(amount * upheld), 0) as upheld, coalesce(sum(amount * corrected), 0) as corrected,
        coalesce(sum(amount * other), 0) as other, coalesce(sum(amount * pending), 0) as pending,
        coalesce(sum(amount * total), 0) as total,
        sum(case when upheld is null then amount else 0 end)::integer as blank_upheld,
        sum(case when corrected is null then amount else 0 end)::integer as blank_corrected,
        sum(case when other is null then amount else 0 end)::integer as blank_other,
        sum(case when pending is null then amount else 0 end)::integer as blank_pending,
        sum(case when total is null then amount else 0 end)::integer as blank_total
      from rollup_folding join review_litigation_counts using (revision_id)
      group by leaf, proceeding
    ) as f join rollup_leaves as l on l.id = f.leaf, unnest(l.cells) as cell_id join rollup_cells as c on c.id = cell_id
    group by c.id, proceeding
    order by c.grain, c.year, proceeding, c.province, c.id
    on conflict (grain, year, proceeding, province, cell_id) do update set reports = s.reports + excluded.reports,
      upheld = s.upheld + excluded.upheld, corrected = s.corrected + excluded.corrected, other = s.other + excluded.other,
      pending = s.pending + excluded.pending, total = s.total + excluded.total,
      blank_upheld = s.blank_upheld + excluded.blank_upheld, blank_corrected = s.blank_corrected + excluded.blank_corrected,
      blank_other = s.blank_other + excluded.blank_other, blank_pending = s.blank_pending + excluded.blank_pending,
      blank_total = s.blank_total + excluded.blank_total;

  update rollup_state set generation = generation + 1;
  truncate rollup_folding;
end $function$
;

CREATE OR REPLACE FUNCTION public.rollup_below(organs uuid[], years integer[])
 RETURNS TABLE(organ_id uuid, year integer)
 LANGUAGE sql
 STABLE
AS $function$
  with recursive below (organ_id, year) as (
    select lower_id, wanted.year
    from unnest(organs, years) as wanted (organ_id, year), organs_directly_below(wanted.organ_id, wanted.year) as lower_id
    union
    select lower_id, below.year from below, organs_directly_below(below.organ_id, below.year) as lower_id
  )
  select * from below
$function$
;

CREATE OR REPLACE FUNCTION public.rollup_covers_of(organs uuid[], years integer[])
 RETURNS TABLE(organ_id uuid, year integer, signatures text)
 LANGUAGE sql
 STABLE
AS $function$
  with recursive wanted as (
    select * from unnest(organs, years) as wanted (organ_id, year)
  ),
  above (organ_id, year, ancestor_id) as (
    select wanted.organ_id, wanted.year, ancestor_id from wanted, organ_above(wanted.organ_id, wanted.year) as ancestor_id
    union
    select above.organ_id, above.year, higher_id from above, organ_above(above.ancestor_id, above.year) as higher_id
  ),
  -- Each once, however many are below it.
  covering as materialized (
    select distinct ancestor_id, year from above
  ),
  consolidated as materialized (
    select covering.* from covering where exists (
      select from reports join revisions on revisions.report_id = reports.id and revisions.state = 'published'
      where reports.organ_id = covering.ancestor_id and reports.year = covering.year and reports.scope = 'consolidated')
  ),
  seen as (
    select above.organ_id, above.year, concat_ws(',',
      (high.province = low.province)::int, (high.city = low.city)::int, (high.county = low.county)::int,
      (high.level = low.level)::int, (high.kind = low.kind)::int, high.level, high.kind,
      case when low.province <> '' and high.province not in ('', low.province) then high.province else '' end,
      case when low.city <> '' and high.city not in ('', low.city) then high.city else '' end,
      case when low.county <> '' and high.county not in ('', low.county) then high.county else '' end) as signature
    from above join consolidated on consolidated.ancestor_id = above.ancestor_id and consolidated.year = above.year
    cross join lateral rollup_organ_in(above.organ_id, above.year) as low
    cross join lateral rollup_organ_in(above.ancestor_id, above.year) as high
    where above.ancestor_id <> above.organ_id
  )
  select wanted.organ_id, wanted.year, coalesce(string_agg(distinct seen.signature, ' ' order by seen.signature), '')
  from wanted left join seen on seen.organ_id = wanted.organ_id and seen.year = wanted.year
  group by wanted.organ_id, wanted.year
$function$
;

CREATE OR REPLACE FUNCTION public.rollup_effective()
 RETURNS trigger
 LANGUAGE plpgsql
 SECURITY DEFINER
 SET search_path TO 'public'
AS $function$
declare
  changed uuid[];
begin
  if tg_op = 'INSERT' then select array_agg(id) into changed from are where state = 'published';
  else
    select array_agg(are.id) into changed from were join are on are.id = were.id
      where (were.state = 'published') <> (are.state = 'published') and are.state <> 'superseded';
  end if;
  if changed is not null then perform rollup_refresh(changed); end if;
  return null;
end $function$
;

CREATE OR REPLACE FUNCTION public.rollup_emptied()
 RETURNS trigger
 LANGUAGE plpgsql
 SECURITY DEFINER
 SET search_path TO 'public'
AS $function$
begin
  perform pg_advisory_xact_lock(hashtext('gongkai.rollup.fold'));
  perform set_config('gongkai.rollup_rebuilding', 'on', true);
  delete from rollup_organ_years where year > 0;
  perform set_config('gongkai.rollup_rebuilding', 'off', true);
  delete from rollup_changes where year > 0 or not exists (select from organs);
  delete from rollup_folded_changes;
  delete from rollup_cells where scope <> 'organ' or not exists (select from organs);
  delete from rollup_leaves where scope <> 'organ' or not exists (select from organs);
  delete from rollup_captures;
  delete from rollup_disclosure_items;
  delete from rollup_request_statistics;
  delete from rollup_review_litigation_counts;
  delete from rollup_segments;
  delete from rollup_segment_figures;
  delete from rollup_stale;
  update rollup_state set generation = generation + 1, horizon = generation + 1;
  return null;
end $function$
;

CREATE OR REPLACE FUNCTION public.rollup_entries(year integer, gone_in integer, cover integer, own_revision uuid, consolidated_revision uuid)
 RETURNS TABLE(entry_year integer, scope text, gone boolean, revision_id uuid, amount integer)
 LANGUAGE sql
 IMMUTABLE PARALLEL SAFE
AS $function$
  select year, case when consolidated_revision is null then 'own' else 'replaced' end, coalesce(gone_in < year, false), own_revision, 1
    where own_revision is not null
  union all
  select year, 'consolidated', coalesce(gone_in < year, false), consolidated_revision, 1 where consolidated_revision is not null
  union all
  select year, 'none', coalesce(gone_in < year, false), null, 1
    where year > 0 and cover <> 0 and own_revision is null and consolidated_revision is null
  union all
  select coalesce(gone_in, 9999), 'organ', false, null, 1 where year = 0
  union all
  select -year % 10000 - before, 'organ', false, null, case when year > -10000 then 1 else -1 end * (1 - 2 * before)
    from (values (0), (1)) as years (before) where year < 0 and coalesce(gone_in >= -year % 10000, true)
$function$
;

CREATE OR REPLACE FUNCTION public.rollup_fold(patient boolean)
 RETURNS integer
 LANGUAGE plpgsql
 SECURITY DEFINER
 SET search_path TO 'public'
AS $function$
declare
  -- As many changes are remembered as are added to an answer in less time than it takes to make it anew.
  remembered constant integer := 1000;
  taken integer;
begin
  if patient then perform pg_advisory_xact_lock(hashtext('gongkai.rollup.fold'));
  elsif not pg_try_advisory_xact_lock(hashtext('gongkai.rollup.fold')) then return null;
  end if;
  with gone as (delete from rollup_changes returning *),
  entries as (
    insert into rollup_folding (year, province, city, county, level, kind, scope, gone, cover, revision_id, amount, disclosure_edition, request_edition)
    select e.*, coalesce(v.disclosure_edition, ''), coalesce(v.request_edition, '')
    from (
      select e.entry_year, province, city, county, level, kind, e.scope, e.gone, gone.cover, e.revision_id, sum(sign * e.amount)
      from gone, rollup_entries(year, gone_in, cover, own_revision, consolidated_revision) as e
      group by e.entry_year, province, city, county, level, kind, e.scope, e.gone, gone.cover, e.revision_id
      having sum(sign * e.amount) <> 0
    ) as e left join revisions as v on v.id = e.revision_id
  ),
  folded as (
    insert into rollup_folded_changes (transaction, generation, sign, year, province, city, county, level, kind, gone_in, cover, own_revision, consolidated_revision)
    select transaction, generation + 1, sign, year, province, city, county, level, kind, gone_in, cover, own_revision, consolidated_revision
    from gone, rollup_state where (select count(*) from gone) <= remembered
  ),
  stale as (
    insert into rollup_stale
    select distinct year, province, organ_id from (
      select year, province, organ_id from gone where year > 0
      group by organ_id, year, province, own_revision, consolidated_revision having sum(sign) <> 0
    ) as changed
    where exists (select from rollup_segments as s where s.year = changed.year and s.province = changed.province)
    on conflict do nothing
  )
  select count(*) into taken from gone;
  if taken > 0 then
    perform rollup_add();
    update rollup_state set horizon = greatest(horizon, case when taken > remembered then generation else (
      select coalesce(max(counted.generation), 0) from (
        select f.generation, sum(count(*)) over (order by f.generation desc) as since from rollup_folded_changes as f group by f.generation
      ) as counted where since > remembered) end);
    delete from rollup_folded_changes where generation <= (select horizon from rollup_state);
  end if;
  return taken;
end $function$
;

CREATE OR REPLACE FUNCTION public.rollup_history_changed()
 RETURNS trigger
 LANGUAGE plpgsql
 SECURITY DEFINER
 SET search_path TO 'public'
AS $function$
declare
  changed uuid[];
begin
  if current_setting('gongkai.rollup_rebuilding', true) = 'on' then return null; end if;
  if tg_op = 'DELETE' then
    select array_agg(distinct were.organ_id) into changed from were join organs on organs.id = were.organ_id;
  else
    select array_agg(distinct organ_id) into changed from are;
  end if;
  if changed is null then return null; end if;
  perform rollup_lock_tree(true);
  perform rollup_place(organs_place(changed));
  perform rollup_recover_tree(changed);
  perform rollup_touch(changed);
  return null;
end $function$
;

CREATE OR REPLACE FUNCTION public.rollup_keep_covers(wanted text[])
 RETURNS void
 LANGUAGE plpgsql
AS $function$
declare
  fresh text[];
begin
  select array_agg(distinct each) into fresh from unnest(wanted) as each
    where not exists (select from rollup_covers join rollup_grain_covers on cover = id where signatures = each);
  if fresh is null then return; end if;
  with added as (
    insert into rollup_covers (signatures)
      select each from unnest(fresh) as each
      union
      select rollup_seen(each, rollup_grains) from unnest(fresh) as each, rollup_grains
      except
      select signatures from rollup_covers
      order by 1
    on conflict do nothing returning id, signatures
  )
  insert into rollup_cover_signatures
  select added.id, part[1] = '1', part[2] = '1', part[3] = '1', part[4] = '1', part[5] = '1', part[6], part[7], part[8], part[9], part[10]
  from added, unnest(string_to_array(added.signatures, ' ')) as signature, string_to_array(signature, ',') as part;
  insert into rollup_grain_covers (grain, cover, seen)
    select rollup_grains.grain, whole.id, seen.id
    from rollup_covers as whole cross join rollup_grains
    join rollup_covers as seen on seen.signatures = rollup_seen(whole.signatures, rollup_grains)
    where whole.signatures = any(fresh)
    order by 2, 1
  on conflict do nothing;
end $function$
;

CREATE OR REPLACE FUNCTION public.rollup_last_of(days date[])
 RETURNS date
 LANGUAGE sql
 IMMUTABLE PARALLEL SAFE
RETURN (SELECT max(day.day) AS max FROM unnest(rollup_last_of.days) day(day))
;

CREATE OR REPLACE FUNCTION public.rollup_lock_line(organs uuid[], years integer[])
 RETURNS void
 LANGUAGE plpgsql
AS $function$
declare
  line record;
begin
  perform rollup_lock_tree(false);
  for line in
    with recursive above (organ_id, year, alone) as (
      select wanted.organ_id, wanted.year, true from unnest(organs, years) as wanted (organ_id, year)
      union
      select higher_id, above.year, false from above, organ_above(above.organ_id, above.year) as higher_id
    )
    select hashtextextended('gongkai.rollup.' || organ_id || year, 0) as key, bool_or(alone) as alone
    from above group by key order by key
  loop
    if line.alone then perform pg_advisory_xact_lock(line.key); else perform pg_advisory_xact_lock_shared(line.key); end if;
  end loop;
end $function$
;

CREATE OR REPLACE FUNCTION public.rollup_lock_tree(alone boolean)
 RETURNS void
 LANGUAGE plpgsql
AS $function$
begin
  if alone then perform pg_advisory_xact_lock(hashtext('gongkai.rollup.tree'));
  else perform pg_advisory_xact_lock_shared(hashtext('gongkai.rollup.tree'));
  end if;
end $function$
;

CREATE OR REPLACE FUNCTION public.rollup_log()
 RETURNS trigger
 LANGUAGE plpgsql
 SECURITY DEFINER
 SET search_path TO 'public'
AS $function$
begin
  if current_setting('gongkai.rollup_rebuilding', true) = 'on' then return null; end if;
  if tg_op <> 'INSERT' then
    insert into rollup_changes (sign, organ_id, year, province, city, county, level, kind, gone_in, cover, own_revision, consolidated_revision)
    select -1, organ_id, year, province, city, county, level, kind, gone_in, cover, own_revision, consolidated_revision from were
    where year <= 0 or cover <> 0 or num_nonnulls(own_revision, consolidated_revision) > 0;
  end if;
  if tg_op <> 'DELETE' then
    insert into rollup_changes (sign, organ_id, year, province, city, county, level, kind, gone_in, cover, own_revision, consolidated_revision)
    select 1, organ_id, year, province, city, county, level, kind, gone_in, cover, own_revision, consolidated_revision from are
    where year <= 0 or cover <> 0 or num_nonnulls(own_revision, consolidated_revision) > 0;
  end if;
  return null;
end $function$
;

CREATE OR REPLACE FUNCTION public.rollup_make_segment(in_year integer, in_province text)
 RETURNS void
 LANGUAGE plpgsql
 SET enable_nestloop TO 'off'
AS $function$
declare
  each record;
  packing constant text := $of$max(figure_%1$s) as largest_%1$s,
    string_agg(int2send(least(case when named.place is null then -1 else coalesce(figure_%1$s, -2) end, 32767)::smallint), '' order by members.place) as figures_%1$s$of$;
  -- Few are too large for two bytes.
  packed constant text := $of$case when coalesce(largest_%1$s, 0) <= 32767 then '\x02'::bytea || figures_%1$s else (
    select rollup_packed(array_agg(case when own.place is null then -1 else own.figure_%1$s end order by m.place))
    from members as m left join named as own on own.name = columns.name and own.place = m.place where m.scope = names.scope) end$of$;
begin
  delete from rollup_segments where year = in_year and province = in_province;
  delete from rollup_stale where year = in_year and province = in_province;
  with pending as (
    insert into rollup_stale select distinct year, province, organ_id from rollup_changes where year = in_year and province = in_province
  )
  insert into rollup_segments
    select in_year, in_province, e.scope, count(*), array_agg(y.organ_id order by y.organ_id), array_agg(v.id order by y.organ_id),
      array_agg(v.disclosure_edition order by y.organ_id), array_agg(v.request_edition order by y.organ_id),
      array_agg(v.title order by y.organ_id), array_agg(v.published_on order by y.organ_id)
    from rollup_organ_years as y
      cross join lateral (values ('own', y.own_revision), ('consolidated', y.consolidated_revision)) as e (scope, revision_id)
      cross join lateral (select id, disclosure_edition, request_edition, title, published_on from revisions where id = e.revision_id offset 0) as v
    where y.year = in_year and y.province = in_province
    group by e.scope;
  for each in select * from (values
      ('disclosure_items', $of$item || '.' || measure$of$, array['value'], array[$of$case
          when value is null or measure <> 'amount' or item <> 'procurement' or unit = '元' or value = 0 then value
          when unit = '万元' then value * 10000 else 'Infinity' end$of$],
        $of$array_agg(case when named.place is null then 'NaN'::numeric else figure_%1$s end order by members.place) as figures_%1$s$of$,
        'figures_%1$s', 'rollup_pack_decimals(numbers)', 'case when tight is null then numbers end'),
      ('request_statistics', '"row"', null,
        array['natural_person', 'business', 'research', 'public_interest', 'legal_service', 'other', 'total'], packing, packed, 'numbers', 'null'),
      ('review_litigation_counts', 'proceeding', null, array['upheld', 'corrected', 'other', 'pending', 'total'], packing, packed, 'numbers', 'null')
    ) as tables (of, row_name, names, expressions, putting_together, put_together, tight, otherwise)
  loop
    execute format($of$
      with members as materialized (
        select s.scope, m.place, m.revision_id from rollup_segments as s, unnest(s.revisions) with ordinality as m (revision_id, place)
        where s.year = $1 and s.province = $2
      ),
      captured as materialized (
        select members.scope, members.place, facts.* from members, lateral (
          select %1$s as row_name, %2$s from %3$I where revision_id = members.revision_id offset 0) as facts
      ),
      -- Numbered, since numbers are sorted in a fraction of the time.
      names as materialized (
        select row_number() over () as name, scope, row_name from (select distinct scope, row_name from captured) as found
      ),
      named as materialized (
        select name, captured.* from captured join names using (scope, row_name)
      ),
      columns as (
        select names.name, %4$s
        from members join names on names.scope = members.scope
          left join named on named.name = names.name and named.place = members.place
        group by names.name
      )
      insert into rollup_segment_figures (year, province, scope, of, "row", "column", packed, decimals)
        select $1, $2, scope, %3$L, row_name, "column", tight, %7$s
        from columns join names on names.name = columns.name, lateral (values %5$s) as chosen ("column", numbers),
          lateral (select %6$s as tight offset 0) as packed$of$,
      each.row_name,
      (select string_agg(format('%s as figure_%s', expression, place), ', ') from unnest(each.expressions) with ordinality as e (expression, place)),
      each.of,
      (select string_agg(format(each.putting_together, place), ', ') from generate_subscripts(each.expressions, 1) as place),
      (select string_agg(format('(%L, %s)', name, format(each.put_together, place)), ', ')
        from unnest(coalesce(each.names, each.expressions)) with ordinality as n (name, place)),
      each.tight, each.otherwise)
      using in_year, in_province;
  end loop;
end $function$
;

CREATE OR REPLACE FUNCTION public.rollup_organ_changed()
 RETURNS trigger
 LANGUAGE plpgsql
 SECURITY DEFINER
 SET search_path TO 'public'
AS $function$
declare
  changed uuid[];
  renamed uuid[];
  placed uuid[];
begin
  -- What is worked out below is itself kept with organs.
  if pg_trigger_depth() > 1 or current_setting('gongkai.rollup_rebuilding', true) = 'on' then return null; end if;
  if tg_op = 'INSERT' then
    select array_agg(id) into changed from are;
  else
    select array_agg(are.id) filter (where (were.division_code, were.level, were.kind, were.parent_id, were.valid_from, were.abolished_on)
        is distinct from (are.division_code, are.level, are.kind, are.parent_id, are.valid_from, are.abolished_on)),
      array_agg(are.id) filter (where were.name <> are.name)
      into changed, renamed from were join are on are.id = were.id;
  end if;
  if changed is not null then
    perform rollup_lock_tree(true);
    -- Nothing is below new organs yet, but others of the same statement; without a first day they are as old as is known.
    if tg_op <> 'INSERT' or exists (
      select from organs where id = any(changed) and (division_code is null or valid_from is not null)) then
      placed := organs_place(changed);
    end if;
    perform rollup_place(coalesce(placed, changed));
    perform rollup_recover_tree(coalesce(placed, changed));
  end if;
  if tg_op <> 'INSERT' then perform rollup_touch(changed || renamed); end if;
  return null;
end $function$
;

CREATE OR REPLACE FUNCTION public.rollup_organ_in(organ uuid, in_year integer)
 RETURNS TABLE(organ_id uuid, level text, kind text, gone_in integer, province text, city text, county text)
 LANGUAGE sql
 STABLE
AS $function$
  select o.id, o.level, o.kind, case when in_year > 0 and in_year < o.began_in then 0 else extract(year from o.abolished_on)::integer end,
    case when p.code = '' then '' else left(p.code, 2) || '0000' end,
    coalesce(cities.code, ''),
    case when left(p.code, 6) like '%00' then '' else left(p.code, 6) end
  from organs as o left join organ_earlier_places as earlier on earlier.organ_id = o.id and earlier.year = in_year
    cross join lateral (select coalesce(earlier.place_code, o.place_code, '') as code) as p
    left join divisions as cities on cities.level = 'city' and cities.code = left(p.code, 4) || '00'
  where o.id = organ
$function$
;

CREATE OR REPLACE FUNCTION public.rollup_pack_days(days date[])
 RETURNS bytea
 LANGUAGE sql
 IMMUTABLE PARALLEL SAFE
RETURN (SELECT COALESCE(string_agg(COALESCE(int4send((each.day - '2000-01-01'::date)), '\x80000000'::bytea), '\x'::bytea ORDER BY each.place), '\x'::bytea) AS "coalesce" FROM unnest(rollup_pack_days.days) WITH ORDINALITY each(day, place))
;

CREATE OR REPLACE FUNCTION public.rollup_pack_decimals(decimals numeric[])
 RETURNS bytea
 LANGUAGE sql
 IMMUTABLE PARALLEL SAFE STRICT
AS $function$
  with numbers as materialized (
    select place, number, number < 'Infinity' as is_finite from unnest(decimals) with ordinality as each (number, place)
  ),
  units as materialized (
    select case when bool_and(number = trunc(number)) filter (where is_finite) then 1 else 10000 end as unit,
      coalesce(max(abs(number)) filter (where is_finite), 0) as largest
    from numbers
  ),
  widths as materialized (
    select unit, (64 * (unit / 10000)) as is_scaled, case
      when largest * unit <= 32764 then 2 when largest * unit <= 2147483644 then 4 when largest * unit <= 9223372036854775804 then 8 end as width
    from units
  ),
  coded as (
    select place, case when number is null then top - 1 when is_finite then (number * unit)::bigint when number = 'NaN' then top else top - 2 end as code
    from numbers, widths, lateral (select case width when 2 then 32767 when 4 then 2147483647 when 8 then 9223372036854775807 end as top) as tops
    where width is not null
  )
  select case width
    when 2 then set_byte('\x00', 0, 130 + is_scaled) || (select string_agg(int2send(code::smallint), '' order by place) from coded)
    when 4 then set_byte('\x00', 0, 132 + is_scaled) || (select string_agg(int4send(code::integer), '' order by place) from coded)
    when 8 then set_byte('\x00', 0, 136 + is_scaled) || (select string_agg(int8send(code), '' order by place) from coded) end
  from widths
$function$
;

CREATE OR REPLACE FUNCTION public.rollup_pack_heads(titles text[])
 RETURNS bytea
 LANGUAGE sql
 IMMUTABLE PARALLEL SAFE
RETURN rollup_pack_texts(ARRAY(SELECT rollup_title_head(each.title) AS rollup_title_head FROM unnest(rollup_pack_heads.titles) WITH ORDINALITY each(title, place) ORDER BY each.place))
;

CREATE OR REPLACE FUNCTION public.rollup_pack_ids(ids uuid[])
 RETURNS bytea
 LANGUAGE sql
 IMMUTABLE PARALLEL SAFE
RETURN (SELECT COALESCE(string_agg(uuid_send(each.id), '\x'::bytea ORDER BY each.place), '\x'::bytea) AS "coalesce" FROM unnest(rollup_pack_ids.ids) WITH ORDINALITY each(id, place))
;

CREATE OR REPLACE FUNCTION public.rollup_pack_tails(titles text[])
 RETURNS bytea
 LANGUAGE sql
 IMMUTABLE PARALLEL SAFE
RETURN (SELECT COALESCE(string_agg(int4send(((numbered.number)::integer - 1)), '\x'::bytea ORDER BY numbered.place), '\x'::bytea) AS "coalesce" FROM (SELECT each.place, dense_rank() OVER (ORDER BY (rollup_title_tail(each.title) COLLATE "C")) AS number FROM unnest(rollup_pack_tails.titles) WITH ORDINALITY each(title, place)) numbered)
;

CREATE OR REPLACE FUNCTION public.rollup_pack_texts(texts text[])
 RETURNS bytea
 LANGUAGE sql
 IMMUTABLE PARALLEL SAFE
RETURN (SELECT COALESCE(string_agg(COALESCE((int2send((length(bytes.bytes))::smallint) || bytes.bytes), '\xffff'::bytea), '\x'::bytea ORDER BY each.place), '\x'::bytea) AS "coalesce" FROM unnest(rollup_pack_texts.texts) WITH ORDINALITY each(text, place), LATERAL convert_to(each.text, 'UTF8'::name) bytes(bytes))
;

CREATE OR REPLACE FUNCTION public.rollup_packed(counts bigint[])
 RETURNS bytea
 LANGUAGE sql
 IMMUTABLE PARALLEL SAFE STRICT
AS $function$
  select case
    when largest > 2147483647 then '\x08'::bytea || (select string_agg(int8send(coalesce(each, -2)), '') from unnest(counts) as each)
    else '\x04'::bytea || (select string_agg(int4send(coalesce(each, -2)::integer), '') from unnest(counts) as each)
  end from (select max(each) as largest from unnest(counts) as each) as bounds
$function$
;

CREATE OR REPLACE FUNCTION public.rollup_place(organs uuid[])
 RETURNS void
 LANGUAGE plpgsql
AS $function$
begin
  insert into rollup_organ_years (organ_id, year, province, city, county, level, kind, gone_in)
    select o.organ_id, wanted.year, o.province, o.city, o.county, o.level, o.kind, o.gone_in
    from (
      select id as organ_id, 0 as year, 0 as in_year from unnest(organs) as id
      union all
      select earlier.organ_id, wanted.year, wanted.in_year from organ_earlier_places as earlier,
        lateral (values (-earlier.year, earlier.year), (-10000 - earlier.year, 0)) as wanted (year, in_year)
      where earlier.organ_id = any(organs)
      union all
      select absent.organ_id, -10000 - absent.year, 0 from organ_absences as absent where absent.organ_id = any(organs)
    ) as wanted, rollup_organ_in(wanted.organ_id, wanted.in_year) as o
    order by o.organ_id, wanted.year on conflict do nothing;
  perform from rollup_organ_years as y where y.organ_id = any(organs) order by y.organ_id, y.year for update;
  delete from rollup_organ_years as y where y.organ_id = any(organs) and y.year < 0
    and not exists (
      select from organ_earlier_places as earlier where earlier.organ_id = y.organ_id and earlier.year = -y.year % 10000)
    and not exists (
      select from organ_absences as absent where absent.organ_id = y.organ_id and absent.year = -10000 - y.year);
  update rollup_organ_years as y
    set province = o.province, city = o.city, county = o.county, level = o.level, kind = o.kind, gone_in = o.gone_in
    from rollup_organ_years as held,
      rollup_organ_in(held.organ_id, case when held.year > -10000 then abs(held.year) else 0 end) as o
    where held.organ_id = any(organs) and y.organ_id = held.organ_id and y.year = held.year
      and (y.province, y.city, y.county, y.level, y.kind, y.gone_in) is distinct from (o.province, o.city, o.county, o.level, o.kind, o.gone_in);
end $function$
;

CREATE OR REPLACE FUNCTION public.rollup_rebuild()
 RETURNS void
 LANGUAGE plpgsql
 SECURITY DEFINER
 SET search_path TO 'public'
AS $function$
declare
  top_organs uuid[];
  top_years integer[];
  each_year integer;
begin
  perform pg_advisory_xact_lock(hashtext('gongkai.rollup.fold'));
  -- Of who reads several statements' worth of one moment: what is truncated is empty in earlier moments too.
  lock table rollup_state in access exclusive mode;
  perform rollup_lock_tree(true);
  lock table organs, revisions in share mode;
  perform set_config('gongkai.rollup_rebuilding', 'on', true);
  perform set_config('work_mem', '256MB', true);
  perform organs_place(array_agg(id)) from organs;
  delete from rollup_organ_years;
  truncate rollup_changes, rollup_folded_changes, rollup_cells, rollup_leaves, rollup_folding, rollup_captures,
    rollup_disclosure_items, rollup_request_statistics, rollup_review_litigation_counts,
    rollup_segments, rollup_segment_figures, rollup_stale;
  insert into rollup_organ_years (organ_id, year, province, city, county, level, kind, gone_in)
    select organ_id, 0, province, city, county, level, kind, gone_in from rollup_organs;
  insert into rollup_organ_years (organ_id, year, province, city, county, level, kind, gone_in, own_revision, consolidated_revision)
    select o.organ_id, r.year, o.province, o.city, o.county, o.level, o.kind, o.gone_in,
      (array_agg(v.id) filter (where r.scope = 'own'))[1], (array_agg(v.id) filter (where r.scope = 'consolidated'))[1]
    from revisions as v join reports as r on r.id = v.report_id join rollup_organ_years as o on o.organ_id = r.organ_id and o.year = 0
    where v.state = 'published'
    group by o.organ_id, r.year, o.province, o.city, o.county, o.level, o.kind, o.gone_in;
  -- What follows joins millions of years of organs: taken for the few that there were, each would be compared with each.
  analyze organ_earlier_places, rollup_organ_years;
  perform rollup_place(array_agg(organ_id)) from (
    select organ_id from organ_earlier_places union select organ_id from organ_absences) as moved;
  select array_agg(organ_id), array_agg(year) into top_organs, top_years
    from rollup_organ_years where consolidated_revision is not null;
  perform rollup_keep_covers(array_agg(signatures)) from rollup_covers;
  perform rollup_recover(array_agg(organ_id), array_agg(year)) from rollup_below(top_organs, top_years);
  perform set_config('gongkai.rollup_rebuilding', 'off', true);
  -- A year at a time, so that what is added up fits into memory.
  for each_year in select distinct year from rollup_organ_years order by year loop
    insert into rollup_folding (year, province, city, county, level, kind, scope, gone, cover, revision_id, amount, disclosure_edition, request_edition)
      select e.*, coalesce(v.disclosure_edition, ''), coalesce(v.request_edition, '')
      from (
        select e.entry_year, province, city, county, level, kind, e.scope, e.gone, y.cover, e.revision_id, sum(e.amount)
        from rollup_organ_years as y, rollup_entries(y.year, y.gone_in, y.cover, y.own_revision, y.consolidated_revision) as e
        where y.year = each_year
        group by e.entry_year, province, city, county, level, kind, e.scope, e.gone, y.cover, e.revision_id
      ) as e left join revisions as v on v.id = e.revision_id;
    perform rollup_add();
  end loop;
  update rollup_state set horizon = generation;
  analyze rollup_covers, rollup_cover_signatures, rollup_organ_years, rollup_cells, rollup_leaves, rollup_captures,
    rollup_disclosure_items, rollup_request_statistics, rollup_review_litigation_counts;
end $function$
;

CREATE OR REPLACE FUNCTION public.rollup_recover(organs uuid[], years integer[])
 RETURNS void
 LANGUAGE plpgsql
AS $function$
declare
  found_organs uuid[];
  found_years integer[];
  found_signatures text[];
begin
  select array_agg(organ_id order by organ_id, year), array_agg(year order by organ_id, year), array_agg(signatures order by organ_id, year)
    into found_organs, found_years, found_signatures from rollup_covers_of(organs, years);
  if found_organs is null then return; end if;
  perform rollup_keep_covers(found_signatures);
  insert into rollup_organ_years (organ_id, year, province, city, county, level, kind, gone_in)
    select o.organ_id, w.year, o.province, o.city, o.county, o.level, o.kind, o.gone_in
    from unnest(found_organs, found_years, found_signatures) as w (organ_id, year, signatures)
    cross join lateral rollup_organ_in(w.organ_id, w.year) as o
    where w.signatures <> '' order by w.organ_id, w.year
    on conflict do nothing;
  perform from rollup_organ_years as y join unnest(found_organs, found_years) as w (organ_id, year) on w.organ_id = y.organ_id and w.year = y.year
    order by y.organ_id, y.year for update of y;
  update rollup_organ_years as y set cover = c.id
    from unnest(found_organs, found_years, found_signatures) as w (organ_id, year, signatures)
    join rollup_covers as c on c.signatures = w.signatures
    where y.organ_id = w.organ_id and y.year = w.year and y.cover <> c.id;
end $function$
;

CREATE OR REPLACE FUNCTION public.rollup_recover_tree(organs uuid[])
 RETURNS void
 LANGUAGE plpgsql
AS $function$
begin
  perform rollup_recover(array_agg(below.organ_id), array_agg(below.year))
  from (
    with recursive below (organ_id) as (
      select unnest(organs)
      union
      select lower.organ_id
      from below, lateral (select organ_id from organ_parents where parent_id = below.organ_id offset 0) as lower
    ),
    years as (select generate_series(min(reports.year), max(reports.year)) as year from reports)
    select below.organ_id, years.year from below, years
  ) as below;
end $function$
;

CREATE OR REPLACE FUNCTION public.rollup_refresh(changed uuid[])
 RETURNS void
 LANGUAGE plpgsql
AS $function$
declare
  top_organs uuid[];
  top_years integer[];
  held_organs uuid[];
  held_years integer[];
  added integer;
begin
  select array_agg(organ_id) filter (where consolidated), array_agg(year) filter (where consolidated), array_agg(organ_id), array_agg(year)
    into top_organs, top_years, held_organs, held_years from rollup_revisions_of(changed);
  if top_organs is not null then
    perform rollup_lock_line(top_organs, top_years);
    select array_agg(noted.organ_id), array_agg(noted.year) into top_organs, top_years
      from rollup_revisions_of(changed) as noted
      left join rollup_organ_years as y on y.organ_id = noted.organ_id and y.year = noted.year
      where noted.consolidated and (noted.consolidated_revision is null) <> (y.consolidated_revision is null);
  end if;
  insert into rollup_organ_years (organ_id, year, province, city, county, level, kind, gone_in, own_revision, consolidated_revision)
    select o.organ_id, noted.year, o.province, o.city, o.county, o.level, o.kind, o.gone_in, noted.own_revision, noted.consolidated_revision
    from rollup_revisions_of(changed) as noted cross join lateral rollup_organ_in(noted.organ_id, noted.year) as o
    order by o.organ_id, noted.year
    on conflict do nothing;
  get diagnostics added = row_count;
  if added = cardinality(held_organs) and top_organs is null then return; end if;
  if top_organs is not null then
    select held_organs || array_agg(organ_id), held_years || array_agg(year) into held_organs, held_years
      from rollup_below(top_organs, top_years);
  end if;
  perform from unnest(held_organs, held_years) as held (organ_id, year)
    join rollup_organ_years as y on y.organ_id = held.organ_id and y.year = held.year
    order by y.organ_id, y.year for update of y;
  update rollup_organ_years as y set
      own_revision = case when noted.own then noted.own_revision else y.own_revision end,
      consolidated_revision = case when noted.consolidated then noted.consolidated_revision else y.consolidated_revision end
    from rollup_revisions_of(changed) as noted
    where noted.organ_id = y.organ_id and noted.year = y.year
      and (noted.own and noted.own_revision is distinct from y.own_revision
        or noted.consolidated and noted.consolidated_revision is distinct from y.consolidated_revision);
  if top_organs is not null then
    perform rollup_recover(array_agg(organ_id), array_agg(year)) from rollup_below(top_organs, top_years);
  end if;
end $function$
;

CREATE OR REPLACE FUNCTION public.rollup_renew_segment()
 RETURNS boolean
 LANGUAGE plpgsql
 SECURITY DEFINER
 SET search_path TO 'public'
AS $function$
declare
  worst record;
begin
  if rollup_fold(false) is null then return null; end if;
  select year, province into worst from (
    select year, province, null::bigint as stale from rollup_missing_segments
    union all
    select year, province, count(*) from rollup_stale as stale group by year, province
      -- Reading one from its report takes some twenty microseconds, making a segment as long for each of its members.
      having count(*) >= least(50, 1 + (select sum(s.amount) from rollup_segments as s where s.year = stale.year and s.province = stale.province) / 20)
  ) as wanting order by stale desc nulls first limit 1;
  if not found then return false; end if;
  perform rollup_make_segment(worst.year, worst.province);
  return true;
end $function$
;

CREATE OR REPLACE FUNCTION public.rollup_revisions_of(changed uuid[])
 RETURNS TABLE(organ_id uuid, year integer, own boolean, consolidated boolean, own_revision uuid, consolidated_revision uuid)
 LANGUAGE sql
 STABLE
AS $function$
  select r.organ_id, r.year, bool_or(r.scope = 'own'), bool_or(r.scope = 'consolidated'),
    (array_agg(v.id) filter (where r.scope = 'own' and v.state = 'published'))[1],
    (array_agg(v.id) filter (where r.scope = 'consolidated' and v.state = 'published'))[1]
  from revisions as v join reports as r on r.id = v.report_id where v.id = any(changed)
  group by r.organ_id, r.year
$function$
;

CREATE OR REPLACE FUNCTION public.rollup_seen(signatures text, grain rollup_grains)
 RETURNS text
 LANGUAGE sql
 IMMUTABLE
AS $function$
  select coalesce(string_agg(distinct seen, ' ' order by seen), '')
  from unnest(string_to_array(signatures, ' ')) as signature, string_to_array(signature, ',') as part,
    concat_ws(',',
      case when grain.by_province then part[1] else '0' end, case when grain.by_city then part[2] else '0' end,
      case when grain.by_county then part[3] else '0' end,
      case when grain.by_kind then part[4] else '0' end, case when grain.by_kind then part[5] else '0' end,
      case when grain.by_kind then part[6] else '' end, case when grain.by_kind then part[7] else '' end,
      case when grain.by_province then part[8] else '' end, case when grain.by_city then part[9] else '' end,
      case when grain.by_county then part[10] else '' end) as seen
$function$
;

CREATE OR REPLACE FUNCTION public.rollup_superseded()
 RETURNS trigger
 LANGUAGE plpgsql
 SECURITY DEFINER
 SET search_path TO 'public'
AS $function$
begin
  if not exists (select from revisions where report_id = new.report_id and state = 'published') then
    perform rollup_refresh(array[new.id]);
  end if;
  return null;
end $function$
;

CREATE OR REPLACE FUNCTION public.rollup_title_head(title text)
 RETURNS text
 LANGUAGE sql
 IMMUTABLE PARALLEL SAFE
RETURN "substring"(title, '^[^0-9]*'::text)
;

CREATE OR REPLACE FUNCTION public.rollup_title_tail(title text)
 RETURNS text
 LANGUAGE sql
 IMMUTABLE PARALLEL SAFE
RETURN COALESCE("substring"(title, '[0-9].*$'::text), ''::text)
;

CREATE OR REPLACE FUNCTION public.rollup_title_tails(titles text[])
 RETURNS text[]
 LANGUAGE sql
 IMMUTABLE PARALLEL SAFE
RETURN ARRAY(SELECT (tails.tail COLLATE "C") AS tail FROM (SELECT DISTINCT rollup_title_tail(title.title) AS tail FROM unnest(rollup_title_tails.titles) title(title)) tails ORDER BY (tails.tail COLLATE "C"))
;

CREATE OR REPLACE FUNCTION public.rollup_touch(organs uuid[])
 RETURNS void
 LANGUAGE plpgsql
AS $function$
begin
  perform from rollup_organ_years as y where y.organ_id = any(organs) and y.year <= 0 order by y.organ_id, y.year for update;
  update rollup_organ_years as y set cover = y.cover where y.organ_id = any(organs) and y.year <= 0;
end $function$
;

CREATE OR REPLACE FUNCTION public.rollup_unpacked(packed bytea)
 RETURNS bigint[]
 LANGUAGE sql
 IMMUTABLE PARALLEL SAFE STRICT
AS $function$
  select array_agg(nullif(number, -2) order by place) from (
    select place, case width
        when 8 then bits::bit(64)::bigint
        when 4 then bits::bit(32)::integer
        else bits::bit(16)::integer - case when bits >= 'x8' then 65536 else 0 end
      end as number
    from (select get_byte(packed, 0) as width) as given,
      generate_series(0, (length(packed) - 1) / width - 1) as place,
      lateral (select 'x' || encode(substr(packed, 2 + width * place, width), 'hex') as bits) as found
  ) as numbers
$function$
;

CREATE OR REPLACE FUNCTION public.rollup_unpacked_decimals(packed bytea)
 RETURNS numeric[]
 LANGUAGE sql
 IMMUTABLE PARALLEL SAFE STRICT
AS $function$
  select array_agg(case top - number when 0 then 'NaN' when 1 then null when 2 then 'Infinity' else number / unit end order by place) from (
    select place, unit, top, case width
        when 8 then bits::bit(64)::bigint
        when 4 then bits::bit(32)::integer
        else bits::bit(16)::integer - case when bits >= 'x8' then 65536 else 0 end
      end::numeric as number
    from (select get_byte(packed, 0) & 15 as width, case when get_byte(packed, 0) & 64 = 0 then 1 else 10000 end as unit) as given,
      lateral (select case width when 2 then 32767 when 4 then 2147483647 else 9223372036854775807 end::numeric as top) as tops,
      generate_series(0, (length(packed) - 1) / width - 1) as place,
      lateral (select 'x' || encode(substr(packed, 2 + width * place, width), 'hex') as bits) as found
  ) as numbers
$function$
;

CREATE TRIGGER append_only BEFORE DELETE OR UPDATE ON public.audit_entries FOR EACH ROW EXECUTE FUNCTION refuse_change_of_audit();

CREATE TRIGGER no_truncation BEFORE TRUNCATE ON public.audit_entries FOR EACH STATEMENT EXECUTE FUNCTION refuse_change_of_audit();

CREATE TRIGGER deleted AFTER DELETE ON public.cell_notes REFERENCING OLD TABLE AS changed FOR EACH STATEMENT EXECUTE FUNCTION refuse_change_of_submitted();

CREATE TRIGGER inserted AFTER INSERT ON public.cell_notes REFERENCING NEW TABLE AS changed FOR EACH STATEMENT EXECUTE FUNCTION refuse_change_of_submitted();

CREATE TRIGGER updated AFTER UPDATE ON public.cell_notes REFERENCING NEW TABLE AS changed FOR EACH STATEMENT EXECUTE FUNCTION refuse_change_of_submitted();

CREATE TRIGGER deleted AFTER DELETE ON public.disclosure_items REFERENCING OLD TABLE AS changed FOR EACH STATEMENT EXECUTE FUNCTION refuse_change_of_submitted();

CREATE TRIGGER inserted AFTER INSERT ON public.disclosure_items REFERENCING NEW TABLE AS changed FOR EACH STATEMENT EXECUTE FUNCTION refuse_change_of_submitted();

CREATE TRIGGER updated AFTER UPDATE ON public.disclosure_items REFERENCING NEW TABLE AS changed FOR EACH STATEMENT EXECUTE FUNCTION refuse_change_of_submitted();

CREATE TRIGGER rollup_deleted AFTER DELETE ON public.organ_history REFERENCING OLD TABLE AS were FOR EACH STATEMENT EXECUTE FUNCTION rollup_history_changed();

CREATE TRIGGER rollup_inserted AFTER INSERT ON public.organ_history REFERENCING NEW TABLE AS are FOR EACH STATEMENT EXECUTE FUNCTION rollup_history_changed();

CREATE TRIGGER rollup_updated AFTER UPDATE ON public.organ_history REFERENCING NEW TABLE AS are FOR EACH STATEMENT EXECUTE FUNCTION rollup_history_changed();

CREATE TRIGGER rollup_inserted AFTER INSERT ON public.organs REFERENCING NEW TABLE AS are FOR EACH STATEMENT EXECUTE FUNCTION rollup_organ_changed();

CREATE TRIGGER rollup_updated AFTER UPDATE ON public.organs REFERENCING OLD TABLE AS were NEW TABLE AS are FOR EACH STATEMENT EXECUTE FUNCTION rollup_organ_changed();

CREATE TRIGGER deleted AFTER DELETE ON public.request_statistics REFERENCING OLD TABLE AS changed FOR EACH STATEMENT EXECUTE FUNCTION refuse_change_of_submitted();

CREATE TRIGGER inserted AFTER INSERT ON public.request_statistics REFERENCING NEW TABLE AS changed FOR EACH STATEMENT EXECUTE FUNCTION refuse_change_of_submitted();

CREATE TRIGGER updated AFTER UPDATE ON public.request_statistics REFERENCING NEW TABLE AS changed FOR EACH STATEMENT EXECUTE FUNCTION refuse_change_of_submitted();

CREATE TRIGGER deleted AFTER DELETE ON public.review_litigation_counts REFERENCING OLD TABLE AS changed FOR EACH STATEMENT EXECUTE FUNCTION refuse_change_of_submitted();

CREATE TRIGGER inserted AFTER INSERT ON public.review_litigation_counts REFERENCING NEW TABLE AS changed FOR EACH STATEMENT EXECUTE FUNCTION refuse_change_of_submitted();

CREATE TRIGGER updated AFTER UPDATE ON public.review_litigation_counts REFERENCING NEW TABLE AS changed FOR EACH STATEMENT EXECUTE FUNCTION refuse_change_of_submitted();

CREATE TRIGGER kept BEFORE DELETE ON public.revisions FOR EACH ROW EXECUTE FUNCTION refuse_delete_of_published();

CREATE TRIGGER rewrite BEFORE UPDATE ON public.revisions FOR EACH ROW EXECUTE FUNCTION refuse_rewrite_of_submitted();

CREATE TRIGGER rollup_emptied AFTER TRUNCATE ON public.revisions FOR EACH STATEMENT EXECUTE FUNCTION rollup_emptied();

CREATE TRIGGER rollup_inserted AFTER INSERT ON public.revisions REFERENCING NEW TABLE AS are FOR EACH STATEMENT EXECUTE FUNCTION rollup_effective();

CREATE CONSTRAINT TRIGGER rollup_superseded AFTER UPDATE ON public.revisions DEFERRABLE INITIALLY DEFERRED FOR EACH ROW WHEN (((old.state = 'published'::text) AND (new.state = 'superseded'::text))) EXECUTE FUNCTION rollup_superseded();

CREATE TRIGGER rollup_updated AFTER UPDATE ON public.revisions REFERENCING OLD TABLE AS were NEW TABLE AS are FOR EACH STATEMENT EXECUTE FUNCTION rollup_effective();

CREATE TRIGGER deleted AFTER DELETE ON public.rollup_organ_years REFERENCING OLD TABLE AS were FOR EACH STATEMENT EXECUTE FUNCTION rollup_log();

CREATE TRIGGER inserted AFTER INSERT ON public.rollup_organ_years REFERENCING NEW TABLE AS are FOR EACH STATEMENT EXECUTE FUNCTION rollup_log();

CREATE TRIGGER updated AFTER UPDATE ON public.rollup_organ_years REFERENCING OLD TABLE AS were NEW TABLE AS are FOR EACH STATEMENT EXECUTE FUNCTION rollup_log();

alter table api_keys enable row level security;

alter table cell_notes enable row level security;

alter table disclosure_items enable row level security;

alter table effective_answers enable row level security;

alter table finding_answers enable row level security;

alter table grants enable row level security;

alter table reports enable row level security;

alter table request_statistics enable row level security;

alter table review_litigation_counts enable row level security;

alter table revisions enable row level security;

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
