import { type Excess, mostTabs } from './limits.ts';
import { looksLikeValue } from './values.ts';

/** A table of a page, and the lines of a text that it is. */

/** A figure in merged cells belongs to one of them, and nobody can say to which: no number, so never read. */
const merged = '（合并单元格）';

export interface PageLine {
  number: number;
  /** One of a paragraph, those of a row otherwise. */
  cells: string[];
  /** Undefined outside tables: every paragraph stands on its own. */
  table?: PageTable;
}
interface Cell {
  columns: number;
  rows: number;
  lines: PageLine[];
}
interface Row {
  number: number;
  cells: Cell[];
}
export interface PageTable {
  rows: Row[];
  /** Tables that hold others lay a page out. */
  isLayout: boolean;
  /** Where what surrounds the table is collected. */
  outer: PageLine[];
}

/** Thrown where a page is no page of a report. */
export class TooMuch extends Error {
  readonly of: Excess;
  constructor(of: Excess) {
    super(of);
    this.of = of;
  }
}

const textOf = ({ lines }: Cell): string => lines.map(({ cells }) => cells.join(' ')).join(' ');

/** The rows of a table with every cell in its own column. */
export function linesOfTable(table: PageTable): PageLine[] {
  interface Place {
    cell: Cell;
    text: string;
    row: number;
    column: number;
  }
  const { rows } = table;
  const places: Place[][] = rows.map(() => []);
  let count = 0;
  for (const [row, { cells }] of rows.entries()) {
    let column = 0;
    for (const cell of cells) {
      while (places[row]![column] !== undefined) column++;
      const place = { cell, text: textOf(cell), row, column };
      const below = Math.min(row + cell.rows, rows.length);
      count += (below - row) * cell.columns;
      if (count > mostTabs) throw new TooMuch('tabs');
      for (let y = row; y < below; y++)
        for (let x = column; x < column + cell.columns; x++) places[y]![x] ??= place;
      column += cell.columns;
    }
  }
  const printedAt = (y: number, x: number): string => {
    const place = places[y]![x];
    if (place === undefined) return '';
    const { cell, text, row, column } = place;
    if (y === row && x === column) return text;
    if (text === '' || !looksLikeValue(text)) return '';
    const above = places[row - 1]?.[column];
    const isAsAbove = above?.column === column && above.cell.columns === cell.columns;
    return y === row && isAsAbove ? '' : merged;
  };
  return rows.map(({ number }, y) => ({
    number,
    cells: Array.from(places[y]!, (_, x) => printedAt(y, x)),
    table,
  }));
}
