import { type RawBuilder, sql } from 'kysely';
import { refs } from '../db/refs.ts';
import type { Table } from '../editions/figures.ts';
import { applicantKeys, outcomeKeys } from '../editions/vocabulary.ts';

/**
 * What segments hold, and what the reports give for it: `verifyRollups` compares the two. For each cell of the form
 * it is how many members captured it, how many are blank, how many are amounts without a unit, their sum, and a
 * weighted sum. The weight of a figure depends on its member, so the weighted sum differs if a figure is another
 * member's.
 */

/** What the relation `of` keeps, and what the rows give for it. */
export interface Compared {
  of: string;
  kept: RawBuilder<unknown>;
  given: RawBuilder<unknown>;
}

/** What a segment says of a member besides its figures, as a number that differs where any of it does. */
const weight = (...columns: string[]) => sql`hashtext(concat_ws(' ', ${refs(columns)}))::bigint`;
const memberColumns = ['disclosure_edition', 'request_edition', 'title', 'published_on'];

/**
 * SQL: the members of segments and the reports they should be, with their weights. Where a change is known that
 * segments may not have, a member is marked as stale and a report is left out.
 */
const relations = sql`
  stale as materialized (
    select year, province, organ_id from rollup_stale
    union select year, province, organ_id from rollup_changes
  ),
  members as materialized (
    select s.year, s.province, s.scope, place, m.organ_id, m.revision_id,
      ${weight('m.organ_id', 'm.revision_id', ...memberColumns.map((column) => `m.${column}`))} as weight,
      exists (select from stale where (stale.year, stale.province, stale.organ_id) = (s.year, s.province, m.organ_id)) as is_stale
    from rollup_segments as s,
      unnest(organs, revisions, disclosure_editions, request_editions, titles, published_on) with ordinality
        as m (organ_id, revision_id, disclosure_edition, request_edition, title, published_on, place)
  ),
  reported as materialized (
    select y.year, y.province, e.scope, y.organ_id, e.revision_id,
      ${weight('y.organ_id', 'e.revision_id', ...memberColumns.map((column) => `v.${column}`))} as weight
    from rollup_organ_years as y
      cross join lateral (values ('own', y.own_revision), ('consolidated', y.consolidated_revision)) as e (scope, revision_id)
      join revisions as v on v.id = e.revision_id
    where exists (select from rollup_segments as s where (s.year, s.province) = (y.year, y.province))
      and not exists (select from stale where (stale.year, stale.province, stale.organ_id) = (y.year, y.province, y.organ_id))
  )`;

const summary = (figure: RawBuilder<unknown>, isUnknown: RawBuilder<unknown>) => sql`
  count(*) as captured, count(*) filter (where ${figure} is null and not ${isUnknown}) as blank, count(*) filter (where ${isUnknown}) as unknown,
  coalesce(sum(${figure}), 0) as sum, coalesce(sum(${figure} * weight), 0) as weighed`;

const tables: Record<
  Table,
  { row: RawBuilder<unknown>; columns: Readonly<Record<string, RawBuilder<unknown>>> }
> = {
  disclosure_items: {
    row: sql`concat_ws('.', facts.item, facts.measure)`,
    columns: {
      value: sql`case when facts.item = 'procurement' and facts.measure = 'amount' and facts.unit is distinct from '元'
        then case when facts.unit is not null or facts.value = 0 then facts.value * 10000 end else facts.value end`,
    },
  },
  request_statistics: {
    row: sql`facts.row`,
    columns: Object.fromEntries(applicantKeys.map((key) => [key, sql.ref(`facts.${key}`)])),
  },
  review_litigation_counts: {
    row: sql`facts.proceeding`,
    columns: Object.fromEntries(outcomeKeys.map((key) => [key, sql.ref(`facts.${key}`)])),
  },
};

/**
 * SQL for the numbers of a table as segments hold them, and for the number that stands for a row that was not
 * captured.
 */
const numbersOf = (table: string) =>
  table === 'disclosure_items'
    ? { numbers: sql`coalesce(rollup_unpacked_decimals(packed), decimals)`, absent: sql`'NaN'` }
    : { numbers: sql`rollup_unpacked(packed)::numeric[]`, absent: sql`-1` };

const ofTable = (table: string, { row, columns }: (typeof tables)[Table]): Compared[] =>
  Object.entries(columns).map(([column, value]) => ({
    of: `rollup_segment_figures of ${table}.${column}`,
    kept: sql`
      with ${relations},
      weights as materialized (
        select year, province, scope, array_agg(case when not is_stale then weight end order by place) as weights
        from members group by year, province, scope
      )
      select year, province, scope, "row", ${summary(sql`case when figure < 'Infinity' then figure end`, sql`coalesce(figure = 'Infinity', false)`)}
      from rollup_segment_figures join weights using (year, province, scope), unnest(${numbersOf(table).numbers}, weights) as members (figure, weight)
      where of = ${table} and "column" = ${column} and figure is distinct from ${numbersOf(table).absent} and weight is not null
      group by year, province, scope, "row"`,
    given: sql`
      with ${relations}
      select year, province, scope, "row", ${summary(sql`figure::numeric`, sql`is_unknown`)}
      from (
        select reported.*, ${row} as "row", ${value} as figure,
          ${table === 'disclosure_items' ? sql`facts.unit is null and coalesce(facts.value <> 0, false)` : sql`false`} as is_unknown
        from reported join ${sql.table(table)} as facts using (revision_id)
      ) as figures group by year, province, scope, "row"`,
  }));

/** Every comparison of segments with the reports. */
export const segmentsCompared: readonly Compared[] = [
  {
    of: 'rollup_segments',
    kept: sql`with ${relations} select year, province, scope, count(*) as members, sum(weight) as weighed
      from members where not is_stale group by year, province, scope`,
    given: sql`with ${relations} select year, province, scope, count(*) as members, sum(weight) as weighed
      from reported group by year, province, scope`,
  },
  ...Object.entries(tables).flatMap(([table, spec]) => ofTable(table, spec)),
];
