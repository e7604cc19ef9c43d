import type { FastifyReply, FastifyRequest } from 'fastify';
import { Type } from 'typebox';
import { resource } from '../http/answers.ts';
import type { App } from '../http/app-type.ts';
import { versionTag } from '../http/etag.ts';
import { notModified, problems } from '../http/problem.ts';
import { reportParams, type Written } from './access.ts';
import { emptied, findOpen, writeDraft } from './draft-routes.ts';
import { draftRowRoutes } from './draft-row-routes.ts';
import { rowsOf, withRows } from './draft-rows.ts';
import { checkDocument } from './filing.ts';
import { type ReportTable, type Row, reportTables } from './report-tables.ts';

/** Routes for the tables of the draft, each as a whole and row by row. Every write goes through `writeDraft`. */
export function draftTableRoutes(app: App): void {
  for (const table of reportTables) {
    for (const schema of [table.input, table.patch, wholeTable(table)]) app.addSchema(schema);
    wholeTableRoutes(app, table);
    draftRowRoutes(app, table);
  }
}

const wholeTable = ({ plural, what, row }: ReportTable) =>
  Type.Object(
    {
      items: Type.Array(Type.Ref(row.$id!), { maxItems: 40, description: `Every captured ${what}.` }),
      next_cursor: Type.Optional(
        Type.Unsafe<null>({
          type: ['string', 'null'],
          maxLength: 0,
          description: 'null, as reading the table answers it: what was read can be written.',
        }),
      ),
    },
    {
      $id: `${plural}Table`,
      description: `All of the table: what is left out is not captured.`,
      examples: [{ items: row.examples }],
    },
  );

function wholeTableRoutes(app: App, table: ReportTable): void {
  const { member, what, plural } = table;
  const path = `/v1/reports/:report_id/draft/${table.path}`;
  const answer = (request: FastifyRequest, reply: FastifyReply, { report, revision }: Written) =>
    resource(request, reply, { items: rowsOf(table, revision!), next_cursor: null }, report.version);

  app.get(
    path,
    {
      config: { writer: true },
      schema: {
        operationId: `listDraft${plural}`,
        tags: ['drafts'],
        summary: `Every captured ${what} of the draft`,
        description: 'In printed order.',
        params: reportParams,
        response: { 200: Type.Ref(table.page), 304: notModified, ...problems(400, 401, 403, 404) },
      },
    },
    async (request, reply) => answer(request, reply, await findOpen(request, request.params.report_id)),
  );

  app.put(
    path,
    {
      config: { writer: true },
      attachValidation: true,
      schema: {
        operationId: `replaceDraft${plural}`,
        tags: ['drafts'],
        summary: `Replace every ${what} of the draft`,
        description: 'The table becomes exactly these rows. Needs If-Match.',
        params: reportParams,
        body: Type.Ref(`${plural}Table`),
        response: { 200: Type.Ref(table.page), ...problems(400, 401, 403, 404, 409, 412, 413, 415, 428) },
      },
    },
    async (request, reply) => {
      const written = await writeDraft(request, request.params.report_id, (draft, { year }) => {
        const items = (request.body as { items?: Row[] } | undefined)?.items;
        const document = { year, editions: draft.editions, [member]: items };
        checkDocument(request.validationError, document, app.latestYear(), [], (pointer) =>
          pointer.replace(`/${member}`, '/items'),
        );
        return withRows(table, draft, items!, year);
      });
      return answer(request, reply, written);
    },
  );

  app.delete(
    path,
    {
      config: { writer: true },
      schema: {
        operationId: `deleteDraft${plural}`,
        tags: ['drafts'],
        summary: `Empty the table: no ${what} is captured`,
        description: 'Every row of the table becomes not captured. Needs If-Match.',
        params: reportParams,
        response: { 204: emptied, ...problems(400, 401, 403, 404, 409, 412, 428) },
      },
    },
    async (request, reply) => {
      const { report } = await writeDraft(request, request.params.report_id, (draft, { year }) =>
        withRows(table, draft, [], year),
      );
      reply.code(204).header('etag', versionTag(report.version));
      return null;
    },
  );
}
