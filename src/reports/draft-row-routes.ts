import type { FastifyReply, FastifyRequest } from 'fastify';
import { Type } from 'typebox';
import { resource } from '../http/answers.ts';
import type { App } from '../http/app-type.ts';
import { versionTag } from '../http/etag.ts';
import { notModified, problems } from '../http/problem.ts';
import { reportParams, type Written } from './access.ts';
import type { Content } from './documents.ts';
import { emptied, findOpen, writeDraft } from './draft-routes.ts';
import { addressOf, keyFaults, putRow, removeRow, requirePrinted, rowAt } from './draft-rows.ts';
import { checkDocument } from './filing.ts';
import type { ReportTable, Row } from './report-tables.ts';

/** Routes for single rows of a table of the draft. */
export function draftRowRoutes(app: App, table: ReportTable): void {
  const { member, what, noun, keys } = table;
  const path = `/v1/reports/:report_id/draft/${table.path}/${keys.map((key) => `:${key}`).join('/')}`;
  const params = Type.Object({
    ...reportParams.properties,
    ...Object.fromEntries(
      keys.map((key) => [
        key,
        Type.String({ maxLength: 50, description: `The ${key} of the row, as in the document.` }),
      ]),
    ),
  });
  const writing = [400, 401, 403, 404, 409, 412, 413, 415, 428];

  const named = (request: FastifyRequest) => {
    const { report_id, ...key } = request.params as Record<string, string>;
    return { report_id: report_id!, key, address: addressOf(table, key) };
  };
  const answer = (request: FastifyRequest, reply: FastifyReply, { report, revision }: Written) =>
    resource(request, reply, rowAt(table, revision!, named(request).address), report.version);
  /** Writes the row that `change` makes of the draft. The row is checked as the only one of its document. */
  const writeRow = (request: FastifyRequest, change: (draft: Content) => Row) => {
    const { report_id, key, address } = named(request);
    return writeDraft(request, report_id, (draft, { year }) => {
      requirePrinted(table, draft, address);
      const row = { ...change(draft), ...key };
      checkDocument(
        request.validationError,
        { year, editions: draft.editions, [member]: [row] },
        app.latestYear(),
        keyFaults(table, key, request.body as Row | undefined),
        (pointer) => pointer.replace(`/${member}/0`, ''),
      );
      return putRow(table, draft, row, year);
    });
  };

  app.get(
    path,
    {
      config: { writer: true },
      schema: {
        operationId: `getDraft${noun}`,
        tags: ['drafts'],
        summary: `One ${what} of the draft`,
        description: 'With the ETag that writes need. 404 where it is not captured.',
        params,
        response: { 200: Type.Ref(table.row.$id!), 304: notModified, ...problems(400, 401, 403, 404) },
      },
    },
    async (request, reply) => answer(request, reply, await findOpen(request, named(request).report_id)),
  );

  app.put(
    path,
    {
      config: { writer: true },
      attachValidation: true,
      schema: {
        operationId: `replaceDraft${noun}`,
        tags: ['drafts'],
        summary: `Capture or replace one ${what} of the draft`,
        description: 'A null cell is blank. Needs If-Match.',
        params,
        body: Type.Ref(table.input.$id!),
        response: { 200: Type.Ref(table.row.$id!), ...problems(...writing) },
      },
    },
    async (request, reply) => answer(request, reply, await writeRow(request, () => request.body as Row)),
  );

  app.patch(
    path,
    {
      config: { writer: true },
      attachValidation: true,
      schema: {
        operationId: `patchDraft${noun}`,
        tags: ['drafts'],
        summary: `Change one ${what} of the draft`,
        description:
          'A JSON merge patch: members left out stay as they are, null makes a cell blank. Needs If-Match.',
        params,
        body: Type.Ref(table.patch.$id!),
        response: { 200: Type.Ref(table.row.$id!), ...problems(...writing) },
      },
    },
    async (request, reply) => {
      const { address } = named(request);
      const written = await writeRow(request, (draft) => ({
        ...rowAt(table, draft, address),
        ...(request.body as Row),
      }));
      return answer(request, reply, written);
    },
  );

  app.delete(
    path,
    {
      config: { writer: true },
      schema: {
        operationId: `deleteDraft${noun}`,
        tags: ['drafts'],
        summary: `Make one ${what} of the draft not captured`,
        description:
          'Removes it from the draft: it is then not captured, which is not the same as blank. Needs If-Match.',
        params,
        response: { 204: emptied, ...problems(400, 401, 403, 404, 409, 412, 428) },
      },
    },
    async (request, reply) => {
      const { report_id, address } = named(request);
      const { report } = await writeDraft(request, report_id, (draft, { year }) =>
        removeRow(table, draft, address, year),
      );
      reply.code(204).header('etag', versionTag(report.version));
      return null;
    },
  );
}
