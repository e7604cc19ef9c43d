import type { FastifyReply, FastifyRequest } from 'fastify';
import { etagOf, isFresh } from './etag.ts';

/**
 * Answers with one resource and its strong ETag, or 304. The text is made here, not by a response schema, so that the
 * tag is of exactly these bytes. `version` leads the tag of what can be written: If-Match looks only at it, so that a
 * change that is not the writer's business (an answered finding, a neighbour year) does not refuse the next write.
 */
export function sendResource(request: FastifyRequest, reply: FastifyReply, resource: unknown, version?: number) {
  return sendText(request, reply, JSON.stringify(resource), version);
}

/** The same with text that is JSON already. */
export function sendText(request: FastifyRequest, reply: FastifyReply, text: string, version?: number, etag = taggedWith(text, version)) {
  reply.header('etag', etag).header('vary', 'authorization');
  const isRead = request.method === 'GET' || request.method === 'HEAD';
  if (isRead && isFresh(request, etag)) return reply.code(304).send();
  return reply.type('application/json; charset=utf-8').send(text);
}

export function taggedWith(text: string, version?: number): string {
  const tag = etagOf(text);
  return version === undefined ? tag : `"${version}-${tag.slice(1)}`;
}
