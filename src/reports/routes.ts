import { sql } from 'kysely';
import { Type } from 'typebox';
import type { Db } from '../db/database.ts';
import { resourceText } from '../http/answers.ts';
import type { App } from '../http/app-type.ts';
import { mayWrite } from '../http/auth.ts';
import { checkMatch } from '../http/etag.ts';
import { decodeCursor, page, pageQuery, pageSchema, rowsWanted } from '../http/lists.ts';
import { noContent, notModified, Problem, problems } from '../http/problem.ts';
import { inSnapshot } from '../http/transactions.ts';
import { reportParams, sendReport, writeReport } from './access.ts';
import { NewReport, ReportDocument } from './document-schemas.ts';
import {
  CellNote,
  DisclosureItemCell,
  RequestStatisticsRow,
  ReviewLitigationCountsRow,
} from './figure-schemas.ts';
import { checkDocument, createReport } from './filing.ts';
import { type ReportFilters, reportFilters, reportQuery } from './filters.ts';
import { Report, ReportAction, ReportSummary, type RevisionState, revisionStates } from './schema.ts';
import { ReportEditions } from './schema-parts.ts';

const ReportPage = pageSchema(ReportSummary, 'ReportPage', {
  description: 'A page of reports in order of filing.',
});

const listQuery = {
  ...reportQuery,
  state: Type.Optional(
    Type.Array(Type.Unsafe<RevisionState>({ type: 'string', enum: [...revisionStates] }), {
      minItems: 1,
      maxItems: 5,
      description:
        'Revisions in these states. The public sees published ones only. Without it each report stands once, with the revision it answers with.',
    }),
  ),
};

/** Reports: filing, finding, reading, and removing what was never published. */
export function reportRoutes(app: App): void {
  for (const schema of [
    ReportEditions,
    DisclosureItemCell,
    RequestStatisticsRow,
    ReviewLitigationCountsRow,
    CellNote,
    NewReport,
    ReportDocument,
    ReportAction,
    Report,
    ReportSummary,
    ReportPage,
  ])
    app.addSchema(schema);

  app.get(
    '/v1/reports',
    {
      schema: {
        operationId: 'listReports',
        tags: ['reports'],
        summary: 'Reports',
        description:
          'Reports without their figures, in order of filing. The public sees what is published; who may write sees drafts too.',
        security: [{}, { bearer: [] }],
        querystring: Type.Object({ ...listQuery, ...pageQuery }),
        response: { 200: Type.Ref('ReportPage'), ...problems(400, 401) },
      },
    },
    async (request, reply) => {
      const writer = mayWrite(request.principal);
      const rows = await listReports(
        writer ? request.db : app.readDb,
        request.query,
        writer,
        decodeCursor(request, ['uuid', 'integer']),
        rowsWanted(request),
      );
      return page(reply, rows, (row) => [row.id, row.revision]);
    },
  );

  app.post(
    '/v1/reports',
    {
      config: { writer: true },
      attachValidation: true,
      schema: {
        operationId: 'createReport',
        tags: ['reports'],
        summary: 'File a report',
        description:
          'Creates the report of an organ for a year and scope with its first draft. Rules never refuse a draft; what cannot be on the form does, all faults at once. 409 `report-exists` names the report that is there already.',
        body: Type.Ref('NewReport'),
        response: { 201: Type.Ref('Report'), ...problems(400, 401, 403, 409, 413, 415) },
      },
    },
    async (request, reply) => {
      checkDocument(request.validationError, request.body, app.latestYear());
      const id = await createReport(request, request.body as NewReport);
      reply.code(201).header('location', `/v1/reports/${id}`);
      return sendReport(request.db, request, reply, id);
    },
  );

  app.get(
    '/v1/reports/:report_id',
    {
      schema: {
        operationId: 'getReport',
        tags: ['reports'],
        summary: 'One report',
        description:
          'The effective revision. Who may see drafts gets the one being prepared when nothing is published yet. Everyone else gets 404 then.',
        security: [{}, { bearer: [] }],
        params: reportParams,
        response: { 200: Type.Ref('Report'), 304: notModified, ...problems(400, 401, 404) },
      },
    },
    async (request, reply) => {
      const { report_id } = request.params;
      if (mayWrite(request.principal))
        return inSnapshot(app, request, () => sendReport(request.db, request, reply, report_id));
      const stored = await app.readDb
        .selectFrom('effective_answers')
        .select(['body', 'etag'])
        .where('report_id', '=', report_id)
        .executeTakeFirst();
      if (!stored) throw new Problem('not-found', { detail: `there is no report ${report_id}` });
      return resourceText(request, reply, stored.body, stored.etag);
    },
  );

  app.delete(
    '/v1/reports/:report_id',
    {
      config: { writer: true },
      schema: {
        operationId: 'deleteReport',
        tags: ['reports'],
        summary: 'Remove a report that was never published',
        description:
          'Removes the report with its draft; 409 `published-once` where any revision was ever published.',
        params: reportParams,
        response: { 204: noContent, ...problems(400, 401, 403, 404, 409, 412) },
      },
    },
    async (request, reply) => {
      await writeReport(
        request,
        request.params.report_id,
        'delete',
        (trx, report) => trx.deleteFrom('reports').where('id', '=', report.id).execute(),
        checkMatch,
      );
      reply.code(204);
      return null;
    },
  );
}

const summaryColumns = [
  'reports.id',
  'reports.organ_id',
  'organs.name as organ_name',
  'reports.year',
  'reports.scope',
  'revisions.state',
  'revisions.number as revision',
  'revisions.title',
  'revisions.published_on',
  'revisions.source_url',
  'revisions.disclosure_edition',
  'revisions.request_edition',
  'revisions.created_at',
  'revisions.updated_at',
  'revisions.submitted_at',
  'revisions.effective_at',
  'revisions.findings_summary',
] as const;

type ListFilters = ReportFilters & { state?: RevisionState[] };

/** Reports that match, each with the revision the caller is answered with, after the key of the page before. */
async function listReports(
  db: Db,
  filters: ListFilters,
  writer: boolean,
  after: [string, number] | undefined,
  limit: number,
): Promise<ReportSummary[]> {
  const states =
    filters.state?.filter((state) => writer || state === 'published') ?? (writer ? undefined : ['published']);
  const rows = await db
    .selectFrom('reports')
    .innerJoin('organs', 'organs.id', 'reports.organ_id')
    .innerJoin('revisions', 'revisions.report_id', 'reports.id')
    .select(summaryColumns)
    .where(reportFilters(filters))
    .$if(states !== undefined, (query) =>
      query.where('revisions.state', 'in', states!.length > 0 ? states! : ['none']),
    )
    .$if(states === undefined, (query) =>
      query.where('revisions.id', '=', (eb) =>
        eb
          .selectFrom('revisions as candidates')
          .select('candidates.id')
          .whereRef('candidates.report_id', '=', 'reports.id')
          .orderBy(sql`candidates.state = 'published'`, 'desc')
          .orderBy('candidates.number', 'desc')
          .limit(1),
      ),
    )
    .$if(after !== undefined, (query) =>
      query.where(sql<boolean>`(reports.id, revisions.number) > (${after?.[0]}::uuid, ${after?.[1]}::int)`),
    )
    .orderBy('reports.id')
    .orderBy('revisions.number')
    .limit(limit)
    .execute();
  return rows.map(({ disclosure_edition, request_edition, ...row }) => ({
    ...row,
    editions: { disclosure_items: disclosure_edition, request_statistics: request_edition },
  })) as unknown as ReportSummary[];
}
