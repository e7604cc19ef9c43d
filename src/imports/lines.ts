import { printed } from './characters.ts';
import { areOfForm } from './form-labels.ts';
import { type Excess, excessOf } from './limits.ts';

/** The place of the first cell, and the one behind the last. */
export interface Span {
  at: number;
  end: number;
}

/** One printed line, cut into cells. */
export interface Line {
  /** 1-based number of the line in the source. */
  number: number;
  raw: string;
  /**
   * The printed cells, trimmed and without the marks of Markdown: between tabs, of which one at the end leaves an
   * empty last cell, or between pipes.
   */
  cells: string[];
  /** Whether it has nothing but white space. It may still be a row whose cells are all empty. */
  blank: boolean;
  /** Goes up at every blank line and form feed: lines with the same number were printed together. */
  page: number;
  /** Whether every cell surely stands in its own column, as in a table of a page. */
  isPlaced?: true;
  /** Of a row of the table of a page, where each of its cells begins and ends among its `cells`. */
  spans?: readonly Span[];
}

const pipe = '|';

const bold = /^\*\*((?:(?!\*\*).)+)\*\*$/s;
const headingMark = /^\s*#{1,6}\s+(?=\S)/;

/** A printed cell without the marks of Markdown for bold words around it. */
const cellOf = (text: string) => printed(printed(text).replace(bold, '$1'));

/**
 * Whether a line stands between pipes: `| 规章 | 0 | 0 | 0 |`. What merged cells are padded with are cells too, as
 * with tabs.
 */
const isBetweenPipes = (raw: string) =>
  isFramed({ raw }) && raw.indexOf(pipe) < raw.lastIndexOf(pipe) && !raw.includes('\t');

/** The cells that pipes part. One in front and one at the end leave no empty cell. */
function partedCells(raw: string): string[] {
  const line = raw.trim();
  const from = line.startsWith(pipe) ? 1 : 0;
  return line
    .slice(from, line.endsWith(pipe) ? -1 : undefined)
    .split(pipe)
    .map(cellOf);
}

/**
 * Whether a line is a row with pipes between its cells only: `规章 | 0 | 0 | 0`. In a line of text they part no
 * cells, so all must be of the form. A pipe at the end may close the row or part a blank cell: that is no row.
 */
const isParted = (raw: string) =>
  raw.includes(pipe) && !/^\s*\||\t|\|\s*$/.test(raw) && areOfForm(partedCells(raw));

/** Whether a pipe stands in front of a line. In a table it stands in front of every line or of none. */
export const isFramed = ({ raw }: Pick<Line, 'raw'>): boolean => raw.trimStart().startsWith(pipe);

/** Whether the cells of a line are told by pipes. */
export const isPiped = ({ raw }: Pick<Line, 'raw'>): boolean => isBetweenPipes(raw) || isParted(raw);

/**
 * The line that parts the head of a table from its body in Markdown: `| --- | --: |`. One of single strokes is of
 * blanks.
 */
function isRule(raw: string): boolean {
  if (!raw.includes(pipe) || !/^[\s|:-]*$/.test(raw)) return false;
  return partedCells(raw).every((cell) => /^(?:-{3,}|:-+:?|-+:)$/.test(cell));
}

function cellsOf(raw: string): string[] {
  if (raw.includes('\t')) return raw.split('\t').map(cellOf);
  return isPiped({ raw }) ? partedCells(raw) : [cellOf(raw.replace(headingMark, ''))];
}

/**
 * The lines of a text with any line ends, with or without a byte order mark. A form feed at either end of a
 * line is a page break. Inside a line it is white space, so that it cuts no number in two. For a text that is
 * too long to be a report, what it has too many of.
 */
export function linesOf(text: string): readonly Line[] | Excess {
  const excess = excessOf(text);
  if (excess !== undefined) return excess;
  const lines: Line[] = [];
  let page = 0;
  for (const [index, raw] of text.split(/\r\n|\n|\r/).entries()) {
    if (raw.startsWith('\f')) page++;
    if (isRule(raw)) continue;
    const cells = cellsOf(raw);
    const blank = cells.every((cell) => cell === '');
    lines.push({ number: index + 1, raw, cells, blank, page });
    if (blank || raw.endsWith('\f')) page++;
  }
  return lines;
}

/** The cells of a line that hold something. */
export const filledCells = (line: Line) => line.cells.filter((cell) => cell !== '');
