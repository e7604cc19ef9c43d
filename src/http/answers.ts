import type { FastifyReply, FastifyRequest } from 'fastify';
import { etagOf, isFresh } from './etag.ts';

/** The type of text that a handler returns, whatever the route's schema describes. */
// biome-ignore lint/suspicious/noExplicitAny: the type of the text is that of the resource it spells
type Sent = any;

/**
 * Answers with the JSON of one resource and its strong ETag, or with 304 and nothing else. The text is made
 * here and not by a response schema, so that the tag is of exactly these bytes. `version` leads the tag of
 * what can be written. If-Match looks only at it, so that a change that does not concern the writer (an
 * answered finding, a neighbouring year) does not refuse the next write. Return the result from the handler:
 * it is sent once the handler's transaction has committed.
 */
export function resource(
  request: FastifyRequest,
  reply: FastifyReply,
  value: unknown,
  version?: number,
): Sent {
  const text = JSON.stringify(value);
  return resourceText(request, reply, text, taggedWith(text, version));
}

/**
 * The same with JSON that is already text or bytes. `text` may be null where `knownTag` of the request is its
 * tag.
 */
export function resourceText(
  request: FastifyRequest,
  reply: FastifyReply,
  text: string | Buffer | null,
  etag: string,
): Sent {
  reply.header('etag', etag);
  const isRead = request.method === 'GET' || request.method === 'HEAD';
  if (isRead && isFresh(request, etag)) {
    // Sent here, not returned: a returned null would be written out, with its length. The reply is not
    // returned either: the handler would then end, and release its connection, only when the reader has the
    // answer.
    reply.code(304).send();
    return undefined;
  }
  reply.type('application/json; charset=utf-8');
  return text;
}

export function taggedWith(text: string, version?: number): string {
  const tag = etagOf(text);
  return version === undefined ? tag : `"${version}-${tag.slice(1)}`;
}
