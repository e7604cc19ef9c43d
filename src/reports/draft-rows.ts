import type { Fault } from '../editions/form-faults.ts';
import { Problem } from '../http/problem.ts';
import type { DraftDocument } from './document-schemas.ts';
import { type Content, toContent } from './documents.ts';
import type { ReportTable, Row } from './report-tables.ts';

/**
 * The rows of a table of a draft. The address of a row names it in the path: it is made of the row's keys, with dots
 * between them.
 */

export const addressOf = ({ keys }: ReportTable, row: Row): string => keys.map((key) => row[key]).join('.');

export const rowsOf = ({ member }: ReportTable, content: Content): Row[] =>
  content[member] as unknown as Row[];

/** The content with these rows, and no others, in the table. */
export const withRows = (
  { member }: ReportTable,
  content: Content,
  rows: readonly Row[],
  year: number,
): Content => toContent({ ...content, [member]: rows } as DraftDocument, year);

const othersThan = (table: ReportTable, content: Content, address: string): Row[] =>
  rowsOf(table, content).filter((row) => addressOf(table, row) !== address);

/** The row at an address. Problem `not-found` (404) where it is not captured. */
export function rowAt(table: ReportTable, content: Content, address: string): Row {
  const row = rowsOf(table, content).find((each) => addressOf(table, each) === address);
  if (row) return row;
  throw new Problem('not-found', {
    detail: `the draft has not captured the ${table.what} ${address}; PUT captures it`,
  });
}

/** The content with this row. It takes the place of the row with the same address, if there is one. */
export const putRow = (table: ReportTable, content: Content, row: Row, year: number): Content =>
  withRows(table, content, [...othersThan(table, content, addressOf(table, row)), row], year);

/** The content without a row. Problem `not-found` (404) where it is not captured. */
export function removeRow(table: ReportTable, content: Content, address: string, year: number): Content {
  rowAt(table, content, address);
  return withRows(table, content, othersThan(table, content, address), year);
}

/** Refuses an address that the form does not print. Problem `not-found` (404). */
export function requirePrinted({ what, keysOnForm }: ReportTable, content: Content, address: string): void {
  const printed = keysOnForm(content).map((keys) => keys.join('.'));
  if (!printed.includes(address))
    throw new Problem('not-found', {
      detail: `the form of this draft has no ${what} ${address}; it has ${printed.join(', ')}`,
    });
}

/** The faults of keys in a body that are not the same as in the path. */
export const keyFaults = ({ keys }: ReportTable, key: Row, body: Row | undefined): Fault[] =>
  keys
    .filter((name) => body?.[name] !== undefined && body[name] !== key[name])
    .map((name) => ({
      pointer: `/${name}`,
      code: 'identity',
      message: `must be ${key[name]}, as in the path, or be left out`,
    }));
