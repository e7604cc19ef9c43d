import { Type } from 'typebox';
import { changeOf } from '../audit/chain.ts';
import { resource } from '../http/answers.ts';
import type { App } from '../http/app-type.ts';
import { decodeCursor, page, pageQuery, pageSchema, rowsWanted } from '../http/lists.ts';
import {
  noContent,
  notModified,
  Problem,
  problems,
  type RequestFault,
  refuseFaults,
} from '../http/problem.ts';
import { findApiKey, insertApiKey, listApiKeys, lockApiKey, revokeApiKey } from './api-keys.ts';
import { insertGrants } from './grants.ts';
import { completed, reachFaults } from './reach.ts';
import { ApiKey, CreatedApiKey, KeyGrant, NewApiKey } from './schema.ts';

const ApiKeyPage = pageSchema(ApiKey, 'ApiKeyPage', { description: 'A page of keys, oldest first.' });
const params = Type.Object({
  api_key_id: Type.String({ format: 'uuid', description: 'The id of an API key.' }),
});
const missing = (id: string) => new Problem('not-found', { detail: `there is no API key ${id}` });

/** The time that is `years` years after `time`. */
function yearsFrom(time: Date, years: number): Date {
  const then = new Date(time);
  then.setUTCFullYear(then.getUTCFullYear() + years);
  return then;
}

/** The faults of the time at which a key is to expire. It must be in the future, at most two years from now. */
const expiryFaults = (asked: string | undefined, now: Date): RequestFault[] =>
  asked === undefined || (new Date(asked) > now && new Date(asked) <= yearsFrom(now, 2))
    ? []
    : [{ pointer: '/expires_at', code: 'range', message: 'must lie ahead, and at most two years from now' }];

/** Routes that make, list and revoke API keys. Only administrators may call them. */
export function apiKeyRoutes(app: App): void {
  for (const schema of [KeyGrant, ApiKey, NewApiKey, CreatedApiKey, ApiKeyPage]) app.addSchema(schema);

  app.get(
    '/v1/api-keys',
    {
      config: { writer: 'admin' },
      schema: {
        operationId: 'listApiKeys',
        tags: ['access'],
        summary: 'API keys',
        description:
          'All keys, oldest first, also those that were revoked or have expired. For administrators.',
        querystring: Type.Object(pageQuery),
        response: { 200: Type.Ref('ApiKeyPage'), ...problems(400, 401, 403) },
      },
    },
    async (request, reply) => {
      const rows = await listApiKeys(request.db, decodeCursor(request, ['uuid']), rowsWanted(request));
      return page(reply, rows, (key) => [key.id]) as never;
    },
  );

  app.post(
    '/v1/api-keys',
    {
      config: { writer: 'admin' },
      schema: {
        operationId: 'createApiKey',
        tags: ['access'],
        summary: 'Make an API key',
        description:
          'Makes a key with its grants. The secret is in this answer and nowhere else: only a hash of it is kept. For administrators.',
        body: Type.Ref('NewApiKey'),
        response: { 201: Type.Ref('CreatedApiKey'), ...problems(400, 401, 403, 409, 413, 415) },
      },
    },
    async (request, reply) => {
      const { trx, principal, audited } = request;
      const { label, expires_at, grants } = request.body as NewApiKey;
      const now = new Date();
      const wanted = completed(grants);
      refuseFaults([
        ...expiryFaults(expires_at, now),
        ...(await reachFaults(trx, wanted, (index) => `/grants/${index}`)),
      ]);
      const until = expires_at === undefined ? yearsFrom(now, 1) : new Date(expires_at);
      const { id, secret } = await insertApiKey(trx, {
        label,
        expires_at: until.toISOString(),
        created_by: principal.id,
      });
      const subject = { api_key_id: id, issuer: null, subject: null };
      const granted = await insertGrants(trx, subject, wanted, principal.id);
      const key = (await findApiKey(trx, id))!;
      audited.push(changeOf('api_key', 'create', null, key));
      for (const grant of granted) audited.push(changeOf('grant', 'create', null, grant));
      reply.code(201).header('location', `/v1/api-keys/${id}`).header('cache-control', 'no-store');
      request.keptAnswer = JSON.stringify({ ...key, secret: null });
      return { ...key, secret } as never;
    },
  );

  app.get(
    '/v1/api-keys/:api_key_id',
    {
      config: { writer: 'admin' },
      schema: {
        operationId: 'getApiKey',
        tags: ['access'],
        summary: 'One API key',
        description: 'A key with its grants, without its secret. For administrators.',
        params,
        response: { 200: Type.Ref('ApiKey'), 304: notModified, ...problems(400, 401, 403, 404) },
      },
    },
    async (request, reply) => {
      const { api_key_id } = request.params;
      const key = await findApiKey(request.db, api_key_id);
      if (!key) throw missing(api_key_id);
      return resource(request, reply, key);
    },
  );

  app.delete(
    '/v1/api-keys/:api_key_id',
    {
      config: { writer: 'admin' },
      schema: {
        operationId: 'revokeApiKey',
        tags: ['access'],
        summary: 'Revoke an API key',
        description:
          'The key is refused from the next request on. It stays in the list. Revoking it again changes nothing. For administrators.',
        params,
        response: { 204: noContent, ...problems(400, 401, 403, 404) },
      },
    },
    async (request, reply) => {
      const { trx, audited } = request;
      const { api_key_id } = request.params;
      const before = await lockApiKey(trx, api_key_id);
      if (!before) throw missing(api_key_id);
      if (before.revoked_at === null) {
        await revokeApiKey(trx, api_key_id);
        const after = (await findApiKey(trx, api_key_id))!;
        audited.push(changeOf('api_key', 'revoke', before, after));
      }
      reply.code(204);
      return null;
    },
  );
}
