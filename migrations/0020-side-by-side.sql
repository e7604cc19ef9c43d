-- Segments are read by several processes side by side. PostgreSQL lets them call only what is declared to be safe, and keeps
-- subqueries about the row at hand to one of them; what a function looks up is no such.
set local lock_timeout = '5s';

alter function rollup_entries(integer, integer, integer, uuid, uuid) parallel safe;

-- What the `amount` members of a segment say in a cell of the form, as it stands there: nobody need have captured it.
create function rollup_counts_of(in_year integer, in_province text, in_scope text, amount integer, in_of text, in_row text, in_column text)
  returns bigint[] language plpgsql stable parallel safe as $$
declare
  found_counts bigint[];
begin
  select counts into found_counts from rollup_segment_figures as f
    where f.year = in_year and f.province = in_province and f.scope = in_scope and f.of = in_of and f."row" = in_row and f."column" = in_column;
  return coalesce(found_counts, array_fill(-1::bigint, array[amount]));
end $$;

-- The same of amounts with units.
create function rollup_decimals_of(in_year integer, in_province text, in_scope text, amount integer, in_of text, in_row text, in_column text)
  returns numeric[] language plpgsql stable parallel safe as $$
declare
  found_decimals numeric[];
begin
  select decimals into found_decimals from rollup_segment_figures as f
    where f.year = in_year and f.province = in_province and f.scope = in_scope and f.of = in_of and f."row" = in_row and f."column" = in_column;
  return coalesce(found_decimals, array_fill('NaN'::numeric, array[amount]));
end $$;
