import pLimit from 'p-limit';
import { type Static, Type } from 'typebox';
import { mayAudit } from '../access/principal.ts';
import type { App } from '../http/app-type.ts';
import { permit, requireWriter } from '../http/auth.ts';
import { decodeCursor, page, pageQuery, pageSchema, rowsWanted } from '../http/lists.ts';
import { problems } from '../http/problem.ts';
import { rowsRoutes } from '../http/rows-routes.ts';
import { count, keys, nullable } from '../http/schema-parts.ts';
import { everyRow } from '../http/streams.ts';
import { auditedKinds } from './chain.ts';
import { listAudit, verifyAudit } from './queries.ts';

const hash = (description: string) => Type.String({ pattern: '^[0-9a-f]{64}$', description });

const AuditEntry = Type.Object(
  {
    id: Type.Integer({ minimum: 1, description: 'Its place in the chain, without gaps.' }),
    at: Type.String({ format: 'date-time', description: 'When it happened.' }),
    principal: Type.String({ description: 'Who did it.' }),
    action: Type.String({ description: 'What was done.' }),
    resource: keys(auditedKinds, { description: 'To what kind of thing.' }),
    resource_id: Type.String({ format: 'uuid', description: 'To which one.' }),
    revision: nullable<number>('integer', { description: 'Of a report; null for what has none.' }),
    before_hash: nullable<string>('string', {
      description: 'SHA-256 of what it was; null where it did not exist.',
    }),
    after_hash: nullable<string>('string', {
      description: 'SHA-256 of what it became; null where it no longer exists.',
    }),
    request_id: Type.String({ format: 'uuid', description: 'The request, as in its answer and in the log.' }),
    previous_hash: hash('The seal of the entry before; 64 zeros for the first.'),
    hash: hash('The seal of this entry: SHA-256 over all its members and the seal before.'),
  },
  {
    $id: 'AuditEntry',
    description: 'One act. Entries are only ever appended, in the transaction of the act.',
    examples: [
      {
        id: 1,
        at: '2026-01-05T02:00:00.000Z',
        principal: 'admin',
        action: 'create',
        resource: 'organ',
        resource_id: '01938c5e-7b1a-7c3e-9a51-2f1de0a4c001',
        revision: null,
        before_hash: null,
        after_hash: '9f86d081884c7d659a2feaa0c55ad015a3bf4f1b2b0b822cd15d6c15b0f00a08',
        request_id: '3f0c8c1e-6f0e-4f38-9d0e-2d5a0a8d4a11',
        previous_hash: '0'.repeat(64),
        hash: '60303ae22b998861bce3b28f33eec1be758a213c86c93c076dbe9f558c11c752',
      },
    ],
  },
);
const AuditPage = pageSchema(AuditEntry, 'AuditPage', {
  description: 'A page of audit entries, oldest first.',
});

const AuditVerification = Type.Object(
  {
    entries: count('How many entries are whole, from the first on.'),
    head: hash('The seal of the last whole entry. Kept elsewhere, it proves later that no end was cut off.'),
    fault: nullable<string>('string', {
      description: 'The first thing wrong; null where the chain is whole.',
    }),
  },
  {
    $id: 'AuditVerification',
    description: 'Whether every entry is there, unchanged and in its place.',
    examples: [
      { entries: 1, head: '60303ae22b998861bce3b28f33eec1be758a213c86c93c076dbe9f558c11c752', fault: null },
    ],
  },
);

/** The filters of the lists of entries. */
const auditQuery = {
  principal: Type.Optional(Type.String({ maxLength: 500, description: 'By this caller.' })),
  action: Type.Optional(
    Type.String({ maxLength: 50, description: 'Such as `create`, `edit`, `submit`, `publish`.' }),
  ),
  resource: Type.Optional(keys(auditedKinds, { description: 'On this kind of thing.' })),
  resource_id: Type.Optional(Type.String({ format: 'uuid', description: 'On this one.' })),
  since: Type.Optional(Type.String({ format: 'date-time', description: 'At or after this time.' })),
  until: Type.Optional(Type.String({ format: 'date-time', description: 'Before this time.' })),
};
const auditFilters = Type.Object(auditQuery);

const refusal = 'only administrators and auditors of everything read the audit';
const inTurn = pLimit(1);

/** Routes that tell who did what, when, and whether the record of it is whole. */
export function auditRoutes(app: App): void {
  for (const schema of [AuditEntry, AuditPage, AuditVerification]) app.addSchema(schema);

  app.get(
    '/v1/audit',
    {
      config: { writer: true },
      schema: {
        operationId: 'listAuditEntries',
        tags: ['audit'],
        summary: 'Who did what, when',
        description:
          'Every write, oldest first. Entries are appended in the transaction of what they record. For administrators, and auditors of everything.',
        querystring: Type.Object({ ...auditQuery, ...pageQuery }),
        response: { 200: Type.Ref('AuditPage'), ...problems(400, 401, 403) },
      },
    },
    async (request, reply) => {
      permit(request, mayAudit(request.principal), refusal);
      const { limit: _, cursor: __, ...filters } = request.query;
      const rows = await listAudit(
        request.db,
        filters,
        decodeCursor(request, ['bigint'])?.[0],
        rowsWanted(request),
      );
      return page(reply, rows, (entry) => [entry.id]);
    },
  );

  rowsRoutes<Static<typeof auditFilters>>(app, {
    path: '/v1/audit',
    operationId: 'listAuditEntries',
    tags: ['audit'],
    summary: 'Who did what, when',
    description:
      'All entries that match as one stream, however many, oldest first. For administrators, and auditors of everything.',
    needsToken: true,
    query: auditQuery,
    statuses: [400, 401, 403],
    rows(request, filters) {
      permit(request, mayAudit(request.principal), refusal);
      return {
        name: 'audit',
        rows: everyRow(
          (after: number | undefined, limit) => listAudit(app.db, filters, after, limit),
          ({ id }) => id,
        ),
        columns: Object.keys(AuditEntry.properties),
      };
    },
  });

  app.get(
    '/v1/audit/verification',
    {
      onRequest: requireWriter,
      schema: {
        operationId: 'verifyAudit',
        tags: ['audit'],
        summary: 'Whether the record is whole',
        description:
          'Reads the whole chain, one caller after the other, and names the first entry that was changed, removed or replaced. For administrators, and auditors of everything.',
        response: { 200: Type.Ref('AuditVerification'), ...problems(400, 401, 403) },
      },
    },
    async (request) => {
      permit(request, mayAudit(request.principal), refusal);
      // Not in a transaction: reading a long chain takes longer than one may last, and entries never change.
      return inTurn(() => verifyAudit(app.db));
    },
  );
}
