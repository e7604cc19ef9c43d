import type { FastifyRequest } from 'fastify';
import { Type } from 'typebox';
import { deleteGrantsFor } from '../access/grants.ts';
import { may } from '../access/principal.ts';
import { lineageOf } from '../access/row-security.ts';
import { changeOf } from '../audit/chain.ts';
import { resource } from '../http/answers.ts';
import type { App } from '../http/app-type.ts';
import { permit } from '../http/auth.ts';
import { todayInShanghai } from '../http/calendar.ts';
import { checkMatch } from '../http/etag.ts';
import { decodeCursor, page, pageQuery, pageSchema, rowsWanted } from '../http/lists.ts';
import { noContent, notModified, problems, refuseFaults } from '../http/problem.ts';
import { rowsRoutes } from '../http/rows-routes.ts';
import { everyRow } from '../http/streams.ts';
import { readerOf } from '../http/transactions.ts';
import { refreshOrganFindings } from '../reports/publication.ts';
import { creditCodeFaults } from './credit-code.ts';
import { beginningFaults, periodFaults } from './periods.ts';
import {
  deleteOrgan,
  findOrgan,
  insertOrgan,
  listHistory,
  listOrgans,
  lockOrgan,
  lockTree,
  noOrgan,
  referenceFaults,
  type StoredOrgan,
  updateOrgan,
} from './queries.ts';
import { NewOrgan, Organ, type OrganListFilters, OrganPatch, OrganPeriod, organListQuery } from './schema.ts';

const OrganPage = pageSchema(Organ, 'OrganPage', {
  description: 'A page of organs in order of registration.',
});
const OrganPeriodPage = pageSchema(OrganPeriod, 'OrganPeriodPage', {
  description: 'All periods, oldest first.',
  isWhole: true,
});
const organParams = Type.Object({
  organ_id: Type.String({ format: 'uuid', description: 'The id of an organ.' }),
});

const answer = ({ version: _, ...organ }: StoredOrgan): Organ => organ as Organ;

/** Has the audit record a change of an organ. */
const record = (
  { audited }: FastifyRequest,
  action: string,
  before: StoredOrgan | null,
  after: StoredOrgan | null,
) => audited.push(changeOf('organ', action, before && answer(before), after && answer(after)));

/** Routes that register the organs that report, and keep the tree that consolidated reports follow. */
export function organRoutes(app: App): void {
  for (const schema of [Organ, NewOrgan, OrganPatch, OrganPage, OrganPeriod, OrganPeriodPage])
    app.addSchema(schema);

  app.get(
    '/v1/organs',
    {
      schema: {
        operationId: 'listOrgans',
        tags: ['organs'],
        summary: 'Organs',
        description:
          'All registered organs, or those that match every filter given, in order of registration.',
        security: [],
        querystring: Type.Object({ ...organListQuery, ...pageQuery }),
        response: { 200: Type.Ref('OrganPage'), ...problems(400) },
      },
    },
    async (request, reply) => {
      const after = decodeCursor(request, ['uuid']);
      const rows = await listOrgans(readerOf(request), request.query, after, rowsWanted(request));
      return page(reply, rows.map(answer), (organ) => [organ.id]);
    },
  );

  const columns = Object.keys(Organ.properties);
  rowsRoutes<OrganListFilters>(app, {
    path: '/v1/organs',
    operationId: 'listOrgans',
    tags: ['organs'],
    summary: 'Organs',
    description: 'All that match as one stream, however many, in order of registration.',
    query: organListQuery,
    statuses: [400, 401],
    rows: (request, query) => ({
      name: 'organs',
      rows: everyRow(
        (after: [string] | undefined, limit) => listOrgans(readerOf(request), query, after, limit),
        (organ): [string] => [organ.id],
      ),
      columns,
    }),
  });

  app.post(
    '/v1/organs',
    {
      config: { writer: true },
      schema: {
        operationId: 'createOrgan',
        tags: ['organs'],
        summary: 'Register an organ',
        description:
          'Registers an organ and answers with it; Location names it. For administrators, and supervisors of where it stands.',
        body: Type.Ref('NewOrgan'),
        response: { 201: Type.Ref('Organ'), ...problems(400, 401, 403, 409, 413, 415) },
      },
    },
    async (request, reply) => {
      const body = request.body as NewOrgan;
      await lockTree(request.trx);
      const above = body.parent_id ? await lineageOf(request.trx, body.parent_id) : [];
      permit(
        request,
        may(request.principal, 'register', ['', ...above]),
        'only administrators and supervisors of an organ above register an organ',
      );
      refuseFaults([
        ...creditCodeFaults(body.credit_code),
        ...beginningFaults(body.valid_from, todayInShanghai()),
        ...(await referenceFaults(request.trx, body)),
      ]);
      const organ = await insertOrgan(request.trx, body);
      record(request, 'create', null, organ);
      reply.code(201).header('location', `/v1/organs/${organ.id}`);
      return resource(request, reply, answer(organ), organ.version);
    },
  );

  app.get(
    '/v1/organs/:organ_id',
    {
      schema: {
        operationId: 'getOrgan',
        tags: ['organs'],
        summary: 'One organ',
        description: 'An organ with its strong ETag.',
        security: [],
        params: organParams,
        response: { 200: Type.Ref('Organ'), 304: notModified, ...problems(400, 404) },
      },
    },
    async (request, reply) => {
      const organ = await findOrgan(readerOf(request), request.params.organ_id);
      if (!organ) throw noOrgan(request.params.organ_id);
      return resource(request, reply, answer(organ), organ.version);
    },
  );

  app.get(
    '/v1/organs/:organ_id/history',
    {
      config: { snapshot: true },
      schema: {
        operationId: 'listOrganHistory',
        tags: ['organs'],
        summary: 'The names and parents an organ has had',
        description: 'Oldest first; the last one is the present and has no end.',
        security: [],
        params: organParams,
        response: { 200: Type.Ref('OrganPeriodPage'), ...problems(400, 401, 404) },
      },
    },
    async (request) => {
      const items = await listHistory(request.db, request.params.organ_id);
      if (items.length === 0) throw noOrgan(request.params.organ_id);
      return { items, next_cursor: null };
    },
  );

  app.patch(
    '/v1/organs/:organ_id',
    {
      config: { writer: 'admin' },
      schema: {
        operationId: 'updateOrgan',
        tags: ['organs'],
        summary: 'Change an organ',
        description:
          'A JSON merge patch (RFC 7396). With If-Match the change is made only on that version. Parents cannot form a cycle. With `valid_from` a new name, parent or division begins that day and the present ones become history; reports keep the tree and the places of their year. Where the kind or level changes, the findings of its reports are worked out again.',
        params: organParams,
        body: Type.Ref('OrganPatch'),
        response: { 200: Type.Ref('Organ'), ...problems(400, 401, 403, 404, 409, 412, 413, 415) },
      },
    },
    async (request, reply) => {
      const { organ_id } = request.params;
      const patch = request.body as OrganPatch;
      const before = await lockOrgan(request.trx, organ_id);
      if (!before) throw noOrgan(organ_id);
      checkMatch(request, before.version);
      refuseFaults([
        ...creditCodeFaults(patch.credit_code),
        ...periodFaults(before, patch, todayInShanghai()),
        ...(await referenceFaults(request.trx, patch)),
      ]);
      const organ = await updateOrgan(request.trx, before, patch);
      record(request, 'update', before, organ);
      if (organ.kind !== before.kind || organ.level !== before.level)
        await refreshOrganFindings(request.trx, organ_id);
      return resource(request, reply, answer(organ), organ.version);
    },
  );

  app.delete(
    '/v1/organs/:organ_id',
    {
      config: { writer: 'admin' },
      schema: {
        operationId: 'deleteOrgan',
        tags: ['organs'],
        summary: 'Remove an organ',
        description:
          'Removes an organ, and the grants about it, where it has no report and is neither a successor nor, at any time, a parent; 409 `organ-in-use` otherwise.',
        params: organParams,
        response: { 204: noContent, ...problems(400, 401, 403, 404, 409, 412) },
      },
    },
    async (request, reply) => {
      const organ = await lockOrgan(request.trx, request.params.organ_id);
      if (!organ) throw noOrgan(request.params.organ_id);
      checkMatch(request, organ.version);
      const grants = await deleteGrantsFor(request.trx, organ.id);
      await deleteOrgan(request.trx, organ.id);
      for (const grant of grants) request.audited.push(changeOf('grant', 'delete', grant, null));
      record(request, 'delete', organ, null);
      reply.code(204);
      return null;
    },
  );
}
