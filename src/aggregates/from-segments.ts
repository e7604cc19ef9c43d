import { type RawBuilder, sql } from 'kysely';
import type { Db } from '../db/database.ts';
import type { Aggregate } from './aggregate.ts';
import { tooManyRows } from './cells.ts';
import { type Columns, placesWhere, rowsAt } from './columns.ts';
import { countsIn, countsOf } from './counts.ts';
import { organKeysOf } from './dimensions.ts';
import { inTime } from './in-time.ts';
import { addSums, finish, having, type PartialSums } from './partial-sums.ts';
import {
  type AggregateQuery,
  type Besides,
  columnNames,
  columnOf,
  layoutOf,
  type Summed,
} from './queries.ts';
import { allSums, fewSums, refinedSums, type Sent, sentOf } from './refined-sums.ts';
import { provincesOf, type RollupPlan, yearsAsked } from './rollup-plan.ts';
import { cellsOfReports, cellsOfSegments } from './segment-cells.ts';
import {
  type Asked,
  beside,
  isByOrgan,
  isOfCountry,
  readSegments,
  reportsCounted,
  sideBySide,
} from './segment-entries.ts';
import type { Selection } from './selection.ts';

/**
 * Sums that no cell of the rollups holds, of what reports say by column in segments: of single organs, of kinds of organs
 * in counties, of reports that have other cells too.
 */

/** Whether cells of the rollups count the reports that are used; who has reported they know whatever the groups are. */
const areCountedInCells = (asked: Asked): boolean => isByOrgan(asked) || asked.plan.grain !== undefined;

/** What `summedOf` reads and what `countsOfReports` says of the same reports, as CTEs. */
export function reportsOf(asked: Asked): RawBuilder<unknown> {
  const { aggregate, query, selection, plan, years, earlier } = asked;
  const { basis, scope, level, kind } = query;
  const unsegmented = beside([...years, ...earlier], provincesOf(plan));
  const counted = countsOf(
    aggregate,
    organKeysOf(selection.groupBy),
    { basis, scope, level, kind, plan, years },
    true,
  );
  if (areCountedInCells(asked)) return sql`${unsegmented}, ${counted}`;
  return sql`
    ${unsegmented}, ${counted},
    counted as materialized (${reportsCounted(asked)}),
    counted_by_year as (
      select is_pending, year, 0 as reports, 0 as organs_used, organs_reported, 0 as overlapping from by_year
      union all
      select false, year, sum(amount), coalesce(sum(amount) filter (where not gone), 0), 0, coalesce(sum(amount) filter (where elsewhere), 0)
      from counted group by year
    ),
    counted_editions as (select false as is_pending, edition, sum(amount) as amount from counted group by edition)`;
}

/** What an answer says besides its sums. */
export const countsOfReports = (asked: Asked): RawBuilder<unknown> =>
  areCountedInCells(asked) ? countsIn() : countsIn('counted_by_year', 'counted_editions');

/** The sums of each group, as a relation of `columnNames`, in which organs have no names. */
export function summedOf(asked: Asked): RawBuilder<unknown> {
  const { aggregate, selection, years, earlier } = asked;
  const all = { ...asked, years: [...years, ...earlier] };
  const layout = layoutOf(aggregate, selection);
  const keys = layout.keys.map((key) => sql.id(columnOf(key)));
  const figures = layout.columns.flatMap(({ unknown }, place) => [
    `value_${place}`,
    `blank_${place}`,
    ...(unknown === undefined ? [] : [`unknown_${place}`]),
  ]);
  // Where a group has one report, its cell is the sum.
  const isOneReport = isByOrgan(asked) && (selection.groupBy.includes('year') || years.length === 1);
  const sumOf = (name: string) => {
    if (isOneReport) return sql.id(name);
    return sql`sum(${sql.id(name)})${sql.raw(name.startsWith('value_') ? '' : '::bigint')} as ${sql.id(name)}`;
  };
  const groups = keys.length === 0 ? sql`having count(*) > 0` : sql`group by ${sql.join(keys)}`;
  const summedUp = (cells: RawBuilder<unknown>) => sql`
    select ${sql.join([...keys, ...['rows', 'reports', ...figures].map(sumOf)])} from (${cells}) as cells
    ${isOneReport ? sql`` : groups}`;
  const summed = summedUp(sql`
    select * from ${sideBySide(isOfCountry(all), (isOfPart) => summedUp(cellsOfSegments(all, isOfPart)))} as parts
    union all select * from of_reports`);
  const rows = selection.rowsAreReports ? 'reports' : 'rows';
  const answered = [...keys, ...[rows, 'reports', ...figures].map((name) => sql.id(name))];
  const names = columnNames(layout);
  // By itself, since it is in order and thought to be much: what is added to it would be sorted.
  return sql`
    with of_reports as materialized (${summedUp(cellsOfReports(all))})
    select ${sql.join(answered.map((each, place) => sql`${each} as ${sql.id(names[place]!)}`))} from (${summed}) as summed`;
}

/** What `countsOfReports` says, as `finish` adds it up. */
export function finished(
  { aggregate, query, selection }: Asked,
  counted: Omit<PartialSums, 'rows'>,
  rows: Columns,
): Omit<Summed, 'as_of' | 'also'> {
  const layout = layoutOf(aggregate, selection);
  const all = { ...counted, rows: [[]] };
  const added = addSums(layout.keys.length, having(false, all), having(true, all));
  return finish(layout, selection, { ...added, rows }, yearsAsked(query).owed);
}

/**
 * The same answers as from-rows.ts to questions that name no organs, nor what is above them. Where there are `most` rows,
 * they are refined as `refining` says, with the sums of `earlier` years, which are otherwise answered as well.
 */
export async function sumFromSegments(
  db: Db,
  aggregate: Aggregate,
  query: AggregateQuery,
  selection: Selection,
  plan: RollupPlan,
  most: number,
  { refining, earlier = [], also }: Besides = {},
): Promise<Summed> {
  const { years } = yearsAsked(query);
  const asked: Asked = { aggregate, query, selection, plan, years, earlier };
  const layout = layoutOf(aggregate, selection);
  const names = columnNames(layout);
  const refined =
    refining && refinedSums(aggregate, selection, refining, earlier.length > 0 ? years : undefined);
  const year = layout.keys.indexOf('year');
  const ofAsked = earlier.length > 0 ? sql`where ${sql.id(names[year]!)} = any(${years}::int[])` : sql``;
  const areFew = sql`(select count(*) from summed ${ofAsked}) < ${most}`;
  const statement = sql<Sent<PartialSums & Pick<Summed, 'as_of' | 'refined' | 'also'>>>`
    with ${reportsOf(asked)},
    summed as materialized (${summedOf(asked)} ${refined || earlier.length > 0 ? sql`` : sql`limit ${most}`})
    select
      case when ${areFew} then ${allSums(asked)} end as rows,
      ${also ? sql`case when ${areFew} then (with summed as (${summedOf({ ...asked, ...also })} limit ${tooManyRows(also)}) ${fewSums(also)}) end as also,` : sql``}
      ${refined ? sql`case when not ${areFew} then ${refined} end as refined,` : sql``}
      ${countsOfReports(asked)}, now() as as_of
    from rollup_state`;
  const { rows } = await inTime(readSegments(db, isOfCountry(asked), (trx) => statement.execute(trx)));
  const { as_of, refined: found, rows: summed, also: alsoFound, ...counted } = sentOf(rows[0]!);
  const ofYears = (which: readonly number[]) =>
    rowsAt(
      summed,
      placesWhere(summed, (place) => which.includes(summed[year]![place] as number)),
    );
  const [present, before] = earlier.length === 0 ? [summed, []] : [ofYears(years), ofYears(earlier)];
  return {
    ...finished(asked, counted, present),
    as_of,
    ...(alsoFound && { also: alsoFound }),
    ...(earlier.length > 0 && { before }),
    ...(found && { refined: found }),
  };
}
