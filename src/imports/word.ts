import type { Excess } from './limits.ts';
import type { Line } from './lines.ts';
import { linesOfPage, type Markup, type Page } from './page.ts';
import type { Spans } from './page-table.ts';

/**
 * Elements of WordprocessingML (ECMA-376 part 1, 17) whose content is not on the page: what was deleted or
 * moved away, properties, fallbacks, and the instructions of fields.
 */
const unprinted: ReadonlySet<string> = new Set([
  'mc:Fallback',
  'w:delInstrText',
  'w:delText',
  'w:instrText',
  'w:moveFrom',
  'w:pPr',
  'w:rPrChange',
  'w:sectPr',
  'w:tcPrChange',
  'w:trPrChange',
]);
/** Elements that may show a figure and hold no text that is one. */
const pictures: ReadonlySet<string> = new Set(['w:drawing', 'w:object', 'w:pict', 'w:sym', 'm:oMath']);

const isOn = ({ 'w:val': value = 'true' }: Record<string, string>): boolean =>
  !['0', 'false', 'off', 'none', 'baseline'].includes(value);
const countOf = ({ 'w:val': value }: Record<string, string>): number => Math.max(1, Number(value) || 1);

function wordOn(page: Page): Markup {
  /**
   * A cell that has begun. It says what it spans before what it holds, so it is opened on the page when its
   * content begins.
   */
  let cell: (Spans & { number: number }) | undefined;
  let isText = false;
  let isHidden = false;
  /** Whether the text is a footnote mark or struck out: no figure, or none together with what stands beside it. */
  let isApart = false;
  const enterCell = () => {
    if (cell !== undefined) page.openCell(cell.number, cell);
    cell = undefined;
  };
  const opened: Record<string, (attributes: Record<string, string>, number: number) => void> = {
    'w:tbl': () => {
      enterCell();
      page.openTable();
    },
    'w:tr': (_, number) => page.openRow(number),
    // Columns that a row leaves out at its beginning.
    'w:gridBefore': (attributes, number) => page.openCell(number, { columns: countOf(attributes), rows: 1 }),
    'w:tc': (_, number) => {
      cell = { number, columns: 1, rows: 1 };
    },
    'w:gridSpan': (attributes) => {
      if (cell !== undefined) cell.columns = countOf(attributes);
    },
    'w:vMerge': ({ 'w:val': value }) => {
      if (cell !== undefined) cell.continues = value !== 'restart';
    },
    'w:p': () => {
      enterCell();
      page.endLine();
    },
    'w:r': () => {
      isHidden = false;
      isApart = false;
    },
    'w:vanish': (attributes) => {
      isHidden = isOn(attributes);
    },
    'w:strike': (attributes) => {
      isApart ||= isOn(attributes);
    },
    'w:dstrike': (attributes) => {
      isApart ||= isOn(attributes);
    },
    'w:vertAlign': (attributes) => {
      isApart ||= isOn(attributes);
    },
    'w:t': () => {
      isText = true;
    },
    'w:tab': (_, number) => page.text(' ', number),
    'w:noBreakHyphen': (_, number) => page.text('-', number),
    'w:br': () => page.endLine(),
    'w:cr': () => page.endLine(),
  };
  const closed: Record<string, () => void> = {
    'w:tbl': () => page.closeTable(),
    'w:tc': () => {
      enterCell();
      page.leaveCell();
    },
    'w:p': () => page.endLine(),
    'w:t': () => {
      isText = false;
    },
  };
  return {
    open(name, attributes, number) {
      if (unprinted.has(name)) return false;
      if (pictures.has(name)) page.unreadable(number);
      opened[name]?.(attributes, number);
      return true;
    },
    text(text, number) {
      if (!isText || isHidden) return;
      if (isApart) page.unreadable(number);
      page.text(text, number);
    },
    close: (name) => closed[name]?.(),
  };
}

/**
 * The lines of the main part of a Word file, or what it has too much of. The file's own rows and columns tell
 * cells apart.
 */
export const linesOfWord = (xml: string): readonly Line[] | Excess => linesOfPage(xml, true, wordOn);
