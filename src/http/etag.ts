import { createHash } from 'node:crypto';
import type { FastifyReply, FastifyRequest } from 'fastify';
import { Problem } from './problem.ts';

/** A strong tag of exact bytes. */
export const etagOf = (body: string): string =>
  `"${createHash('sha256').update(body).digest('base64url').slice(0, 27)}"`;

/** The tag of something that counts its versions. */
export const versionTag = (version: number): string => `"v${version}"`;

const tagsOf = (header: string | undefined): string[] => header?.split(',').map((tag) => tag.trim()) ?? [];

/** Whether the caller has this very representation already (If-None-Match; weak comparison as RFC 9110 has it). */
export function isFresh(request: FastifyRequest, etag: string): boolean {
  const tags = tagsOf(request.headers['if-none-match']);
  return tags.includes('*') || tags.some((tag) => tag.replace(/^W\//, '') === etag);
}

/** Answers 304 when the caller has the representation, otherwise sends it, always with its tag. */
export function sendTagged(
  request: FastifyRequest,
  reply: FastifyReply,
  etag: string,
  body: unknown,
): FastifyReply {
  reply.header('etag', etag);
  return isFresh(request, etag) ? reply.code(304).send() : reply.send(body);
}

/** Refuses a write whose If-Match is missing (428) or no longer the current tag (412, with the current one). */
export function requireMatch(request: FastifyRequest, current: string): void {
  if (request.headers['if-match'] === undefined)
    throw new Problem('if-match-required', {
      detail: 'read the resource and send its ETag as If-Match',
      headers: { etag: current },
    });
  checkMatch(request, current);
}

/** Like requireMatch where If-Match is optional: refuses only a stale one. */
export function checkMatch(request: FastifyRequest, current: string): void {
  const header = request.headers['if-match'];
  if (header === undefined) return;
  const tags = tagsOf(header);
  if (!tags.includes('*') && !tags.includes(current))
    throw new Problem('stale', { detail: `the current ETag is ${current}`, headers: { etag: current } });
}
