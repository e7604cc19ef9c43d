import { Parser } from 'htmlparser2';
import { folding, printed } from './characters.ts';
import { deepest, type Excess, mostLines, mostTabs } from './limits.ts';
import type { Line } from './lines.ts';
import { linesOfTable, type PageLine, type PageTable, TooMuch } from './page-table.ts';

/**
 * Pages become the lines that texts are: a paragraph is a line of one cell, and a row of a table a line in which every
 * cell stands in its own column, with empty cells where merged ones reach to. So one reader serves both.
 */

/** What the HTML standard lets a cell span. */
const widest = 1000;

const names = (list: string): ReadonlySet<string> => new Set(list.split(' '));
/** Their text is not of the page as printed. */
const unprinted = names(
  'button iframe nav noscript object script select style svg template textarea title footer',
);
/** A line ends where they begin and where they end. */
const blocks = names(
  'address article aside blockquote body br caption center dd div dl dt fieldset figcaption figure form h1 h2 h3 h4 h5 h6 head header hr html legend li main ol p pre section ul',
);
/** Runs whose digits are not those of the number beside them: a footnote mark, a figure struck out. */
const apart = names('del s strike sub sup');

const span = (given: string | undefined): number => {
  const many = Number.parseInt(given ?? '', 10);
  return many > 1 ? Math.min(many, widest) : 1;
};

/** What is printed of a page, from top to bottom. */
class Page {
  readonly lines: PageLine[] = [];
  /** What sites of the government name the article on a page in its head. */
  articleTitle: string | undefined;
  readonly #tables: PageTable[] = [];
  #into = this.lines;
  #text = '';
  /** Where the first of it that is no white space stands. */
  #startsAt: number | undefined;
  #depth = 0;
  #hiddenSince: number | undefined;
  #lineCount = 0;
  #cellCount = 0;

  open(name: string, attributes: Record<string, string>, number: number): void {
    if (++this.#depth > deepest) throw new TooMuch('depth');
    if (this.#hiddenSince !== undefined) return;
    const isHidden = attributes.hidden !== undefined || /display\s*:\s*none/i.test(attributes.style ?? '');
    if (isHidden || unprinted.has(name)) {
      this.#hiddenSince = this.#depth;
      return;
    }
    if (name === 'meta' && attributes.name?.toLowerCase() === 'articletitle')
      this.articleTitle ??= attributes.content;
    const table = this.#tables.at(-1);
    if (name === 'table') {
      this.#endLine();
      if (table !== undefined) table.isLayout = true;
      this.#tables.push({ rows: [], isLayout: false, outer: this.#into });
    } else if (table !== undefined && name === 'tr') {
      this.#leaveCell(table);
      this.#openRow(table, number);
    } else if (table !== undefined && (name === 'td' || name === 'th')) {
      this.#leaveCell(table);
      if (++this.#cellCount > mostTabs) throw new TooMuch('tabs');
      if (table.rows.length === 0) this.#openRow(table, number);
      const cell = { columns: span(attributes.colspan), rows: span(attributes.rowspan), lines: [] };
      table.rows.at(-1)!.cells.push(cell);
      this.#into = cell.lines;
    } else if (blocks.has(name)) this.#endLine();
    else if (apart.has(name)) this.#text += ' ';
  }

  text(text: string, number: number): void {
    if (this.#hiddenSince !== undefined) return;
    if (this.#startsAt === undefined && text.trim() !== '') this.#startsAt = number;
    this.#text += text;
  }

  close(name: string): void {
    const isHidden = this.#hiddenSince !== undefined;
    if (this.#hiddenSince === this.#depth) this.#hiddenSince = undefined;
    this.#depth--;
    if (isHidden) return;
    const table = this.#tables.at(-1);
    if (table !== undefined && name === 'table') this.#endTable(table);
    else if (table !== undefined && (name === 'td' || name === 'th')) this.#leaveCell(table);
    else if (blocks.has(name)) this.#endLine();
    else if (apart.has(name)) this.#text += ' ';
  }

  end(): void {
    this.#endLine();
  }

  #endLine(): void {
    const text = printed(this.#text.replace(/[ \t\n\f\r]+/g, ' '));
    const number = this.#startsAt;
    this.#text = '';
    this.#startsAt = undefined;
    if (text === '' || number === undefined) return;
    this.#countLine();
    this.#into.push({ number, cells: [text] });
  }

  #openRow(table: PageTable, number: number): void {
    this.#countLine();
    table.rows.push({ number, cells: [] });
  }

  /** What stands between cells is printed above the table. */
  #leaveCell(table: PageTable): void {
    this.#endLine();
    this.#into = table.outer;
  }

  #endTable(table: PageTable): void {
    this.#leaveCell(table);
    this.#tables.pop();
    const rows = table.rows.filter(({ cells }) => cells.length > 0);
    const isLayout = table.isLayout || rows.every(({ cells }) => cells.length === 1);
    const lines = isLayout
      ? rows.flatMap(({ cells }) => cells.flatMap((cell) => cell.lines))
      : linesOfTable({ ...table, rows });
    for (const line of lines) this.#into.push(line);
  }

  #countLine(): void {
    if (++this.#lineCount > mostLines) throw new TooMuch('lines');
  }
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

function pageOf(html: string): Page {
  const page = new Page();
  const lineAt = lineCounter(html);
  const parser: Parser = new Parser({
    onopentag: (name, attributes) => page.open(name, attributes, lineAt(parser.startIndex)),
    ontext: (text) => page.text(text, lineAt(parser.startIndex)),
    onclosetag: (name) => page.close(name),
  });
  parser.end(html);
  page.end();
  return page;
}

/** From the article's title on, where the page says what it is: above it stand the site's own lines. */
function articleOf({ lines, articleTitle }: Page): readonly PageLine[] {
  if (articleTitle === undefined) return lines;
  const title = folding(articleTitle);
  const at = lines.findIndex(({ cells }) => cells.length === 1 && folding(cells[0]!) === title);
  return at < 0 ? lines : lines.slice(at);
}

/**
 * The lines of an HTML page, or what it has too much of. Numbers are those of the source; cells are told apart by the
 * page's own rows and columns. Menus, scripts and what is hidden are left out.
 */
export function linesOfHtml(html: string): readonly Line[] | Excess {
  let page: Page;
  try {
    page = pageOf(html);
  } catch (error) {
    if (error instanceof TooMuch) return error.of;
    throw error;
  }
  let at = 0;
  let table: PageTable | undefined;
  return articleOf(page).map((line) => {
    if (line.table === undefined || line.table !== table) at++;
    table = line.table;
    const blank = line.cells.every((cell) => cell === '');
    return { number: line.number, raw: line.cells.join('\t'), cells: line.cells, blank, page: at };
  });
}
