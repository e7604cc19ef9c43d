import type { Label } from '../editions/edition.ts';
import { ImportFindings } from './findings.ts';
import type { ImportResult } from './result.ts';

/**
 * The most lines of a text. A published report has some hundred; this many are still read in tens of
 * milliseconds.
 */
export const mostLines = 20_000;
/** The deepest nesting of a page. Closing a tag takes time in proportion to it; a deeper page is made on purpose. */
export const deepest = 256;
/** The most cells. Every tab or pipe makes one; the tables of a report have some thousand, merged ones included. */
export const mostCells = 20_000;

const tab = 9;
const pipe = 124;
const lineFeed = 10;
const carriageReturn = 13;

export type Excess = 'lines' | 'cells' | 'depth';

/**
 * What a text has too many of, if anything. Looks only at characters: a text beyond the limits must cost no
 * memory.
 */
export function excessOf(text: string): Excess | undefined {
  let lines = 1;
  let cells = 0;
  for (let index = 0; index < text.length; index++) {
    const code = text.charCodeAt(index);
    if (code === tab || code === pipe) cells++;
    else if (code === lineFeed || (code === carriageReturn && text.charCodeAt(index + 1) !== lineFeed))
      lines++;
    else continue;
    if (lines > mostLines) return 'lines';
    if (cells > mostCells) return 'cells';
  }
  return undefined;
}

const messages: Record<Excess, Label> = {
  lines: {
    zh: `文本超过${mostLines}行；应为一份年度报告的文本`,
    en: `the text has more than ${mostLines} lines; the text of one report is right`,
  },
  cells: {
    zh: `文本中的制表符和竖线（网页中的单元格）超过${mostCells}个；应为一份年度报告的文本`,
    en: `the text has more than ${mostCells} tabs and pipes, or the page as many cells; the text of one report is right`,
  },
  depth: {
    zh: `网页的元素嵌套超过${deepest}层；应为一份年度报告的网页`,
    en: `the elements of the page are nested more than ${deepest} deep; the page of one report is right`,
  },
};

/** The result for a text that is too long to be a report. */
export function refuseTooLong(excess: Excess): ImportResult {
  const findings = new ImportFindings();
  findings.error('import.too_long', messages[excess]);
  return { document: null, organ_name: null, layout: null, findings: findings.finish() };
}
