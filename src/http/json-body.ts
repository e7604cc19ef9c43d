import type { App } from './app-type.ts';
import { deepest, glance, membersIn, scanJson } from './json-scan.ts';
import { Problem, refuseFaults } from './problem.ts';

const utf8 = new TextDecoder('utf-8', { fatal: true });

/** Decodes request text strictly: bytes that are not UTF-8 are refused, never replaced. */
function decodeUtf8(bytes: Buffer): string {
  try {
    return utf8.decode(bytes);
  } catch {
    throw new Problem('malformed-request', { detail: 'not valid UTF-8' });
  }
}

declare module 'fastify' {
  interface FastifyInstance {
    /**
     * The value of a JSON text; undefined for empty text. Refuses text that is not UTF-8 or is nested too
     * deeply, members that would poison prototypes or are given twice, and numbers that would be rounded.
     */
    readJson(bytes: Buffer): unknown;
  }
}

/** Why a text is not JSON; undefined where it is. */
function notJson(text: string): string | undefined {
  try {
    JSON.parse(text);
    return undefined;
  } catch (error) {
    return (error as Error).message;
  }
}

const forbiddenMember = {
  pointer: '',
  code: 'forbidden-member',
  message: 'must not have a member `__proto__` anywhere, nor `constructor` with a member `prototype`',
};

/** Registers the parser of JSON bodies. No other media type has a parser by default. */
export function registerJsonBody(app: App): void {
  const parse = app.getDefaultJsonParser('error', 'error');
  app.decorate('readJson', (bytes) => {
    const text = decodeUtf8(bytes);
    if (text === '') return undefined;
    const { depth, members, mayRound } = glance(text);
    if (depth > deepest)
      throw new Problem('malformed-json', { detail: `nested deeper than ${deepest} levels` });
    let value: unknown;
    // The parser calls back at once, and does not look at the request.
    parse(undefined as never, text, (error, parsed) => {
      if (error) {
        const detail = notJson(text);
        if (detail !== undefined) throw new Problem('malformed-json', { detail });
        refuseFaults([forbiddenMember]);
      }
      value = parsed;
    });
    const faults = mayRound || members > membersIn(value) ? scanJson(text) : [];
    refuseFaults(faults);
    return value;
  });
  app.removeAllContentTypeParsers();
  app.addContentTypeParser(
    ['application/json', 'application/merge-patch+json'],
    { parseAs: 'buffer' },
    // Many clients name the media type on requests without a body.
    (_request, bytes, done) => done(null, app.readJson(bytes as Buffer)),
  );
}
