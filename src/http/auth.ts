import { createHash, timingSafeEqual } from 'node:crypto';
import type { FastifyRequest } from 'fastify';
import { principalOfSecret, secretPrefix } from '../access/api-keys.ts';
import { principalOfSubject } from '../access/grants.ts';
import { createVerifier, type OidcOptions } from '../access/oidc.ts';
import { administrator, everyone, isAdmin, type Principal } from '../access/principal.ts';
import type { App } from './app-type.ts';
import { Problem } from './problem.ts';

declare module 'fastify' {
  interface FastifyRequest {
    principal: Principal;
    /** Whether the handler asked if its caller may do this, and the answer was yes. */
    permitted: boolean;
  }
}

interface Credentials {
  /** The bootstrap administrator's bearer token. */
  adminToken?: string | undefined;
  /** The issuer whose tokens are accepted. */
  oidc?: OidcOptions | undefined;
}

const digest = (text: string): Buffer => createHash('sha256').update(text).digest();

/**
 * Finds the principal of every request: by the administrator's token, an API key, or a token of the OIDC
 * issuer. A token that is present but not valid is refused even on public routes, and the answer does not say
 * what is wrong with it. Only `unlimited` routes look at no token.
 */
export function registerAuthentication(app: App, { adminToken, oidc }: Credentials): void {
  const expected = adminToken === undefined ? undefined : digest(adminToken);
  const verify = oidc === undefined ? undefined : createVerifier(oidc);

  const principalOf = async (token: string): Promise<Principal | undefined> => {
    if (expected !== undefined && timingSafeEqual(digest(token), expected)) return administrator;
    if (token.startsWith(secretPrefix)) return principalOfSecret(app.db, token);
    if (verify === undefined) return undefined;
    const { issuer, subject } = await verify(token);
    return principalOfSubject(app.db, issuer, subject);
  };

  app.decorateRequest('principal');
  app.decorateRequest('permitted', false);
  const authenticate = async (request: FastifyRequest, header: string) => {
    const token = /^Bearer ([!-~]+)$/i.exec(header)?.[1];
    const principal = token === undefined ? undefined : await principalOf(token);
    if (principal === undefined)
      throw new Problem('unauthorized', { detail: 'the bearer token is not valid' });
    request.principal = principal;
  };
  app.addHook('onRequest', (request, reply, done) => {
    request.principal = everyone;
    reply.header('vary', 'authorization');
    const header = request.headers.authorization;
    if (header === undefined || request.routeOptions.config?.unlimited) return done();
    authenticate(request, header).then(() => done(), done);
  });
}

const forAdministrators = 'only administrators may do this';

/** A hook for routes that need a caller with a token: 401 without one. The handler checks what the caller may do. */
export async function requireWriter({ principal }: FastifyRequest): Promise<void> {
  if (principal === everyone)
    throw new Problem('unauthorized', { detail: 'send "Authorization: Bearer" and an API key or token' });
}

/** A hook for routes that only administrators may use: 403 for others, before anything about the resource is told. */
export async function requireAdmin(request: FastifyRequest): Promise<void> {
  permit(request, isAdmin(request.principal), forAdministrators);
}

/** Refuses (403) unless `allowed`, and notes that the handler has asked. */
export function permit(request: FastifyRequest, allowed: boolean, detail: string): void {
  if (!allowed) throw new Problem('forbidden', { detail });
  request.permitted = true;
}

/** Deny by default: a handler that never asked what its caller may do is for administrators only. */
export function requirePermitted({ permitted, principal }: FastifyRequest): void {
  if (!permitted && !isAdmin(principal)) throw new Problem('forbidden', { detail: forAdministrators });
}
