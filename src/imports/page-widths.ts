import type { Line } from './lines.ts';

/** True for a line that continues the label of the line before it: one filled cell, all others empty. */
const isTail = (line: Line) => line.cells.filter((cell) => cell !== '').length === 1 && line.cells.length > 2;

interface Run {
  afterBreak: boolean;
  beforeBreak: boolean;
  opensWithTail: boolean;
}

/**
 * How many cells the lines of a table have, page by page. In a text made from a table, all lines of a page
 * have the same number. A line that differs has lost or gained a tab, so that the places of its cells are not
 * known.
 */
export class PageWidths {
  readonly #usual = new Map<number, number>();
  readonly #pages: ReadonlyMap<number, ReadonlyMap<number, number>>;
  readonly #ofTable = new Map<number, number>();
  readonly #runs = new Map<Line, Run>();

  constructor(lines: readonly Line[]) {
    const filled = lines.filter((line) => !line.blank);
    const pages = new Map<number, Map<number, number>>();
    for (const { page, cells } of filled) {
      const counts = pages.get(page) ?? new Map<number, number>();
      pages.set(page, counts.set(cells.length, (counts.get(cells.length) ?? 0) + 1));
      this.#ofTable.set(cells.length, (this.#ofTable.get(cells.length) ?? 0) + 1);
    }
    this.#pages = pages;
    for (const [page, counts] of pages) {
      const [[usual] = [0]] = [...counts].toSorted((a, b) => b[1] - a[1] || b[0] - a[0]);
      this.#usual.set(page, usual);
    }
    for (let from = 0; from < filled.length; ) {
      const { page, cells } = filled[from]!;
      let to = from + 1;
      while (filled[to]?.page === page && filled[to]!.cells.length === cells.length) to++;
      const run = {
        afterBreak: filled[from - 1]?.page !== page,
        beforeBreak: filled[to]?.page !== page,
        opensWithTail: isTail(filled[from]!),
      };
      for (const line of filled.slice(from, to)) this.#runs.set(line, run);
      from = to;
    }
  }

  /** The line is as wide as most of its page, and at least one other line of the table is as wide. */
  isTrusted(line: Line): boolean {
    const width = line.cells.length;
    return this.#usual.get(line.page) === width && (this.#ofTable.get(width) ?? 0) > 1;
  }

  /**
   * The line has gained a cell: it is wider than usual, and the only line of its page with that width. A tab
   * in the place of a digit moves figures even into a row that looks full.
   */
  isTooWide(line: Line): boolean {
    const width = line.cells.length;
    const alike = this.#pages.get(line.page)?.get(width) ?? 0;
    return width > (this.#usual.get(line.page) ?? 0) && alike < 2;
  }

  /**
   * The line stands among lines of its own width that fill the page from break to break. Where blank lines
   * were lost, it stands among lines that begin with the second half of a cut row.
   */
  isNarrowPage(line: Line): boolean {
    const run = this.#runs.get(line);
    return run !== undefined && (run.opensWithTail || (run.afterBreak && run.beforeBreak));
  }
}
