import { plainLabel } from './labels.ts';
import type { Line } from './lines.ts';

/**
 * Tables in which merged cells leave nothing behind, as a browser copies them and many converters print them.
 * Their headers stand in no columns: only the words and their order say that all columns of the form are there.
 */

/** What tells whether a line still has all its cells: the width of all lines, or the empty cells behind each. */
export type LineEnds = { width: number } | { behind: number };

/** The width of a line without the empty cells behind it. */
const filledWidth = ({ cells }: Line) => cells.findLastIndex((cell) => cell !== '') + 1;

/** Whether a line holds these labels and nothing else, side by side. Empty cells may follow. */
const isExactly = (line: Line, labels: readonly string[]): boolean =>
  !line.isPlaced &&
  filledWidth(line) === labels.length &&
  labels.every((label, index) => plainLabel(line.cells[index]!) === plainLabel(label));

const isOne = (values: readonly number[]) => new Set(values).size === 1;

/**
 * How the lines of a table end, by its header; undefined unless each line of the header has exactly its labels.
 * All are padded to one width, or all have as many empty cells behind them, mostly none.
 */
export function endsOf(
  header: readonly Line[],
  labels: readonly (readonly string[])[],
): LineEnds | undefined {
  if (header.length !== labels.length || !header.every((line, index) => isExactly(line, labels[index]!)))
    return undefined;
  const widths = header.map(({ cells }) => cells.length);
  const behind = header.map((line) => line.cells.length - filledWidth(line));
  if (isOne(behind)) return { behind: behind[0]! };
  return isOne(widths) ? { width: widths[0]! } : undefined;
}

/**
 * Whether the cells from `start` surely are the `count` columns of the form. The line ends as its header does,
 * so that no cell is lost or added. Where it may be padded, the last column is filled: padding would hide a
 * lost cell.
 */
export function hasColumns(line: Line, start: number, count: number, ends: LineEnds): boolean {
  const { cells } = line;
  const behind = cells.length - start - count;
  const isWhole = 'width' in ends ? cells.length === ends.width : behind === ends.behind;
  const isPadded = 'width' in ends || behind > 0;
  return (
    isWhole &&
    behind >= 0 &&
    cells.slice(start + count).every((cell) => cell === '') &&
    !(isPadded && cells[start + count - 1] === '')
  );
}
