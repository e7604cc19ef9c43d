import { printed } from './characters.ts';
import { type Excess, excessOf } from './limits.ts';

/** One printed line, cut into cells. */
export interface Line {
  /** 1-based line of the source. */
  number: number;
  raw: string;
  /** The printed cells, trimmed: between tabs, of which one at the end leaves an empty last cell, or between pipes. */
  cells: string[];
  /** Nothing but white space; it may still be a row whose cells are all empty. */
  blank: boolean;
  /** Counts up at every blank line and form feed: lines between two breaks were printed together. */
  page: number;
  /** Whether every cell stands in its own column for sure, as in the table of a page. */
  isPlaced?: true;
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
 * The lines of a text with any line ends, with or without byte order mark. A form feed at either end of a line is a
 * page break; inside a line it is white space, so that it parts no number. Of a text that no report can be, what it has
 * too many of.
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
