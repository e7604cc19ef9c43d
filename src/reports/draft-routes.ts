import type { FastifyReply, FastifyRequest } from 'fastify';
import { Type } from 'typebox';
import type { Fault } from '../editions/form-faults.ts';
import type { App } from '../http/app-type.ts';
import { noContent, notModified, Problem, problems } from '../http/problem.ts';
import { summarise } from '../rules/index.ts';
import { findVisible, reportParams, sendReport, type Written, writeReport } from './access.ts';
import { DraftDocument, DraftPatch } from './document-schemas.ts';
import { type Content, mergePatch, type NaturalKey, toContent } from './documents.ts';
import { checkDocument } from './filing.ts';
import { checkContent } from './findings.ts';
import { situationOf } from './lifecycle.ts';
import { replaceContents } from './mutations.ts';
import { getRevision, type Revision } from './queries.ts';

/** Replaces the content of the draft with what `change` makes of it, and works out its findings. */
export function writeDraft(
  request: FastifyRequest,
  report_id: string,
  change: (draft: Revision, key: NaturalKey) => Content,
): Promise<Written> {
  return writeReport(request, report_id, 'edit', async (trx, report, _situation, draft) => {
    const content = change(draft, report);
    const summary = summarise(await checkContent(trx, report, content));
    await replaceContents(trx, [{ id: draft.id, before: draft, content, summary }]);
    return draft.id;
  });
}

/** The answer where a part of a draft was removed: nothing but the tag that the next write needs. */
export const emptied = {
  ...noContent,
  headers: { etag: Type.String({ description: 'Strong tag of the version of the draft without it.' }) },
};

/**
 * The revision being prepared, as the caller may see it, with its report. Problem `not-found` (404) where there is
 * none.
 */
export async function findOpen(request: FastifyRequest, report_id: string): Promise<Written> {
  const { report, revisions } = await findVisible(request.db, request, report_id);
  const { open } = situationOf(revisions);
  if (!open) throw new Problem('not-found', { detail: 'no revision is being prepared' });
  return { report, revision: await getRevision(request.db, open.id) };
}

/**
 * The faults of `organ_id`, `year` and `scope` in a body. They are the identity of the report, so they must be the
 * same.
 */
const identityFaults = (body: Partial<NaturalKey> | undefined, report: NaturalKey): Fault[] =>
  (['organ_id', 'year', 'scope'] as const)
    .filter(
      (member) =>
        body?.[member] !== undefined && String(body[member]).toLowerCase() !== String(report[member]),
    )
    .map((member) => ({
      pointer: `/${member}`,
      code: 'identity',
      message: `cannot change; this report's is ${report[member]}. File another report instead`,
    }));

/** Routes for a draft as a whole. */
export function draftRoutes(app: App): void {
  app.addSchema(DraftDocument);
  app.addSchema(DraftPatch);
  const path = '/v1/reports/:report_id/draft';
  const sendDraft = (request: FastifyRequest, reply: FastifyReply, report_id: string) =>
    sendReport(request.db, request, reply, report_id, true);

  app.get(
    path,
    {
      config: { writer: true },
      schema: {
        operationId: 'getDraft',
        tags: ['drafts'],
        summary: 'The revision being prepared',
        description:
          'The draft, or the submitted revision that waits for publication; 404 where there is neither.',
        params: reportParams,
        response: { 200: Type.Ref('Report'), 304: notModified, ...problems(400, 401, 403, 404) },
      },
    },
    async (request, reply) => {
      await findOpen(request, request.params.report_id);
      return sendDraft(request, reply, request.params.report_id);
    },
  );

  app.put(
    path,
    {
      config: { writer: true },
      attachValidation: true,
      schema: {
        operationId: 'replaceDraft',
        tags: ['drafts'],
        summary: 'Replace the draft',
        description:
          'The draft becomes exactly this document; what is left out is not captured. Needs If-Match. Saving is never refused by a rule.',
        params: reportParams,
        body: Type.Ref('DraftDocument'),
        response: { 200: Type.Ref('Report'), ...problems(400, 401, 403, 404, 409, 412, 413, 415, 428) },
      },
    },
    async (request, reply) => {
      const body = request.body as DraftDocument;
      await writeDraft(request, request.params.report_id, (draft, report) => {
        const editions = body?.editions ?? draft.editions;
        const document = { ...body, year: report.year, editions };
        checkDocument(request.validationError, document, app.latestYear(), identityFaults(body, report));
        return toContent(body, report.year, draft.editions);
      });
      return sendDraft(request, reply, request.params.report_id);
    },
  );

  app.patch(
    path,
    {
      config: { writer: true },
      attachValidation: true,
      schema: {
        operationId: 'patchDraft',
        tags: ['drafts'],
        summary: 'Change parts of the draft',
        description:
          'A JSON merge patch (RFC 7396), as application/json or application/merge-patch+json. A table given replaces that whole table; single rows have operations of their own. Needs If-Match.',
        params: reportParams,
        body: Type.Ref('DraftPatch'),
        response: { 200: Type.Ref('Report'), ...problems(400, 401, 403, 404, 409, 412, 413, 415, 428) },
      },
    },
    async (request, reply) => {
      const body = request.body as DraftPatch;
      await writeDraft(request, request.params.report_id, (draft, report) => {
        const { editions, disclosure_items, request_statistics, review_litigation_counts, cell_notes } =
          draft;
        const { title, published_on, source_url, overview, problems, other_matters } = draft;
        const text = { title, published_on, source_url, overview, problems, other_matters };
        const tables = { disclosure_items, request_statistics, review_litigation_counts, cell_notes };
        const merged = request.validationError ? body : mergePatch({ editions, ...text, ...tables }, body);
        const document = { ...merged, year: report.year };
        checkDocument(request.validationError, document, app.latestYear(), identityFaults(body, report));
        return toContent(merged as DraftDocument, report.year, editions);
      });
      return sendDraft(request, reply, request.params.report_id);
    },
  );

  app.delete(
    path,
    {
      config: { writer: true },
      schema: {
        operationId: 'deleteDraft',
        tags: ['drafts'],
        summary: 'Discard the draft',
        description:
          'Discards the revision being prepared; what is published stays. A report that was never published is removed with its only draft. Needs If-Match.',
        params: reportParams,
        response: { 204: noContent, ...problems(400, 401, 403, 404, 409, 412, 428) },
      },
    },
    async (request, reply) => {
      await writeReport(
        request,
        request.params.report_id,
        'edit',
        async (trx, report, { wasPublished }, draft) => {
          if (!wasPublished) await trx.deleteFrom('reports').where('id', '=', report.id).execute();
          else await trx.deleteFrom('revisions').where('id', '=', draft.id).execute();
          return null;
        },
        { recordedAs: 'discard' },
      );
      reply.code(204);
      return null;
    },
  );
}
