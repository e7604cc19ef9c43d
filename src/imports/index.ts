import { diagnose } from './diagnosis.ts';
import { linesOfHtml } from './html.ts';
import type { Importer, ImportOptions, ImportResult } from './importer.ts';
import { type Excess, refuseTooLong } from './limits.ts';
import { type Line, linesOf } from './lines.ts';
import { tabSeparated } from './tab-separated.ts';

/** How the lines of a document are told apart, by the media type it arrives in. */
const linesByType = {
  'text/plain': linesOf,
  'text/html': linesOfHtml,
} satisfies Record<string, (text: string) => readonly Line[] | Excess>;
export type ImportMediaType = keyof typeof linesByType;
export const importMediaTypes = Object.keys(linesByType) as ImportMediaType[];

/** Every layout Gongkai reads, the surest first. A new layout is one file and one line here. */
const importers: readonly Importer[] = [tabSeparated];

/**
 * Reads the text of a published report. Takes any string and never throws; time is linear in its length. What is
 * not read surely is refused as a whole: `document` is null and an `error` finding quotes the line and says what
 * would be right.
 */
export function importText(
  text: string,
  options: ImportOptions = {},
  type: ImportMediaType = 'text/plain',
): ImportResult {
  const lines = linesByType[type](text);
  if (typeof lines === 'string') return refuseTooLong(lines);
  for (const importer of importers) {
    const result = importer.read(lines, options);
    if (result !== null) return type === 'text/html' ? { ...result, layout: 'html' } : result;
  }
  return diagnose(lines);
}
