import { applicants, outcomes, proceedings } from '../editions/edition.ts';
import { editions } from '../editions/index.ts';
import { LabelTable, plainLabel, plainText } from './labels.ts';
import type { Line } from './lines.ts';
import { looksLikeValue } from './values.ts';

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
export function isRunTogether({ raw, cells }: Line): boolean {
  if (cells.filter((cell) => cell !== '').length !== 1) return false;
  if (raw.length > longestRow || !/\d\s*$/.test(raw)) return false;
  const plain = plainText(raw);
  return plainRows.some((label) => plain.startsWith(label) && /^\d+$/.test(plain.slice(label.length)));
}

/** Whether a cell is the corner of section three. It names a rule between the rows (勾稽, or 钩稽), so it is no label. */
export const isCorner = (cell: string) => /^本列数据的?[勾钩]稽关系/.test(plainLabel(cell));

const columnLabels = new Set(
  [
    ...['申请人情况', '法人或其他组织', '行政诉讼'],
    ...[...applicants, ...proceedings, ...outcomes].map(({ label }) => label.zh),
  ].map(plainLabel),
);
const clauses = editions.flatMap((edition) => edition.disclosure_items.map((item) => item.clause_label));
const outerLabels = new Set(['三、本年度办理结果', ...clauses].map(plainLabel));
const firstOfHeader = plainLabel('信息内容');

const isColumnLabel = (cell: string) => columnLabels.has(plainLabel(cell)) || isCorner(cell);
const isLabel = (cell: string) => isFormLabel(cell) || outerLabels.has(plainLabel(cell));
const isBlankOrValue = (cell: string) => cell === '' || looksLikeValue(cell);

/** The values of section four. So many figures in a line are no list of pages to turn to. */
const mostValues = proceedings.length * outcomes.length;
const longestCell = 100;

/**
 * Whether cells are surely a line of the form's tables: a header, or labels with nothing but values and blanks
 * behind them, or the values of section four. A list of words from the form, as in a menu, is none.
 */
export function areOfForm(cells: readonly string[]): boolean {
  if (cells.some((cell) => cell.length > longestCell)) return false;
  const filled = cells.filter((cell) => cell !== '');
  const [first = '', ...others] = filled;
  if (plainLabel(first) === firstOfHeader || (filled.length > 1 && filled.every(isColumnLabel))) return true;
  if (isLabel(first))
    return cells.some(isBlankOrValue) && others.every((cell) => looksLikeValue(cell) || isLabel(cell));
  return cells.length >= mostValues && filled.length > 0 && cells.every(isBlankOrValue);
}
