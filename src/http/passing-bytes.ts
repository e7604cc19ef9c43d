import type { App } from './app-type.ts';

/**
 * Long answers as bytes, off V8's heap. Whoever waits for V8 to give them back waits long: those that outlive a collection
 * or two, being sent, go when it collects its old generation, which it does all the time if it has to give back bytes.
 */

/**
 * Text of more characters is sent as bytes: Node would make a second text of head and body to send, of two bytes a
 * character, and a few pages of a list fill the young generation.
 */
const longText = 16 * 1024;

const encoder = new TextEncoder();

/** Text as bytes of its own: not from the pool of small buffers, of which one that is kept would hold 8 KB. */
export const bytesOf = (text: string): Buffer => Buffer.from(encoder.encode(text).buffer);

/** Bytes that nobody looks at once they are sent. */
const passing = new WeakSet<Uint8Array>();

/** Bytes that are the answer to one request and nothing else: they are gone when they are sent. */
export function passOn(bytes: Buffer): Buffer {
  passing.add(bytes);
  return bytes;
}

/** Sends long texts as bytes, and gives the memory of bytes that were passed on back when they are sent. */
export function registerPassingBytes(app: App): void {
  app.addHook('onSend', (_request, { raw }, payload, done) => {
    const sent =
      typeof payload === 'string' && payload.length > longText ? passOn(bytesOf(payload)) : payload;
    if (sent instanceof Uint8Array && passing.has(sent))
      raw.once('finish', () => {
        // What was to go to a broken connection is left alone: someone may still hold it.
        if (!raw.destroyed) (sent.buffer as ArrayBuffer).transfer(0);
      });
    done(null, sent);
  });
}
