import type { Excess } from './limits.ts';
import type { Line } from './lines.ts';
import { linesOfPage, type Markup, type Page } from './page.ts';

const names = (list: string): ReadonlySet<string> => new Set(list.split(' '));
/** Elements whose text is not on the page as printed. */
const unprinted = names(
  'datalist dialog footer nav noembed noframes noscript rp script style template title',
);
/** Elements that may show a figure and hold no text that is one. */
const pictures = names(
  'applet audio button canvas embed iframe img input math meter object output progress select svg textarea video',
);
/** Elements that continue the line. All others end a line where they begin and where they end. */
const inline = names(
  'a abbr acronym b bdi big cite code dfn em font i ins kbd label mark meta nobr q samp small span strong time tt u var wbr',
);
/** Elements that hold no figure, or none together with the text beside them: a footnote mark, a figure struck out. */
const apart = names('bdo del s strike sub sup');

/** The properties in a `style` attribute. The last value of each counts. */
const styleOf = ({ style = '' }: Record<string, string>): Record<string, string> =>
  Object.fromEntries(
    style.split(';').flatMap((each) => {
      const [name = '', value = ''] = each.toLowerCase().split(':');
      return value === '' ? [] : [[name.trim(), value.replace('!important', '').trim()]];
    }),
  );
const isHidden = (name: string, attributes: Record<string, string>, style: Record<string, string>): boolean =>
  attributes.hidden !== undefined ||
  style.display === 'none' ||
  style.visibility === 'hidden' ||
  style['mso-hide'] === 'all' ||
  // Blocks have font size 0 to close gaps between them, and what they hold is printed larger.
  (inline.has(name) && Number.parseFloat(style['font-size'] ?? '1') === 0);
const isStruckOrRaised = (style: Record<string, string>): boolean =>
  /line-through/.test(style['text-decoration'] ?? style['text-decoration-line'] ?? '') ||
  /^(?:super|sub)$/.test(style['vertical-align'] ?? '');

/** The most columns that the HTML standard lets a cell span. */
const widest = 1000;
const columnsOf = ({ colspan = '1' }: Record<string, string>): number =>
  Math.min(Math.max(1, Number.parseInt(colspan, 10) || 1), widest);
/** How many rows a cell spans; 0 means all that follow in its group of rows. */
const rowsOf = ({ rowspan = '1' }: Record<string, string>): number => {
  const many = Number.parseInt(rowspan, 10);
  return many === 0 ? Number.POSITIVE_INFINITY : Math.max(1, many || 1);
};

function htmlOn(page: Page): Markup {
  /** For each open element, whether it ends a line. */
  const ends: boolean[] = [];
  const openStructure = (name: string, attributes: Record<string, string>, number: number): boolean => {
    if (name === 'table') page.openTable();
    else if (!page.isInTable) return false;
    else if (name === 'tr') page.openRow(number);
    else if (name === 'td' || name === 'th')
      page.openCell(number, { columns: columnsOf(attributes), rows: rowsOf(attributes) });
    else if (name === 'thead' || name === 'tbody' || name === 'tfoot') page.closeRow(true);
    else return false;
    return true;
  };
  const closeStructure = (name: string): boolean => {
    if (name === 'table') page.closeTable();
    else if (!page.isInTable) return false;
    else if (name === 'tr') page.closeRow(false);
    else if (name === 'td' || name === 'th') page.leaveCell();
    else return false;
    return true;
  };
  return {
    open(name, attributes, number) {
      const style = styleOf(attributes);
      const isStruck = apart.has(name) || isStruckOrRaised(style);
      if (name === 'script' && page.isInTable) page.unreadable(number);
      if (isHidden(name, attributes, style) || unprinted.has(name)) return false;
      if (pictures.has(name) || name.startsWith('v:')) {
        if (attributes.type !== 'hidden') page.unreadable(number);
        return false;
      }
      if (name === 'meta' && attributes.name?.toLowerCase() === 'articletitle')
        this.articleTitle ??= attributes.content;
      if (openStructure(name, attributes, number)) ends.push(false);
      else {
        const isInline = inline.has(name) || apart.has(name) || name.includes(':');
        ends.push(!isInline || /^(?:block|inline-block|flex|grid|table|list-item)/.test(style.display ?? ''));
        if (ends.at(-1)) page.endLine();
        if (isStruck) page.unreadable(number);
      }
      return true;
    },
    text: (text, number) => page.text(text, number),
    close(name) {
      const isEnd = ends.pop();
      if (!closeStructure(name) && isEnd) page.endLine();
    },
  };
}

/**
 * The lines of an HTML page, or what it has too much of. The page's own rows and columns tell cells apart.
 * Menus, scripts and what is hidden are left out.
 */
export const linesOfHtml = (html: string): readonly Line[] | Excess => linesOfPage(html, false, htmlOn);
