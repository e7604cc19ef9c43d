import { buffer } from 'node:stream/consumers';
import { fromBufferPromise } from 'yauzl';
import { Problem } from '../http/problem.ts';
import { decodeText } from './decoding.ts';

/** The part of a Word file that holds its text. */
const mainPart = 'word/document.xml';
/**
 * The most markup, in bytes. The text of a report takes half a megabyte of it; this much is still read in a
 * moment.
 */
export const mostMarkup = 8 * 1024 * 1024;

/**
 * The part of a packed file that holds its text; undefined where it has none. No more is unpacked than the
 * file states. Problem `too-large` (413).
 */
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
 * The markup of the text in a Word file (.docx, ECMA-376 part 2). Problems `malformed-request` (400) where
 * the bytes are no such file, `too-large` (413) where its markup is too long.
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
