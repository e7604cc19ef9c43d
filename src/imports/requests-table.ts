import { type Applicant, applicants, type Edition, type RequestRow } from '../editions/edition.ts';
import type { CellNote, RequestStatisticsRow } from '../editions/figures.ts';
import { formCells } from '../editions/figures.ts';
import type { ImportFindings } from './findings.ts';
import { filledCells, type Line } from './lines.ts';
import { PageWidths } from './page-widths.ts';
import { firstColumnOf, isHeader, labelled } from './requests-labels.ts';
import { cellsOf, readCells, type Target, unreadableRow } from './table.ts';
import { caseCount, looksLikeValue } from './values.ts';

/** A line's label cells stand before its values. */
function labelAt(line: Line, first: number): number {
  let at = -1;
  for (let index = 0; index <= first && index < line.cells.length; index++) {
    const cell = line.cells[index]!;
    if (cell === '') continue;
    if (looksLikeValue(cell)) break;
    at = index;
  }
  return at;
}

/**
 * Reads section three by one edition's labels. How the cells of a row are told apart:
 *
 * - The header says where the first of the seven columns stands (cell 2 in the known documents). A label stands
 *   before it; where the label is nested deeper (3 label cells) the values begin right after the label. So a label
 *   further left is followed by empty cells of its merged columns, which are no values.
 * - In the table of a page cells stand in their own columns: a row needs no more than the headers of its own table.
 *   What follows is for texts.
 * - From there seven cells are the seven columns; what follows (the merged cells that a table library pads at the
 *   end) must be empty.
 * - If all seven are filled, the row is complete, and closing tabs may be missing. If some are empty, their places
 *   are only known when the row has the same number of cells as the rest of its page: a tab lost or added moves
 *   the figures. A row with more cells than the rest of its page is never read. So a blank total is an empty cell that is there: `…→0→0→` with the page's width.
 * - A short row has one cell fewer than seven, all six filled, and so has every row between two page breaks: the
 *   column was lost with the page, not in the row. Its six are the applicants, the total blank. A single row with
 *   six values among full ones is unreadable, and so is one whose sixth is the sum of the five before it: that
 *   looks like a total, and nobody can say which column is missing then.
 */
export function readRequestTable(
  lines: readonly Line[],
  edition: Edition,
  notes: CellNote[],
  findings: ImportFindings,
): RequestStatisticsRow[] {
  const labels = labelled(edition);
  const form = formCells({ disclosure_items: edition.edition, request_statistics: edition.edition });
  const widths = new PageWidths(lines);
  const seen = new Map<string, Line>();
  const rows: RequestStatisticsRow[] = [];
  const isRow = (label: string) => typeof labels.find(label) === 'object';
  let header: Line[] = [];
  let inHeader = false;
  let first: number | undefined;

  const read = (row: RequestRow, line: Line, at: number, firstColumn: number) => {
    const targets = applicants.map(({ applicant }): Target => {
      const cell = `request_statistics.${row.row}.${applicant}`;
      return { cell, label: form.get(cell)!.label, measure: caseCount };
    });
    const width = targets.length;
    const start = Math.max(firstColumn, at + 1);
    const printed = line.cells.slice(start, start + width);
    const beyond = line.cells.slice(start + width).some((cell) => cell !== '');
    const before = line.cells.slice(at + 1, start).some((cell) => cell !== '');
    const filled = printed.filter((cell) => cell !== '').length;
    const isFull = printed.length === width && !beyond && !before;
    const isShort = printed.length === width - 1 && filled === printed.length && !before && !line.isPlaced;
    const isWide = filled === width ? !widths.isTooWide(line) : widths.isTrusted(line);
    const isInPlace = at < firstColumn && line.page === header[0]!.page;
    if (isFull && (line.isPlaced ? isInPlace : isWide)) {
      const found = readCells(
        line,
        targets.map((each, i) => ({ ...each, printed: printed[i]! })),
        notes,
        findings,
      );
      if (found)
        push(
          row,
          found.map(({ value }) => value),
        );
      return;
    }
    if (isShort && widths.isNarrowPage(line)) {
      const six = targets.slice(0, -1);
      const found = readCells(
        line,
        six.map((each, i) => ({ ...each, printed: printed[i]! })),
        notes,
        findings,
      );
      if (!found) return;
      const last = found.at(-1)!.value;
      const others = found.slice(0, -1).reduce((sum, { value }) => sum + (value ?? 0), 0);
      if (last === null || last === 0 || last !== others) {
        findings.add(
          'warning',
          'import.short_row',
          {
            zh: `“${row.label.zh}”只印有6个数值（应为7个），按六类申请人读取，总计为空，请核对`,
            en: `"${row.label.en}" is printed with 6 values instead of 7; they were read as the six applicants with the total blank, please check`,
          },
          { line, cells: cellsOf(targets, found), place: `request_statistics.${row.row}` },
        );
        push(row, [...found.map(({ value }) => value), null]);
        return;
      }
    }
    unreadableRow(
      findings,
      line,
      {
        zh: `“${row.label.zh}”应有7个数值（空格也占一格），此行行名后有${Math.max(0, line.cells.length - start)}格，无法确定各属哪一列`,
        en: `"${row.label.en}" should have 7 values (an empty one keeps its cell); ${Math.max(0, line.cells.length - start)} cells follow the label and which columns they are is not certain`,
      },
      targets,
    );
  };
  const push = (row: RequestRow, values: readonly (number | null)[]) => {
    rows.push({
      row: row.row,
      ...(Object.fromEntries(
        applicants.map(({ applicant }, index) => [applicant, values[index] ?? null]),
      ) as Record<Applicant, number | null>),
    });
  };

  const filledLines = lines.filter((line) => !line.blank);
  for (let index = 0; index < filledLines.length; index++) {
    const line = filledLines[index]!;
    if (isHeader(line)) {
      if (!inHeader) header = [];
      inHeader = true;
      header.push(line);
      continue;
    }
    if (inHeader) {
      first = firstColumnOf(header);
      inHeader = false;
      if (first === undefined) {
        findings.error(
          'import.unreadable_header',
          {
            zh: `第三部分的列名应依次为：${applicants.map(({ label }) => label.zh).join('、')}，各占一格`,
            en: `the columns of section three should be ${applicants.map(({ label }) => label.zh).join('、')} in this order, one a cell`,
          },
          { line: header[0], place: 'request_statistics' },
        );
        return [];
      }
    }
    if (first === undefined) {
      unreadableRow(findings, line, { zh: '上方没有列名', en: 'no column headers stand above' });
      continue;
    }
    const last = labelAt(line, first);
    // What stands in the first column after a row's label is a value that cannot be read, and no label.
    const named = line.cells.findLastIndex((cell, index) => index < last && cell !== '');
    const isValue = named >= 0 && isRow(line.cells[named]!) && labels.find(line.cells[last]!) === undefined;
    const at = isValue ? named : last;
    const label = at < 0 ? '' : line.cells[at]!;
    const outer = line.cells.slice(0, Math.max(at, 0)).filter((cell) => cell !== '');
    const isOuterKnown = outer.every((cell) => labels.find(cell) === 'group');
    let row = label === '' || !isOuterKnown ? undefined : labels.find(label);
    let values = line;
    let valuesAt = at;
    if (row === 'group' && filledCells(line).length === outer.length + 1) continue;
    if (row === undefined && label !== '' && isOuterKnown && labels.begins(label)) {
      const cut = cutRow(line, at, filledLines[index + 1], first);
      const joined = cut && labels.find(cut.label);
      if (cut && typeof joined === 'object') {
        row = joined;
        values = cut.values;
        valuesAt = cut.at;
        index++;
        findings.add(
          'info',
          'import.split_row',
          {
            zh: `“${joined.label.zh}”一行被分页切成两行，已与第${cut.tail.number}行「${filledCells(cut.tail).join(' ')}」合为一行`,
            en: `the row "${joined.label.en}" is cut in two by a page break; joined with line ${cut.tail.number}: "${filledCells(cut.tail).join(' ')}"`,
          },
          { line, place: `request_statistics.${joined.row}` },
        );
      }
    }
    if (typeof row !== 'object') {
      unreadableRow(findings, line, {
        zh: '行名不是表式中的行；应为单独一格的原有行名，其后7个数值',
        en: 'the row label is none of the form; right is a label alone in its cell, then 7 values',
      });
      continue;
    }
    const earlier = seen.get(row.row);
    if (earlier !== undefined) {
      findings.error(
        'import.duplicate_row',
        {
          zh: `“${row.label.zh}”已见于第${earlier.number}行，只应有一行`,
          en: `"${row.label.en}" is already at line ${earlier.number}; one row is right`,
        },
        { line },
      );
      continue;
    }
    seen.set(row.row, line);
    read(row, values, valuesAt, first);
  }
  for (const row of edition.request_statistics)
    if (!seen.has(row.row))
      findings.error(
        'import.missing_row',
        {
          zh: `第三部分的表中没有“${row.label.zh}”一行（${edition.edition}年版表式）`,
          en: `the table of section three has no row "${row.label.en}" (edition ${edition.edition})`,
        },
        { place: `request_statistics.${row.row}` },
      );
  return rows;
}

/** The two halves of a row that a page break cut: one label in two lines, the values in one of them. */
function cutRow(head: Line, at: number, tail: Line | undefined, first: number) {
  if (tail === undefined) return undefined;
  const tailAt = labelAt(tail, first);
  if (tailAt < 0 || tail.cells.slice(0, tailAt).some((cell) => cell !== '')) return undefined;
  const hasValues = (line: Line, labelIndex: number) =>
    line.cells.slice(labelIndex + 1).some((cell) => cell !== '');
  const inTail = hasValues(tail, tailAt);
  if (inTail && hasValues(head, at)) return undefined;
  return {
    label: head.cells[at]! + tail.cells[tailAt]!,
    tail,
    values: inTail ? tail : head,
    at: inTail ? tailAt : at,
  };
}
