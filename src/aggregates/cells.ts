import type { Row } from '../formats/format.ts';
import { Problem } from '../http/problem.ts';
import type { Aggregate } from './aggregate.ts';
import { type Columns, heightOf, placesWhere, rowsAt } from './columns.ts';
import { dimensions } from './dimensions.ts';
import { difference, exactNumber, plus } from './exact.ts';
import { replaceRows } from './json.ts';
import { layoutOf, sumAt } from './layout.ts';
import { changedFrom } from './partial-sums.ts';
import type { Summing } from './queries.ts';
import type { Shape } from './refine.ts';
import type { Selection } from './selection.ts';
import { byKeys, byPlace, type Compare, inTurn } from './sort.ts';

/** The most cells of an answer: nobody reads more. Whoever wants everything takes the tidy rows. */
export const mostCells = 100_000;

/** Refuses an answer of more cells. Problem `too-many-cells` (422). */
export function refuseCells(): never {
  throw new Problem('too-many-cells', {
    detail: `The answer would have more than ${mostCells} cells. Filter more, or group by less; or, within the limits that the description of \`top\` names, choose among them with \`top\` or \`having\`.`,
  });
}

/**
 * Refuses to choose among more cells of amounts of money: how many of these have no unit is counted over all
 * cells. Problem `too-many-cells` (422).
 */
export function refuseAmounts(): never {
  throw new Problem('too-many-cells', {
    detail: `\`top\` and \`having\` do not choose among more than ${mostCells} cells where amounts of money are among them. Choose other measures than \`amount\`, items other than \`fees\` and \`procurement\`, or filter more.`,
  });
}

/**
 * The smallest number of rows of sums that makes more than `mostCells` cells. A row without chosen columns
 * makes no cell and counts as one here.
 */
export const tooManyRows = ({ aggregate, selection: { groupBy, columns } }: Summing): number =>
  Math.floor(mostCells / (isByColumn(aggregate, groupBy) ? Math.max(1, columns.length) : 1)) + 1;

/** Whether each column of the fact table becomes a cell of its own. */
export const isByColumn = ({ columnKey }: Aggregate, groupBy: readonly string[]): boolean =>
  columnKey !== undefined && groupBy.includes(columnKey);

/** Cells by the sums that they were made of. Every question about the same kept sums uses the same cells. */
const made = new WeakMap<Columns, readonly Row[]>();

/**
 * The cells of rows of sums, in the order of their keys. Each row makes one cell for each column where the
 * answer is grouped by columns, otherwise one cell of all columns.
 */
export function cellsOf(aggregate: Aggregate, selection: Selection, rows: Columns): readonly Row[] {
  const known = made.get(rows);
  if (known !== undefined) return known;
  const { groupBy, places } = shapeOf(aggregate, selection.groupBy);
  const compare = byKeys(groupBy, places);
  const cells =
    replacedCells(aggregate, selection, rows, compare) ?? makeCells(aggregate, selection, rows).sort(compare);
  made.set(rows, cells);
  return cells;
}

/**
 * The cells of a table that was made of another one, whose cells are known: all but those that changed are
 * the same.
 */
function replacedCells(
  aggregate: Aggregate,
  selection: Selection,
  rows: Columns,
  compare: Compare,
): Row[] | undefined {
  const { from, places = [] } = changedFrom(rows);
  const others = from && made.get(from);
  if (!others) return undefined;
  const cells = others.slice();
  const replaced = new Set<number>();
  for (const cell of makeCells(aggregate, selection, rowsAt(rows, places))) {
    const place = sortedIndex(others, cell, compare);
    cells[place] = cell;
    replaced.add(place);
  }
  replaceRows(others, cells, replaced);
  return cells;
}

/** The place of the row with the same keys as `wanted`, among rows in order that include one. */
function sortedIndex(rows: readonly Row[], wanted: Row, compare: Compare): number {
  let [low, high] = [0, rows.length];
  while (low < high) {
    const middle = (low + high) >> 1;
    if (compare(rows[middle]!, wanted) < 0) low = middle + 1;
    else high = middle;
  }
  return low;
}

function makeCells(aggregate: Aggregate, selection: Selection, rows: Columns): Row[] {
  const { hasUnits } = aggregate;
  const { groupBy, unitOf } = selection;
  const layout = layoutOf(aggregate, selection);
  const { keys, columns } = layout;
  const groups = isByColumn(aggregate, groupBy) ? columns.map((each) => [each]) : [columns];
  const members = groupBy.map((key) => ({ key, place: keys.indexOf(key) }));
  const ofOrgans = groupBy.includes('organ');
  // A large answer has many cells. Each is a filled copy of this one, and the loops leave no iterators
  // behind.
  const empty: Row = Object.fromEntries(shapeOf(aggregate, groupBy).columns.map((member) => [member, null]));
  const cells: Row[] = [];
  for (let row = 0; row < heightOf(rows); row++)
    for (const group of groups) {
      const cell = { ...empty };
      for (let index = 0; index < members.length; index++) {
        const { key, place } = members[index]!;
        cell[key] = place < 0 ? group[0]!.column : rows[place]![row]!;
      }
      let value: string | null = null;
      let blank = 0;
      let unknown = 0;
      for (let index = 0; index < group.length; index++) {
        const column = group[index]!;
        value = plus(value, sumAt(rows, row, layout, column));
        blank += rows[column.blank]![row] as number;
        if (column.unknown !== undefined) unknown += rows[column.unknown]![row] as number;
      }
      if (ofOrgans) cell.organ_name = rows[layout.organName]![row]!;
      cell.value = value === null ? null : exactNumber(value, groupBy, cell);
      if (hasUnits) cell.unit = unitOf(cell);
      cell.reports = rows[layout.reports]![row]!;
      cell.blank = blank;
      if (hasUnits) cell.unit_unknown = unknown;
      cells.push(cell);
    }
  return cells;
}

/** Puts sums in the order of the keys asked for, so that cells made of them need hardly be sorted. */
export function inOrder(aggregate: Aggregate, selection: Selection, rows: Columns): Columns {
  const { keys } = layoutOf(aggregate, selection);
  const { groupBy, places } = shapeOf(aggregate, selection.groupBy);
  const compares = groupBy
    .filter((key) => keys.includes(key))
    .map((key) => {
      const column = rows[keys.indexOf(key)]!;
      const compare = byPlace(places(key));
      return (a: number, b: number) => compare(column[a]!, column[b]!);
    });
  return rowsAt(rows, placesWhere(rows, () => true).sort(inTurn(compares)));
}

/** The members of an answer's rows, and the order of their values. */
export const shapeOf = (aggregate: Aggregate, groupBy: readonly string[]): Shape => ({
  groupBy,
  columns: [
    ...groupBy,
    ...(groupBy.includes('organ') ? ['organ_name'] : []),
    'value',
    ...(aggregate.hasUnits ? ['unit'] : []),
    'reports',
    'blank',
    ...(aggregate.hasUnits ? ['unit_unknown'] : []),
  ],
  numbers: ['value', 'reports', 'blank', ...(aggregate.hasUnits ? ['unit_unknown'] : [])],
  places: (member) => aggregate.keys[member]?.values ?? dimensions[member]?.values,
  minus: difference,
});
