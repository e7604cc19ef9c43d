import type { App } from './app-type.ts';

/**
 * Sends long answers as bytes outside V8's heap and frees them as soon as they are sent. V8 would free them
 * late: those that outlive a collection or two while they are sent wait for it to collect its old generation.
 * Having bytes to free also makes it do that all the time.
 */

/**
 * Text of more characters is sent as bytes. For text, Node would put head and body together into a second
 * text of two bytes a character, and a few pages of a list would fill the young generation.
 */
const longText = 16 * 1024;

const encoder = new TextEncoder();

/** Text as bytes in a buffer of its own. In the pool of small buffers, a single one that is kept would hold 8 KB. */
export const bytesOf = (text: string): Buffer => Buffer.from(encoder.encode(text).buffer);

/** Bytes that nobody looks at once they are sent. */
const passing = new WeakSet<Uint8Array>();

/** Marks bytes that are the answer to one request and nothing else: they are freed when they are sent. */
export function passOn(bytes: Buffer): Buffer {
  passing.add(bytes);
  return bytes;
}

/** Sends long texts as bytes, and frees bytes that were marked (`passOn`) when they are sent. */
export function registerPassingBytes(app: App): void {
  app.addHook('onSend', (_request, { raw }, payload, done) => {
    const sent =
      typeof payload === 'string' && payload.length > longText ? passOn(bytesOf(payload)) : payload;
    if (sent instanceof Uint8Array && passing.has(sent))
      raw.once('finish', () => {
        // Bytes that were meant for a broken connection are left alone: someone may still hold them.
        if (!raw.destroyed) (sent.buffer as ArrayBuffer).transfer(0);
      });
    done(null, sent);
  });
}
