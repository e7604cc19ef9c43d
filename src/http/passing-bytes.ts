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

/** By bytes that are to be freed: how many requests they are still sent to, and whether they are kept for more. */
const needed = new WeakMap<Uint8Array, { requests: number; isKept: boolean }>();

function freeUnlessNeeded(bytes: Uint8Array): void {
  const need = needed.get(bytes);
  if (!need || need.requests > 0 || need.isKept) return;
  needed.delete(bytes);
  (bytes.buffer as ArrayBuffer).transfer(0);
}

/**
 * Says that bytes are the answer to a request, or to several. They are freed when they have been sent to all of them,
 * unless they are kept. Whoever sends bytes that were marked before must mark them again, in the same turn in which it
 * takes them from where they are kept.
 */
export function passOn(bytes: Buffer, requests = 1): Buffer {
  const need = needed.get(bytes);
  if (need) need.requests += requests;
  else needed.set(bytes, { requests, isKept: false });
  return bytes;
}

/** Says that bytes which were passed on are kept for more requests, or that they no longer are. */
export function keepBytes(bytes: Buffer, isKept: boolean): void {
  const need = needed.get(bytes);
  if (!need) return;
  need.isKept = isKept;
  freeUnlessNeeded(bytes);
}

/** Sends long texts as bytes, and frees bytes that were marked (`passOn`) when they are sent. */
export function registerPassingBytes(app: App): void {
  app.addHook('onSend', (_request, { raw }, payload, done) => {
    const sent =
      typeof payload === 'string' && payload.length > longText ? passOn(bytesOf(payload)) : payload;
    const need = sent instanceof Uint8Array && needed.get(sent);
    if (need)
      raw.once('finish', () => {
        // Bytes that were meant for a broken connection are never freed here: someone may still hold them.
        if (raw.destroyed) return;
        need.requests--;
        freeUnlessNeeded(sent as Uint8Array);
      });
    done(null, sent);
  });
}
