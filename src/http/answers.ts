import type { FastifyReply, FastifyRequest } from 'fastify';
import { etagOf, isFresh } from './etag.ts';

/** Text that stands for whatever the route's schema describes: handlers may return it for any answer. */
// biome-ignore lint/suspicious/noExplicitAny: the type of the text is that of the resource it spells
type Sent = any;

/**
 * The text of one resource with its strong ETag, or nothing and 304. The text is made here, not by a response schema,
 * so that the tag is of exactly these bytes. `version` leads the tag of what can be written: If-Match looks only at it,
 * so that a change that is not the writer's business (an answered finding, a neighbour year) does not refuse the next
 * write. Return it from the handler: it is sent once the handler's transaction has committed.
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

/** The same with text that is JSON already, or its bytes; null where `knownTag` of the request is its tag. */
export function resourceText(
  request: FastifyRequest,
  reply: FastifyReply,
  text: string | Buffer | null,
  etag: string,
): Sent {
  reply.header('etag', etag);
  const isRead = request.method === 'GET' || request.method === 'HEAD';
  if (isRead && isFresh(request, etag)) {
    // Sent, not returned: a null would be spelt out, and its length told. Nor is the reply: a handler would end, and let its
    // connection go, only when the reader has it.
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
