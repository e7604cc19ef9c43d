import { type RawBuilder, type SqlBool, sql } from 'kysely';
import { every } from '../reports/filters.ts';
import type { RollupState } from '../rollups/state.ts';
import type { Aggregate } from './aggregate.ts';
import { byColumn, chosenRelation, isChosenRow, rowNameOf } from './chosen.ts';
import { countsIn, countsOf, type Question } from './counts.ts';
import { dimensions, organKeysOf } from './dimensions.ts';
import type { PartialSums } from './partial-sums.ts';
import { columnOf, layoutOf } from './queries.ts';
import { within } from './rollup-plan.ts';
import type { Selection } from './selection.ts';

/** What the statement answers, in one row. */
export interface RollupSums extends PartialSums {
  /** After which generation all changes are remembered. */
  horizon: number;
  as_of: string;
}

/** A column of one of the rollups, `''` there meaning that there is none. */
const keyOf = (table: string, key: string): RawBuilder<unknown> => {
  const column = sql.ref(`${table}.${key}`);
  return key === 'year' || key === 'edition' ? column : sql`nullif(${column}, '')`;
};

/** Sums and counts of each column chosen over `facts`: of a cell, or of a report that changed. */
function figuresOf(aggregate: Aggregate, { columns }: Selection) {
  const { hasUnits } = aggregate;
  const names = columns.flatMap((_, index) => [
    `sum_${index}`,
    `blank_${index}`,
    ...(hasUnits ? [`unknown_${index}`] : []),
  ]);
  const ofCells = columns.flatMap((column) => [
    sql.ref(`facts.${column ?? 'value'}`),
    sql.ref(column === null ? 'facts.blank' : `facts.blank_${column}`),
    ...(hasUnits ? [sql.ref('facts.unit_unknown')] : []),
  ]);
  const ofReports = columns.flatMap((column) => {
    const { value, blank, unit_unknown } = aggregate.cell(column);
    return [
      sql`coalesce(used.amount * (${value})::numeric, 0)`,
      sql`case when ${blank} then used.amount else 0 end`,
      ...(unit_unknown ? [sql`case when ${unit_unknown} then used.amount else 0 end`] : []),
    ];
  });
  const named = (expressions: RawBuilder<unknown>[]) =>
    expressions.map((each, index) => sql`${each} as ${sql.id(names[index]!)}`);
  const summed = names.map((name) => {
    const id = sql.id(name);
    return name.startsWith('sum') ? sql`sum(${id})::text as ${id}` : sql`sum(${id}) as ${id}`;
  });
  const none = names.map((name) => sql`0 as ${sql.id(name)}`);
  return { names, ofCells: named(ofCells), ofReports: named(ofReports), summed, none };
}

/**
 * The sums of a selection as one statement, so that all of it is of one moment: of a state, if all changes since are
 * remembered, or without one of the present.
 */
export function rollupStatement(
  aggregate: Aggregate,
  selection: Selection,
  question: Question,
  state: RollupState | undefined,
): RawBuilder<RollupSums> {
  const { plan, years, most } = question;
  const { groupBy, rowsAreReports } = selection;
  const organKeys = organKeysOf(groupBy);
  const reportKeys = groupBy.filter((key) => key in dimensions);
  const { keys: allKeys } = layoutOf(aggregate, selection);
  const ownKeys = allKeys.filter((key) => !reportKeys.includes(key));
  const figures = figuresOf(aggregate, selection);
  const added = (from: string, ...columns: RawBuilder<unknown>[]) =>
    sql.join([
      ...reportKeys.map((key) => sql`${keyOf(from, key)} as ${sql.id(columnOf(key))}`),
      ...ownKeys.map((key) => sql`${sql.ref(`chosen.${key}`)} as ${sql.id(key)}`),
      ...columns,
    ]);
  const names = allKeys.map((key) => sql.id(columnOf(key)));
  const facts = sql.table(aggregate.table);
  const chosen = chosenRelation(aggregate, selection);
  const isChosen = every(
    aggregate.rowKeys.map((key) => {
      const values = [...new Set(selection.figures.map(({ keys }) => keys[key]))];
      return sql`${sql.ref(`facts.${key}`)} = any(${values}::text[])`;
    }),
  );
  const rowName = rowNameOf(aggregate, 'chosen');
  const factName = rowNameOf(aggregate, 'facts');
  const reports = (amount: RawBuilder<unknown>) => sql`${rowsAreReports ? amount : sql`0`} as reports`;
  // What is read of the sums stands together: all of it is read once and joined with the cells used, and only then with
  // what else is known of a row. The planner, who thinks that this makes it less, would do it before, a loop in a loop.
  const ofUsed = (table: string, which: RawBuilder<SqlBool>) =>
    sql`(select facts.*, ${sql.join(['edition', ...organKeys.filter((key) => key !== 'province')].map((key) => sql.ref(`used.${key}`)))}
        from (select * from ${sql.table(table)} as facts where ${within('facts', plan, years)} and ${which} offset 0) as facts
          join used on used.entry = facts.cell_id offset 0) as facts`;
  const sumsOfCells = sql`
      select ${added('facts', sql`facts.reports as rows`, reports(sql`facts.reports`), ...figures.ofCells)}
      from ${ofUsed(`rollup_${aggregate.table}`, isChosen)} join ${chosen} on ${isChosenRow(aggregate)}`;
  const capturesOfCells = sql`
      select ${added('facts', sql`0 as rows`, sql`facts.amount as reports`, ...figures.none)}
      from ${ofUsed('rollup_captures', sql`true`)} join shapes_of as chosen on chosen.shape = facts.shape`;
  // Where a sum is over several rows, a report that captured any of them counts once.
  const counted = rowsAreReports
    ? sql``
    : sql`
      union all ${capturesOfCells}
      union all
      select ${added('used', sql`0 as rows`, sql`used.amount as reports`, ...figures.none)}
      from used join rows_of as chosen on exists (
        select from ${facts} as facts where facts.revision_id = used.revision_id and ${factName} = any(chosen.names))
      where used.revision_id is not null`;
  const chosenKeys = ownKeys.map((key) => sql.ref(`chosen.${key}`));
  const rowsOf = rowsAreReports
    ? sql``
    : sql`rows_of as materialized (
      select ${sql.join([...chosenKeys, sql`array_agg(${rowName}) as names`])}
      from ${chosen} ${ownKeys.length === 0 ? sql`` : sql`group by ${sql.join(chosenKeys)}`}
    ),
    shapes_of as materialized (
      select shapes.id as shape, chosen.* from rollup_shapes as shapes join rows_of as chosen on chosen.names && shapes.captured
      where shapes.of = ${aggregate.table}
    ),`;
  return sql<RollupSums>`
    with ${countsOf(aggregate, organKeys, question, state)},
    ${rowsOf}
    added as (
      ${sumsOfCells}
      union all
      select ${added('used', sql`used.amount as rows`, reports(sql`used.amount`), ...figures.ofReports)}
      from used join lateral (select * from ${facts} as facts where facts.revision_id = used.revision_id offset 0) as facts on true
        join ${chosen} on ${isChosenRow(aggregate)}
      where used.revision_id is not null
      ${counted}
    ),
    summed as (
      select ${sql.join([...names, sql`sum(rows) as rows, sum(reports) as reports`, ...figures.summed])}
      from added ${names.length === 0 ? sql`` : sql`group by ${sql.join(names)}`}
      having sum(reports) > 0 limit ${most}
    )
    select ${byColumn('summed', [...allKeys.map(columnOf), 'rows', 'reports', ...figures.names])} as rows,
      ${countsIn()},
      horizon, now() as as_of
    from rollup_state`;
}
