import { Parser } from 'htmlparser2';
import { folding, printed, unreadableMark } from './characters.ts';
import { deepest, type Excess, mostCells, mostLines } from './limits.ts';
import type { Line } from './lines.ts';
import { linesOfTable, type PageLine, type PageTable, type Spans, TooMuch } from './page-table.ts';

/**
 * Pages of any markup become lines like those of texts. A paragraph is a line of one cell. A row of a table
 * is a line in which every cell stands in its own column, with empty cells where merged ones reach. So one
 * reader serves all.
 */

/** Collects what is printed on a page, from top to bottom. */
export class Page {
  readonly lines: PageLine[] = [];
  readonly #tables: PageTable[] = [];
  #into = this.lines;
  #text = '';
  /** The source line of the first character in `#text` that is no white space. */
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

  /** Takes in what may be a figure and cannot be read as one: a mark in tables, white space elsewhere. */
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

  /** Ends a row; with `isGroup`, also its group of rows. */
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

  /** Ends a cell. What stands between cells is printed above the table. */
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

/** What the elements of a markup mean for a page. */
export interface Markup {
  /** Returns whether the element is on the page. Where it is not, nothing inside it is read. */
  open(name: string, attributes: Record<string, string>, number: number): boolean;
  text(text: string, number: number): void;
  close(name: string): void;
  /** The title of the article, where the page names it. What stands above that title are the site's own lines. */
  articleTitle?: string | undefined;
}

/** Returns a function that gives the line of a position. Positions must go up from call to call. */
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

/** A printed title takes no more lines than this. */
const longestTitle = 3;

/**
 * The lines from the article's title on, with the title as one line. Where it is not found, it is put above
 * all lines.
 */
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

/** The lines of a page, or what it has too much of. Line numbers are those of the source. */
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
    const { number, cells, spans } = line;
    const raw = cells.join('\t').replaceAll(unreadableMark, '');
    const blank = cells.every((cell) => cell === '');
    return { number, raw, cells, blank, page: at, isPlaced: true, ...(spans && { spans }) };
  });
}
