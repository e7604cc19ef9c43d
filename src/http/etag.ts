import { hash } from 'node:crypto';
import type { FastifyRequest } from 'fastify';
import { Problem } from './problem.ts';

/** A strong tag of exact bytes. */
export const etagOf = (text: string): string => `"${hash('sha256', text, 'base64url').slice(0, 22)}"`;

const tagsOf = (header: string | undefined): string[] => header?.split(',').map((tag) => tag.trim()) ?? [];

/** Whether the caller has this very representation already (If-None-Match; weak comparison, as in RFC 9110). */
export function isFresh(request: FastifyRequest, etag: string): boolean {
  const tags = tagsOf(request.headers['if-none-match']);
  return tags.includes('*') || tags.some((tag) => tag.replace(/^W\//, '') === etag);
}

/**
 * The one tag that If-None-Match names; null where it names several or any, so that the answer must be made
 * to compare.
 */
export const knownTag = (request: FastifyRequest): string | null =>
  /^(?:W\/)?("[^",]*")$/.exec(request.headers['if-none-match'] ?? '')?.[1] ?? null;

/** The tag of a version, whatever is answered of it. */
export const versionTag = (version: number): string => `"${version}"`;

/**
 * The version at the beginning of a tag; undefined for a tag that was made without one. That may begin with digits and
 * a hyphen too, but is as long as what follows a version.
 */
const versionIn = (tag: string): number | undefined => {
  const digits = /^"([0-9]{1,15})(?:-[\w-]{22})?"$/.exec(tag)?.[1];
  return digits === undefined ? undefined : Number(digits);
};

/** Refuses a write whose If-Match is missing (428) or not of the current version (412, with the current tag). */
export function requireMatch(request: FastifyRequest, version: number): void {
  if (request.headers['if-match'] === undefined)
    throw new Problem('if-match-required', {
      detail: 'read the resource and send its ETag as If-Match',
      headers: { etag: versionTag(version) },
    });
  checkMatch(request, version);
}

/** The same where If-Match is optional: refuses only a stale one. */
export function checkMatch(request: FastifyRequest, version: number): void {
  const header = request.headers['if-match'];
  if (header === undefined) return;
  const tags = tagsOf(header);
  if (!tags.includes('*') && !tags.some((tag) => versionIn(tag) === version))
    throw new Problem('stale', {
      detail: 'read the resource again and repeat the write on it',
      headers: { etag: versionTag(version) },
    });
}
