import type { DisclosureItem, Edition, Measure } from '../editions/edition.ts';
import type { CellNote, DisclosureItemValue } from '../editions/figures.ts';
import { formCells } from '../editions/figures.ts';
import type { ImportFindings } from './findings.ts';
import { LabelTable, labelKey, plainLabel } from './labels.ts';
import { filledCells, type Line } from './lines.ts';
import { readCells, type Target, unreadableRow } from './table.ts';

const rowHeading = plainLabel('信息内容');

/** A printed column: where it stands and the key of its header. */
interface Column {
  at: number;
  key: string;
}
interface Header {
  line: Line;
  columns: Column[];
}

/** The clause of Article 20 that heads a block. */
const isClause = (cell: string) =>
  // First what is cheap: folding every paragraph of a long text takes most of the time.
  cell.startsWith('第') && cell.length <= longestClause && /^第二十条第.{1,3}项$/.test(plainLabel(cell));
/** With white space between all characters. */
const longestClause = 60;

/** True for a clause alone on its line, which needs no tab to be of the table. */
export const isClauseLine = (line: Line): boolean => {
  const [first = '', ...more] = filledCells(line);
  return more.length === 0 && isClause(first);
};

/** True for a line that opens the table of section two. */
export const opensDisclosureTable = (line: Line): boolean =>
  isClauseLine(line) || (line.cells.length > 1 && plainLabel(line.cells[0]!) === rowHeading);

/** How many header cells are measures of the edition: which edition the table was printed from. */
export function disclosureLikeness(lines: readonly Line[], edition: Edition): number {
  const labels = new Set(
    edition.disclosure_items.flatMap((item) => item.measures.map((measure) => labelKey(measure.label.zh))),
  );
  const headers = lines.filter((line) => plainLabel(line.cells[0] ?? '') === rowHeading);
  return headers.flatMap((line) => line.cells).filter((cell) => cell !== '' && labels.has(labelKey(cell)))
    .length;
}

/** What fits a note with the text beside the table. */
const longestExtra = 1500;
const shortestCut = 3;

/**
 * The column of each measure of an item, or why there is none. A header is its measure's label. Where a print cuts
 * several labels to the same beginning (本年新) the order of the columns tells them apart, and only then.
 */
function columnsOf(
  header: Header,
  item: DisclosureItem,
): { at: number; measure: Measure; cut: boolean }[] | undefined {
  const { columns } = header;
  if (columns.length !== item.measures.length) return undefined;
  const taken = new Set<Measure>();
  const result = [];
  for (const [index, { at, key }] of columns.entries()) {
    const exact = item.measures.find((measure) => labelKey(measure.label.zh) === key);
    const inPlace = item.measures[index]!;
    const isCut = key.length >= shortestCut && labelKey(inPlace.label.zh).startsWith(key);
    const measure = exact ?? (isCut ? inPlace : undefined);
    if (measure === undefined || taken.has(measure)) return undefined;
    taken.add(measure);
    result.push({ at, measure, cut: exact === undefined });
  }
  return result;
}

/**
 * Reads section two by one edition's labels. A value is anchored by the item in its row and the header above its
 * column; a row is read only when it has the header's number of cells (a tab at the end prints one more, empty), or
 * fewer with every cell under a header filled. Rows the form does not have become a note on the table.
 */
export function readDisclosureTable(
  lines: readonly Line[],
  edition: Edition,
  notes: CellNote[],
  findings: ImportFindings,
): DisclosureItemValue[] {
  const items = new LabelTable(edition.disclosure_items.map((item) => [item.label.zh, item] as const));
  const form = formCells({ disclosure_items: edition.edition, request_statistics: edition.edition });
  const seen = new Map<string, Line>();
  const values: DisclosureItemValue[] = [];
  const extra: string[] = [];
  let header: Header | undefined;
  for (const line of lines) {
    if (line.blank) continue;
    const [label = '', ...rest] = line.cells;
    if (isClauseLine(line)) {
      header = undefined;
      continue;
    }
    if (plainLabel(label) === rowHeading) {
      const columns = rest.flatMap((cell, index) =>
        cell === '' ? [] : [{ at: index + 1, key: labelKey(cell) }],
      );
      header = { line, columns };
      continue;
    }
    const item = items.find(label);
    if (item === undefined) {
      const plain = plainLabel(label);
      const official = items.begins(label) || items.keys.some((key) => plain.includes(key));
      const isTooLong = extra.reduce((sum, raw) => sum + raw.length, line.raw.length) > longestExtra;
      if (label === '' || official || looksUnnamed(label) || header === undefined || isTooLong) {
        unreadableRow(findings, line, {
          zh: '行名不是表式中的信息内容；应为单独一格的原有行名，其后每格一个数值',
          en: 'the row label is no item of the form; right is a label alone in its cell, then one value a cell',
        });
        continue;
      }
      extra.push(line.raw.trim());
      findings.add(
        'warning',
        'import.extra_row',
        {
          zh: '表式中没有这一行，原文保留为附注，不计入数据',
          en: 'the form has no such row; it is kept as a note and counts nowhere',
        },
        { line },
      );
      continue;
    }
    const targets: Target[] = item.measures.map((measure) => {
      const cell = `disclosure_items.${item.item}.${measure.measure}`;
      return { cell, label: form.get(cell)?.label ?? measure.label, measure };
    });
    const earlier = seen.get(item.item);
    if (earlier !== undefined) {
      findings.error(
        'import.duplicate_row',
        {
          zh: `“${item.label.zh}”已见于第${earlier.number}行，只应有一行`,
          en: `"${item.label.en}" is already at line ${earlier.number}; one row is right`,
        },
        { line },
      );
      continue;
    }
    seen.set(item.item, line);
    const columns = header && columnsOf(header, item);
    if (header === undefined || columns === undefined) {
      const names = item.measures.map((measure) => measure.label.zh).join('、');
      unreadableRow(
        findings,
        line,
        {
          zh: `上方没有对应的列名；“${item.label.zh}”应有列：${names}`,
          en: `no matching column headers stand above; right for "${item.label.en}" is ${names}`,
        },
        targets,
      );
      continue;
    }
    const underHeader = new Set(columns.map(({ at }) => at));
    const complete = columns.every(({ at }) => (line.cells[at] ?? '') !== '');
    const stray = rest.some((cell, index) => cell !== '' && !underHeader.has(index + 1));
    const wider = line.cells.length - header.line.cells.length;
    if (stray || wider > 0 || (!complete && wider < 0)) {
      unreadableRow(
        findings,
        line,
        {
          zh: `应有${columns.length}个数值（空格也占一格，全行${header.line.cells.length}格），此行${line.cells.length}格`,
          en: `${columns.length} values are right (an empty one keeps its cell: ${header.line.cells.length} cells in all), this row has ${line.cells.length} cells`,
        },
        targets,
      );
      continue;
    }
    if (columns.some(({ cut }) => cut))
      findings.add(
        'warning',
        'import.cut_header',
        {
          zh: '列名不全，按列的次序读取，请核对',
          en: 'a column header is cut; the columns were told apart by their order, please check',
        },
        { line: header.line, place: `disclosure_items.${item.item}` },
      );
    const inColumnOrder = columns.map(({ at, measure }) => ({
      ...targets.find((target) => target.measure === measure)!,
      printed: line.cells[at] ?? '',
    }));
    const found = readCells(line, inColumnOrder, notes, findings);
    if (found === undefined) continue;
    for (const [index, { measure }] of inColumnOrder.entries())
      values.push({ item: item.item, measure: measure.measure, ...found[index]! });
  }
  for (const item of edition.disclosure_items)
    if (!seen.has(item.item))
      findings.error(
        'import.missing_row',
        {
          zh: `第二部分的表中没有“${item.label.zh}”一行（${edition.edition}年版表式）`,
          en: `the table of section two has no row "${item.label.en}" (edition ${edition.edition})`,
        },
        { place: `disclosure_items.${item.item}` },
      );
  if (extra.length > 0) notes.push({ cell: 'disclosure_items', raw: extra.join('\n'), note: null });
  return values;
}

/** No label at all, or one run together with a figure. */
const looksUnnamed = (label: string) => !/\p{L}/u.test(label) || /\d$/.test(label.normalize('NFKC'));
