import { type Applicant, applicants, type Edition, type RequestRow } from '../editions/edition.ts';
import { LabelTable, plainLabel } from './labels.ts';
import { filledCells, type Line } from './lines.ts';
import { looksLikeValue } from './values.ts';

/** The printed words of section three: its column headers, its rows and the labels that have no cells. */

const columnLabels = new Map<string, Applicant | null>([
  [plainLabel('申请人情况'), null],
  [plainLabel('法人或其他组织'), null],
  ...applicants.map(({ applicant, label }) => [plainLabel(label.zh), applicant] as const),
]);
/** The corner cell, whose printed relation between the rows is a rule and no label: 勾稽, or 钩稽. */
const isCorner = (cell: string) => /^本列数据的?[勾钩]稽关系/.test(plainLabel(cell));
const isColumnLabel = (cell: string) => isCorner(cell) || columnLabels.has(plainLabel(cell));
/** Spans the result rows at the left; has no cells, like the group labels. */
const resultsLabel = '三、本年度办理结果';

export const isHeader = (line: Line): boolean => {
  const filled = filledCells(line);
  if (filled.length === 0 || !filled.every(isColumnLabel)) return false;
  // One cell alone that says 其他 or 总计 may be a row.
  return filled.length > 1 || isCorner(filled[0]!) || columnLabels.get(plainLabel(filled[0]!)) === null;
};

/** True for a line that opens the table of section three. */
export const opensRequestTable = (line: Line): boolean =>
  line.cells.length > 1 && isHeader(line) && filledCells(line).length > 1;

export const labelled = (edition: Edition) =>
  new LabelTable<RequestRow | 'group'>([
    [resultsLabel, 'group'],
    ...edition.request_groups.map((group) => [group.label.zh, 'group'] as const),
    ...edition.request_statistics.map((row) => [row.label.zh, row] as const),
  ]);

/** How many lines carry a row label of the edition. */
export function requestLikeness(lines: readonly Line[], edition: Edition): number {
  const labels = labelled(edition);
  const isRow = (cell: string) =>
    cell !== '' && !looksLikeValue(cell) && typeof labels.find(cell) === 'object';
  return lines.filter((line) => !isHeader(line) && line.cells.slice(0, 4).some(isRow)).length;
}

/**
 * Where the first of the seven applicants stands; undefined unless they stand side by side in the order of the form: where
 * a header cell is lost, the others move.
 */
export function firstColumnOf(header: readonly Line[]): number | undefined {
  const at = new Map<number, Applicant>();
  for (const line of header)
    for (const [index, cell] of line.cells.entries()) {
      const applicant = cell === '' ? null : columnLabels.get(plainLabel(cell));
      if (!applicant) continue;
      if (at.has(index)) return undefined;
      at.set(index, applicant);
    }
  const first = Math.min(...at.keys());
  const isForm = applicants.every(({ applicant }, index) => at.get(first + index) === applicant);
  return isForm && at.size === applicants.length ? first : undefined;
}
