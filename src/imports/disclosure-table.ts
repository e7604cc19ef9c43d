import type { DisclosureItem, Edition, Unit } from '../editions/edition.ts';
import {
  addressOf,
  allowedUnits,
  type CellNote,
  type DisclosureItemValue,
  joined,
} from '../editions/figures.ts';
import {
  columnOf,
  columnsOf,
  fitsUnit,
  type Header,
  headerOf,
  isHeader,
  underHeader,
} from './disclosure-header.ts';
import type { ImportFindings } from './findings.ts';
import { LabelTable, labelKey, plainLabel } from './labels.ts';
import { filledCells, type Line } from './lines.ts';
import { duplicateRow, readCells, unreadableRow } from './table.ts';
import { isAmount } from './values.ts';

/** Whether a cell is the clause of Article 20 that heads a block of the table. */
const isClause = (cell: string) =>
  // What is cheap comes first: folding every paragraph of a long text takes most of the time.
  cell.startsWith('第') && cell.length <= longestClause && /^第二十条第.{1,3}[项款]$/.test(plainLabel(cell));
/** The length of the longest clause, with white space between all characters. */
const longestClause = 60;

/** True for a clause alone on its line. Such a line needs no tab to belong to the table. */
export const isClauseLine = (line: Line): boolean => {
  const [first = '', ...more] = filledCells(line);
  return more.length === 0 && isClause(first);
};

/** True for a line that opens the table of section two. */
export const opensDisclosureTable = (line: Line): boolean =>
  isClauseLine(line) || (line.cells.length > 1 && isHeader(line));

/** How many header cells are measures of the edition. It tells from which edition the table was printed. */
export function disclosureLikeness(lines: readonly Line[], edition: Edition): number {
  const labels = new Set(
    edition.disclosure_items.flatMap((item) => item.measures.map((measure) => labelKey(measure.label.zh))),
  );
  const cells = lines.filter(isHeader).flatMap((line) => line.cells);
  return cells.filter((cell) => cell !== '' && labels.has(columnOf(cell, 0).key)).length;
}

/** How much text of extra rows is kept, in UTF-16 units: it fits a note together with the text beside the table. */
const longestExtra = 1500;

/**
 * Reads section two by the labels of one edition. The item in its row and the header above its column say
 * what a value is. Rows that the form does not have become a note on the table.
 */
export function readDisclosureTable(
  lines: readonly Line[],
  edition: Edition,
  notes: CellNote[],
  findings: ImportFindings,
): DisclosureItemValue[] {
  const items = new LabelTable(edition.disclosure_items.map((item) => [item.label.zh, item] as const));
  const seen = new Map<string, Line>();
  const values: DisclosureItemValue[] = [];
  const extra: string[] = [];
  let header: Header | undefined;
  for (const line of lines) {
    if (line.blank) continue;
    if (isClauseLine(line)) header = undefined;
    else if (isHeader(line)) header = headerOf(line);
    else {
      const item = items.find(line.cells[0]!);
      const earlier = item && seen.get(item.item);
      if (item === undefined) {
        if (header !== undefined && canBeExtra(line, items, extra)) {
          extra.push(line.raw.trim());
          extraRow(findings, line);
        } else
          unreadableRow(findings, line, {
            zh: '行名不是表式中的信息内容；应为单独一格的原有行名，其后每格一个数值',
            en: 'the row label is no item of the form; right is a label alone in its cell, then one value a cell',
          });
      } else if (earlier !== undefined) duplicateRow(findings, line, item.label, earlier);
      else {
        seen.set(item.item, line);
        values.push(...readRow(line, item, header, notes, findings));
      }
    }
  }
  for (const { item, label } of edition.disclosure_items)
    if (!seen.has(item))
      findings.error(
        'import.missing_row',
        {
          zh: `第二部分的表中没有“${label.zh}”一行（${edition.edition}年版表式）`,
          en: `the table of section two has no row "${label.en}" (edition ${edition.edition})`,
        },
        { place: `disclosure_items.${item}` },
      );
  if (extra.length > 0) notes.push({ cell: 'disclosure_items', raw: extra.join('\n'), note: null });
  return values;
}

/**
 * Whether a row that the form does not have can be kept together with earlier ones. Its label must surely be
 * no official one, and all of them must fit the note.
 */
function canBeExtra(line: Line, items: LabelTable<DisclosureItem>, earlier: readonly string[]): boolean {
  const label = line.cells[0]!;
  const plain = plainLabel(label);
  const isOfficial = items.begins(label) || items.keys.some((key) => plain.includes(key));
  const length = earlier.reduce((sum, raw) => sum + raw.length, line.raw.length);
  return !isOfficial && !looksUnnamed(label) && length <= longestExtra;
}

/** Whether there is no label at all, or one that is run together with a figure. */
const looksUnnamed = (label: string) => !/\p{L}/u.test(label) || /\d$/.test(label.normalize('NFKC'));

/**
 * The values of an item's row. It is read only if it has as many cells as the header (a tab at the end counts
 * as one more, empty cell), or fewer with every cell under a header filled.
 */
function readRow(
  row: Line,
  item: DisclosureItem,
  header: Header | undefined,
  notes: CellNote[],
  findings: ImportFindings,
): DisclosureItemValue[] {
  const targets = item.measures.map((measure) => ({
    cell: addressOf('disclosure_items', item.item, measure.measure),
    label: joined(item.label, measure.label),
    measure,
  }));
  const columns = header && columnsOf(header, targets);
  const line = header ? underHeader(row, header.line) : row;
  if (header === undefined || columns === undefined) {
    const names = item.measures.map((measure) => measure.label.zh).join('、');
    const why = {
      zh: `上方没有对应的列名；“${item.label.zh}”应有列：${names}`,
      en: `no matching column headers stand above; right for "${item.label.en}" is ${names}`,
    };
    unreadableRow(findings, line, why, targets);
    return [];
  }
  const unfit = columns.find(({ unit, measure }) => unit !== undefined && !fitsUnit(unit, measure));
  if (unfit) {
    const units = allowedUnits(unfit.measure).filter((unit) => unit !== null);
    const why = {
      zh: `列名中的单位是${unfit.unit}，应为${units.join('或')}`,
      en: `the header above names the unit ${unfit.unit}; right is ${units.join(' or ')}`,
    };
    unreadableRow(findings, line, why, targets);
    return [];
  }
  const width = header.line.cells.length;
  const isComplete = columns.every(({ at }) => (line.cells[at] ?? '') !== '');
  const isStray = line.cells.some(
    (cell, index) => index > 0 && cell !== '' && columns.every(({ at }) => at !== index),
  );
  if (isStray || line.cells.length > width || (!isComplete && line.cells.length < width)) {
    const why = {
      zh: `应有${columns.length}个数值（空格也占一格，全行${width}格），此行${line.cells.length}格`,
      en: `${columns.length} values are right (an empty one keeps its cell: ${width} cells in all), this row has ${line.cells.length} cells`,
    };
    unreadableRow(findings, line, why, targets);
    return [];
  }
  if (columns.some(({ isCut }) => isCut)) cutHeader(findings, header.line, item);
  const printed = columns.map(({ unit, measure, ...column }) => ({
    ...column,
    // The form leaves one unit open. If the header names it, a cell that names the other one cannot be read.
    measure: isAmount(measure) && unit !== undefined ? { ...measure, unit: unit as Unit } : measure,
    printed: line.cells[column.at] ?? '',
  }));
  const found = readCells(line, printed, notes, findings) ?? [];
  return found.map((value, index) => ({
    item: item.item,
    measure: columns[index]!.measure.measure,
    ...value,
  }));
}

function extraRow(findings: ImportFindings, line: Line): void {
  findings.add(
    'warning',
    'import.extra_row',
    {
      zh: '表式中没有这一行，原文保留为附注，不计入数据',
      en: 'the form has no such row; it is kept as a note and counts nowhere',
    },
    { line },
  );
}

function cutHeader(findings: ImportFindings, line: Line, { item }: DisclosureItem): void {
  findings.add(
    'warning',
    'import.cut_header',
    {
      zh: '列名不全，按列的次序读取，请核对',
      en: 'a column header is cut; the columns were told apart by their order, please check',
    },
    { line, place: `disclosure_items.${item}` },
  );
}
