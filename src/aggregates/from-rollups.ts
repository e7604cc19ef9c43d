import { type RawBuilder, type SqlBool, sql } from 'kysely';
import type { Db } from '../db/database.ts';
import { yearInShanghai } from '../http/calendar.ts';
import { every, yearsOf } from '../reports/filters.ts';
import type { Aggregate } from './aggregate.ts';
import { chosenRelation } from './chosen.ts';
import { dimensions } from './dimensions.ts';
import { type AggregateQuery, blanksOf, columnOf, type Summed, sumOf, unknownOf } from './queries.ts';
import { isCandidate, matching, pendingEntries, type RollupPlan, scopesOf } from './rollup-plan.ts';
import type { Selection } from './selection.ts';

/** The same answers as from-rows.ts, from sums that migrations/0008-rollups.sql keeps. */

/** A column of one of the rollups, `''` there meaning that there is none. */
const keyOf = (key: string): RawBuilder<unknown> => {
  if (key === 'year' || key === 'edition') return sql.ref(`used.${key}`);
  return sql`nullif(${sql.ref(`used.${key}`)}, '')`;
};

/** The row of the fact table that `chosen` names, as rollup_shapes spell it. */
const rowName = ({ rowKeys }: Aggregate): RawBuilder<string> =>
  sql`concat_ws('.', ${sql.join(rowKeys.map((key) => sql.ref(`chosen.${key}`)))})`;

/** The columns of a `SummedRow` for the columns chosen. */
const figureNames = ({ hasUnits }: Aggregate, { columns }: Selection): string[] =>
  columns.flatMap((_, place) => [sumOf(place), blanksOf(place), ...(hasUnits ? [unknownOf(place)] : [])]);

/** Sums and counts of each column chosen over `facts`: of a cell, or of a report that is not folded yet. */
function figuresOf(aggregate: Aggregate, selection: Selection) {
  const { columns } = selection;
  const names = figureNames(aggregate, selection);
  const folded = columns.flatMap((column) => [
    sql.ref(`facts.${column ?? 'value'}`),
    sql.ref(column === null ? 'facts.blank' : `facts.blank_${column}`),
    ...(aggregate.hasUnits ? [sql.ref('facts.unit_unknown')] : []),
  ]);
  const pending = columns.flatMap((column) => {
    const { value, blank, unit_unknown } = aggregate.cell(column);
    return [
      sql`coalesce(used.amount * (${value})::numeric, 0)`,
      sql`case when ${blank} then used.amount else 0 end`,
      ...(unit_unknown ? [sql`case when ${unit_unknown} then used.amount else 0 end`] : []),
    ];
  });
  const named = (expressions: RawBuilder<unknown>[]) =>
    expressions.map((each, index) => sql`${each} as ${sql.id(names[index]!)}`);
  return { folded: named(folded), pending: named(pending) };
}

/** What to select of each group: a sum is null where no cell holds a number. */
function summedColumns(aggregate: Aggregate, { columns }: Selection): RawBuilder<unknown>[] {
  return columns.flatMap((_, place) => {
    const blanks = sql`sum(${sql.id(blanksOf(place))})`;
    const unknown = sql`sum(${sql.id(unknownOf(place))})`;
    const numbers = aggregate.hasUnits ? sql`sum(rows) - ${blanks} - ${unknown}` : sql`sum(rows) - ${blanks}`;
    return [
      sql`case when ${numbers} > 0 then sum(${sql.id(sumOf(place))})::text end as ${sql.id(sumOf(place))}`,
      sql`${blanks} as ${sql.id(blanksOf(place))}`,
      ...(aggregate.hasUnits ? [sql`${unknown} as ${sql.id(unknownOf(place))}`] : []),
    ];
  });
}

export async function sumFromRollups(
  db: Db,
  aggregate: Aggregate,
  query: AggregateQuery,
  selection: Selection,
  plan: RollupPlan,
  most: number,
): Promise<Summed> {
  const { groupBy, rowsAreReports } = selection;
  const asked = yearsOf(query.year);
  const thisYear = yearInShanghai();
  const years = asked ?? Array.from({ length: thisYear + 1 - 2018 }, (_, index) => 2019 + index);
  const owed = asked?.filter((year) => year <= thisYear);
  const edition = sql.ref(aggregate.edition);
  const organKeys = groupBy.filter((key) => dimensions[key]?.ofOrgan);
  const reportKeys = groupBy.filter((key) => key in dimensions);
  const ownKeys = groupBy.filter((key) => !(key in dimensions) && key !== aggregate.columnKey);
  const sameGroup = every(organKeys.map((key) => sql`${sql.ref(`signatures.same_${key}`)}`));
  // Without consolidated reports nothing stands for anything else.
  const { used, reported, areConsolidated } = scopesOf(query);
  const candidate = areConsolidated ? isCandidate(query, plan) : sql`false`;
  const { folded, pending } = figuresOf(aggregate, selection);
  const keys = [
    ...reportKeys.map((key) => sql`${keyOf(key)} as ${sql.id(columnOf(key))}`),
    ...ownKeys.map((key) => sql`${sql.ref(`chosen.${key}`)} as ${sql.id(key)}`),
  ];
  const withKeys = (...columns: RawBuilder<unknown>[]) => sql.join([...keys, ...columns]);
  const names = [...reportKeys, ...ownKeys].map((key) => sql.id(columnOf(key)));
  const groupedBy = names.length === 0 ? sql`` : sql`group by ${sql.join(names)}`;
  const factMatch = every(
    aggregate.rowKeys.map((key) => sql`${sql.ref(`facts.${key}`)} = ${sql.ref(`chosen.${key}`)}`),
  );
  const facts = sql.table(aggregate.table);
  const rollup = sql.table(`rollup_${aggregate.table}`);
  const chosen = chosenRelation(aggregate, selection);
  // The planner cannot know how few cells there are; the lateral keeps it on the index. A few rows are looked up one by
  // one, of many all that a cell has are read.
  const isFew =
    new Set(selection.figures.map(({ keys }) => aggregate.rowKeys.map((key) => keys[key]).join())).size <= 3;
  const factsOf = (table: RawBuilder<unknown>, ofEntry: RawBuilder<unknown>) =>
    isFew
      ? sql`used cross join ${chosen} join lateral (select * from ${table} as facts where ${ofEntry} and ${factMatch} offset 0) as facts on true`
      : sql`used join lateral (select * from ${table} as facts where ${ofEntry} offset 0) as facts on true join ${chosen} on ${factMatch}`;
  const isThere = (which: RawBuilder<SqlBool>) =>
    sql`exists (select from rollup_cover_signatures as signatures
      where signatures.cover = rollup_covers.id and ${candidate} and ${which})`;
  const entriesOf = (entry: RawBuilder<unknown>, revision: RawBuilder<unknown>, from: RawBuilder<unknown>) =>
    sql`select ${entry} as entry, ${revision} as revision_id, year, gone, ${edition} as edition,
        province, city, county, level, kind, amount, ${used} as is_used, ${reported} as is_reported, covers.elsewhere
      from ${from} as entries join covers on covers.id = entries.cover
      where year = any(${years}::int[]) and scope <> 'organ' and ${matching(query, plan)}`;
  const nothing = figureNames(aggregate, selection).map((name) => sql`0 as ${sql.id(name)}`);
  // Where a sum is over several rows, a report that captured any of them counts once.
  const counted = rowsAreReports
    ? sql``
    : sql`
      union all
      select ${withKeys(sql`0 as rows`, sql`captures.amount as reports`, ...nothing)}
      from used join rollup_captures as captures on captures.cell_id = used.entry
      join shapes_of as chosen on chosen.shape = captures.shape
      where used.revision_id is null
      union all
      select ${withKeys(sql`0 as rows`, sql`used.amount as reports`, ...nothing)}
      from used join rows_of as chosen on exists (
        select from ${facts} as facts where facts.revision_id = used.revision_id
          and concat_ws('.', ${sql.join(aggregate.rowKeys.map((key) => sql.ref(`facts.${key}`)))}) = any(chosen.names))
      where used.revision_id is not null`;
  const chosenKeys = ownKeys.map((key) => sql.ref(`chosen.${key}`));
  const rowsOf = rowsAreReports
    ? sql``
    : sql`rows_of as materialized (
      select ${sql.join([...chosenKeys, sql`array_agg(${rowName(aggregate)}) as names`])}
      from ${chosen} ${ownKeys.length === 0 ? sql`` : sql`group by ${sql.join(chosenKeys)}`}
    ),
    shapes_of as materialized (
      select shapes.id as shape, chosen.* from rollup_shapes as shapes join rows_of as chosen on chosen.names && shapes.captured
      where shapes.of = ${aggregate.table}
    ),`;
  const reports = (amount: RawBuilder<unknown>) => sql`${rowsAreReports ? amount : sql`0`} as reports`;
  const { rows } = await sql<Summed>`
    with covers as materialized (
      select id, not ${isThere(sameGroup)} as usable, ${isThere(sql`true`)} as covered,
        ${isThere(sql`not ${sameGroup}`)} as elsewhere
      from rollup_covers
    ),
    pending as materialized (${pendingEntries}),
    entries as materialized (
      ${entriesOf(sql`entries.id`, sql`null::uuid`, sql`(select * from rollup_cells where grain = ${plan.grain} and amount > 0)`)}
      union all
      ${entriesOf(sql`-entries.entry`, sql`entries.revision_id`, sql`pending`)}
    ),
    used as materialized (select * from entries where is_used),
    by_year as materialized (
      select year, sum(amount) filter (where is_used) as reports,
        sum(amount) filter (where is_used and not gone) as organs_used,
        sum(amount) filter (where is_reported and not gone) as organs_reported,
        sum(amount) filter (where is_used and elsewhere) as overlapping
      from entries group by year
    ),
    organs as (
      select year, sum(amount) as amount from (
        select year, amount from rollup_cells as entries
        where grain = ${plan.grain} and year between ${years[0]} and 9999 and scope = 'organ' and ${matching(query, plan)}
        union all
        select year, amount from pending as entries where scope = 'organ' and ${matching(query, plan)}
      ) as organs group by year
    ),
    years as (${
      owed ? sql`select unnest(${owed}::int[]) as year` : sql`select year from by_year where reports > 0`
    }),
    ${rowsOf}
    added as (
      select ${withKeys(sql`facts.reports as rows`, reports(sql`facts.reports`), ...folded)}
      from ${factsOf(rollup, sql`facts.cell_id = used.entry`)}
      where used.revision_id is null
      union all
      select ${withKeys(sql`used.amount as rows`, reports(sql`used.amount`), ...pending)}
      from ${factsOf(facts, sql`facts.revision_id = used.revision_id`)}
      where used.revision_id is not null
      ${counted}
    ),
    summed as (
      select ${sql.join([...names, ...summedColumns(aggregate, selection), sql`sum(reports) as reports`])}
      from added ${groupedBy} having sum(reports) > 0 limit ${most}
    )
    select
      (select coalesce(jsonb_agg(summed), '[]') from summed) as rows,
      (select coalesce(sum(reports), 0)::int from by_year) as reports,
      (select coalesce(sum(organs.amount), 0)::int from years join organs on organs.year >= years.year) as organs_expected,
      (select coalesce(sum(organs_reported), 0)::int from by_year join years using (year)) as organs_reported,
      (select coalesce(sum(organs_used), 0)::int from by_year join years using (year)) as organs_used,
      (${organKeys.length === 0 ? sql`0` : sql`select coalesce(sum(overlapping), 0)::int from by_year`}) as overlapping,
      (select coalesce(array_agg(edition order by edition), '{}') from (
        select edition from used group by edition having sum(amount) > 0) as editions) as editions,
      now() as as_of`.execute(db);
  const { organs_reported, organs_used, ...summed } = rows[0] as Summed &
    Record<'organs_reported' | 'organs_used', number>;
  return {
    ...summed,
    organs_covered: organs_reported - organs_used,
    organs_missing: summed.organs_expected - organs_reported,
  };
}
