import { type Static, Type } from 'typebox';
import { resource } from '../http/answers.ts';
import type { App } from '../http/app-type.ts';
import { pageSchema } from '../http/lists.ts';
import { notModified, Problem, problems } from '../http/problem.ts';
import { type AnsweredFinding, Finding } from '../rules/schema.ts';
import { answerWith, findVisible, reportParams, type VisibleReport } from './access.ts';
import { CellDifference, differences, RevisionDiff, TextDifference } from './differences.ts';
import { listFindings } from './findings.ts';
import { getRevision, type RevisionHead } from './queries.ts';
import { reportTables } from './report-tables.ts';
import { RevisionSummary } from './schema.ts';
import { revisionSummary } from './views.ts';

const RevisionPage = pageSchema(RevisionSummary, 'RevisionPage', {
  description: 'All revisions, oldest first.',
  isWhole: true,
});
const FindingPage = pageSchema(Finding, 'FindingPage', {
  description: 'All findings in the order of the rules.',
  isWhole: true,
});

const revisionNumber = Type.Integer({
  minimum: 1,
  maximum: 1_000_000,
  description: 'The number of a revision.',
});

/** A finding for the public, who may learn why figures stand, but not which of the organ's callers said so. */
const withoutAuthor = ({ answer, ...finding }: AnsweredFinding): AnsweredFinding => ({
  ...finding,
  answer: answer && { ...answer, answered_by: null },
});

function byNumber({ revisions }: VisibleReport, number: number): RevisionHead {
  const revision = revisions.find((each) => each.number === number);
  if (!revision) throw new Problem('not-found', { detail: `there is no revision ${number}` });
  return revision;
}

/** Routes that read a report: its revisions, findings, differences and rows. */
export function revisionRoutes(app: App): void {
  for (const schema of [
    RevisionSummary,
    RevisionPage,
    FindingPage,
    CellDifference,
    TextDifference,
    RevisionDiff,
  ])
    app.addSchema(schema);
  const security = [{}, { bearer: [] }];

  app.get(
    '/v1/reports/:report_id/revisions',
    {
      config: { snapshot: true },
      schema: {
        operationId: 'listRevisions',
        tags: ['revisions'],
        summary: 'The revisions of a report',
        description:
          'Every revision that was published and not withdrawn, oldest first; who may see drafts sees all.',
        security,
        params: reportParams,
        response: { 200: Type.Ref('RevisionPage'), ...problems(400, 401, 404) },
      },
    },
    async (request) => {
      const { revisions, readsDrafts } = await findVisible(request.db, request, request.params.report_id);
      return { items: revisions.map((head) => revisionSummary(head, readsDrafts)), next_cursor: null };
    },
  );

  app.get(
    '/v1/reports/:report_id/revisions/:number',
    {
      config: { snapshot: true },
      schema: {
        operationId: 'getRevision',
        tags: ['revisions'],
        summary: 'A report as one revision had it',
        description: 'The report with the content of that revision.',
        security,
        params: Type.Object({
          ...reportParams.properties,
          number: Type.String({ pattern: '^[1-9][0-9]{0,5}$', description: 'The number of a revision.' }),
        }),
        response: { 200: Type.Ref('Report'), 304: notModified, ...problems(400, 401, 404) },
      },
    },
    async (request, reply) => {
      const visible = await findVisible(request.db, request, request.params.report_id);
      const answer = await answerWith(
        request.db,
        request,
        visible,
        byNumber(visible, Number(request.params.number)),
      );
      return resource(request, reply, answer, visible.readsDrafts ? visible.report.version : undefined);
    },
  );

  app.get(
    '/v1/reports/:report_id/findings',
    {
      config: { snapshot: true },
      schema: {
        operationId: 'listFindings',
        tags: ['revisions'],
        summary: 'What the rules say of a report',
        description:
          'Every failed rule and every rule that could not be evaluated, of the revision the report answers with or the one asked for, compared with the effective report of the year before.',
        security,
        params: reportParams,
        querystring: Type.Object({ revision: Type.Optional(revisionNumber) }),
        response: { 200: Type.Ref('FindingPage'), ...problems(400, 401, 404) },
      },
    },
    async (request) => {
      const visible = await findVisible(request.db, request, request.params.report_id);
      const { revision } = request.query;
      const head = revision === undefined ? visible.shown : byNumber(visible, revision);
      const findings = await listFindings(request.db, visible.report, head.id);
      return { items: visible.readsDrafts ? findings : findings.map(withoutAuthor), next_cursor: null };
    },
  );

  app.get(
    '/v1/reports/:report_id/diff',
    {
      config: { snapshot: true },
      schema: {
        operationId: 'compareRevisions',
        tags: ['revisions'],
        summary: 'What differs between two revisions',
        description:
          'Cell by cell, in printed order. A blank, a number and a cell not captured are three different things.',
        security,
        params: reportParams,
        querystring: Type.Object({ from: revisionNumber, to: revisionNumber }),
        response: { 200: Type.Ref('RevisionDiff'), ...problems(400, 401, 404) },
      },
    },
    async (request) => {
      const visible = await findVisible(request.db, request, request.params.report_id);
      const { from, to } = request.query;
      const [earlier, later] = [byNumber(visible, from), byNumber(visible, to)];
      return {
        from,
        to,
        ...differences(await getRevision(request.db, earlier.id), await getRevision(request.db, later.id)),
      };
    },
  );

  for (const table of reportTables) {
    app.addSchema(
      pageSchema(table.row, table.page, {
        description: `The captured rows of ${table.section}, in printed order.`,
        isWhole: true,
      }),
    );
    app.get(
      `/v1/reports/:report_id/${table.path}`,
      {
        config: { snapshot: true },
        schema: {
          operationId: `listReport${table.plural}`,
          tags: ['reports'],
          summary: `The rows of ${table.section} of a report`,
          description: `The captured rows of ${table.section} of the revision the report answers with, in printed order.`,
          security,
          params: reportParams,
          response: { 200: Type.Ref(table.page), ...problems(400, 401, 404) },
        },
      },
      async (request) => {
        const { report_id } = request.params as Static<typeof reportParams>;
        const { shown } = await findVisible(request.db, request, report_id);
        return { items: (await getRevision(request.db, shown.id))[table.member], next_cursor: null };
      },
    );
  }
}
