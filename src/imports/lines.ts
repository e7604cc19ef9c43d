import { printed } from './characters.ts';
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
  /** The printed cells, trimmed: between tabs, of which one at the end leaves an empty last cell, or between pipes. */
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

/** Whether a line is a row between pipes: `| 规章 | 0 | 0 | 0 |`. What merged cells are padded with are cells too, as with tabs. */
export const isPiped = ({ raw }: Pick<Line, 'raw'>): boolean =>
  raw.trimStart().startsWith(pipe) && raw.indexOf(pipe) < raw.lastIndexOf(pipe) && !raw.includes('\t');

/** The line that parts the head of a table from its body in Markdown: `| --- | --: |`. One of single strokes is of blanks. */
const isRule = (cells: readonly string[]) => cells.every((cell) => /^(?:-{3,}|:-+:?|-+:)$/.test(cell));

function cellsOf(raw: string): string[] {
  if (!isPiped({ raw })) return raw.split('\t').map(printed);
  const between = raw.trim().slice(1);
  return (between.endsWith(pipe) ? between.slice(0, -1) : between).split(pipe).map(printed);
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
    const cells = cellsOf(raw);
    if (isPiped({ raw }) && isRule(cells)) continue;
    const blank = cells.every((cell) => cell === '');
    lines.push({ number: index + 1, raw, cells, blank, page });
    if (blank || raw.endsWith('\f')) page++;
  }
  return lines;
}

/** The cells of a line that hold something. */
export const filledCells = (line: Line) => line.cells.filter((cell) => cell !== '');
