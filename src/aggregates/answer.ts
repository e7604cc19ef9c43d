import type { Db } from '../db/database.ts';
import type { Row } from '../formats/format.ts';
import { Problem } from '../http/problem.ts';
import type { Aggregate } from './aggregate.ts';
import { dimensions } from './dimensions.ts';
import {
  type AggregateQuery,
  type Basis,
  blanksOf,
  columnOf,
  type SummedRow,
  sumOf,
  sumReports,
  unknownOf,
} from './queries.ts';
import { type Selection, select } from './selection.ts';

export interface Warning {
  code: string;
  message: string;
}

export interface AggregateAnswer {
  data: Row[];
  basis: Basis;
  coverage: { reports: number; organs_expected: number; organs_missing: number };
  warnings: Warning[];
  data_as_of: string;
}

/** More cells than anyone reads; the tidy rows are the way to everything. */
const mostCells = 100_000;

/** A sum as a JSON number, exactly; Problem `not-additive` (422) where no JSON number is. */
export function exactNumber(text: string): number {
  const plain = text.includes('.') ? text.replace(/\.?0+$/, '') : text;
  const value = Number(plain);
  if (!(Math.abs(value) <= Number.MAX_SAFE_INTEGER) || String(value) !== plain)
    throw new Problem('not-additive', {
      detail: `A sum of ${plain} is more than a JSON number holds exactly. Ask for smaller groups.`,
    });
  return value;
}

/** Orders cells by the keys of the answer: by the form's or the vocabulary's order where there is one; nulls last. */
function inOrder(aggregate: Aggregate, groupBy: readonly string[]) {
  const orders = groupBy.map((key) => {
    const values = aggregate.keys[key]?.values ?? dimensions[key]?.values;
    const places = values && new Map(values.map((value, index) => [value, index]));
    return {
      key,
      place: (value: unknown) => (places ? places.get(value as string)! : (value as string | number)),
    };
  });
  return (a: Row, b: Row): number => {
    for (const { key, place } of orders) {
      if (a[key] === b[key]) continue;
      if (a[key] === null) return 1;
      if (b[key] === null) return -1;
      return place(a[key]) < place(b[key]) ? -1 : 1;
    }
    return 0;
  };
}

/** Adds the sums of several columns, which are all counts; null where none holds a number. */
function plus(sums: readonly (string | null)[]): string | null {
  const numbers = sums.filter((sum) => sum !== null);
  if (numbers.length < 2) return numbers[0] ?? null;
  return String(numbers.reduce((total, sum) => total + BigInt(sum), 0n));
}

/** The cells of a row: one for each column where the answer is grouped by columns, otherwise one of them all. */
function cellsOf(aggregate: Aggregate, selection: Selection, row: SummedRow): Row[] {
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

/** Says where the rows as printed change with the edition, so that a series would seem to begin or to end. */
function editionWarnings(selection: Selection, editions: readonly string[]): Warning[] {
  if (editions.length < 2 || selection.groupBy.includes('edition')) return [];
  const { figures, groupBy } = selection;
  const partly = figures.filter((figure) => {
    const together = figures.filter(
      (each) =>
        each.keys.group === figure.keys.group && figure.keys.group !== null && !groupBy.includes('row'),
    );
    const printing = new Set([figure, ...together].flatMap((each) => each.editions as string[]));
    return figure.keys.row !== undefined && editions.some((edition) => !printing.has(edition));
  });
  const rows = [...new Set(partly.map((figure) => figure.keys.row))];
  const groups = [...new Set(partly.flatMap((figure) => figure.keys.group ?? []))];
  return rows.length === 0
    ? []
    : [
        {
          code: 'rows-differ',
          message: `Not every edition among these reports prints the rows ${rows.join(', ')}${
            groups.length === 0 ? '' : `; group=${groups.join(',')} compares them`
          }.`,
        },
      ];
}

/** The answer to a query. Problems `not-additive`, `not-comparable` and `too-many-cells` (422). */
export async function aggregateReports(
  db: Db,
  aggregate: Aggregate,
  query: AggregateQuery,
): Promise<AggregateAnswer> {
  const selection = select(aggregate, query);
  const summed = await sumReports(db, aggregate, query, selection, mostCells + 1);
  const data = summed.rows.flatMap((row) => cellsOf(aggregate, selection, row));
  if (data.length > mostCells)
    throw new Problem('too-many-cells', {
      detail: `The answer would have more than ${mostCells} cells. Filter more, or group by less.`,
    });
  data.sort(inOrder(aggregate, selection.groupBy));
  const unknown = data.reduce((sum, cell) => sum + Number(cell.unit_unknown ?? 0), 0);
  const warnings = editionWarnings(selection, summed.editions);
  if (summed.overlapping > 0)
    warnings.push({
      code: 'groups-overlap',
      message: `${summed.overlapping} reports are also part of consolidated reports in other groups: do not add the groups up.`,
    });
  if (unknown > 0)
    warnings.push({ code: 'unit-unknown', message: `${unknown} amounts without a unit were not added.` });
  const { reports, organs_expected, organs_missing, as_of } = summed;
  return {
    data,
    basis: query.basis ?? 'auto',
    coverage: { reports, organs_expected, organs_missing },
    warnings,
    data_as_of: as_of,
  };
}

/** The members of a data row, in order. */
export const columnsOf = (aggregate: Aggregate, groupBy: readonly string[]): string[] => [
  ...groupBy,
  ...(groupBy.includes('organ') ? ['organ_name'] : []),
  'value',
  ...(aggregate.hasUnits ? ['unit'] : []),
  'reports',
  'blank',
  ...(aggregate.hasUnits ? ['unit_unknown'] : []),
];
