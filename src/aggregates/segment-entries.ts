import { type RawBuilder, type SqlBool, sql } from 'kysely';
import type { Db } from '../db/database.ts';
import { every } from '../reports/filters.ts';
import type { Aggregate } from './aggregate.ts';
import { coveredIn } from './counts.ts';
import { organKeysOf } from './dimensions.ts';
import type { AggregateQuery } from './queries.ts';
import { matching, provincesOf, type RollupPlan, scopesOf } from './rollup-plan.ts';
import type { Selection } from './selection.ts';

/**
 * Years of organs with what segments have of them, as `entries` of relations. Where a segment is stale or missing their
 * reports themselves are read.
 */

/** Where a segment has what of its members. */
export const arrays: Readonly<Record<string, string>> = {
  city: 'cities',
  county: 'counties',
  level: 'levels',
  kind: 'kinds',
  revision_id: 'revisions',
  title: 'titles',
  published_on: 'published_on',
  disclosure_edition: 'disclosure_editions',
  request_edition: 'request_editions',
  cover: 'covers',
  gone: 'gone',
};

/** A question to segments. */
export interface Asked {
  aggregate: Aggregate;
  query: AggregateQuery;
  selection: Selection;
  plan: RollupPlan;
  years: readonly number[];
  /** Years to which those are compared: their cells are read as well. */
  earlier: readonly number[];
}

/** Whether all segments of its years are asked about, and not only those of some provinces. */
export const isOfCountry = ({ plan }: Asked): boolean => provincesOf(plan) === undefined;

/** Nothing above an organ is of its group, so that its own report counts, whatever is above. */
export const isByOrgan = ({ selection }: Asked): boolean => selection.groupBy.includes('organ');

/** Years of organs with changes that segments do not have. */
const stale = sql`select year, province, organ_id from rollup_stale union all select year, province, organ_id from rollup_changes`;

/** Of these years and provinces, or all. */
const isAsked = (years: readonly number[], provinces: readonly string[] | undefined): RawBuilder<SqlBool> =>
  every([
    sql`year = any(${years}::int[])`,
    ...(provinces ? [sql<SqlBool>`province = any(${provinces}::text[])`] : []),
  ]);

/** Of these years and provinces, or all: years of organs with changes, as they are now. */
const changedYears = (years: readonly number[], provinces: readonly string[] | undefined) => sql`
  select organ_years.* from (select distinct * from (${stale}) as stale where ${isAsked(years, provinces)}) as stale, lateral (
    select * from rollup_organ_years as of_organ
    where (of_organ.organ_id, of_organ.year, of_organ.province) = (stale.organ_id, stale.year, stale.province) offset 0) as organ_years`;

/** Of these years and provinces, or all: years of organs to be read from reports, as a CTE. */
export function beside(
  years: readonly number[],
  provinces: readonly string[] | undefined,
): RawBuilder<unknown> {
  return sql`
  unsegmented as materialized (
    ${changedYears(years, provinces)}
    union
    select organ_years.* from (select * from rollup_missing_segments where ${isAsked(years, provinces)}) as missing, lateral (select * from rollup_organ_years as of_province
      where (of_province.year, of_province.province) = (missing.year, missing.province) offset 0) as organ_years
  )`;
}

/** Of these years and provinces, or all: years of which a report was published before the day, or it is not known. */
export const publishedBefore = (
  day: string,
  years: readonly number[],
  provinces: readonly string[] | undefined,
  scopes: readonly string[],
): RawBuilder<unknown> => sql`
  select year from rollup_missing_segments where ${isAsked(years, provinces)}
  union all
  select year from rollup_segments
  where ${isAsked(years, provinces)} and scope = any(${scopes}::text[]) and first_published_on < ${day}::date
  union all
  select year from (${changedYears(years, provinces)}) as organ_years
    cross join lateral (select published_on from revisions where id in (own_revision, consolidated_revision) offset 0) as revision
  where (published_on >= ${day}::date) is not true`;

/** Years of organs as `entries`, with their report, that segments do not have. */
export function entriesOfReports({ aggregate, query, years }: Asked): RawBuilder<unknown> {
  const { takesOwn, takesConsolidated } = scopesOf(query);
  const revision = sql.join([
    ...(takesConsolidated ? [sql`organ_years.consolidated_revision`] : []),
    ...(takesOwn ? [sql`organ_years.own_revision`] : []),
    sql`null::uuid`,
  ]);
  return sql`(
    select organ_years.*, coalesce(gone_in < year, false) as gone, found.* from unsegmented as organ_years,
      lateral (select id as revision_id, ${sql.ref(aggregate.edition)} from revisions where id = coalesce(${revision}) offset 0) as found
    where organ_years.year = any(${years}::int[])
  ) as entries`;
}

/** What of which segments is read. */
interface Walk {
  /** Names in `arrays`. */
  keys: readonly string[];
  /** Other arrays of the relation `segments`, by name. */
  members?: Readonly<Record<string, RawBuilder<unknown>>>;
  /** What else stands beside each entry. */
  columns?: readonly RawBuilder<unknown>[];
  from?: RawBuilder<unknown>;
  where: RawBuilder<SqlBool>;
}

/**
 * Years of organs as `entries` of the relation `segments`. Arrays are walked side by side as columns: as functions in FROM
 * each would be stored first.
 */
export function entriesOfSegments({
  keys,
  members = {},
  columns = [],
  from = sql`rollup_segments as segments`,
  where,
}: Walk): RawBuilder<unknown> {
  const walked = {
    organ_id: sql`segments.organs`,
    ...Object.fromEntries(keys.map((key) => [key, sql.ref(`segments.${arrays[key]}`)])),
    ...members,
  };
  const selected = [
    sql`segments.year, segments.province`,
    ...columns,
    ...Object.entries(walked).map(([name, array]) => sql`unnest(${array}) as ${sql.id(name)}`),
  ];
  return sql`(select ${sql.join(selected)} from ${from} where ${where}) as entries`;
}

/** Whether an entry of segments is there as they say. Not a join: that would be by year and province alone, of each with all. */
export const isFresh = sql<SqlBool>`(entries.year, entries.province, entries.organ_id) not in (${stale})`;

/** Whether one of the segments is asked about. */
export function isOfSegment({ query, plan, years }: Asked): RawBuilder<SqlBool> {
  const { takesOwn, takesConsolidated } = scopesOf(query);
  const scopes = takesOwn
    ? ['own', takesConsolidated ? 'consolidated' : 'replaced']
    : takesConsolidated
      ? ['consolidated']
      : [];
  const provinces = provincesOf(plan);
  return every([
    sql`segments.year = any(${years}::int[]) and segments.scope = any(${scopes}::text[])`,
    ...(provinces ? [sql<SqlBool>`segments.province = any(${provinces}::text[])`] : []),
  ]);
}

const covered = (group: 'same' | 'other', { query, plan, selection }: Asked) =>
  coveredIn(group, organKeysOf(selection.groupBy), { ...query, plan });

/**
 * Whether no report of an organ above stands for an entry. Not a join: by estimate there are few of both, and each would be
 * compared with each.
 */
export const isUsable = (asked: Asked): RawBuilder<SqlBool> =>
  sql`entries.cover not in (${covered('same', asked)})`;

/** What the filters ask of an entry. */
export const filtersOf = ({ query: { level, kind }, plan: { divisions } }: Asked): string[] => [
  ...(divisions && divisions.place !== 'province' ? [divisions.place] : []),
  ...(level ? ['level'] : []),
  ...(kind ? ['kind'] : []),
];

/** Where the parts end in which the segments of the country are read: ranges, so that the planner knows what they hold. */
const ends = ['310000', '410000', '510000'];

/**
 * What is read of segments, `ofPart` by part as this finds them: of those of the country by several processes side by side
 * if there are any. Each part is a statement of its own, and a report of an organ in a year stands in one of them.
 */
export function sideBySide(
  areOfCountry: boolean,
  ofPart: (isOfPart: RawBuilder<SqlBool>) => RawBuilder<unknown>,
): RawBuilder<unknown> {
  const province = sql.ref('segments.province');
  const ranges = [...ends, undefined].map((end, place) =>
    every([
      ...(place === 0 ? [] : [sql<SqlBool>`${province} >= ${sql.lit(ends[place - 1])}`]),
      ...(end === undefined ? [] : [sql<SqlBool>`${province} < ${sql.lit(end)}`]),
    ]),
  );
  const parts = areOfCountry ? ranges : [sql<SqlBool>`true`];
  // Not one statement with what else there is to read, which one process alone may.
  return sql`(select * from (${sql.join(parts.map(ofPart), sql` union all `)}) as parts offset 0)`;
}

/** The planner does not know that thousands of entries stand in each segment: several processes pay sooner than it thinks. */
const ofThousands = sql`select set_config(name, least(current_setting(name)::float8, cost)::text, true)
  from (values ('parallel_setup_cost', 300), ('parallel_tuple_cost', 0.01)) as costs (name, cost)`;

/** Reads segments; those of the country in a transaction that is planned for them. */
export function readSegments<Found>(
  db: Db,
  areOfCountry: boolean,
  read: (db: Db) => Promise<Found>,
): Promise<Found> {
  if (!areOfCountry) return read(db);
  const readPlanned = async (trx: Db) => {
    await ofThousands.execute(trx);
    return read(trx);
  };
  return db.isTransaction ? readPlanned(db) : db.transaction().execute(readPlanned);
}

/** The reports that count where organs are not told apart: how many there are of each kind that matters for `countsIn`. */
export function reportsCounted(asked: Asked): RawBuilder<unknown> {
  const { aggregate, query, plan } = asked;
  const edition = sql.ref(`entries.${aggregate.edition}`);
  const elsewhere = sql`entries.cover in (${covered('other', asked)})`;
  const counted = (from: RawBuilder<unknown>, which: readonly RawBuilder<SqlBool>[]) => sql`
    select entries.year, ${edition} as edition, entries.gone, ${elsewhere} as elsewhere, count(*) as amount
    from ${from} where ${every([isUsable(asked), matching(query, plan), ...which])}
    group by entries.year, ${edition}, entries.gone, elsewhere`;
  return sql`
    select * from ${sideBySide(isOfCountry(asked), (isOfPart) =>
      counted(
        entriesOfSegments({
          keys: ['cover', 'gone', aggregate.edition, ...filtersOf(asked)],
          where: every([isOfSegment(asked), isOfPart]),
        }),
        [isFresh],
      ),
    )} as parts
    union all ${counted(entriesOfReports(asked), [])}`;
}
