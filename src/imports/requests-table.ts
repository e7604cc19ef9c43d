import { type Applicant, applicants, type Edition, type RequestRow } from '../editions/edition.ts';
import { addressOf, type CellNote, joined, type RequestStatisticsRow } from '../editions/figures.ts';
import type { FindingCell } from '../rules/rule.ts';
import { hasColumns } from './bare-header.ts';
import type { ImportFindings } from './findings.ts';
import { filledCells, type Line } from './lines.ts';
import { PageWidths } from './page-widths.ts';
import {
  type Header,
  headerOf,
  isHeader,
  labelled,
  type PrintedRow,
  rowAt,
  withWholeHeaders,
} from './requests-labels.ts';
import { cellsOf, duplicateRow, readCells, type Target, unreadableRow } from './table.ts';
import { caseCount } from './values.ts';

/** Reads section three by the labels of one edition. */
export function readRequestTable(
  printed: readonly Line[],
  edition: Edition,
  notes: CellNote[],
  findings: ImportFindings,
): RequestStatisticsRow[] {
  const lines = withWholeHeaders(printed);
  const labels = labelled(edition);
  const widths = new PageWidths(lines);
  const seen = new Map<string, Line>();
  const rows: RequestStatisticsRow[] = [];
  for (const { headerLines, below } of blocksOf(lines)) {
    const header = headerOf(headerLines);
    if (header === undefined) {
      unreadableHeader(findings, headerLines[0]!);
      return [];
    }
    for (let index = 0; index < below.length; index++) {
      const line = below[index]!;
      const found = rowAt(line, below[index + 1], header, labels);
      if (found === 'group') continue;
      if (found === undefined) {
        unreadableRow(findings, line, {
          zh: '行名不是表式中的行；应为单独一格的原有行名，其后7个数值',
          en: 'the row label is none of the form; right is a label alone in its cell, then 7 values',
        });
        continue;
      }
      const { row, tail } = found;
      if (tail !== undefined) {
        index++;
        splitRow(findings, row, line, tail);
      }
      const earlier = seen.get(row.row);
      if (earlier !== undefined) {
        duplicateRow(findings, line, row.label, earlier);
        continue;
      }
      seen.set(row.row, line);
      const values = readRow(found, header, widths, notes, findings);
      if (values !== undefined) rows.push(rowOf(row, values));
    }
  }
  for (const { row, label } of edition.request_statistics)
    if (!seen.has(row))
      findings.error(
        'import.missing_row',
        {
          zh: `第三部分的表中没有“${label.zh}”一行（${edition.edition}年版表式）`,
          en: `the table of section three has no row "${label.en}" (edition ${edition.edition})`,
        },
        { place: `request_statistics.${row}` },
      );
  return rows;
}

/** Each header with the rows below it. Every page may repeat the header. A header without rows is left out. */
function blocksOf(lines: readonly Line[]): { headerLines: Line[]; below: Line[] }[] {
  const blocks = [{ headerLines: [] as Line[], below: [] as Line[] }];
  for (const line of lines) {
    if (line.blank) continue;
    const last = blocks.at(-1)!;
    if (!isHeader(line)) last.below.push(line);
    else if (last.below.length === 0) last.headerLines.push(line);
    else blocks.push({ headerLines: [line], below: [] });
  }
  return blocks.filter(({ below }) => below.length > 0);
}

const targetsOf = (row: RequestRow): Target[] =>
  applicants.map(({ applicant, label }) => ({
    cell: addressOf('request_statistics', row.row, applicant),
    label: joined(row.label, label),
    measure: caseCount,
  }));

const rowOf = (row: RequestRow, values: readonly (number | null)[]): RequestStatisticsRow => ({
  row: row.row,
  ...(Object.fromEntries(applicants.map(({ applicant }, index) => [applicant, values[index]!])) as Record<
    Applicant,
    number | null
  >),
});

/** The values of a row's seven columns; undefined, with an error, where it cannot be read. */
function readRow(
  { row, line, at }: PrintedRow,
  header: Header,
  widths: PageWidths,
  notes: CellNote[],
  findings: ImportFindings,
): (number | null)[] | undefined {
  const targets = targetsOf(row);
  const start = header.ends ? at + 1 : Math.max(header.first, at + 1);
  const columns = targets
    .slice(0, columnsIn(line, at, start, header, widths))
    .map((target, index) => ({ ...target, printed: line.cells[start + index]! }));
  if (columns.length > 0) {
    const found = readCells(line, columns, notes, findings);
    const values = found?.map(({ value }) => value);
    if (values === undefined || columns.length === targets.length) return values;
    if (!endsInSum(values)) {
      shortRow(findings, row, line, cellsOf(targets, found));
      return [...values, null];
    }
  }
  const after = Math.max(0, line.cells.length - start);
  unreadableRow(
    findings,
    line,
    {
      zh: `“${row.label.zh}”应有7个数值（空格也占一格），此行行名后有${after}格，无法确定各属哪一列`,
      en: `"${row.label.en}" should have 7 values (an empty one keeps its cell); ${after} cells follow the label and which columns they are is not certain`,
    },
    targets,
  );
  return undefined;
}

/**
 * How many columns the cells from `start` surely are: all seven, the six applicants, or none.
 *
 * - Under a header whose merged cells leave nothing behind, the labels stand side by side and then the seven.
 * - The header says where the first of the seven columns stands (cell 2 in the known documents). A label
 *   stands before it. Where the label is nested deeper (3 label cells), the values begin right after the
 *   label. A label further left is followed by the empty cells of its merged columns, which are no values.
 * - In the table of a page, cells stand in their own columns: a row needs no more than the header of its own
 *   table. The points below are about texts.
 * - Seven cells from there are the seven columns. What follows them (merged cells that a table library adds
 *   at the end) must be empty.
 * - If all seven are filled, the row is complete, and tabs at its end may be missing. If some are empty,
 *   their places are only known when the row has as many cells as the rest of its page: a tab lost or added
 *   moves the figures. A row with more cells than the rest of its page is never read. So a blank total is an
 *   empty cell that is there: `…→0→0→` with the page's width.
 * - A short row has one cell fewer than seven, all six filled, and so has every row between two page breaks:
 *   the column was lost with the page, not in the row. Its six values are the applicants, and the total is
 *   blank. A single row with six values among full ones is unreadable. So is one whose sixth value is the sum
 *   of the five before it: that looks like a total, and then nobody can say which column is missing.
 */
function columnsIn(line: Line, at: number, start: number, header: Header, widths: PageWidths): number {
  const all = applicants.length;
  if (header.ends)
    return !line.cells.slice(0, at).includes('') && hasColumns(line, start, all, header.ends) ? all : 0;
  const filledFrom = (from: number, to?: number) =>
    line.cells.slice(from, to).filter((cell) => cell !== '').length;
  const printed = Math.min(all, line.cells.length - start);
  const filled = filledFrom(start, start + all);
  if (filledFrom(at + 1, start) > 0 || filledFrom(start + all) > 0) return 0;
  if (printed === all) {
    const isInPlace = at < header.first && line.page === header.page;
    const isWide = filled === all ? !widths.isTooWide(line) : widths.isTrusted(line);
    return (line.isPlaced ? isInPlace : isWide) ? all : 0;
  }
  const isShort = printed === all - 1 && filled === printed && !line.isPlaced;
  return isShort && widths.isNarrowPage(line) ? printed : 0;
}

/** Whether the last value is the sum of those before it, as a total is. */
function endsInSum(values: readonly (number | null)[]): boolean {
  const last = values.at(-1);
  return !!last && last === values.slice(0, -1).reduce<number>((sum, value) => sum + (value ?? 0), 0);
}

function unreadableHeader(findings: ImportFindings, line: Line): void {
  findings.error(
    'import.unreadable_header',
    {
      zh: `第三部分的列名应依次为：${applicants.map(({ label }) => label.zh).join('、')}，各占一格`,
      en: `the columns of section three should be ${applicants.map(({ label }) => label.zh).join('、')} in this order, one a cell`,
    },
    { line, place: 'request_statistics' },
  );
}

function splitRow(findings: ImportFindings, { row, label }: RequestRow, line: Line, tail: Line): void {
  const words = filledCells(tail).join(' ');
  findings.add(
    'info',
    'import.split_row',
    {
      zh: `“${label.zh}”一行被分页切成两行，已与第${tail.number}行「${words}」合为一行`,
      en: `the row "${label.en}" is cut in two by a page break; joined with line ${tail.number}: "${words}"`,
    },
    { line, place: `request_statistics.${row}` },
  );
}

function shortRow(
  findings: ImportFindings,
  { row, label }: RequestRow,
  line: Line,
  cells: FindingCell[],
): void {
  findings.add(
    'warning',
    'import.short_row',
    {
      zh: `“${label.zh}”只印有6个数值（应为7个），按六类申请人读取，总计为空，请核对`,
      en: `"${label.en}" is printed with 6 values instead of 7; they were read as the six applicants with the total blank, please check`,
    },
    { line, cells, place: `request_statistics.${row}` },
  );
}
