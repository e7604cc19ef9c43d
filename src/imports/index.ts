import { diagnose } from './diagnosis.ts';
import { linesOfHtml } from './html.ts';
import { type Excess, refuseTooLong } from './limits.ts';
import { isPiped, type Line, linesOf } from './lines.ts';
import { readReport } from './report.ts';
import type { ImportOptions, ImportResult } from './result.ts';
import { linesOfWord } from './word.ts';

/** A document of Word from 2007 on (.docx), which arrives as a packed file. */
export const wordFile = 'application/vnd.openxmlformats-officedocument.wordprocessingml.document';

/** How the lines of a document are cut into cells, by the media type it arrives in, and what that way is called. */
const mediaTypes = {
  'text/plain': { layout: 'tab-separated', linesOf },
  'text/html': { layout: 'html', linesOf: linesOfHtml },
  [wordFile]: { layout: 'word', linesOf: linesOfWord },
} satisfies Record<string, { layout: string; linesOf: (text: string) => readonly Line[] | Excess }>;
export type ImportMediaType = keyof typeof mediaTypes;
export const importMediaTypes = Object.keys(mediaTypes) as ImportMediaType[];

/**
 * Reads the text of a published report, of a Word file its markup. Takes any string and never throws; time is linear in
 * its length. What is not read surely is refused as a whole: `document` is null and an `error` finding quotes the line and
 * says what would be right.
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
