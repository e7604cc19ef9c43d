import { type RawBuilder, sql } from 'kysely';
import type { Row } from '../formats/format.ts';
import type { Aggregate } from './aggregate.ts';
import { isByColumn, mostCells, refuseCells, shapeOf, tooManyRows } from './cells.ts';
import { jsonOf, sumOf } from './chosen.ts';
import { byRow, type Columns, heightOf } from './columns.ts';
import { computedMembers } from './computations.ts';
import { exactNumber } from './exact.ts';
import { columnNames, type Layout, layoutOf, type Summing } from './queries.ts';
import type { Refinement } from './refine.ts';
import { type Refining, refinedFrom, refinedJson } from './refined.ts';
import type { Selection } from './selection.ts';

/** Sums as the database refines them, where there are too many to send. */

/** All of the relation `summed`, of columns as `layoutOf` says, with names of organs, as one JSON value. */
export function allSums({ aggregate, selection }: Summing): RawBuilder<unknown> {
  const layout = layoutOf(aggregate, selection);
  const names = columnNames(layout);
  const sums = new Set(layout.columns.map(({ sum }) => sum));
  const written = names.map(
    (name, place) => sql`${sql.id(name)}${sql.raw(sums.has(place) ? '::text' : '')} as ${sql.id(name)}`,
  );
  const organ = layout.keys.indexOf('organ');
  if (organ < 0)
    return sql`(select ${jsonOf(names)} from (select ${sql.join(written)} from summed) as named)`;
  return sql`(
    select ${jsonOf([...names, 'organ_name'])} from (
      select ${sql.join(written)}, organs.name as organ_name
      from summed join organs on organs.id = ${sql.id(names[organ]!)}
    ) as named)`;
}

/** The same, or null where they are too many to send. */
export const fewSums = (summing: Summing): RawBuilder<unknown> =>
  sql`select case when (select count(*) from summed) < ${tooManyRows(summing)} then ${allSums(summing)} end`;

/** What a statement sends: rows, or where there are too many and it refines them, the refined ones. */
export type Sent<Of> = Omit<Of, 'rows' | 'refined' | 'also'> & {
  rows: Columns | null;
  refined?: Columns | null;
  also?: Columns | null;
};

/** What was sent. Problem `too-many-cells` (422) where it was too much. */
export function sentOf<Of extends { rows: Columns }>({ rows, refined, ...rest }: Sent<Of>): Of {
  if ((rows ?? refined ?? null) === null || heightOf(refined ?? []) > mostCells || rest.also === null)
    refuseCells();
  return { ...rest, rows: rows ?? [], ...(refined && { refined }) } as unknown as Of;
}

/** The cells of `summed`, whose columns stand as `layoutOf` says, as a relation of their members but units and names of organs. */
function cellsOfSums(aggregate: Aggregate, selection: Selection): RawBuilder<unknown> {
  const layout = layoutOf(aggregate, selection);
  const at = (place: number) => sql.ref(`summed.column_${place}`);
  const added = (counts: readonly (number | undefined)[]) =>
    sql.join(
      counts.map((place) => (place === undefined ? sql`0` : at(place))),
      sql` + `,
    );
  const figures = (columns: Layout['columns']) => [
    sumOf(columns.map(({ sum }) => sql`${at(sum)}::numeric`)),
    added(columns.map(({ blank }) => blank)),
    added(columns.map(({ unknown }) => unknown)),
  ];
  const keys = layout.keys.map((key, place) => sql`${at(place)} as ${sql.id(key)}`);
  const of = sql`select ${sql.join([...keys, sql`${at(layout.reports)} as reports`])}`;
  if (!isByColumn(aggregate, selection.groupBy)) {
    const [value, blank, unknown] = figures(layout.columns);
    return sql`${of}, ${value} as value, ${blank} as blank, ${unknown} as unit_unknown from summed`;
  }
  const cells = layout.columns.map((column) => sql`(${column.column}, ${sql.join(figures([column]))})`);
  return sql`${of}, cells.* from summed
    cross join lateral (values ${sql.join(cells)}) as cells (${sql.id(aggregate.columnKey!)}, value, blank, unit_unknown)`;
}

/** What is sent as text, so that it is exact or refused. */
const isExact = (member: string): boolean => member === 'value' || member === 'change';

/** What is sent of refined cells, in order; units are not. */
const refinedMembers = (
  aggregate: Aggregate,
  { groupBy }: Selection,
  { compute = [] }: Refinement,
): string[] => [...shapeOf(aggregate, groupBy).columns, ...computedMembers(compute)];

/** Cells as the database refined them. */
export function refinedCells(
  aggregate: Aggregate,
  selection: Selection,
  refinement: Refinement,
  columns: Columns,
): Row[] {
  const { groupBy, unitOf } = selection;
  const members = refinedMembers(aggregate, selection, refinement);
  return byRow(columns).map((row) => {
    const cell: Row = Object.fromEntries(members.map((member, place) => [member, row[place]!]));
    for (const member of members.filter(isExact))
      if (cell[member] !== null) cell[member] = exactNumber(cell[member] as string, groupBy, cell);
    if (aggregate.hasUnits) cell.unit = unitOf(cell);
    return cell;
  });
}

/** The relation `summed`, of columns as `layoutOf` says, refined, as one JSON value; undefined where `refinedFrom` is. */
export function refinedSums(
  aggregate: Aggregate,
  selection: Selection,
  refining: Refining,
  asked?: readonly number[],
): RawBuilder<unknown> | undefined {
  const { hasUnits } = aggregate;
  if (selection.columns.length === 0) return undefined;
  // Amounts without a unit are counted over all rows.
  if (hasUnits && selection.figures.some(({ unit }) => unit === '元' || unit === '万元')) return undefined;
  const refined = refinedFrom('cells', refining, asked);
  if (refined === undefined) return undefined;
  const columns = refinedMembers(aggregate, selection, refining.refinement).map((member) => {
    if (member === 'organ_name') return sql`(select name from organs where id = refined.organ)`;
    if (member === 'unit') return sql`null::text`;
    return isExact(member) ? sql`${sql.id(member)}::text` : sql.id(member);
  });
  return sql`(with cells as (${cellsOfSums(aggregate, selection)}) select ${refinedJson(refined, columns)})`;
}
