import { diagnose } from './diagnosis.ts';
import { linesOfHtml } from './html.ts';
import { type Excess, refuseTooLong } from './limits.ts';
import { isPiped, type Line, linesOf } from './lines.ts';
import { readReport } from './report.ts';
import type { ImportOptions, ImportResult } from './result.ts';
import { linesOfWord } from './word.ts';

/** A Word document from 2007 on (.docx), which arrives as a packed file. */
export const wordFile = 'application/vnd.openxmlformats-officedocument.wordprocessingml.document';

/** For each media type that a document arrives in: how it is cut into lines of cells, and the name of that layout. */
const mediaTypes = {
  'text/plain': { layout: 'tab-separated', linesOf },
  'text/html': { layout: 'html', linesOf: linesOfHtml },
  [wordFile]: { layout: 'word', linesOf: linesOfWord },
} satisfies Record<string, { layout: string; linesOf: (text: string) => readonly Line[] | Excess }>;
export type ImportMediaType = keyof typeof mediaTypes;
export const importMediaTypes = Object.keys(mediaTypes) as ImportMediaType[];

/**
 * Reads a published report: its text, its HTML, or the markup of a Word file. Takes any string and never
 * throws; time is linear in its length. What cannot be read surely is refused as a whole: `document` is null,
 * and an `error` finding quotes the line and says what would be right.
 */
export function importText(
  text: string,
  options: ImportOptions = {},
  type: ImportMediaType = 'text/plain',
): ImportResult {
  const { layout, linesOf } = mediaTypes[type];
  const lines = linesOf(text);
  if (typeof lines === 'string') return refuseTooLong(lines);
  const isBetweenPipes = type === 'text/plain' && lines.some(isPiped);
  return readReport(lines, isBetweenPipes ? 'pipe-separated' : layout, options) ?? diagnose(lines);
}
