import type { Row } from '../formats/format.ts';

export type Value = string | number | null;

/** The rows of an answer, read member by member, however they are kept. */
export interface Table {
  height: number;
  /** Whether the rows stand in the order of their keys. */
  isInOrder: boolean;
  /** The values of a member, by row: numbers as they are, keys as values that tell them apart and order them. */
  at(member: string): (row: number) => Value;
}

export const tableOf = (rows: readonly Row[]): Table => ({
  height: rows.length,
  isInOrder: true,
  at: (member) => (row) => (rows[row]![member] ?? null) as Value,
});

/** The `value` of each row. */
export const valuesOf = (table: Table) => table.at('value') as (row: number) => number | null;

/** A name for each row: two rows have the same name if and only if they have the same values of these keys. */
export function namesOf(table: Table, keys: readonly string[]): (row: number) => Value {
  const columns = keys.map((key) => table.at(key));
  const [first] = columns;
  if (first === undefined) return () => null;
  if (columns.length === 1) return first;
  return (row) => columns.map((column) => column(row)).join(' ');
}
