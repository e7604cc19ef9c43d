import { type RawBuilder, type SqlBool, sql } from 'kysely';
import type { Db } from '../db/database.ts';
import { every } from '../reports/filters.ts';
import type { Aggregate } from './aggregate.ts';
import { refuseCells } from './cells.ts';
import { chosenRelation, isChosenRow, jsonOf, rowNameOf } from './chosen.ts';
import { counts, countsOf } from './counts.ts';
import { type Cut, cutFrom } from './cut.ts';
import { dimensions } from './dimensions.ts';
import { inTime } from './from-rows.ts';
import { addressOf, cellOf } from './given.ts';
import { addSums, finish, having } from './partial-sums.ts';
import { type AggregateQuery, columnOf, layoutOf, type Summed } from './queries.ts';
import { matching, provincesOf, type RollupPlan, scopesOf, yearsAsked } from './rollup-plan.ts';
import type { RollupSums } from './rollup-statement.ts';
import type { Selection } from './selection.ts';

/**
 * Sums that no cell of the rollups holds, of what reports say by column in segments: of single organs, of kinds of organs
 * in counties, of reports that have other cells too. Where a segment is stale or missing the reports themselves are read.
 */

const arrays: Readonly<Record<string, string>> = {
  city: 'cities',
  county: 'counties',
  level: 'levels',
  kind: 'kinds',
  disclosure_edition: 'disclosure_editions',
  request_edition: 'request_editions',
};

interface Asked {
  aggregate: Aggregate;
  query: AggregateQuery;
  selection: Selection;
  plan: RollupPlan;
  years: readonly number[];
}

/**
 * Nothing above an organ is of its group: its own report counts, and its segment says where it stands. Otherwise
 * `used` of `countsOf` says which reports count, and where their organs stand.
 */
const isByOrgan = ({ selection }: Asked): boolean => selection.groupBy.includes('organ');

/** Of the years asked about: organs with changes that segments do not have, and years of organs to be read from reports. */
const beside = ({ years }: Asked): RawBuilder<unknown> => sql`
  stale as materialized (
    select year, province, organ_id from rollup_stale where year = any(${years}::int[])
    union
    select year, province, organ_id from rollup_changes where year = any(${years}::int[])
  ),
  unsegmented as materialized (
    select organ_years.* from stale, lateral (select * from rollup_organ_years as of_organ
      where (of_organ.organ_id, of_organ.year, of_organ.province) = (stale.organ_id, stale.year, stale.province) offset 0) as organ_years
    union
    select organ_years.* from rollup_missing_segments as missing, lateral (select * from rollup_organ_years as of_province
      where (of_province.year, of_province.province) = (missing.year, missing.province) offset 0) as organ_years
    where missing.year = any(${years}::int[])
  )`;

/** Years of organs as `entries`, with their report, that segments do not have. */
function entriesOfReports({ aggregate, query }: Asked): RawBuilder<unknown> {
  const { takesOwn, takesConsolidated } = scopesOf(query);
  const revision = sql.join([
    ...(takesConsolidated ? [sql`organ_years.consolidated_revision`] : []),
    ...(takesOwn ? [sql`organ_years.own_revision`] : []),
    sql`null::uuid`,
  ]);
  return sql`(
    select organ_years.*, found.* from unsegmented as organ_years,
      lateral (select id as revision_id, ${sql.ref(aggregate.edition)} from revisions where id = coalesce(${revision}) offset 0) as found
  ) as entries`;
}

/** Years of organs as `entries` of the relation `segments`, with members of other arrays by name. */
const entriesOfSegments = (
  members: Readonly<Record<string, RawBuilder<unknown>>>,
): RawBuilder<unknown> => sql`
  cross join lateral unnest(${sql.join([sql`segments.organs`, ...Object.values(members)])})
    as members (${sql.join(['organ_id', ...Object.keys(members)].map((name) => sql.id(name)))})
  cross join lateral (select segments.year, segments.province, members.*) as entries`;

/** Whether an entry of one of the segments is asked about, and there as the segment says. */
function isOfSegment({ query, plan, years }: Asked): RawBuilder<SqlBool> {
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
    sql`not exists (select from stale where (stale.year, stale.province, stale.organ_id) = (entries.year, entries.province, entries.organ_id))`,
  ]);
}

const joinUsed = sql`join used on (used.year, used.organ_id) = (entries.year, entries.organ_id)`;

/** Where the figures of a cell stand that all members of a segment have, as a relation with this name. */
function figuresAs(name: string, of: string, row: RawBuilder<unknown>, column: string): RawBuilder<unknown> {
  const ref = (each: string) => sql.ref(`${name}.${each}`);
  return sql`join rollup_segment_figures as ${sql.id(name)}
    on (${ref('year')}, ${ref('province')}, ${ref('scope')}) = (segments.year, segments.province, segments.scope)
      and (${ref('of')}, ${ref('row')}, ${ref('column')}) = (${of}, ${row}, ${column})`;
}

/** Cells as `value_0` and so on, those that match in segments and those read from reports, with their keys. */
function cellsOf(asked: Asked): RawBuilder<unknown> {
  const { aggregate, query, selection, plan } = asked;
  const { groupBy, columns, given = [] } = selection;
  const byOrgan = isByOrgan(asked);
  const isNeeded = (key: string) =>
    key === aggregate.edition
      ? groupBy.includes('edition')
      : byOrgan &&
        (groupBy.includes(key) ||
          plan.divisions?.place === key ||
          (query as Record<string, unknown>)[key] !== undefined);
  const keys = layoutOf(aggregate, selection).keys.map((key) => {
    const column = {
      year: sql`entries.year`,
      organ: sql`entries.organ_id`,
      edition: sql.ref(`entries.${aggregate.edition}`),
    }[key];
    const ofOrgan = sql`nullif(${sql.ref(`${byOrgan ? 'entries' : 'used'}.${key}`)}, '')`;
    return sql`${column ?? (key in dimensions ? ofOrgan : sql.ref(`chosen.${key}`))} as ${sql.id(columnOf(key))}`;
  });
  const [report, joined, matches] = byOrgan
    ? [sql`entries.year`, sql``, matching(query, plan)]
    : [sql`used.entry`, joinUsed, sql<SqlBool>`true`];
  const chosen = chosenRelation(aggregate, selection);
  const ofReports = columns.flatMap((column, place) => {
    const { value, blank, unit_unknown } = cellOf(aggregate, selection, column);
    return [
      sql`(${value})::numeric as ${sql.id(`value_${place}`)}`,
      sql`${blank} as ${sql.id(`blank_${place}`)}`,
      sql`${unit_unknown ?? sql`false`} as ${sql.id(`unknown_${place}`)}`,
    ];
  });
  const figures = columns.map((column, place) => {
    const name = `figure_${place}`;
    return {
      name,
      from: sql`${figuresAs(name, aggregate.table, rowNameOf(aggregate, 'chosen'), column ?? 'value')}`,
    };
  });
  // Of what is given a segment may have nobody who captured it.
  const sides = given.map(({ of, figures: each }, side) =>
    each.map((figure, index) => {
      const { row, column } = addressOf(of, figure);
      const name = `given_${side}_${index}`;
      return { name, from: sql`left ${figuresAs(name, of.table, sql`${row}`, column)}` };
    }),
  );
  const arraysOf = [...figures, ...sides.flat()];
  const areGiven = every(
    sides.map(
      (cells) =>
        sql`(${sql.join(
          cells.map(({ name }) => sql`${sql.ref(`entries.${name}`)} < 'NaN'`),
          sql` or `,
        )})`,
    ),
  );
  const ofSegments = figures.flatMap(({ name }) => {
    const figure = sql.ref(`entries.${name}`);
    return [
      sql`case when ${figure} < 'Infinity' and ${areGiven} then ${figure} end`,
      sql`${figure} is null`,
      sql`${figure} = 'Infinity'`,
    ];
  });
  const members = [
    ...Object.entries(arrays)
      .filter(([key]) => isNeeded(key))
      .map(([key, array]) => [key, sql.ref(`segments.${array}`)] as const),
    ...arraysOf.map(({ name }) => [name, sql.ref(`${name}.figures`)] as const),
  ];
  return sql`
      select ${sql.join([...keys, sql`${report} as of_report`, ...ofReports])}
      from ${entriesOfReports(asked)} ${joined}
        cross join lateral (select * from ${sql.table(aggregate.table)} as of_report where of_report.revision_id = entries.revision_id offset 0) as facts
        join ${chosen} on ${isChosenRow(aggregate)}
      where ${matches}
      union all
      select ${sql.join([...keys, report, ...ofSegments])}
      from rollup_segments as segments cross join ${chosen} ${sql.join(
        arraysOf.map(({ from }) => from),
        sql` `,
      )}
        ${entriesOfSegments(Object.fromEntries(members))} ${joined}
      where ${isOfSegment(asked)} and entries.figure_0 is distinct from 'NaN' and ${matches}`;
}

/** Editions of the reports that are `used`. */
const editionsOf = (asked: Asked): RawBuilder<unknown> => {
  const { edition } = asked.aggregate;
  return sql`
    select false as is_pending, edition, count(*) as amount from (
      select ${sql.ref(`entries.${edition}`)} as edition from ${entriesOfReports(asked)} ${joinUsed}
      union all
      select ${sql.ref(`entries.${edition}`)} from rollup_segments as segments
        ${entriesOfSegments({ [edition]: sql.ref(`segments.${arrays[edition]}`) })} ${joinUsed}
      where ${isOfSegment(asked)}
    ) as of_reports group by edition`;
};

/**
 * The same answers as from-rows.ts to questions that name no organs, nor what is above them. Where there are `most` rows,
 * only those of `cut`, with all that are equal to the last of them.
 */
export async function sumFromSegments(
  db: Db,
  aggregate: Aggregate,
  query: AggregateQuery,
  selection: Selection,
  plan: RollupPlan,
  most: number,
  cut?: Cut,
): Promise<Summed> {
  const { groupBy, rowsAreReports } = selection;
  const { years, owed } = yearsAsked(query);
  const { basis, scope, level, kind } = query;
  const asked: Asked = { aggregate, query, selection, plan, years };
  const byOrgan = isByOrgan(asked);
  const layout = layoutOf(aggregate, selection);
  const keys = layout.keys.map((key) => sql.id(columnOf(key)));
  // One report of an organ and year, one row of it: each cell is a sum by itself.
  const areSums = byOrgan && rowsAreReports && (groupBy.includes('year') || years.length === 1);
  const count = (which: RawBuilder<unknown>) =>
    areSums ? sql`coalesce(${which}, false)::int` : sql`count(*) filter (where ${which})`;
  const answered = [
    ...keys,
    areSums ? sql`1` : sql`count(*)`,
    areSums ? sql`1` : rowsAreReports ? sql`count(*)` : sql`count(distinct of_report)`,
    ...layout.columns.flatMap(({ unknown }, place) => [
      areSums ? sql.id(`value_${place}`) : sql`sum(${sql.id(`value_${place}`)})`,
      count(sql.id(`blank_${place}`)),
      ...(unknown === undefined ? [] : [count(sql.id(`unknown_${place}`))]),
    ]),
  ];
  const names = answered.map((_, place) => `column_${place}`);
  const sums = new Set(layout.columns.map(({ sum }) => sum));
  const written = names.map(
    (name, place) => sql`${sql.id(name)}${sql.raw(sums.has(place) ? '::text' : '')} as ${sql.id(name)}`,
  );
  const named = (from: RawBuilder<unknown>) =>
    byOrgan
      ? sql`(
    select ${jsonOf([...names, 'organ_name'])} from (
      select ${sql.join(written)}, organs.name as organ_name
      from ${from} as sums join organs on organs.id = ${sql.id(names[layout.keys.indexOf('organ')]!)}
    ) as named)`
      : sql`(select ${jsonOf(names)} from (select ${sql.join(written)} from ${from} as sums) as written)`;
  const values = layout.columns.map(({ sum }) => sql.id(names[sum]!));
  const first = cut && named(cutFrom(aggregate, selection, cut, values, most));
  const organKeys = groupBy.filter((key) => dimensions[key]?.ofOrgan);
  const question = { basis, scope, level, kind, plan, years };
  const fromCells = byOrgan && plan.grain !== undefined;
  const { rows } = await inTime(
    sql<RollupSums & Pick<Summed, 'is_cut'>>`
    with ${countsOf(aggregate, organKeys, question, fromCells ? 'cells' : 'organ years')},
    ${beside(asked)},
    cells as (${cellsOf(asked)}),
    ${fromCells ? sql`` : sql`editions as (${editionsOf(asked)}),`}
    summed as materialized (
      select ${sql.join(answered.map((each, place) => sql`${each} as ${sql.id(names[place]!)}`))} from cells
      ${areSums ? sql`` : keys.length === 0 ? sql`having count(*) > 0` : sql`group by ${sql.join(keys)}`}
      ${cut ? sql`` : sql`limit ${most}`}
    )
    select
      case when (select count(*) from summed) < ${most} then ${named(sql`summed`)} ${first ? sql`else ${first}` : sql``} end as rows,
      ${cut ? sql`(select count(*) from summed) >= ${most} as is_cut,` : sql``}
      ${counts}, now() as as_of
    from rollup_state`.execute(db),
  );
  const { rows: summed, is_cut, as_of, ...counted } = rows[0]!;
  // Too many are not even sent.
  if (summed === null) refuseCells();
  const all = { ...counted, rows: [[]] };
  const added = addSums(layout.keys.length, having(false, all), having(true, all));
  return {
    ...finish(layout, selection, { ...added, rows: summed }, owed),
    as_of,
    ...(is_cut !== undefined && { is_cut }),
  };
}
