import { type RawBuilder, type SqlBool, sql } from 'kysely';
import { any, every } from '../reports/filters.ts';
import type { Aggregate } from './aggregate.ts';
import { chosenRelation, isChosenRow, sumOf } from './chosen.ts';
import { dimensions } from './dimensions.ts';
import { addressOf, cellOf } from './given.ts';
import { columnOf, layoutOf } from './queries.ts';
import { matching } from './rollup-plan.ts';
import {
  type Asked,
  arrays,
  entriesOfReports,
  entriesOfSegments,
  filtersOf,
  isByOrgan,
  isFresh,
  isOfSegment,
  isUsable,
} from './segment-entries.ts';
import type { Selection } from './selection.ts';
import { bitOf } from './year-sets.ts';

/** The cells of each report, which stand by column in segments, as relations. */

/** The keys of a cell of an entry; those of the table's rows stand in the relation `chosen`. */
function keysOf({ aggregate, selection }: Asked, chosen: string): RawBuilder<unknown>[] {
  const own: Readonly<Record<string, RawBuilder<unknown>>> = {
    year: sql`entries.year`,
    organ: sql`entries.organ_id`,
    edition: sql.ref(`entries.${aggregate.edition}`),
  };
  return layoutOf(aggregate, selection).keys.map((key) => {
    const ofOrgan = sql`nullif(${sql.ref(`entries.${key}`)}, '')`;
    const value = own[key] ?? (key in dimensions ? ofOrgan : sql.ref(`${chosen}.${key}`));
    return sql`${value} as ${sql.id(columnOf(key))}`;
  });
}

/** The figures of a cell in the column at this place. Of counts, what one report says of a few rows is no large number. */
export const figuresAt = (
  { hasUnits }: Aggregate,
  place: number,
  value: RawBuilder<unknown>,
  blank: RawBuilder<unknown>,
  unknown: RawBuilder<unknown>,
) =>
  sql`(${value})::${sql.raw(hasUnits ? 'numeric' : 'bigint')} as ${sql.id(`value_${place}`)}, ${blank} as ${sql.id(`blank_${place}`)},
    ${unknown} as ${sql.id(`unknown_${place}`)}`;

/** What must hold for an entry to count. */
const whatCounts = (asked: Asked) => (isByOrgan(asked) ? [] : [isUsable(asked)]);

/**
 * Cells with their keys, of each report and sum that segments do not have: how many `rows` of the report it adds up, and of
 * each column their `value_0`, how many are blank as `blank_0` and without a known unit as `unknown_0`, and so on.
 */
export function cellsOfReports(asked: Asked): RawBuilder<unknown> {
  const { aggregate, query, selection, plan } = asked;
  const keys = keysOf(asked, 'chosen');
  const figures = selection.columns.map((column, place) => {
    const { value, blank, unit_unknown } = cellOf(aggregate, selection, column);
    const count = (which: RawBuilder<unknown>) => sql`count(*) filter (where ${which})`;
    return figuresAt(aggregate, place, sql`sum(${value})`, count(blank), count(unit_unknown ?? sql`false`));
  });
  return sql`
    select ${sql.join([...keys, sql`count(*) as rows, 1 as reports`, ...figures])}
    from ${entriesOfReports(asked)}
      cross join lateral (select * from ${sql.table(aggregate.table)} as of_report where of_report.revision_id = entries.revision_id offset 0) as facts
      join ${chosenRelation(aggregate, selection)} on ${isChosenRow(aggregate)}
    where ${every([...whatCounts(asked), matching(query, plan)])}
    group by ${sql.join([...keys.map((_, place) => sql.lit(place + 1)), sql`entries.organ_id, entries.year`])}`;
}

/** The rows of the fact table that each sum adds up: as `chosen`, of its own keys and so many rows as `row_0` and so on. */
function rowsOfSums(aggregate: Aggregate, selection: Selection) {
  const own = layoutOf(aggregate, selection).keys.filter((key) => !(key in dimensions));
  const sums = [
    ...Map.groupBy(selection.figures, ({ keys }) =>
      JSON.stringify(own.map((key) => keys[key] ?? null)),
    ).values(),
  ].map((figures) => ({
    keys: figures[0]!.keys,
    rows: [...new Set(figures.map((figure) => addressOf(aggregate, figure).row))],
  }));
  const most = Math.max(...sums.map(({ rows }) => rows.length));
  const columns = [
    ...own.map((key) => ({ name: key, values: sums.map(({ keys }) => keys[key] ?? null) })),
    ...Array.from({ length: most }, (_, place) => ({
      name: `row_${place}`,
      values: sums.map(({ rows }) => rows[place] ?? null),
    })),
  ];
  const relation = sql`unnest(${sql.join(columns.map(({ values }) => sql`${values}::text[]`))})
    as chosen (${sql.join(columns.map(({ name }) => sql.id(name)))})`;
  return { relation, keys: own.map((key) => sql.ref(`chosen.${key}`)), most };
}

/** How many rows of a report a sum adds up at most. */
export const mostRows = (aggregate: Aggregate, selection: Selection): number =>
  rowsOfSums(aggregate, selection).most;

/** How segments hold the cells of a table: see migrations/0019-counts-in-segments.sql and 0020-side-by-side.sql. */
const storedAs = ({ hasUnits }: Aggregate) =>
  hasUnits
    ? {
        numbersOf: sql`rollup_decimals_of`,
        absent: sql`'NaN'::numeric`,
        bound: sql`< 'Infinity'`,
        boundInAnyUnit: sql`< 'NaN'`,
      }
    : {
        numbersOf: sql`rollup_counts_of`,
        absent: sql`-1::bigint`,
        bound: sql`>= 0`,
        boundInAnyUnit: sql`>= 0`,
      };

/** What a selection reads of segments in the relation `segments`, and makes of it. */
function selected(aggregate: Aggregate, selection: Selection, segments = sql`rollup_segments as segments`) {
  const { columns, given = [] } = selection;
  const members: Record<string, RawBuilder<unknown>> = {};
  // Arrays of figures, each looked up by itself: there may be dozens, too many for joins whose order is to be planned.
  const member = (name: string, of: Aggregate, row: RawBuilder<unknown>, column: string) => {
    members[name] =
      sql`${storedAs(of).numbersOf}(segments.year, segments.province, segments.scope, segments.amount, ${of.table}, ${row}, ${column})`;
    return sql.ref(`entries.${name}`);
  };
  const { relation, keys, most } = rowsOfSums(aggregate, selection);
  const rows = Array.from({ length: most }, (_, row) =>
    columns.map((column, place) =>
      member(`figure_${row}_${place}`, aggregate, sql.ref(`chosen.row_${row}`), column ?? 'value'),
    ),
  );
  const { absent, bound } = storedAs(aggregate);
  const isCaptured = rows.map(([first]) => sql<SqlBool>`(${first} is distinct from ${absent})`);
  const sides = given.map(({ of, figures }, side) => {
    const cells = figures.map((figure, place) => {
      const { row, column } = addressOf(of, figure);
      return sql`${member(`given_${side}_${place}`, of, sql`${row}`, column)} ${storedAs(of).boundInAnyUnit}`;
    });
    return sql<SqlBool>`(${sql.join(cells, sql` or `)})`;
  });
  const count = (which: RawBuilder<unknown>[]) =>
    sql.join(
      which.map((each) => sql`(${each} is true)::int`),
      sql` + `,
    );
  const figures = columns.map((_, place) => {
    const column = rows.map((figuresOfRow) => figuresOfRow[place]!);
    const numbers = column.map((figure) => sql`case when ${figure} ${bound} then ${figure} end`);
    const value = sumOf(numbers);
    return figuresAt(
      aggregate,
      place,
      given.length === 0 ? value : sql`case when ${every(sides)} then ${value} end`,
      count(column.map((figure) => sql`(${figure} is null)`)),
      aggregate.hasUnits ? count(column.map((figure) => sql`(${figure} = 'Infinity')`)) : sql`0`,
    );
  });
  return {
    /** For `entriesOfSegments`. */
    walk: { members, columns: keys, from: sql`${segments} cross join ${relation}` },
    /** Whether an entry has any of it. */
    isThere: any(isCaptured),
    rows: sql`${rows.length === 1 ? sql`1` : count(isCaptured)} as rows`,
    figures,
  };
}

/** The same of segments of which this holds. */
export function cellsOfSegments(asked: Asked, isOfPart: RawBuilder<SqlBool>): RawBuilder<unknown> {
  const { aggregate, query, selection, plan } = asked;
  const { walk, isThere, rows, figures } = selected(aggregate, selection);
  const keys = new Set([
    ...filtersOf(asked),
    ...(isByOrgan(asked) ? [] : ['cover']),
    ...Object.keys(arrays).filter((key) =>
      selection.groupBy.includes(key === aggregate.edition ? 'edition' : key),
    ),
  ]);
  return sql`
    select ${sql.join([...keysOf(asked, 'entries'), rows, sql`1 as reports`, ...figures])}
    from ${entriesOfSegments({ ...walk, keys: [...keys], where: every([isOfSegment(asked), isOfPart]) })}
    where ${every([isFresh, isThere, ...whatCounts(asked), matching(query, plan)])}`;
}

/**
 * The cells of what is `used` with these columns of it, of `entries` and of `chosen`, whose keys stand in `entries` as well:
 * where it was found in the relation `segments` and this holds.
 */
export function cellsOfUsed(
  aggregate: Aggregate,
  selection: Selection,
  columns: readonly RawBuilder<unknown>[],
  where: RawBuilder<SqlBool>,
): RawBuilder<unknown> {
  const { walk, isThere, rows, figures } = selected(aggregate, selection, sql`segments`);
  const ofScope = sql`case when entries.scope = 'consolidated' then used.consolidated else used.own end`;
  return sql`
    select ${sql.join([...columns, rows, sql`1 as reports`, ...figures])}
    from ${entriesOfSegments({ ...walk, columns: [...walk.columns, sql`segments.scope`], keys: [], where })}
      join used on (used.organ_id, used.province) = (entries.organ_id, entries.province) and ${ofScope} & ${bitOf('entries.year')} <> 0
    -- Told before the join, which sorts all that is left.
    where ${every([isFresh, isThere])} and (entries.organ_id in (select distinct organ_id from used)) is true`;
}
