import { Type } from 'typebox';
import { changeOf } from '../audit/chain.ts';
import type { Db } from '../db/database.ts';
import type { App } from '../http/app-type.ts';
import { withholdAnswers } from '../http/idempotency.ts';
import { decodeCursor, page, pageQuery, pageSchema, rowsWanted } from '../http/lists.ts';
import { noContent, Problem, problems, type RequestFault, refuseFaults } from '../http/problem.ts';
import { findApiKey } from './api-keys.ts';
import { deleteGrant, type GrantSubject, holderOf, insertGrants, listGrants } from './grants.ts';
import { completed, reachFaults } from './reach.ts';
import { Grant, NewGrant, Reach } from './schema.ts';

const GrantPage = pageSchema(Grant, 'GrantPage', { description: 'A page of grants, oldest first.' });

/** The faults of whom a grant is for. The body must name either a key or a person, and the key must exist. */
async function subjectFaults(
  db: Db,
  { api_key_id, issuer, subject }: Record<keyof GrantSubject, string | null>,
): Promise<RequestFault[]> {
  const isKey = api_key_id !== null && issuer === null && subject === null;
  const isPerson = api_key_id === null && issuer !== null && subject !== null;
  const errors: RequestFault[] = [];
  if (!isKey && !isPerson)
    errors.push({
      pointer: '',
      code: 'subject',
      message: 'must have either api_key_id, or both issuer and subject',
    });
  if (api_key_id !== null && !(await findApiKey(db, api_key_id)))
    errors.push({ pointer: '/api_key_id', code: 'unknown-key', message: 'must be the id of an API key' });
  return errors;
}

/**
 * Routes for the grants of API keys and of people who come with a token of the OIDC issuer. Only administrators may
 * call them.
 */
export function grantRoutes(app: App): void {
  for (const schema of [Reach, NewGrant, Grant, GrantPage]) app.addSchema(schema);

  app.get(
    '/v1/grants',
    {
      config: { writer: 'admin' },
      schema: {
        operationId: 'listGrants',
        tags: ['access'],
        summary: 'Grants',
        description: 'All grants, or those that match every filter given, oldest first. For administrators.',
        querystring: Type.Object({
          api_key_id: Type.Optional(Type.String({ format: 'uuid', description: 'Of this key.' })),
          issuer: Type.Optional(
            Type.String({ maxLength: 500, description: 'Of people whom this issuer names.' }),
          ),
          subject: Type.Optional(Type.String({ maxLength: 255, description: 'Of people with this `sub`.' })),
          organ_id: Type.Optional(Type.String({ format: 'uuid', description: 'About this organ.' })),
          ...pageQuery,
        }),
        response: { 200: Type.Ref('GrantPage'), ...problems(400, 401, 403) },
      },
    },
    async (request, reply) => {
      const { limit: _, cursor: __, ...filters } = request.query;
      const after = decodeCursor(request, ['uuid']);
      const rows = await listGrants(request.db, filters, after, rowsWanted(request));
      return page(reply, rows, (grant) => [grant.id]) as never;
    },
  );

  app.post(
    '/v1/grants',
    {
      config: { writer: 'admin' },
      schema: {
        operationId: 'createGrant',
        tags: ['access'],
        summary: 'Grant a role',
        description:
          'Gives a key or a person a role. 409 `grant-exists` where they have that role for that organ already. For administrators.',
        body: Type.Ref('NewGrant'),
        response: { 201: Type.Ref('Grant'), ...problems(400, 401, 403, 409, 413, 415) },
      },
    },
    async (request, reply) => {
      const { trx, principal } = request;
      const { api_key_id = null, issuer = null, subject = null, ...reach } = request.body as NewGrant;
      const whom = { api_key_id, issuer, subject } as GrantSubject;
      const wanted = completed([reach]);
      refuseFaults([...(await subjectFaults(trx, whom)), ...(await reachFaults(trx, wanted, () => ''))]);
      const [grant] = await insertGrants(trx, whom, wanted, principal.id);
      request.audited.push(changeOf('grant', 'create', null, grant!));
      reply.code(201);
      return grant as never;
    },
  );

  app.delete(
    '/v1/grants/:grant_id',
    {
      config: { writer: 'admin' },
      schema: {
        operationId: 'deleteGrant',
        tags: ['access'],
        summary: 'Take a grant away',
        description:
          'What it allowed is refused from the next request on, and answers that its holder had are not replayed. For administrators.',
        params: Type.Object({ grant_id: Type.String({ format: 'uuid', description: 'The id of a grant.' }) }),
        response: { 204: noContent, ...problems(400, 401, 403, 404) },
      },
    },
    async (request, reply) => {
      const { grant_id } = request.params;
      const grant = await deleteGrant(request.trx, grant_id);
      if (!grant) throw new Problem('not-found', { detail: `there is no grant ${grant_id}` });
      await withholdAnswers(request.trx, holderOf(grant));
      request.audited.push(changeOf('grant', 'delete', grant, null));
      reply.code(204);
      return null;
    },
  );
}
