import { diagnose } from './diagnosis.ts';
import type { Importer, ImportOptions, ImportResult } from './importer.ts';
import { refuseTooLong } from './limits.ts';
import { linesOf } from './lines.ts';
import { tabSeparated } from './tab-separated.ts';

/** Every layout Gongkai reads, the surest first. A new layout is one file and one line here. */
const importers: readonly Importer[] = [tabSeparated];

/** The media types any importer takes. */
export const importMediaTypes: readonly string[] = [
  ...new Set(importers.flatMap((each) => each.media_types)),
];

/**
 * Reads the text of a published report. Takes any string and never throws; time is linear in its length. What is
 * not read surely is refused as a whole: `document` is null and an `error` finding quotes the line and says what
 * would be right.
 */
export function importText(text: string, options: ImportOptions = {}): ImportResult {
  const refusal = refuseTooLong(text);
  if (refusal !== undefined) return refusal;
  const lines = linesOf(text);
  for (const importer of importers) {
    const result = importer.read(lines, options);
    if (result !== null) return result;
  }
  return diagnose(lines);
}
