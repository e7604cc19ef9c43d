import { buffer } from 'node:stream/consumers';
import { fromBufferPromise } from 'yauzl';
import { Problem } from '../http/problem.ts';
import { decodeText } from './decoding.ts';

/** Where a Word file has its text. */
const mainPart = 'word/document.xml';
/** The text of a report takes half a megabyte of markup; this much is still read in a moment. */
export const mostMarkup = 8 * 1024 * 1024;

/** Of a packed file its text; undefined where it has none. No more than a file says of itself is unpacked. */
async function mainPartOf(bytes: Buffer): Promise<Buffer | undefined> {
  const file = await fromBufferPromise(bytes);
  for await (const entry of file.eachEntry()) {
    if (entry.fileName !== mainPart) continue;
    if (entry.uncompressedSize > mostMarkup)
      throw new Problem('too-large', {
        detail: `unpacked, the text takes ${entry.uncompressedSize} bytes; ${mostMarkup} at most are read`,
      });
    return buffer(await file.openReadStreamPromise(entry));
  }
  return undefined;
}

/**
 * The markup of the text in a Word file (.docx, ECMA-376 part 2). Problems `malformed-request` (400) where the bytes are
 * none, `too-large` (413).
 */
export async function unpackWordFile(bytes: Buffer): Promise<string> {
  const part = await mainPartOf(bytes).catch((error: unknown) => {
    if (error instanceof Problem) throw error;
    return undefined;
  });
  const markup = part && decodeText(part);
  if (markup === undefined)
    throw new Problem('malformed-request', { detail: 'the body is no Word file (.docx)' });
  return markup;
}
