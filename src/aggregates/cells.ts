import type { Row } from '../formats/format.ts';
import type { Aggregate } from './aggregate.ts';
import { dimensions } from './dimensions.ts';
import { difference, exactNumber, plus } from './exact.ts';
import { blanksOf, columnOf, type SummedRow, sumOf, unknownOf } from './queries.ts';
import type { Shape } from './refine.ts';
import type { Selection } from './selection.ts';

/** The cells of each row: one for each column where the answer is grouped by columns, otherwise one of them all. */
export function cellsOf(aggregate: Aggregate, selection: Selection, rows: readonly SummedRow[]): Row[] {
  const { columnKey, hasUnits } = aggregate;
  const { groupBy, columns, unitOf } = selection;
  const sums = columns.map((column, place) => ({
    column,
    sum: sumOf(place),
    blanks: blanksOf(place),
    unknown: unknownOf(place),
  }));
  const byColumn = columnKey !== undefined && groupBy.includes(columnKey);
  const groups = byColumn ? sums.map((each) => [each]) : [sums];
  const members = groupBy.map((key) => [key, columnOf(key)] as const);
  const ofOrgans = groupBy.includes('organ');
  // A large answer is many cells: each is made once, member by member.
  const cellOf = (row: SummedRow, group: typeof sums): Row => {
    const count = (name: 'blanks' | 'unknown') =>
      group.reduce((sum, each) => sum + Number(row[each[name]] ?? 0), 0);
    const cell: Row = {};
    for (const [key, name] of members) cell[key] = (key === columnKey ? group[0]!.column : row[name]) ?? null;
    const unit = hasUnits ? unitOf(cell) : undefined;
    if (ofOrgans) cell.organ_name = row.organ_name!;
    const value = plus(group.map(({ sum }) => row[sum] as string | null));
    cell.value = value === null ? null : exactNumber(value);
    if (unit !== undefined) cell.unit = unit;
    cell.reports = row.reports;
    cell.blank = count('blanks');
    if (hasUnits) cell.unit_unknown = count('unknown');
    return cell;
  };
  return rows.flatMap((row) => groups.map((group) => cellOf(row, group)));
}

/** The members of an answer's rows, and what orders them. */
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
