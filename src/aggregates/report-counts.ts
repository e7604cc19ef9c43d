import { type RawBuilder, type SqlBool, sql } from 'kysely';
import { type TSchema, Type } from 'typebox';
import type { Principal } from '../access/principal.ts';
import { readableOrgans } from '../access/row-security.ts';
import type { Db } from '../db/database.ts';
import { editionKeys } from '../editions/index.ts';
import { scopes } from '../editions/vocabulary.ts';
import type { Row } from '../formats/format.ts';
import { reportFilters, reportQuery } from '../reports/filters.ts';
import type { KeptSums } from '../rollups/reader.ts';
import { keysFilter } from '../tidy-rows/tidy-table.ts';
import { countByWalking } from '../walk/counting.ts';
import type { KeptRegister } from '../walk/kept-register.ts';
import { onWalkedState } from '../walk/turns.ts';
import type { AnalystQuery } from './answer.ts';
import { mostCells, refuseCells } from './cells.ts';
import { type Dimension, dimensions, joinsOf } from './dimensions.ts';
import { difference } from './exact.ts';
import { inTime } from './in-time.ts';
import { warnOfUnknown } from './missing-codes.ts';
import { countingInRollups } from './published-counts.ts';
import { refinementOf, refinementQuery, type Shape } from './refine.ts';
import { computedSchema, groupByQuery } from './schema.ts';
import { byKeys } from './sort.ts';
import type { AggregateSource, Answer } from './source.ts';
import { nothingMatches, warnOfAbsent } from './warnings.ts';
import { withYears, yearQuery, yearsBefore } from './years.ts';

/** How many reports there are: each counts once, whatever stands above it. */

export const reportStates = ['draft', 'submitted', 'published', 'withdrawn'] as const;
type ReportState = (typeof reportStates)[number];

const statesOf = (asked: unknown) => (asked ?? ['published']) as readonly ReportState[];
const isPublished = (states: readonly ReportState[]): boolean =>
  states.every((state) => state === 'published');

const oneOf = (values: readonly string[], description: string): TSchema =>
  Type.Unsafe<string>({ type: 'string', enum: [...values], description });
const scopeKeys = scopes.map(({ scope }) => scope);

/** What reports are counted by: members of the report, of its organ and of the revision that says its state. */
export const reportKeys: Readonly<Record<string, Omit<Dimension, 'ofOrgan'>>> = {
  ...Object.fromEntries(
    ['year', 'province', 'city', 'county', 'level', 'kind'].map((key) => [key, dimensions[key]!]),
  ),
  scope: {
    schema: oneOf(scopeKeys, 'Whose figures the report holds.'),
    expression: sql`reports.scope`,
    values: scopeKeys,
  },
  state: {
    schema: oneOf(reportStates, 'State of the report.'),
    expression: sql`revisions.state`,
    values: reportStates,
  },
  disclosure_edition: {
    schema: oneOf(editionKeys, 'Edition of section two as printed.'),
    expression: sql`revisions.disclosure_edition`,
    values: editionKeys,
  },
  request_edition: {
    schema: oneOf(editionKeys, 'Edition of section three as printed.'),
    expression: sql`revisions.request_edition`,
    values: editionKeys,
  },
  published_month: {
    schema: Type.Unsafe<string | null>({
      type: ['string', 'null'],
      description: 'Month of `published_on`, YYYY-MM; null where that is not known.',
    }),
    expression: sql`to_char(revisions.published_on, 'YYYY-MM')`,
  },
};

/**
 * The revision that says a report's state: what is published; else what is being prepared, for those who may read it;
 * else what was withdrawn last. So a report counts once, whichever states are asked for.
 */
async function telling(
  db: Db,
  principal: Principal,
  states: readonly ReportState[],
): Promise<RawBuilder<SqlBool>> {
  if (isPublished(states)) return sql`revisions.state = 'published'`;
  const readable = await readableOrgans(db, principal, sql.ref('reports.organ_id'));
  const open = (name: string) => sql`(${sql.ref(`${name}.state`)} in ('draft', 'submitted') and ${readable})`;
  return sql`revisions.state = any(${states}::text[]) and (revisions.state in ('published', 'withdrawn') or ${open('revisions')})
    and not exists (
      select from revisions as others where others.report_id = reports.id and revisions.state <> 'published'
        and (others.state = 'published' or revisions.state = 'withdrawn' and (${open('others')}
          or others.state = 'withdrawn' and others.number > revisions.number)))`;
}

export interface Counted {
  rows: Row[];
  as_of: string;
}

/** Counts by looking at every report. */
async function countingReports(
  db: Db,
  principal: Principal,
  states: readonly ReportState[],
  query: AnalystQuery,
  groupBy: readonly string[],
): Promise<RawBuilder<unknown>> {
  const columns = groupBy.map((key) => sql`${reportKeys[key]!.expression} as ${sql.id(key)}`);
  return sql`
    select ${sql.join([...columns, sql`count(*) as value`])}
    from reports join organs on organs.id = reports.organ_id join revisions on revisions.report_id = reports.id
      ${joinsOf(groupBy)}
    where ${reportFilters(query)} and ${await telling(db, principal, states)}
    ${groupBy.length === 0 ? sql`` : sql`group by ${sql.join(groupBy.map((_, index) => sql.lit(index + 1)))}`}`;
}

/**
 * How many reports there are of each combination of the keys of a grouping, as `value`, for each of several groupings; in the
 * name of the caller. Problem `too-many-cells` (422).
 */
export async function countBy(
  db: Db,
  principal: Principal,
  query: AnalystQuery,
  groupings: readonly (readonly string[])[],
  kept?: KeptRegister,
): Promise<Counted[]> {
  const states = statesOf(query.state);
  const inRollups = groupings.map((groupBy) =>
    isPublished(states) ? countingInRollups(query, groupBy) : undefined,
  );
  const toWalk = isPublished(states) ? groupings.filter((_, place) => !inRollups[place]) : [];
  // What is walked and what rollups have is of one state of the database.
  if (!db.isTransaction && toWalk.length > 0 && toWalk.length < groupings.length)
    return onWalkedState(db, query, (state) => countBy(state, principal, query, groupings, kept));
  const walked = toWalk.length > 0 ? await countByWalking(db, query, toWalk, kept) : [];
  const counted: Counted[] = [];
  for (const [place, groupBy] of groupings.entries())
    counted.push(
      walked[toWalk.indexOf(groupBy)] ??
        (await countInDatabase(
          db,
          groupBy,
          inRollups[place] ?? (await countingReports(db, principal, states, query, groupBy)),
        )),
    );
  return counted;
}

/** What a relation of keys and `value` says. */
async function countInDatabase(
  db: Db,
  groupBy: readonly string[],
  counting: RawBuilder<unknown>,
): Promise<Counted> {
  const statement = sql<Counted>`
    with counted as (${counting} limit ${mostCells + 1})
    select (select coalesce(jsonb_agg(counted), '[]') from counted) as rows, now() as as_of`;
  const { rows } = await inTime(statement.execute(db));
  const { rows: counted, as_of } = rows[0]!;
  if (counted.length > mostCells) refuseCells();
  return { rows: counted.map((row) => ({ ...pickKeys(row, groupBy), value: row.value! })), as_of };
}

const pickKeys = (row: Row, groupBy: readonly string[]): Row =>
  Object.fromEntries(groupBy.map((key) => [key, row[key] ?? null]));

const shapeOf = (groupBy: readonly string[]): Shape => ({
  groupBy,
  columns: [...groupBy, 'value'],
  numbers: ['value'],
  places: (member) => reportKeys[member]?.values,
  minus: difference,
});

/** Counts reports; drafts in the name of the caller, in their transaction. Problem `too-many-cells` (422). */
async function countReports(
  db: Db,
  asked: AnalystQuery,
  principal: Principal,
  kept?: KeptSums,
): Promise<Answer> {
  const groupBy = [...new Set(asked.group_by)];
  const shape = shapeOf(groupBy);
  const refine = refinementOf(asked, shape);
  const query = await withYears(db, asked);
  const earlier = query.compute?.includes('change') ? yearsBefore(query.year) : [];
  const count = async (of: Db, counted: AnalystQuery) =>
    (await countBy(of, principal, counted, [groupBy], kept?.register))[0]!;
  const [{ rows, as_of }, before] =
    earlier.length === 0
      ? [await count(db, query), []]
      : await onWalkedState(db, query, async (state) => [
          await count(state, query),
          (await count(state, { ...query, year: earlier })).rows,
        ]);
  const ordered = rows.toSorted(byKeys(groupBy, shape.places));
  const isEmpty = rows.every(({ value }) => value === 0);
  const warnings = [
    ...(await warnOfUnknown(db, query)),
    ...(isEmpty ? nothingMatches(query) : warnOfAbsent(query, groupBy, (key) => rows.map((row) => row[key]))),
  ];
  return { data: refine(ordered, before), warnings, data_as_of: as_of };
}

const example = { group_by: ['year', 'scope'], data: [{ year: 2023, scope: 'own', value: 12 }] };

const cell = Type.Object(
  {
    ...Object.fromEntries(
      Object.entries(reportKeys).map(([key, { schema }]) => [key, Type.Optional(schema)]),
    ),
    value: Type.Integer({ description: 'Reports.' }),
    ...computedSchema(),
  },
  {
    $id: 'ReportsAggregateCell',
    description: 'One count. It has the members it is grouped by, and no others of these keys.',
    examples: example.data,
  },
);

const answer = Type.Object(
  {
    data: Type.Array(Type.Unsafe<Record<string, unknown>>(Type.Ref('ReportsAggregateCell'))),
    warnings: Type.Array(Type.Unsafe<{ code: string; message: string }>(Type.Ref('AggregateWarning'))),
    data_as_of: Type.String({ format: 'date-time', description: 'The moment of the answer.' }),
  },
  {
    $id: 'ReportsAggregate',
    description: 'Counts of reports.',
    examples: [{ data: example.data, warnings: [], data_as_of: '2024-04-01T08:00:00.000Z' }],
  },
);

export const reportCounts: AggregateSource = {
  path: 'reports',
  name: 'Reports',
  summary: 'Counts of reports',
  description:
    'How many reports there are; `value` is their number. Nothing covers anything here: each report counts once, in one state. Without `state` those that are published count. `withdrawn` is a report whose publication ended and of which nothing is effective. Reports that are only `draft` or `submitted` are counted for callers who may read them, and for nobody else.',
  label: { zh: '年度报告数量', en: 'Numbers of reports' },
  unit: { zh: '份', en: 'reports' },
  decimals: 0,
  keys: Object.keys(reportKeys),
  query: {
    group_by: groupByQuery(Object.keys(reportKeys), example.group_by),
    ...reportQuery,
    year: yearQuery,
    state: keysFilter(reportStates, 'Reports in these states; without it, published ones.'),
    ...refinementQuery(),
  },
  schemas: [cell, answer],
  asCaller: ({ state }) => !isPublished(statesOf(state)),
  shape: shapeOf,
  answer: countReports,
};
