import type { Measure, Unit } from '../editions/edition.ts';
import { allowedUnits } from '../editions/figures.ts';
import { folding } from './characters.ts';
import { labelKey, plainLabel } from './labels.ts';
import type { Line } from './lines.ts';
import type { Target } from './table.ts';
import { isAmount } from './values.ts';

/** The column headers of section two: what stands under which, and in what unit. */

const rowHeading = plainLabel('信息内容');

/** A line of column headers, with the place, the key and the unit of each. */
export interface Header {
  line: Line;
  columns: Column[];
}
interface Column {
  at: number;
  key: string;
  unit: string | undefined;
}

export const isHeader = (line: Line): boolean => plainLabel(line.cells[0]!) === rowHeading;

/**
 * A label with a unit behind it. The form prints one for fees, 本年收费金额（单位：万元）. Many reports print one for
 * other measures too: 采购总金额（元）.
 */
const unitBehind = /^(.+?)(?:\((?:单位:?)?|,?单位:?)(万元|元|件|项|个|宗|条)\)?$/;

export function columnOf(cell: string, at: number): Column {
  const [, label = cell, unit] = unitBehind.exec(folding(cell)) ?? [];
  return { at, key: labelKey(label), unit };
}

export function headerOf(line: Line): Header {
  const columns = line.cells.flatMap((cell, at) => (cell === '' ? [] : [columnOf(cell, at)]));
  return { line, columns: columns.slice(1) };
}

/**
 * The row with each cell in the column of its header. Where a page divides the columns otherwise in a row than in its
 * header, the nth cell is surely of the nth header if there are as many, they end together, and each overlaps its own.
 */
export function underHeader(row: Line, { spans: above }: Line): Line {
  const { spans = [] } = row;
  const isAligned =
    spans.length > 0 &&
    spans.length === above?.length &&
    spans.at(-1)!.end === above.at(-1)!.end &&
    spans.every(({ at, end }, place) => at < above[place]!.end && above[place]!.at < end);
  if (!isAligned) return row;
  const cells = row.cells.map(() => '');
  for (const [place, { at }] of spans.entries()) cells[above[place]!.at] = row.cells[at]!;
  return { ...row, cells };
}

/** Whether a unit may stand above a measure. Counts have units of many names, so only 元 and 万元 do not fit them. */
export const fitsUnit = (unit: string, measure: Measure): boolean =>
  isAmount(measure) ? allowedUnits(measure).includes(unit as Unit) : !unit.endsWith('元');

const shortestCut = 3;

/**
 * The column of each cell of an item; undefined where a cell has none. A header is the label of its measure.
 * Where a print cuts several labels to the same beginning (本年新), and only then, the order of the columns
 * tells them apart.
 */
export function columnsOf({ columns }: Header, targets: readonly Target[]) {
  if (columns.length !== targets.length) return undefined;
  const taken = new Set<Target>();
  const result: (Target & { at: number; unit: string | undefined; isCut: boolean })[] = [];
  for (const [index, { at, key, unit }] of columns.entries()) {
    const exact = targets.find(({ measure }) => labelKey(measure.label.zh) === key);
    const inPlace = targets[index]!;
    const isCut = key.length >= shortestCut && labelKey(inPlace.measure.label.zh).startsWith(key);
    const target = exact ?? (isCut ? inPlace : undefined);
    if (target === undefined || taken.has(target)) return undefined;
    taken.add(target);
    result.push({ ...target, at, unit, isCut: exact === undefined });
  }
  return result;
}
