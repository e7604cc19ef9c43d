import { type RawBuilder, sql } from 'kysely';
import type { Db } from '../db/database.ts';
import type { Aggregate } from './aggregate.ts';
import { refuseCells } from './cells.ts';
import { chosenRelation, isChosenRow, jsonOf, rowNameOf } from './chosen.ts';
import { type Cut, cutFrom } from './cut.ts';
import { dimensions } from './dimensions.ts';
import { inTime } from './from-rows.ts';
import { addSums, finish, having } from './partial-sums.ts';
import { type AggregateQuery, columnOf, layoutOf, type Summed } from './queries.ts';
import { matching, provincesOf, type RollupPlan, scopesOf, yearsAsked } from './rollup-plan.ts';
import { counts, countsOf, type RollupSums } from './rollup-statement.ts';
import type { Selection } from './selection.ts';

/**
 * Sums of single organs. Nothing above an organ is of its group, so it is answered by its own report of the year: of what
 * stands by column in segments, or of the reports themselves where a segment is stale or missing. What is missing of all
 * organs is counted by the cells of the rollups.
 */

const arrays: Readonly<Record<string, string>> = {
  city: 'cities',
  county: 'counties',
  level: 'levels',
  kind: 'kinds',
  disclosure_edition: 'disclosure_editions',
  request_edition: 'request_editions',
};

/** Whether `sumByOrgan` answers a selection: by organ, of some cells. Only reports know what a cell has beside it. */
export const isByOrgan = ({ conditional }: Aggregate, { groupBy, columns }: Selection): boolean =>
  groupBy.includes('organ') && columns.length > 0 && !conditional;

/** Cells as `value_0` and so on of `entries`, those that match in segments and those read from reports, with their keys. */
function cellsBy(
  aggregate: Aggregate,
  query: AggregateQuery,
  selection: Selection,
  plan: RollupPlan,
  years: readonly number[],
): RawBuilder<unknown> {
  const { level, kind } = query;
  const { groupBy, columns } = selection;
  const { takesOwn, takesConsolidated } = scopesOf(query);
  const scopes = takesOwn
    ? ['own', takesConsolidated ? 'consolidated' : 'replaced']
    : takesConsolidated
      ? ['consolidated']
      : [];
  const revision = sql`coalesce(${sql.join([
    ...(takesConsolidated ? [sql`organ_years.consolidated_revision`] : []),
    ...(takesOwn ? [sql`organ_years.own_revision`] : []),
    sql`null::uuid`,
  ])})`;
  const divided = plan.divisions?.place;
  const members = Object.keys(arrays).filter(
    (key) =>
      groupBy.includes(key) ||
      key === divided ||
      (key === aggregate.edition && groupBy.includes('edition')) ||
      (key === 'level' && level) ||
      (key === 'kind' && kind),
  );
  const { keys: allKeys } = layoutOf(aggregate, selection);
  const keys = allKeys.map((key) => {
    const column = {
      year: sql`entries.year`,
      organ: sql`entries.organ_id`,
      edition: sql.ref(`entries.${aggregate.edition}`),
    }[key];
    const given =
      key in dimensions ? sql`nullif(${sql.ref(`entries.${key}`)}, '')` : sql.ref(`chosen.${key}`);
    return sql`${column ?? given} as ${sql.id(columnOf(key))}`;
  });
  const places = columns.map((_, place) => place);
  const provinces = provincesOf(plan);
  const chosen = chosenRelation(aggregate, selection);
  const ofReports = columns.flatMap((column, place) => {
    const { value, blank, unit_unknown } = aggregate.cell(column);
    return [
      sql`(${value})::numeric as ${sql.id(`value_${place}`)}`,
      sql`${blank} as ${sql.id(`blank_${place}`)}`,
      sql`${unit_unknown ?? sql`false`} as ${sql.id(`unknown_${place}`)}`,
    ];
  });
  const ofSegment = places.flatMap((place) => {
    const figure = sql.ref(`entries.figure_${place}`);
    return [
      sql`case when ${figure} < 'Infinity' then ${figure} end`,
      sql`${figure} is null`,
      sql`${figure} = 'Infinity'`,
    ];
  });
  const figuresOf = (place: number) => {
    const of = (column: string) => sql.ref(`figures_${place}.${column}`);
    return sql`join rollup_segment_figures as ${sql.id(`figures_${place}`)}
      on (${of('year')}, ${of('province')}, ${of('scope')}) = (segments.year, segments.province, segments.scope)
        and (${of('of')}, ${of('row')}, ${of('column')}) = (${aggregate.table}, ${rowNameOf(aggregate, 'chosen')}, ${columns[place] ?? 'value'})`;
  };
  return sql`
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
    ),
    cells as (
      select ${sql.join([...keys, sql`entries.year as of_year`, ...ofReports])}
      from (
        select organ_years.*, found.* from unsegmented as organ_years,
          lateral (select id as revision_id, ${sql.ref(aggregate.edition)} from revisions where id = ${revision} offset 0) as found
      ) as entries
        cross join lateral (select * from ${sql.table(aggregate.table)} as of_report where of_report.revision_id = entries.revision_id offset 0) as facts
        join ${chosen} on ${isChosenRow(aggregate)}
      where ${matching(query, plan)}
      union all
      select ${sql.join([...keys, sql`entries.year`, ...ofSegment])}
      from rollup_segments as segments cross join ${chosen}
        ${sql.join(places.map(figuresOf), sql` `)}
        cross join lateral unnest(${sql.join([
          sql`segments.organs`,
          ...members.map((key) => sql.ref(`segments.${arrays[key]}`)),
          ...places.map((place) => sql.ref(`figures_${place}.figures`)),
        ])}) as members (${sql.join([sql`organ_id`, ...members.map((key) => sql.id(key)), ...places.map((place) => sql.id(`figure_${place}`))])})
        cross join lateral (select segments.year, segments.province, members.*) as entries
      where segments.year = any(${years}::int[]) and segments.scope = any(${scopes}::text[])
        and ${provinces ? sql`segments.province = any(${provinces}::text[])` : sql`true`}
        and entries.figure_0 is distinct from 'NaN' and ${matching(query, plan)}
        and not exists (select from stale where (stale.year, stale.province, stale.organ_id) = (entries.year, entries.province, entries.organ_id))
    )`;
}

/**
 * The same answers as from-rows.ts to questions by organ that name neither organs nor what is above them. Where there are
 * `most` rows, only those of `cut`, with all that are equal to the last of them.
 */
export async function sumByOrgan(
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
  const layout = layoutOf(aggregate, selection);
  const keys = layout.keys.map((key) => sql.id(columnOf(key)));
  // One report of an organ and year, one row of it: each cell is a sum by itself.
  const areSums = rowsAreReports && (groupBy.includes('year') || years.length === 1);
  const count = (which: RawBuilder<unknown>) =>
    areSums ? sql`coalesce(${which}, false)::int` : sql`count(*) filter (where ${which})`;
  const answered = [
    ...keys,
    areSums ? sql`1` : sql`count(*)`,
    areSums ? sql`1` : rowsAreReports ? sql`count(*)` : sql`count(distinct of_year)`,
    ...layout.columns.flatMap(({ unknown }, place) => [
      areSums ? sql.id(`value_${place}`) : sql`sum(${sql.id(`value_${place}`)})`,
      count(sql.id(`blank_${place}`)),
      ...(unknown === undefined ? [] : [count(sql.id(`unknown_${place}`))]),
    ]),
  ];
  const names = answered.map((_, place) => `column_${place}`);
  const sums = new Set(layout.columns.map(({ sum }) => sum));
  const written = names.map((name, place) => (sums.has(place) ? sql`${sql.id(name)}::text` : sql.id(name)));
  const named = (from: RawBuilder<unknown>) => sql`(
    select ${jsonOf([...names, 'organ_name'])} from (
      select ${sql.join(written.map((each, place) => sql`${each} as ${sql.id(names[place]!)}`))}, organs.name as organ_name
      from ${from} as sums join organs on organs.id = ${sql.id(names[layout.keys.indexOf('organ')]!)}
    ) as named)`;
  const values = layout.columns.map(({ sum }) => sql.id(names[sum]!));
  const first = cut && named(cutFrom(aggregate, selection, cut, values, most));
  const { rows } = await inTime(
    sql<RollupSums & Pick<Summed, 'is_cut'>>`
    with ${countsOf(aggregate, ['organ'], { basis, scope, level, kind, plan, years }, true)},
    ${cellsBy(aggregate, query, selection, plan, years)},
    summed as materialized (
      select ${sql.join(answered.map((each, place) => sql`${each} as ${sql.id(names[place]!)}`))} from cells
      ${areSums ? sql`` : sql`group by ${sql.join(keys)}`} ${cut ? sql`` : sql`limit ${most}`}
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
