import { type RawBuilder, type SqlBool, sql } from 'kysely';
import type { Db } from '../db/database.ts';
import { yearInShanghai } from '../http/calendar.ts';
import {
  containing,
  effectiveReports,
  organFilters,
  type ReportFilters,
  reportFilters,
  yearsOf,
} from '../reports/filters.ts';
import type { Aggregate } from './aggregate.ts';
import { dimensions, joinCities } from './dimensions.ts';
import type { Selection } from './selection.ts';

/**
 * Which reports an answer adds up.
 *
 * Candidates are the effective reports that match the filters, in the scope that `basis` names: `own`,
 * `consolidated`, or either (`auto`). Groups are what the answer's place, level, kind and organ keys divide organs
 * into; without such a key there is one. Within each group a candidate is used if and only if
 * 1. no organ above its own, in the tree as it was on the last day of that year, has a consolidated candidate of the
 *    same year in the same group, and
 * 2. it is consolidated, or its own organ has no consolidated candidate of that year.
 *
 * So the topmost consolidated report stands for everything below it and no figure counts twice within a group: with
 * one organ and everything under it as the filter, the sum is that organ's subtree value. Year, edition and the keys
 * of cells only divide what is used. A report that a filter leaves out covers nothing.
 * Between groups reports may overlap (a city's consolidated report has no county, its counties' reports have): the
 * warning `groups-overlap` says so.
 */
export const bases = ['auto', 'own', 'consolidated'] as const;
export type Basis = (typeof bases)[number];

export interface AggregateQuery extends ReportFilters {
  basis?: Basis;
  group_by?: string[];
  [key: string]: unknown;
}

/** One combination of the keys that are no column of the fact table, with the sums of each column chosen. */
export interface SummedRow {
  /** `by_year` and so on for members of reports and organs; own keys under their names. */
  [key: string]: string | number | null;
  reports: number;
}

/** Columns of a `SummedRow` for the column at a place in `Selection.columns`; sums are text, so that none is rounded. */
export const sumOf = (place: number) => `sum_${place}`;
export const blanksOf = (place: number) => `blank_${place}`;
export const unknownOf = (place: number) => `unknown_${place}`;
export const columnOf = (key: string) => (key in dimensions ? `by_${key}` : key);

export interface Summed {
  rows: SummedRow[];
  /** Reports added up. */
  reports: number;
  organs_expected: number;
  organs_missing: number;
  /** Reports used that are also part of a consolidated report used in another group. */
  overlapping: number;
  /** Editions of the table among the reports used. */
  editions: string[];
  as_of: string;
}

/** The rows of the fact table that a query adds up, as a relation of their keys and the unit their sums are given in. */
function chosenRelation({ keys, columnKey }: Aggregate, { figures }: Selection): RawBuilder<unknown> {
  const names = Object.keys(keys).filter((key) => key !== columnKey);
  const rows = new Map(
    figures.map((figure) => {
      const row = [...names.map((key) => figure.keys[key] ?? null), figure.unit];
      return [row.join(' '), row] as const;
    }),
  );
  const arrays = [...names, 'unit'].map(
    (_, place) => sql`${[...rows.values()].map((row) => row[place])}::text[]`,
  );
  return sql`unnest(${sql.join(arrays)}) as chosen (${sql.join([...names, 'unit'].map((name) => sql.id(name)))})`;
}

/** Organs that were there in the first of the years asked about; without years, that are there now. */
function stillThere({ year }: AggregateQuery): RawBuilder<SqlBool> {
  const first = yearsOf(year)?.[0];
  const day =
    first === undefined ? sql`(now() at time zone 'Asia/Shanghai')::date` : sql`make_date(${first}, 1, 1)`;
  return sql`coalesce(organs.abolished_on >= ${day}, true)`;
}

/** Organs asked about: by the organ filters and, for text, by name; whoever has a candidate belongs to them as well. */
const expectedOrgans = (query: AggregateQuery): RawBuilder<SqlBool> =>
  query.q === undefined
    ? sql`${organFilters(query)} and ${stillThere(query)}`
    : sql`${organFilters(query)} and ${stillThere(query)} and (organs.name ilike ${containing(query.q)}
        or organs.id in (select organ_id from candidates))`;

/** What to select of each group: its keys, each column's sum, and how many reports, blanks and unknown units. */
function summed(aggregate: Aggregate, selection: Selection, keys: readonly RawBuilder<unknown>[]) {
  const columns = selection.columns.flatMap((column, place) => {
    const { value, blank, unit_unknown } = aggregate.cell(column);
    return [
      sql`sum(${value})::text as ${sql.id(sumOf(place))}`,
      sql`count(*) filter (where ${blank}) as ${sql.id(blanksOf(place))}`,
      ...(unit_unknown ? [sql`count(*) filter (where ${unit_unknown}) as ${sql.id(unknownOf(place))}`] : []),
    ];
  });
  const reports = selection.rowsAreReports ? sql`count(*)` : sql`count(distinct used.report_id)`;
  const name = selection.groupBy.includes('organ') ? [sql`min(used.organ_name) as organ_name`] : [];
  return sql.join([...keys, ...columns, sql`${reports} as reports`, ...name]);
}

/** Adds up, in one statement, so that sums and coverage are of one moment. Gives up after `most` rows. */
export async function sumReports(
  db: Db,
  aggregate: Aggregate,
  query: AggregateQuery,
  selection: Selection,
  most: number,
): Promise<Summed> {
  const { groupBy } = selection;
  const reportKeys = groupBy.filter((key) => key in dimensions);
  const organKeys = reportKeys.filter((key) => dimensions[key]!.ofOrgan).map(columnOf);
  const basis = query.basis ?? 'auto';
  const edition = sql.ref(`revisions.${aggregate.edition}`);
  const keyColumns = reportKeys.map(
    (key) => sql`${dimensions[key]!.expression ?? edition} as ${sql.id(columnOf(key))}`,
  );
  const sameGroup = [
    sql`true`,
    ...organKeys.map(
      (key) => sql`${sql.id('covers', key)} is not distinct from ${sql.id('candidates', key)}`,
    ),
  ];
  const keys = groupBy
    .filter((key) => key !== aggregate.columnKey)
    .map((key) => sql.id(key in dimensions ? 'used' : 'chosen', columnOf(key)));
  const rowMatch = aggregate.rowKeys.map((key) => sql`${sql.id('facts', key)} = ${sql.id('chosen', key)}`);
  const overlapping = sql`select count(*) from used where exists (
    select from covers join used as other on other.report_id = covers.report_id
    where covers.covered_id = used.organ_id and covers.year = used.year)`;
  const { rows } = await sql<Summed>`
    with recursive candidates as materialized (
      select reports.id as report_id, revisions.id as revision_id, reports.organ_id, organs.name as organ_name,
        ${sql.join([sql`reports.year, reports.scope, ${edition} as edition`, ...keyColumns])}
      from ${effectiveReports} ${groupBy.includes('city') ? joinCities : sql``}
      where ${reportFilters(query)} ${basis === 'auto' ? sql`` : sql`and reports.scope = ${basis}`}
    ),
    tops as materialized (select * from candidates where scope = 'consolidated'),
    expected as materialized (select organs.id from organs where ${expectedOrgans(query)}),
    -- Who stands above whom, and when: the way up from the organs asked about, while each of its links held.
    above (organ_id, ancestor_id, valid_from, valid_to) as (
      select parents.organ_id, parents.parent_id, parents.valid_from, parents.valid_to
      from organ_parents as parents join expected on expected.id = parents.organ_id
      where exists (select from tops)
      union
      select above.organ_id, parents.parent_id,
        greatest(above.valid_from, parents.valid_from), least(above.valid_to, parents.valid_to)
      from above join organ_parents as parents on parents.organ_id = above.ancestor_id
        and parents.valid_from <= above.valid_to and parents.valid_to >= above.valid_from
    ),
    covers as materialized (
      select above.organ_id as covered_id, tops.* from above join tops on tops.organ_id = above.ancestor_id
        and make_date(tops.year, 12, 31) between above.valid_from and above.valid_to
      where above.ancestor_id <> above.organ_id
    ),
    used as materialized (
      select * from candidates
      where not exists (
          select from covers where covers.covered_id = candidates.organ_id and covers.year = candidates.year
            and ${sql.join(sameGroup, sql` and `)})
        and (scope = 'consolidated' or not exists (
          select from tops where tops.organ_id = candidates.organ_id and tops.year = candidates.year))
    ),
    summed as (
      select ${summed(aggregate, selection, keys)}
      from used join ${sql.table(aggregate.table)} as facts on facts.revision_id = used.revision_id
        join ${chosenRelation(aggregate, selection)} on ${sql.join(rowMatch, sql` and `)}
      ${keys.length === 0 ? sql`having count(*) > 0` : sql`group by ${sql.join(keys)}`}
      limit ${most}
    ),
    reported as (
      select organ_id, year from candidates union select covered_id, year from covers
    ),
    missing as (
      select expected.id from expected left join reported on reported.organ_id = expected.id
      group by expected.id having count(reported.year) < ${yearsOf(query.year)?.filter((year) => year <= yearInShanghai()).length ?? 1}
    )
    select
      (select coalesce(jsonb_agg(summed), '[]') from summed) as rows,
      (select count(*) from used) as reports,
      (select count(*) from expected) as organs_expected,
      (select count(*) from missing) as organs_missing,
      (${organKeys.length === 0 ? sql`0` : overlapping}) as overlapping,
      (select coalesce(array_agg(distinct edition order by edition), '{}') from used) as editions,
      now() as as_of`.execute(db);
  return rows[0]!;
}
