import { type RawBuilder, type SqlBool, sql } from 'kysely';
import type { Aggregate } from './aggregate.ts';
import { chosenRelation, isChosenRow } from './chosen.ts';
import { dimensions } from './dimensions.ts';
import { addressOf, cellOf } from './given.ts';
import { columnOf, layoutOf, type Summing } from './queries.ts';
import { cellsOfUsed, figuresAt, mostRows } from './segment-cells.ts';
import type { Selection } from './selection.ts';
import { isAmong, sizeOf } from './year-sets.ts';

/** What from-rows.ts adds up: the reports of relation `used`, of which `listed` and segments know which they are. */

/** What is answered of each group of cells: see `layoutOf`. */
function figuresOf({ hasUnits }: Aggregate, { columns }: Selection) {
  const figures = columns.flatMap((_, place) => [
    sql`sum(${sql.id(`value_${place}`)})`,
    sql`sum(${sql.id(`blank_${place}`)})`,
    ...(hasUnits ? [sql`sum(${sql.id(`unknown_${place}`)})`] : []),
  ]);
  return [sql`sum(rows)::bigint`, sql`sum(reports)::bigint`, ...figures];
}

/** The figures of what is used as a relation `cells`, and what that needs as CTEs before it. */
function cellsOfUsedReports(
  aggregate: Aggregate,
  selection: Selection,
  inSegments: boolean,
): RawBuilder<unknown> {
  const keysOf = (used: string, year: string, chosen: string) =>
    layoutOf(aggregate, selection).keys.map((key) => {
      if (key === 'year') return sql`${sql.ref(year)} as by_year`;
      if (key === 'edition') return sql`${sql.id(used, 'edition')} as by_edition`;
      return sql.id(key in dimensions ? used : chosen, columnOf(key));
    });
  // Not grouped in vain: that would sort all of them.
  const isOneRow = mostRows(aggregate, selection) === 1;
  const figures = selection.columns.map((column, place) => {
    const { value, blank, unit_unknown } = cellOf(aggregate, selection, column);
    const count = (which: RawBuilder<unknown>) =>
      isOneRow ? sql`(${which} is true)::int` : sql`count(*) filter (where ${which})`;
    const sum = isOneRow ? value : sql`sum(${value})`;
    return figuresAt(aggregate, place, sum, count(blank), count(unit_unknown ?? sql`false`));
  });
  const rows = new Set(selection.figures.map((figure) => addressOf(aggregate, figure).row)).size;
  const keys = keysOf('used_reports', 'used_reports.year', 'chosen');
  const cellsOf = sql`
    select ${sql.join([...keys, sql`${isOneRow ? sql`1` : sql`count(*)`} as rows, 1 as reports`, ...figures])}
    from used_reports cross join lateral (select * from ${sql.table(aggregate.table)} as of_report where of_report.revision_id = used_reports.revision_id offset 0) as facts
      join ${chosenRelation(aggregate, selection)} on ${isChosenRow(aggregate)}
    ${isOneRow ? sql`` : sql`group by ${sql.join([...keys.map((_, place) => sql.lit(place + 1)), sql`used_reports.revision_id`])}`}`;
  // Segments cannot be asked for no cell at all.
  const mayBeInARow = inSegments && selection.columns.length > 0;
  const inARow = sql<SqlBool>`(select in_a_row from ways)`;
  // A row of a report that is looked up takes three times as long as one read among all others, its report 25 times.
  const ways = sql`
    ways as materialized (
      select sum(${sizeOf(sql`years`)}) * ${sql.lit(25 + 3 * rows)} > (select sum(amount) * ${sql.lit(rows)} from segments) as in_a_row
      from used where province is not null
    ),`;
  const lookedUp = sql`
    union all
    select looked_up.revision_id, asked_years.year, used.*
    from used join asked_years on ${isAmong('asked_years.year', 'used.years')},
      lateral (select case when ${isAmong('asked_years.year', 'used.consolidated')} then consolidated_revision else own_revision end as revision_id
        from rollup_organ_years as of_organ where (of_organ.organ_id, of_organ.year) = (used.organ_id, asked_years.year) offset 0) as looked_up
    where used.province is not null ${mayBeInARow ? sql`and not ${inARow}` : sql``}`;
  return sql`
    ${mayBeInARow ? ways : sql``}
    used_reports as materialized (
      select listed.revision_id, listed.year, used.*
      from listed join used on used.organ_id = listed.organ_id
        and ${isAmong('listed.year', 'used.years')} and (listed.scope = 'consolidated') = (${isAmong('listed.year', 'used.consolidated')})
      ${inSegments ? lookedUp : sql``}
    ),
    cells as (
      ${cellsOf}
      ${mayBeInARow ? sql`union all ${cellsOfUsed(aggregate, selection, keysOf('used', 'entries.year', 'entries'), inARow)}` : sql``}
    )`;
}

/** The sums of what is used, as CTEs of which the last is `summed`; cut off after `most` rows, if at all. */
export function sumsOfUsedReports(
  { aggregate, selection }: Summing,
  inSegments: boolean,
  most: number | undefined,
): RawBuilder<unknown> {
  const keys = layoutOf(aggregate, selection).keys.map((key) => sql.id(columnOf(key)));
  const answered = [...keys, ...figuresOf(aggregate, selection)];
  return sql`
    ${cellsOfUsedReports(aggregate, selection, inSegments)},
    summed as (
      select ${sql.join(answered.map((each, place) => sql`${each} as ${sql.id(`column_${place}`)}`))}
      from cells
      ${keys.length === 0 ? sql`having count(*) > 0` : sql`group by ${sql.join(keys)}`}
      ${most === undefined ? sql`` : sql`limit ${most}`}
    )`;
}
