import type { Row } from '../formats/format.ts';

export type Value = string | number | null;

/** The rows of an answer by member, whatever they are kept as. */
export interface Table {
  height: number;
  /** Whether the rows stand in the order of their keys. */
  isInOrder: boolean;
  /** What rows have of a member, as numbers are, or as keys are told apart and ordered. */
  at(member: string): (row: number) => Value;
}

export const tableOf = (rows: readonly Row[]): Table => ({
  height: rows.length,
  isInOrder: true,
  at: (member) => (row) => (rows[row]![member] ?? null) as Value,
});

/** The value of each row. */
export const valuesOf = (table: Table) => table.at('value') as (row: number) => number | null;

/** What rows have alike that have the same values of keys, and others do not. */
export function namesOf(table: Table, keys: readonly string[]): (row: number) => Value {
  const columns = keys.map((key) => table.at(key));
  const [first] = columns;
  if (first === undefined) return () => null;
  if (columns.length === 1) return first;
  return (row) => columns.map((column) => column(row)).join(' ');
}
