import { createHash, timingSafeEqual } from 'node:crypto';
import type { FastifyRequest } from 'fastify';
import type { App } from './app-type.ts';
import { Problem } from './problem.ts';

/** Who is calling. Grants of other roles will hang here; today there is the public and the administrator. */
export interface Principal {
  /** Stored with whatever the caller does. */
  id: string;
  role: 'public' | 'admin';
}

const everyone: Principal = { id: 'public', role: 'public' };
const administrator: Principal = { id: 'admin', role: 'admin' };

declare module 'fastify' {
  interface FastifyRequest {
    principal: Principal;
  }
}

const digest = (text: string): Buffer => createHash('sha256').update(text).digest();

/** Finds the principal of every request; a token that is present but not valid is refused even on public routes. */
export function registerAuthentication(app: App, adminToken: string | undefined): void {
  const expected = adminToken === undefined ? undefined : digest(adminToken);
  app.decorateRequest('principal');
  app.addHook('onRequest', async (request) => {
    const header = request.headers.authorization;
    if (header === undefined) {
      request.principal = everyone;
      return;
    }
    const token = /^Bearer ([!-~]+)$/i.exec(header)?.[1];
    if (token === undefined || expected === undefined || !timingSafeEqual(digest(token), expected))
      throw new Problem('unauthorized', { detail: 'the bearer token is not valid' });
    request.principal = administrator;
  });
}

/** Whether the caller may see drafts and write. */
export const mayWrite = (principal: Principal): boolean => principal.role === 'admin';

/** A hook for routes that write: 401 without a token. */
export async function requireWriter(request: FastifyRequest): Promise<void> {
  if (request.principal.role === 'public') throw new Problem('unauthorized');
  if (!mayWrite(request.principal)) throw new Problem('forbidden');
}
