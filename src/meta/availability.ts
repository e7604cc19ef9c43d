import { type RawBuilder, type SqlBool, sql } from 'kysely';
import type { Aggregate, FormFigure } from '../aggregates/aggregate.ts';
import { dimensions, joinCities } from '../aggregates/dimensions.ts';
import type { Db } from '../db/database.ts';
import { scopes } from '../editions/vocabulary.ts';
import { effectiveReports, type ReportFilters, reportFilters } from '../reports/filters.ts';

/** For a query that is being put together: which codes still have a figure, and in how many reports. */

export type AvailabilityQuery = ReportFilters & Record<string, unknown>;

interface Available {
  key: string;
  codes: { code: string | null; reports: number }[];
}

export interface Availability {
  of: string;
  reports: number;
  dimensions: Available[];
  data_as_of: string;
}

/** Keys of reports and of their organs; organs themselves are too many. */
const reportKeys: Readonly<Record<string, { expression?: RawBuilder<unknown>; values?: readonly string[] }>> =
  {
    ...Object.fromEntries(Object.entries(dimensions).filter(([key]) => key !== 'organ')),
    scope: { expression: sql`reports.scope`, values: scopes.map(({ scope }) => scope) },
  };

const anyOf = (conditions: readonly RawBuilder<unknown>[]): RawBuilder<SqlBool> =>
  conditions.length === 0 ? sql`false` : sql`(${sql.join(conditions, sql` or `)})`;

/** That the row `facts` holds a number of one of these figures. */
function hasNumber(aggregate: Aggregate, figures: readonly FormFigure[]): RawBuilder<SqlBool> {
  const { rowKeys, columnKey } = aggregate;
  const byRow = Map.groupBy(figures, ({ keys }) => rowKeys.map((key) => keys[key]).join('.'));
  return anyOf(
    [...byRow.values()].map((of) => {
      const row = rowKeys.map((key) => sql`${sql.ref(`facts.${key}`)} = ${of[0]!.keys[key]}`);
      const numbers = of.map(({ keys }) => sql.ref(`facts.${columnKey ? keys[columnKey] : 'value'}`));
      return sql`${sql.join(row, sql` and `)} and coalesce(${sql.join(numbers)}) is not null`;
    }),
  );
}

/** Each own key and code with the figures of it that the filters leave. */
const ownCodes = ({ keys }: Aggregate, figures: readonly FormFigure[]) =>
  Object.entries(keys).flatMap(([key, { values }]) =>
    values.map((code) => ({ key, code, figures: figures.filter((figure) => figure.keys[key] === code) })),
  );

/** Counts effective reports, each once, whatever stands above it; in one statement. */
export async function availabilityOf(
  db: Db,
  aggregate: Aggregate,
  query: AvailabilityQuery,
): Promise<Availability> {
  const figures = aggregate.figures.filter(({ keys }) =>
    Object.keys(aggregate.keys).every((key) => {
      const named = query[key] as string[] | undefined;
      return named === undefined || named.includes(keys[key] ?? '');
    }),
  );
  const codes = ownCodes(aggregate, figures).filter((each) => each.figures.length > 0);
  const edition = sql.ref(`revisions.${aggregate.edition}`);
  const names = Object.keys(reportKeys);
  const columns = names.map((key) => sql`${reportKeys[key]!.expression ?? edition} as ${sql.id(key)}`);
  const flags = codes.map(
    (each, index) => sql`bool_or(${hasNumber(aggregate, each.figures)}) as ${sql.id(`has_${index}`)}`,
  );
  const counts = [
    ...names.map(
      (key) => sql`select ${key} as key, ${sql.id(key)}::text as code, count(*) as reports
        from matching group by ${sql.id(key)}`,
    ),
    ...codes.map(
      ({ key, code }, index) =>
        sql`select ${key}, ${code}, count(*) from matching where ${sql.id(`has_${index}`)}`,
    ),
  ];
  const { rows } = await sql<{
    reports: number;
    counted: { key: string; code: string | null; reports: number }[];
    as_of: string;
  }>`
    with matching as materialized (
      select ${sql.join(columns)}, figures.*
      from ${effectiveReports} ${joinCities}
      join lateral (
        select ${sql.join([sql`count(*) as facts`, ...flags])} from ${sql.table(aggregate.table)} as facts
        where facts.revision_id = revisions.id and ${hasNumber(aggregate, figures)}
      ) as figures on figures.facts > 0
      where ${reportFilters(query)}
    ), counted as (${sql.join(counts, sql` union all `)})
    select (select count(*) from matching) as reports, now() as as_of,
      (select coalesce(jsonb_agg(counted), '[]') from counted where reports > 0) as counted`.execute(db);
  const { reports, counted, as_of } = rows[0]!;
  const byKey = Map.groupBy(counted, ({ key }) => key);
  return {
    of: aggregate.path,
    reports,
    dimensions: [...names, ...Object.keys(aggregate.keys)].map((key) => ({
      key,
      codes: inOrder(byKey.get(key) ?? [], aggregate.keys[key]?.values ?? reportKeys[key]?.values),
    })),
    data_as_of: as_of,
  };
}

/** By the order of answers: that of the form or the vocabulary, otherwise of the codes; null last. */
function inOrder(
  counted: readonly { code: string | null; reports: number }[],
  values: readonly string[] | undefined,
): Available['codes'] {
  const place = (code: string) => (values ? String(values.indexOf(code)).padStart(4, '0') : code);
  return counted
    .map(({ code, reports }) => ({ code, reports }))
    .sort((a, b) => {
      if (a.code === null || b.code === null) return a.code === null ? 1 : -1;
      return place(a.code) < place(b.code) ? -1 : 1;
    });
}
