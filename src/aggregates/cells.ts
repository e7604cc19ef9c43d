import type { Row } from '../formats/format.ts';
import type { Aggregate } from './aggregate.ts';
import { dimensions } from './dimensions.ts';
import { difference, exactNumber, plus } from './exact.ts';
import { blanksOf, columnOf, type SummedRow, sumOf, unknownOf } from './queries.ts';
import type { Shape } from './refine.ts';
import type { Selection } from './selection.ts';

/** The cells of a row: one for each column where the answer is grouped by columns, otherwise one of them all. */
export function cellsOf(aggregate: Aggregate, selection: Selection, row: SummedRow): Row[] {
  const { columnKey, hasUnits } = aggregate;
  const { groupBy, columns } = selection;
  const places = columns.map((_, place) => place);
  const byColumn = columnKey !== undefined && groupBy.includes(columnKey);
  return (byColumn ? places.map((place) => [place]) : [places]).map((cell) => {
    const keys = Object.fromEntries(
      groupBy.map((key) => [key, (key === columnKey ? columns[cell[0]!] : row[columnOf(key)]) ?? null]),
    );
    const value = plus(cell.map((place) => row[sumOf(place)] as string | null));
    const count = (name: (place: number) => string) =>
      cell.reduce((sum, place) => sum + Number(row[name(place)] ?? 0), 0);
    return {
      ...keys,
      ...(groupBy.includes('organ') ? { organ_name: row.organ_name! } : {}),
      value: value === null ? null : exactNumber(value),
      ...(hasUnits ? { unit: selection.unitOf(keys) } : {}),
      reports: row.reports,
      blank: count(blanksOf),
      ...(hasUnits ? { unit_unknown: count(unknownOf) } : {}),
    };
  });
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
