-- Names and parents of organs over time, and what became of organs that are no more.
set local lock_timeout = '5s';

alter table organs
  -- First day of the present name and parent; null where it is as far back as is known.
  add column valid_from date,
  -- Last day of its existence, and the organ that took over its duties.
  add column abolished_on date,
  add column successor_id uuid constraint organs_successor_id_fkey references organs (id),
  add constraint organs_successor_is_other check (successor_id <> id),
  add constraint organs_successor_needs_end check (successor_id is null or abolished_on is not null);
create index organs_successor_id on organs (successor_id) where successor_id is not null;

-- Earlier names and parents; the present ones are in organs. Periods of an organ follow each other without a gap.
create table organ_history (
  organ_id uuid not null references organs (id) on delete cascade,
  name text not null,
  parent_id uuid constraint organ_history_parent_id_fkey references organs (id),
  valid_from date,
  -- Last day, inclusive.
  valid_to date not null,
  primary key (organ_id, valid_to),
  check (valid_from <= valid_to)
);
create index organ_history_parent_id on organ_history (parent_id);

-- Who belonged to whom, when; both days inclusive. A report's tree is that of the last day of its year.
create view organ_parents as
  select id as organ_id, parent_id, coalesce(valid_from, '-infinity') as valid_from, date 'infinity' as valid_to
  from organs where parent_id is not null
  union all
  select organ_id, parent_id, coalesce(valid_from, '-infinity'), valid_to
  from organ_history where parent_id is not null;
