import type { FastifyRequest } from 'fastify';
import { Type } from 'typebox';
import { everyone } from '../access/principal.ts';
import { resourceText } from '../http/answers.ts';
import type { App } from '../http/app-type.ts';
import { checkMatch, knownTag } from '../http/etag.ts';
import { decodeCursor, page, pageQuery, pageSchema, rowsWanted } from '../http/lists.ts';
import { existsAlready, noContent, notModified, problems } from '../http/problem.ts';
import { rowsRoutes } from '../http/rows-routes.ts';
import { keys } from '../http/schema-parts.ts';
import { everyRow } from '../http/streams.ts';
import { inSnapshot } from '../http/transactions.ts';
import { meaningful } from '../http/validation.ts';
import { type Change, noReport, reportParams, sendReport, writeReport } from './access.ts';
import { NewReport, ReportDocument } from './document-schemas.ts';
import { effectiveAnswers } from './effective-answers.ts';
import {
  CellNote,
  DisclosureItemCell,
  RequestStatisticsRow,
  ReviewLitigationCountsRow,
} from './figure-schemas.ts';
import { checkDocument, createReport } from './filing.ts';
import { reportMeaning, reportQuery } from './filters.ts';
import { flatColumns, flatSummary, type ListFilters, listReports } from './listing.ts';
import { Report, ReportAction, ReportSummary, revisionStates } from './schema.ts';
import { ReportEditions } from './schema-parts.ts';

const ReportPage = pageSchema(ReportSummary, 'ReportPage', {
  description: 'A page of reports in order of filing.',
});

const listQuery = {
  ...reportQuery,
  effective_since: Type.Optional(
    Type.String({
      format: 'date-time',
      description:
        'Revisions that came into effect at this time or later: what was published or corrected since. Whoever keeps a copy asks again with the time of the last request, less some seconds.',
    }),
  ),
  state: Type.Optional(
    Type.Array(keys(revisionStates), {
      minItems: 1,
      maxItems: 5,
      description:
        'Revisions in these states. The public sees published ones only. Without it each report stands once, with the revision it answers with.',
    }),
  ),
};

/**
 * Reads a stretch of the list. For callers with grants it is read under row-level security, because it has their
 * drafts.
 */
function readList(
  app: App,
  request: FastifyRequest,
  filters: ListFilters,
  after: [string, number] | undefined,
  limit: number,
): Promise<ReportSummary[]> {
  const { principal } = request;
  if (principal.grants.length === 0) return listReports(app.readDb, filters, principal, after, limit);
  return inSnapshot(request, () => listReports(request.db, filters, principal, after, limit));
}

/** Routes that file, list and read reports, and remove those that were never published. */
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
  const findAnswer = effectiveAnswers(app.readDb);

  app.get(
    '/v1/reports',
    {
      schema: {
        operationId: 'listReports',
        tags: ['reports'],
        summary: 'Reports',
        description:
          'Reports without their figures, in order of filing. Everyone sees what is published, and the drafts that their grants let them see.',
        security: [{}, { bearer: [] }],
        querystring: meaningful(Type.Object({ ...listQuery, ...pageQuery }), reportMeaning),
        response: { 200: Type.Ref('ReportPage'), ...problems(400, 401) },
      },
    },
    async (request, reply) => {
      const after = decodeCursor(request, ['uuid', 'integer']);
      const rows = await readList(app, request, request.query, after, rowsWanted(request));
      return page(reply, rows, (row) => [row.id, row.revision]);
    },
  );

  rowsRoutes<ListFilters>(app, {
    path: '/v1/reports',
    operationId: 'listReports',
    tags: ['reports'],
    summary: 'Reports',
    description: `All that match as one stream, however many, in order of filing: in NDJSON as the list has them, in CSV with the columns ${flatColumns.join(', ')}.`,
    security: [{}, { bearer: [] }],
    query: listQuery,
    meaning: reportMeaning,
    statuses: [400, 401],
    rows: (request, query) => ({
      name: 'reports',
      rows: everyRow(
        (after: [string, number] | undefined, limit) => readList(app, request, query, after, limit),
        ({ id, revision }): [string, number] => [id, revision],
      ),
      columns: Object.keys(ReportSummary.properties),
      flat: { row: flatSummary, columns: flatColumns },
    }),
  });

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
        response: {
          201: Type.Ref('Report'),
          ...problems(400, 401, 403, 413, 415),
          409: existsAlready,
        },
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
      if (request.principal !== everyone)
        return inSnapshot(request, () => sendReport(request.db, request, reply, report_id));
      const stored = await findAnswer(report_id.toLowerCase(), knownTag(request));
      if (!stored) throw noReport(report_id);
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
          'Removes the report with its draft or submitted revision; 409 `published-once` where any revision was ever published.',
        params: reportParams,
        response: { 204: noContent, ...problems(400, 401, 403, 404, 409, 412) },
      },
    },
    async (request, reply) => {
      const remove: Change = async (trx, report) => {
        await trx.deleteFrom('reports').where('id', '=', report.id).execute();
        return null;
      };
      await writeReport(request, request.params.report_id, 'delete', remove, { check: checkMatch });
      reply.code(204);
      return null;
    },
  );
}
