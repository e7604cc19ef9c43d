import { type RawBuilder, type SqlBool, sql } from 'kysely';
import { every } from '../reports/filters.ts';
import type { Aggregate } from './aggregate.ts';
import { chosenRelation, isChosenRow, sumOf } from './chosen.ts';
import { dimensions } from './dimensions.ts';
import { addressOf, cellOf } from './given.ts';
import { type AggregateQuery, columnOf, layoutOf } from './queries.ts';
import { matching, provincesOf, type RollupPlan, scopesOf } from './rollup-plan.ts';
import type { Selection } from './selection.ts';

/**
 * The cells of each report, which stand by column in segments, as relations. Where a segment is stale or missing the reports
 * themselves are read.
 */

const arrays: Readonly<Record<string, string>> = {
  city: 'cities',
  county: 'counties',
  level: 'levels',
  kind: 'kinds',
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

/** Nothing above an organ is of its group, so that its own report counts, whatever is above. */
export const isByOrgan = ({ selection }: Asked): boolean => selection.groupBy.includes('organ');

/** Of the years asked about: organs with changes that segments do not have, and years of organs to be read from reports. */
export function beside({ years: asked, earlier }: Asked): RawBuilder<unknown> {
  const years = [...asked, ...earlier];
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
  )`;
}

/** Years of organs as `entries`, with their report, that segments do not have. */
function entriesOfReports({ aggregate, query, years }: Asked): RawBuilder<unknown> {
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

/** Years of organs as `entries` of the relation `segments`, with what else it has of them and members of other arrays. */
function entriesOfSegments(
  keys: readonly string[],
  members: Readonly<Record<string, RawBuilder<unknown>>>,
): RawBuilder<unknown> {
  const all = {
    organ_id: sql`segments.organs`,
    ...Object.fromEntries(keys.map((key) => [key, sql.ref(`segments.${arrays[key]}`)])),
    ...members,
  };
  return sql`
  cross join lateral unnest(${sql.join(Object.values(all))}) as members (${sql.join(Object.keys(all).map((name) => sql.id(name)))})
  cross join lateral (select segments.year, segments.province, members.*) as entries`;
}

/** Whether one of the segments is asked about, and an entry is there as it says. */
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
    // Not a join: that would be by year and province alone, of each member with all that are stale in its segment.
    sql`(entries.year, entries.province, entries.organ_id) not in (select year, province, organ_id from stale)`,
  ]);
}

/** Where reports of organs above stand for an entry, it does not count. */
const joinCovers = sql`join covers on covers.id = entries.cover and covers.usable`;

/** What the filters ask of an entry. */
const filtersOf = ({ query: { level, kind }, plan: { divisions } }: Asked): string[] => [
  ...(divisions && divisions.place !== 'province' ? [divisions.place] : []),
  ...(level ? ['level'] : []),
  ...(kind ? ['kind'] : []),
];

/** The keys of a cell of an entry, which is the one of `chosen`, and whose report of which year it is. */
function keysOf({ aggregate, selection }: Asked): RawBuilder<unknown>[] {
  const own: Readonly<Record<string, RawBuilder<unknown>>> = {
    year: sql`entries.year`,
    organ: sql`entries.organ_id`,
    edition: sql.ref(`entries.${aggregate.edition}`),
  };
  const keys = layoutOf(aggregate, selection).keys.map((key) => {
    const ofOrgan = sql`nullif(${sql.ref(`entries.${key}`)}, '')`;
    const value = own[key] ?? (key in dimensions ? ofOrgan : sql.ref(`chosen.${key}`));
    return sql`${value} as ${sql.id(columnOf(key))}`;
  });
  return [...keys, sql`entries.organ_id as of_organ`, sql`entries.year as of_year`];
}

/** The figures of a cell in the column at this place. */
const figuresAt = (
  place: number,
  value: RawBuilder<unknown>,
  blank: RawBuilder<unknown>,
  unknown: RawBuilder<unknown>,
) =>
  sql`(${value})::numeric as ${sql.id(`value_${place}`)}, ${blank} as ${sql.id(`blank_${place}`)},
    ${unknown} as ${sql.id(`unknown_${place}`)}`;

function cellsOfReports(asked: Asked): RawBuilder<unknown> {
  const { aggregate, query, selection, plan } = asked;
  const keys = keysOf(asked);
  const figures = selection.columns.map((column, place) => {
    const { value, blank, unit_unknown } = cellOf(aggregate, selection, column);
    const count = (which: RawBuilder<unknown>) => sql`count(*) filter (where ${which})`;
    return figuresAt(place, sql`sum(${value})`, count(blank), count(unit_unknown ?? sql`false`));
  });
  return sql`
    select ${sql.join(keys)}, count(*) as rows, ${sql.join(figures)}
    from ${entriesOfReports(asked)} ${isByOrgan(asked) ? sql`` : joinCovers}
      cross join lateral (select * from ${sql.table(aggregate.table)} as of_report where of_report.revision_id = entries.revision_id offset 0) as facts
      join ${chosenRelation(aggregate, selection)} on ${isChosenRow(aggregate)}
    where ${matching(query, plan)}
    group by ${sql.join(keys.map((_, place) => sql.lit(place + 1)))}`;
}

/** The rows of the fact table that each sum adds up: as `chosen`, of its own keys and so many rows as `row_0` and so on. */
function rowsOfSums({ aggregate, selection }: Asked) {
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
  return { relation, most };
}

function cellsOfSegments(asked: Asked): RawBuilder<unknown> {
  const { aggregate, query, selection, plan } = asked;
  const { groupBy, columns, given = [] } = selection;
  // Arrays of figures, each looked up by itself: there may be dozens, too many for joins whose order is to be planned.
  const found: RawBuilder<unknown>[] = [];
  const members: Record<string, RawBuilder<unknown>> = {};
  const member = (name: string, of: string, row: RawBuilder<unknown>, column: string) => {
    found.push(sql`(
      select figures from rollup_segment_figures as f where (f.year, f.province, f.scope) = (segments.year, segments.province, segments.scope)
        and (f.of, f."row", f."column") = (${of}, ${row}, ${column})) as ${sql.id(name)}`);
    members[name] = sql.ref(`found.${name}`);
    return sql.ref(`entries.${name}`);
  };
  const { relation, most } = rowsOfSums(asked);
  const rows = Array.from({ length: most }, (_, row) =>
    columns.map((column, place) =>
      member(`figure_${row}_${place}`, aggregate.table, sql.ref(`chosen.row_${row}`), column ?? 'value'),
    ),
  );
  // Nobody in a segment need have captured a row.
  const isCaptured = rows.map(
    ([first], row) =>
      sql<SqlBool>`(${sql.ref(`found.figure_${row}_0`)} is not null and ${first} is distinct from 'NaN')`,
  );
  const sides = given.map(({ of, figures }, side) => {
    const cells = figures.map((figure, place) => {
      const { row, column } = addressOf(of, figure);
      return sql`${member(`given_${side}_${place}`, of.table, sql`${row}`, column)} < 'NaN'`;
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
    const numbers = column.map((figure) => sql`case when ${figure} < 'Infinity' then ${figure} end`);
    const value = sumOf(numbers);
    return figuresAt(
      place,
      given.length === 0 ? value : sql`case when ${every(sides)} then ${value} end`,
      count(column.map((figure, row) => sql`(${isCaptured[row]} and ${figure} is null)`)),
      count(column.map((figure) => sql`(${figure} = 'Infinity')`)),
    );
  });
  const keys = new Set([
    ...filtersOf(asked),
    ...(isByOrgan(asked) ? [] : ['cover']),
    ...Object.keys(arrays).filter((key) => groupBy.includes(key === aggregate.edition ? 'edition' : key)),
  ]);
  return sql`
    select ${sql.join(keysOf(asked))}, ${count(isCaptured)} as rows, ${sql.join(figures)}
    from rollup_segments as segments cross join ${relation} cross join lateral (select ${sql.join(found)} offset 0) as found
      ${entriesOfSegments([...keys], members)} ${isByOrgan(asked) ? sql`` : joinCovers}
    where ${isOfSegment(asked)} and (${sql.join(isCaptured, sql` or `)}) and ${matching(query, plan)}`;
}

/**
 * Cells with their keys, of each report and sum: how many `rows` of the report it adds up, and of each column their
 * `value_0`, how many are blank as `blank_0` and without a known unit as `unknown_0`, and so on; and whose report of which
 * year it is.
 */
export function cellsOf(asked: Asked): RawBuilder<unknown> {
  const all = { ...asked, years: [...asked.years, ...asked.earlier] };
  return sql`${cellsOfReports(all)} union all ${cellsOfSegments(all)}`;
}

/** The reports that count where organs are not told apart: how many there are of each kind that matters for `countsIn`. */
export function reportsCounted(asked: Asked): RawBuilder<unknown> {
  const { aggregate, query, plan } = asked;
  const edition = sql.ref(`entries.${aggregate.edition}`);
  const select = sql`select entries.year, ${edition} as edition, entries.gone, covers.elsewhere`;
  return sql`
    select year, edition, gone, elsewhere, count(*) as amount from (
      ${select} from ${entriesOfReports(asked)} ${joinCovers} where ${matching(query, plan)}
      union all
      ${select} from rollup_segments as segments
        ${entriesOfSegments(['cover', 'gone', aggregate.edition, ...filtersOf(asked)], {})} ${joinCovers}
      where ${isOfSegment(asked)} and ${matching(query, plan)}
    ) as entries group by year, edition, gone, elsewhere`;
}
