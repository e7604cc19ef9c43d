import { editions } from '../editions/index.ts';
import { LabelTable, plainLabel, plainText } from './labels.ts';
import { filledCells, type Line } from './lines.ts';

const rowLabels = editions.flatMap((edition) => [
  ...edition.disclosure_items.map((item) => item.label.zh),
  ...edition.request_statistics.map((row) => row.label.zh),
]);
const groupLabels = editions.flatMap((edition) => edition.request_groups.map((group) => group.label.zh));

const rows = new LabelTable(rowLabels.map((label) => [label, true] as const));
const rowsAndGroups = new LabelTable([...rowLabels, ...groupLabels].map((label) => [label, true] as const));
const plainRows = [...new Set(rowLabels.map(plainLabel))];

/** True for the label of a row with cells, of any edition. */
export const isRowLabel = (cell: string): boolean => rows.find(cell) === true;

/** True for the label of a row or of a group of rows, of any edition. */
export const isFormLabel = (cell: string): boolean => rowsAndGroups.find(cell) === true;

const longestRow = 300;

/** True for a row label with figures right behind it and nothing between them, such as 规章000. */
export function isRunTogether(line: Line): boolean {
  const { raw } = line;
  if (filledCells(line).length !== 1) return false;
  if (raw.length > longestRow || !/\d\s*$/.test(raw)) return false;
  const plain = plainText(raw);
  return plainRows.some((label) => plain.startsWith(label) && /^\d+$/.test(plain.slice(label.length)));
}
