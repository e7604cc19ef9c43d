import { type RawBuilder, type SqlBool, sql } from 'kysely';
import type { Db } from '../db/database.ts';
import type { Row } from '../formats/format.ts';
import { Problem } from '../http/problem.ts';
import {
  containing,
  effectiveReports,
  organFilters,
  type ReportFilters,
  reportFilters,
  yearsOf,
} from '../reports/filters.ts';
import type { Aggregate, FormFigure } from './aggregate.ts';
import { dimensions, joinCities } from './dimensions.ts';
import { type Selection, select } from './selection.ts';

/**
 * Which reports an answer adds up.
 *
 * Candidates are the effective reports that match the filters, in the scope that `basis` names: `own`,
 * `consolidated`, or either (`auto`). Groups are what the answer's place, level, kind and organ keys divide organs
 * into; without such a key there is one. Within each group a candidate is used if and only if
 * 1. no organ above its own has a consolidated candidate of the same year in the same group, and
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

export interface Warning {
  code: string;
  message: string;
}

export interface AggregateAnswer {
  data: Row[];
  basis: Basis;
  coverage: { reports: number; organs_expected: number; organs_missing: number };
  warnings: Warning[];
  data_as_of: string;
}

/** More cells than anyone reads; the tidy rows are the way to everything. */
export const mostCells = 100_000;

/** The figures a query adds up, as a relation of their keys and the unit their sums are given in. */
function chosenRelation({ keys }: Aggregate, figures: readonly FormFigure[]): RawBuilder<unknown> {
  const columns = Object.keys(keys);
  const arrays = [
    ...columns.map((key) => sql`${figures.map((figure) => figure.keys[key])}::text[]`),
    sql`${figures.map((figure) => figure.unit)}::text[]`,
  ];
  return sql`unnest(${sql.join(arrays)}) as chosen (${sql.join([...columns, 'unit'].map((name) => sql.id(name)))})`;
}

/** Organs asked about: by the organ filters and, for text, by name; whoever has a candidate belongs to them as well. */
const expectedOrgans = (query: AggregateQuery): RawBuilder<SqlBool> =>
  query.q === undefined
    ? organFilters(query)
    : sql`${organFilters(query)} and (organs.name ilike ${containing(query.q)}
        or organs.id in (select organ_id from candidates))`;

interface Result {
  cells: Record<string, string | number | null>[];
  reports: number;
  organs_expected: number;
  organs_missing: number;
  overlapping: number;
  editions: string[];
  as_of: string;
}

/** One statement, so that sums and coverage are of one moment. */
async function execute(
  db: Db,
  aggregate: Aggregate,
  query: AggregateQuery,
  selection: Selection,
): Promise<Result> {
  const { groupBy, figures } = selection;
  const reportKeys = groupBy.filter((key) => key in dimensions);
  const ofOrgan = reportKeys.filter((key) => dimensions[key]!.ofOrgan);
  const basis = query.basis ?? 'auto';
  const years = yearsOf(query.year);
  const edition = sql.ref(`revisions.${aggregate.edition}`);
  const keyColumns = reportKeys.map(
    (key) => sql`${dimensions[key]!.expression ?? edition} as ${sql.id(`by_${key}`)}`,
  );
  const sameGroup = (one: string, other: string) =>
    sql.join(
      [
        sql`true`,
        ...ofOrgan.map(
          (key) => sql`${sql.id(one, `by_${key}`)} is not distinct from ${sql.id(other, `by_${key}`)}`,
        ),
      ],
      sql` and `,
    );
  const outputs = groupBy.map((key) =>
    key in dimensions ? sql.id('used', `by_${key}`) : sql.id('chosen', key),
  );
  const { rows } = await sql<Result>`
    with recursive candidates as materialized (
      select reports.id as report_id, revisions.id as revision_id, reports.organ_id, organs.name as organ_name,
        reports.year, reports.scope, ${edition} as edition ${sql.join([sql``, ...keyColumns], sql`, `)}
      from ${effectiveReports} ${groupBy.includes('city') ? joinCities : sql``}
      where ${reportFilters(query)} ${basis === 'auto' ? sql`` : sql`and reports.scope = ${basis}`}
    ),
    tops as materialized (select * from candidates where scope = 'consolidated'),
    expected as materialized (select organs.id, organs.parent_id from organs where ${expectedOrgans(query)}),
    -- Who stands above whom; only the way up from the organs asked about.
    above (organ_id, ancestor_id) as (
      select expected.id, expected.parent_id from expected
      where expected.parent_id is not null and exists (select from tops)
      union
      select above.organ_id, organs.parent_id from above join organs on organs.id = above.ancestor_id
      where organs.parent_id is not null
    ),
    covers as materialized (
      select above.organ_id as covered_id, tops.* from above join tops on tops.organ_id = above.ancestor_id
      where above.ancestor_id <> above.organ_id
    ),
    used as materialized (
      select * from candidates
      where not exists (
          select from covers where covers.covered_id = candidates.organ_id and covers.year = candidates.year
            and ${sameGroup('covers', 'candidates')})
        and (scope = 'consolidated' or not exists (
          select from tops where tops.organ_id = candidates.organ_id and tops.year = candidates.year))
    ),
    cells as (
      select ${sql.join([...outputs, sql`sum(cell.value)::text as value`, sql`count(distinct used.report_id) as reports`, sql`count(*) filter (where cell.blank) as blank`, sql`count(*) filter (where cell.unit_unknown) as unit_unknown`])}
        ${groupBy.includes('organ') ? sql`, min(used.organ_name) as organ_name` : sql``}
      from used join ${chosenRelation(aggregate, figures)} on true
      ${aggregate.cells(figures.length === 0 ? aggregate.figures : figures)}
      ${outputs.length === 0 ? sql`` : sql`group by ${sql.join(outputs)}`}
      limit ${mostCells + 1}
    ),
    reported as (
      select organ_id, year from candidates union select covered_id, year from covers
    ),
    missing as (
      select expected.id from expected left join reported on reported.organ_id = expected.id
      group by expected.id having count(reported.year) < ${years?.length ?? 1}
    )
    select
      (select coalesce(jsonb_agg(cells), '[]') from cells) as cells,
      (select count(*) from used) as reports,
      (select count(*) from expected) as organs_expected,
      (select count(*) from missing) as organs_missing,
      ${
        ofOrgan.length === 0
          ? sql`0`
          : sql`(select count(*) from used where exists (
              select from covers join used as other on other.report_id = covers.report_id
              where covers.covered_id = used.organ_id and covers.year = used.year))`
      } as overlapping,
      (select coalesce(array_agg(distinct edition order by edition), '{}') from used) as editions,
      now() as as_of`.execute(db);
  return rows[0]!;
}

/** A sum as a JSON number, exactly; Problem `not-additive` (422) where no JSON number is. */
function exactNumber(text: string): number {
  const plain = text.includes('.') ? text.replace(/\.?0+$/, '') : text;
  const value = Number(plain);
  if (!(Math.abs(value) <= Number.MAX_SAFE_INTEGER) || String(value) !== plain)
    throw new Problem('not-additive', {
      detail: `A sum of ${plain} is more than a JSON number holds exactly. Ask for smaller groups.`,
    });
  return value;
}

/** Orders cells by the keys of the answer: by the form's or the vocabulary's order where there is one; nulls last. */
function inOrder(aggregate: Aggregate, groupBy: readonly string[]) {
  const orders = groupBy.map((key) => {
    const values = aggregate.keys[key]?.values ?? dimensions[key]?.values;
    const places = values && new Map(values.map((value, index) => [value, index]));
    return {
      key,
      place: (value: unknown) => (places ? places.get(value as string)! : (value as string | number)),
    };
  });
  return (a: Row, b: Row): number => {
    for (const { key, place } of orders) {
      if (a[key] === b[key]) continue;
      if (a[key] === null) return 1;
      if (b[key] === null) return -1;
      return place(a[key]) < place(b[key]) ? -1 : 1;
    }
    return 0;
  };
}

/** Says where the rows as printed change with the edition, so that a series would seem to begin or to end. */
function editionWarnings(selection: Selection, editions: readonly string[]): Warning[] {
  if (editions.length < 2 || selection.groupBy.includes('edition')) return [];
  const { figures, groupBy } = selection;
  const partly = figures.filter((figure) => {
    const together = figures.filter(
      (each) =>
        each.keys.group === figure.keys.group && figure.keys.group !== null && !groupBy.includes('row'),
    );
    const printing = new Set([figure, ...together].flatMap((each) => each.editions as string[]));
    return figure.keys.row !== undefined && editions.some((edition) => !printing.has(edition));
  });
  const rows = [...new Set(partly.map((figure) => figure.keys.row))];
  const groups = [...new Set(partly.flatMap((figure) => figure.keys.group ?? []))];
  return rows.length === 0
    ? []
    : [
        {
          code: 'rows-differ',
          message: `Not every edition among these reports prints the rows ${rows.join(', ')}${
            groups.length === 0 ? '' : `; group=${groups.join(',')} compares them`
          }.`,
        },
      ];
}

/** The answer to a query. Problems `not-additive`, `not-comparable` and `too-many-cells` (422). */
export async function aggregateReports(
  db: Db,
  aggregate: Aggregate,
  query: AggregateQuery,
): Promise<AggregateAnswer> {
  const selection = select(aggregate, query);
  const { groupBy } = selection;
  const result = await execute(db, aggregate, query, selection);
  if (result.cells.length > mostCells)
    throw new Problem('too-many-cells', {
      detail: `The answer would have more than ${mostCells} cells. Filter more, or group by less.`,
    });
  const data = result.cells
    // Without keys SQL gives one row also where nothing was added.
    .filter((cell) => cell.reports !== 0)
    .map((cell): Row => {
      const keys = Object.fromEntries(
        groupBy.map((key) => {
          const column = key in dimensions ? `by_${key}` : key;
          return [key, cell[column] ?? null];
        }),
      );
      return {
        ...keys,
        ...(cell.organ_name === undefined ? {} : { organ_name: cell.organ_name }),
        value: cell.value === null ? null : exactNumber(cell.value as string),
        ...(aggregate.hasUnits ? { unit: selection.unitOf(keys) } : {}),
        reports: cell.reports as number,
        blank: cell.blank as number,
        ...(aggregate.hasUnits ? { unit_unknown: cell.unit_unknown as number } : {}),
      };
    })
    .sort(inOrder(aggregate, groupBy));
  const unknown = data.reduce((sum, cell) => sum + Number(cell.unit_unknown ?? 0), 0);
  const warnings = editionWarnings(selection, result.editions);
  if (result.overlapping > 0)
    warnings.push({
      code: 'groups-overlap',
      message: `${result.overlapping} reports are also part of consolidated reports in other groups: do not add the groups up.`,
    });
  if (unknown > 0)
    warnings.push({ code: 'unit-unknown', message: `${unknown} amounts without a unit were not added.` });
  return {
    data,
    basis: query.basis ?? 'auto',
    coverage: {
      reports: result.reports,
      organs_expected: result.organs_expected,
      organs_missing: result.organs_missing,
    },
    warnings,
    data_as_of: result.as_of,
  };
}

/** The members of a data row, in order. */
export const columnsOf = (aggregate: Aggregate, groupBy: readonly string[]): string[] => [
  ...groupBy,
  ...(groupBy.includes('organ') ? ['organ_name'] : []),
  'value',
  ...(aggregate.hasUnits ? ['unit'] : []),
  'reports',
  'blank',
  ...(aggregate.hasUnits ? ['unit_unknown'] : []),
];
