import { unreadableMark } from './characters.ts';
import { type Excess, mostCells } from './limits.ts';
import type { Span } from './lines.ts';
import { looksLikeValue } from './values.ts';

/** A paragraph of a page, or a row of one of its tables, with its line in the source. */

export interface PageLine {
  number: number;
  /** One cell for a paragraph, the cells of the row otherwise. */
  cells: string[];
  /** Where the cells of the row begin and end among them; none of what stands in one cell over all columns. */
  spans?: readonly Span[];
  /** The table of the row; undefined outside tables, where every paragraph stands on its own. */
  table?: PageTable;
}
/** How many columns and rows a cell takes. */
export interface Spans {
  columns: number;
  /** Infinity means all that follow in its group of rows. */
  rows: number;
  /** Whether it is one with the cell above it, whose text it then has. */
  continues?: boolean;
}
interface Cell extends Spans {
  lines: PageLine[];
}
interface Row {
  number: number;
  /** The number of its group: the head, a body or the foot of a table. No cell reaches beyond its group. */
  group: number;
  cells: Cell[];
}
export interface PageTable {
  rows: Row[];
  /** Whether it lays a page out, as tables do that hold others. */
  isLayout: boolean;
  /** Where the lines around the table are collected. */
  outer: PageLine[];
}

/** Thrown where a page is too large to be one of a report. */
export class TooMuch extends Error {
  readonly of: Excess;
  constructor(of: Excess) {
    super(of);
    this.of = of;
  }
}

/** A cell in the grid, and the row and column where it begins. */
interface Place {
  columns: number;
  text: string;
  row: number;
  column: number;
}

const textOf = ({ lines }: Cell): string => lines.map(({ cells }) => cells.join(' ')).join(' ');

/** The cell at each row and column, as a browser lays it out. Throws `TooMuch` where there are too many. */
function gridOf(rows: readonly Row[]): Place[][] {
  const places: Place[][] = rows.map(() => []);
  const ends = new Map(rows.map(({ group }, row) => [group, row + 1]));
  let count = 0;
  for (const [row, { cells, group }] of rows.entries()) {
    const end = ends.get(group)!;
    let column = 0;
    for (const cell of cells) {
      while (places[row]![column] !== undefined) column++;
      const above = cell.continues ? places[row - 1]?.[column] : undefined;
      const place = above ?? { columns: cell.columns, text: textOf(cell), row, column };
      const below = Math.min(row + cell.rows, end);
      count += (below - row) * cell.columns;
      if (count > mostCells) throw new TooMuch('cells');
      for (let y = row; y < below; y++)
        for (let x = column; x < column + cell.columns; x++) places[y]![x] ??= place;
      column += cell.columns;
    }
  }
  return places;
}

/** The rows of a table with every cell in its own column. A row of one cell over all columns is a paragraph. */
export function linesOfTable(table: PageTable): PageLine[] {
  const places = gridOf(table.rows);
  const begins = (place: Place | undefined, y: number, x: number) => place?.row === y && place.column === x;
  // A column of the grid in which no cell begins is no column of its own.
  const columns = [
    ...new Set(places.flatMap((row, y) => row.flatMap((place, x) => (begins(place, y, x) ? [x] : [])))),
  ].sort((a, b) => a - b);
  const isFigure = (text: string) => text !== '' && looksLikeValue(text);
  const cellsOf = (y: number): string[] => {
    const row = places[y]!;
    const own = columns.filter((x) => begins(row[x], y, x));
    const hasFigures = own.some((x) => isFigure(row[x]!.text));
    const lastLabel = own.findLast((x) => row[x]!.text !== '' && !isFigure(row[x]!.text)) ?? -1;
    return columns.slice(0, columns.findLastIndex((x) => row[x] !== undefined) + 1).map((x) => {
      const place = row[x];
      if (place === undefined || place.text === '') return '';
      if (begins(place, y, x)) return place.text;
      const isLabel = !isFigure(place.text);
      if (y > place.row) return isLabel && (x < lastLabel || !hasFigures) ? '' : unreadableMark;
      const above = places[y - 1]?.[place.column];
      return isLabel || (above?.column === place.column && above.columns === place.columns)
        ? ''
        : unreadableMark;
    });
  };
  const spansOf = (y: number): Span[] =>
    columns.flatMap((x, at) => {
      const place = places[y]![x];
      if (!begins(place, y, x)) return [];
      let end = at + 1;
      while (end < columns.length && columns[end]! < x + place!.columns) end++;
      return [{ at, end }];
    });
  return table.rows.flatMap(({ number }, y) => {
    const row = places[y]!;
    if (row.length === 0) return [];
    const isWhole = columns.length > 1 && columns.every((x) => row[x] === row[0]);
    if (isWhole) return [{ number, cells: [row[0]!.text], table }];
    return [{ number, cells: cellsOf(y), spans: spansOf(y), table }];
  });
}
