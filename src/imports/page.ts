import { Parser } from 'htmlparser2';
import { folding, printed, unreadableMark } from './characters.ts';
import { deepest, type Excess, mostCells, mostLines } from './limits.ts';
import type { Line } from './lines.ts';
import { linesOfTable, type PageLine, type PageTable, type Spans, TooMuch } from './page-table.ts';

/**
 * Pages of any markup become the lines that texts are: a paragraph is a line of one cell, and a row of a table a line in
 * which every cell stands in its own column, with empty cells where merged ones reach to. So one reader serves all.
 */

/** What is printed of a page, from top to bottom. */
export class Page {
  readonly lines: PageLine[] = [];
  readonly #tables: PageTable[] = [];
  #into = this.lines;
  #text = '';
  /** Where the first of it that is no white space stands. */
  #startsAt: number | undefined;
  #lineCount = 0;
  #cellCount = 0;
  #group = 0;
  #isInRow = false;

  get isInTable(): boolean {
    return this.#tables.length > 0;
  }

  text(text: string, number: number): void {
    if (this.#startsAt === undefined) {
      const first = text.search(/\S/);
      if (first >= 0) this.#startsAt = number + text.slice(0, first).split('\n').length - 1;
    }
    this.#text += text;
  }

  /** What may be a figure and cannot be read as one. */
  unreadable(number: number): void {
    this.text(this.isInTable ? unreadableMark : ' ', number);
  }

  endLine(): void {
    if (this.#text === '') return;
    const text = printed(this.#text.replace(/[ \t\n\f\r]+/g, ' '));
    const number = this.#startsAt;
    this.#text = '';
    this.#startsAt = undefined;
    if (text === '' || number === undefined) return;
    this.#countLine();
    this.#into.push({ number, cells: [text] });
  }

  openTable(): void {
    this.endLine();
    this.#isInRow = false;
    this.#tables.push({ rows: [], isLayout: false, outer: this.#into });
  }

  openRow(number: number): void {
    this.leaveCell();
    this.#countLine();
    this.#isInRow = true;
    this.#tables.at(-1)?.rows.push({ number, group: this.#group, cells: [] });
  }

  /** Before another group of rows, or after a row. */
  closeRow(isGroup: boolean): void {
    this.leaveCell();
    this.#isInRow = false;
    if (isGroup) this.#group++;
  }

  openCell(number: number, spans: Spans): void {
    this.leaveCell();
    const table = this.#tables.at(-1);
    if (table === undefined) return;
    if (++this.#cellCount > mostCells) throw new TooMuch('cells');
    if (!this.#isInRow) this.openRow(number);
    const cell = { ...spans, lines: [] };
    table.rows.at(-1)!.cells.push(cell);
    this.#into = cell.lines;
  }

  /** What stands between cells is printed above the table. */
  leaveCell(): void {
    this.endLine();
    this.#into = this.#tables.at(-1)?.outer ?? this.#into;
  }

  closeTable(): void {
    this.closeRow(true);
    const table = this.#tables.pop();
    if (table === undefined) return;
    const { rows } = table;
    const around = this.#tables.at(-1);
    this.#isInRow = around !== undefined;
    if (around !== undefined && rows.some(({ cells }) => cells.length > 0)) around.isLayout = true;
    const isLayout = table.isLayout || rows.every(({ cells }) => cells.length <= 1);
    const lines = isLayout
      ? rows.flatMap(({ cells }) => cells.flatMap((cell) => cell.lines))
      : linesOfTable(table);
    for (const line of lines) this.#into.push(line);
  }

  #countLine(): void {
    if (++this.#lineCount > mostLines) throw new TooMuch('lines');
  }
}

/** What the elements of some markup mean for a page. */
export interface Markup {
  /** Whether the element is on the page; of what is not nothing is read. */
  open(name: string, attributes: Record<string, string>, number: number): boolean;
  text(text: string, number: number): void;
  close(name: string): void;
  /** What the article is called, where the page says so: above that stand a site's own lines. */
  articleTitle?: string | undefined;
}

/** Counts line ends as positions go up. */
function lineCounter(text: string): (position: number) => number {
  let line = 1;
  let next = text.indexOf('\n');
  return (position) => {
    for (; next >= 0 && next < position; next = text.indexOf('\n', next + 1)) line++;
    return line;
  };
}

function read(source: string, xmlMode: boolean, markup: Markup): void {
  const lineAt = lineCounter(source);
  let depth = 0;
  let hiddenSince: number | undefined;
  const parser: Parser = new Parser(
    {
      onopentag(name, attributes) {
        if (++depth > deepest) throw new TooMuch('depth');
        if (hiddenSince === undefined && !markup.open(name, attributes, lineAt(parser.startIndex)))
          hiddenSince = depth;
      },
      ontext(text) {
        if (hiddenSince === undefined) markup.text(text, lineAt(parser.startIndex));
      },
      onclosetag(name) {
        const isHidden = hiddenSince !== undefined;
        if (hiddenSince === depth) hiddenSince = undefined;
        depth--;
        if (!isHidden) markup.close(name);
      },
    },
    { xmlMode },
  );
  parser.end(source);
}

/** A title in print takes no more lines. */
const longestTitle = 3;

/** From the article's title on, made one line; above all where it is not found. */
function articleOf(lines: readonly PageLine[], articleTitle: string | undefined): readonly PageLine[] {
  if (articleTitle === undefined) return lines;
  const title = folding(articleTitle);
  const cells = [printed(articleTitle)];
  for (const [at, { number }] of lines.entries()) {
    let text = '';
    for (let end = at; end < Math.min(at + longestTitle, lines.length); end++) {
      text += folding(lines[end]!.cells.join(''));
      if (text === title) return [{ number, cells }, ...lines.slice(end + 1)];
      if (!title.startsWith(text)) break;
    }
  }
  return [{ number: 1, cells }, ...lines];
}

/** The lines of a page, or what it has too much of. Numbers are those of the source. */
export function linesOfPage(
  source: string,
  xmlMode: boolean,
  markupOf: (page: Page) => Markup,
): readonly Line[] | Excess {
  const page = new Page();
  const markup = markupOf(page);
  try {
    read(source, xmlMode, markup);
    page.endLine();
  } catch (error) {
    if (error instanceof TooMuch) return error.of;
    throw error;
  }
  let at = 0;
  let table: PageTable | undefined;
  return articleOf(page.lines, markup.articleTitle).map((line) => {
    if (line.table === undefined || line.table !== table) at++;
    table = line.table;
    const { number, cells } = line;
    const raw = cells.join('\t').replaceAll(unreadableMark, '');
    return { number, raw, cells, blank: cells.every((cell) => cell === ''), page: at, isPlaced: true };
  });
}
