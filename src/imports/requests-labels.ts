import { type Applicant, applicants, type Edition, type RequestRow } from '../editions/edition.ts';
import { endsOf, type LineEnds } from './bare-header.ts';
import { isCorner } from './form-labels.ts';
import { LabelTable, plainLabel } from './labels.ts';
import { filledCells, type Line } from './lines.ts';
import { looksLikeValue } from './values.ts';

/** The printed words of section three: its column headers, its row labels and the labels that have no cells. */

const columnLabels = new Map<string, Applicant | null>([
  [plainLabel('申请人情况'), null],
  [plainLabel('法人或其他组织'), null],
  ...applicants.map(({ applicant, label }) => [plainLabel(label.zh), applicant] as const),
]);
const isColumnLabel = (cell: string) => isCorner(cell) || columnLabels.has(plainLabel(cell));
/** The label at the left that spans the rows of results. Like the labels of groups, it has no cells. */
const resultsLabel = '三、本年度办理结果';

export const isHeader = (line: Line): boolean => {
  const filled = filledCells(line);
  if (filled.length === 0 || !filled.every(isColumnLabel)) return false;
  // A single cell that says 其他 or 总计 may be a row.
  return filled.length > 1 || isCorner(filled[0]!) || columnLabels.get(plainLabel(filled[0]!)) === null;
};

/** The second halves of column labels that a print breaks in two, each half in a line of its own. */
const secondHalves = new Set(['企业', '机构', '组织'].map(plainLabel));

/** Two header lines as one, where each cell of the second ends a label that the first begins. */
function joinedHeader(first: Line, second: Line): Line | undefined {
  const halves = [...second.cells.entries()].filter(([, cell]) => cell !== '');
  if (halves.length === 0 || !halves.every(([, cell]) => secondHalves.has(plainLabel(cell))))
    return undefined;
  const cells = first.cells.map((cell, index) => cell + (second.cells[index] ?? ''));
  const areLabels = halves.every(([index]) => (first.cells[index] ?? '') !== '');
  const line = { ...first, cells };
  return areLabels && isHeader(line) ? line : undefined;
}

/** The lines of the table, each header line as one: 商业 with 企业 below it is 商业企业. */
export function withWholeHeaders(lines: readonly Line[]): Line[] {
  const whole: Line[] = [];
  for (const line of lines) {
    const above = whole.at(-1);
    const joined = above && joinedHeader(above, line);
    if (joined === undefined) whole.push(line);
    else whole.splice(-1, 1, joined);
  }
  return whole;
}

/** True for a line that opens the table of section three. */
export const opensRequestTable = (line: Line): boolean =>
  line.cells.length > 1 && isHeader(line) && filledCells(line).length > 1;

/** True for a line that says only that applicants follow. Alone, these words open no table. */
export const isAboveApplicants = (line: Line | undefined): boolean =>
  line !== undefined && filledCells(line).length === 1 && labelsAbove(line) !== undefined;

type RequestLabels = LabelTable<RequestRow | 'group'>;

export const labelled = (edition: Edition): RequestLabels =>
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

/** A header that reads as the form's: the place of the first of its seven columns, and the page it is on. */
export interface Header {
  first: number;
  page: number;
  /** Where merged cells leave nothing behind. Then the columns begin right after the label of each row. */
  ends?: LineEnds;
}

/** The labels of a header whose merged cells leave nothing behind, line by line. */
const bareLabels = (() => {
  const [person, ...others] = applicants.map(({ label }) => label.zh);
  return [[person!, '法人或其他组织', others.at(-1)!], others.slice(0, -1)];
})();
/** The labels that may stand before the values of a row: 三、本年度办理结果, a group and the row. */
const mostLabels = 3;

/** The labels of a line that says no more than that applicants follow, with or without a corner before it. */
function labelsAbove({ cells }: Line): string[] | undefined {
  const at = cells.findIndex((cell) => plainLabel(cell) === plainLabel('申请人情况'));
  const isForm = at === 0 || (at === 1 && (cells[0] === '' || isCorner(cells[0]!)));
  return isForm ? cells.slice(0, at + 1) : undefined;
}

function bareHeaderOf(lines: readonly Line[]): Header | undefined {
  const above = lines[0] && labelsAbove(lines[0]);
  const ends = endsOf(lines, above === undefined ? bareLabels : [above, ...bareLabels]);
  return ends && { first: mostLabels - 1, page: lines[0]!.page, ends };
}

/**
 * The header in these lines. Undefined unless the applicants stand side by side in the order of the form:
 * where a cell is lost, the others move. Or they stand line by line, where merged cells leave nothing behind.
 */
export function headerOf(lines: readonly Line[]): Header | undefined {
  const at = new Map<number, Applicant>();
  for (const line of lines)
    for (const [index, cell] of line.cells.entries()) {
      const applicant = cell === '' ? null : columnLabels.get(plainLabel(cell));
      if (!applicant) continue;
      if (at.has(index)) return bareHeaderOf(lines);
      at.set(index, applicant);
    }
  const first = Math.min(...at.keys());
  const isForm = applicants.every(({ applicant }, index) => at.get(first + index) === applicant);
  return isForm && at.size === applicants.length ? { first, page: lines[0]!.page } : bareHeaderOf(lines);
}

/** A row of the form as printed. */
export interface PrintedRow {
  row: RequestRow;
  /** The line that holds its values. */
  line: Line;
  /** The place of its label in that line. */
  at: number;
  /** The second of the two lines into which a page break cut the row. */
  tail?: Line;
}

/**
 * The row of the form that a line begins; `group` where the line only names a group. Labels of groups may
 * stand before that of a row.
 */
export function rowAt(
  line: Line,
  next: Line | undefined,
  { first, ends }: Header,
  labels: RequestLabels,
): PrintedRow | 'group' | undefined {
  const at = rowLabelAt(line, first, labels);
  if (at < 0) return undefined;
  const label = line.cells[at]!;
  const outer = line.cells.slice(0, at).filter((cell) => cell !== '');
  if (outer.some((cell) => labels.find(cell) !== 'group')) return undefined;
  const row = labels.find(label);
  if (row === 'group') return filledCells(line).length === outer.length + 1 ? row : undefined;
  if (row !== undefined) return { row, line, at };
  const canBeCut = next !== undefined && ends === undefined && labels.begins(label);
  return canBeCut ? cutRow(line, at, next, first, labels) : undefined;
}

/**
 * The place of a row's label; -1 where there is none. What follows the label of a row and is no label itself
 * is a value that cannot be read.
 */
function rowLabelAt(line: Line, first: number, labels: RequestLabels): number {
  const last = labelAt(line, first);
  const named = line.cells.findLastIndex((cell, index) => index < last && cell !== '');
  const isValue =
    named >= 0 &&
    typeof labels.find(line.cells[named]!) === 'object' &&
    labels.find(line.cells[last]!) === undefined;
  return isValue ? named : last;
}

/** The place of a line's last label, which stands before its values; -1 where there is none. */
function labelAt(line: Line, first: number): number {
  let at = -1;
  for (const [index, cell] of line.cells.slice(0, first + 1).entries()) {
    if (cell === '') continue;
    if (looksLikeValue(cell)) break;
    at = index;
  }
  return at;
}

/**
 * The row that a page break cut in two: its label stands in two lines, its values in one of them. Undefined
 * where these lines are no such row.
 */
function cutRow(
  head: Line,
  at: number,
  tail: Line,
  first: number,
  labels: RequestLabels,
): PrintedRow | undefined {
  const tailAt = labelAt(tail, first);
  if (tailAt < 0 || tail.cells.slice(0, tailAt).some((cell) => cell !== '')) return undefined;
  const row = labels.find(head.cells[at]! + tail.cells[tailAt]!);
  if (typeof row !== 'object') return undefined;
  const hasValues = (line: Line, label: number) => line.cells.slice(label + 1).some((cell) => cell !== '');
  if (!hasValues(tail, tailAt)) return { row, line: head, at, tail };
  return hasValues(head, at) ? undefined : { row, line: tail, at: tailAt, tail };
}
