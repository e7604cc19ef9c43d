import type { FastifyRequest } from 'fastify';
import { Type } from 'typebox';
import type { Fault } from '../editions/form-faults.ts';
import { resource } from '../http/answers.ts';
import type { App } from '../http/app-type.ts';
import { noContent, notModified, Problem, problems } from '../http/problem.ts';
import { reportParams, type Written } from './access.ts';
import type { DraftDocument } from './document-schemas.ts';
import { type Content, toContent } from './documents.ts';
import { findOpen, writeDraft } from './draft-routes.ts';
import { checkDocument } from './filing.ts';
import { type ReportTable, type Row, reportTables } from './report-tables.ts';

/** The tables of the working copy, as a whole and row by row. Writes go through the draft as a whole. */
export function draftTableRoutes(app: App): void {
  for (const table of reportTables) registerTable(app, table);
}

function registerTable(app: App, table: ReportTable): void {
  const { member, what, noun, plural } = table;
  const collection = `/v1/reports/:report_id/draft/${table.path}`;
  const single = `${collection}/${table.keys.map((key) => `:${key}`).join('/')}`;
  const params = Type.Object({
    ...reportParams.properties,
    ...Object.fromEntries(
      table.keys.map((key) => [
        key,
        Type.String({ maxLength: 50, description: `The ${key} of the row, as in the document.` }),
      ]),
    ),
  });
  const writing = [400, 401, 403, 404, 409, 412, 413, 415, 428];
  const Table = Type.Object(
    {
      items: Type.Array(Type.Ref(table.row.$id!), { maxItems: 40, description: `Every captured ${what}.` }),
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
      examples: [{ items: table.row.examples }],
    },
  );
  for (const schema of [table.input, table.patch, Table]) app.addSchema(schema);

  const keyOf = (row: Row): string => table.keys.map((key) => row[key]).join('.');
  const rowsOf = (content: Content): Row[] => content[member] as unknown as Row[];
  const withRows = (content: Content, rows: Row[], year: number): Content =>
    toContent({ ...content, [member]: rows } as DraftDocument, year);
  const keysIn = (request: { params: unknown }) => {
    const given = request.params as Record<string, string>;
    const key = Object.fromEntries(table.keys.map((name) => [name, given[name]]));
    return { report_id: given.report_id!, key, address: keyOf(key) };
  };
  const checkOnForm = (content: Content, address: string) => {
    const known = table.keysOnForm(content).map((keys) => keys.join('.'));
    if (!known.includes(address))
      throw new Problem('not-found', {
        detail: `the form of this draft has no ${what} ${address}; it has ${known.join(', ')}`,
      });
  };
  const keyFaults = (key: Row, body: Row | undefined): Fault[] =>
    table.keys
      .filter((name) => body?.[name] !== undefined && body[name] !== key[name])
      .map((name) => ({
        pointer: `/${name}`,
        code: 'identity',
        message: `must be ${key[name]}, as in the path, or be left out`,
      }));
  /** Checks one row as the only one of its document, with pointers into the body of the request. */
  const checkRow = (
    { validationError, body }: FastifyRequest,
    key: Row,
    row: Row,
    { editions }: Content,
    year: number,
  ) => {
    const document = { year, editions, [member]: [row] };
    try {
      checkDocument(validationError, document, app.latestYear(), keyFaults(key, body as Row));
    } catch (error) {
      if (error instanceof Problem)
        for (const fault of error.options.errors ?? [])
          fault.pointer = fault.pointer.replace(`/${member}/0`, '');
      throw error;
    }
  };
  type Reply = Parameters<typeof resource>[1];
  const rowAnswer = (request: FastifyRequest, reply: Reply, { report, revision }: Written) => {
    const { address } = keysIn(request);
    const row = rowsOf(revision!).find((each) => keyOf(each) === address);
    if (!row) throw new Problem('not-found', { detail: `the draft has not captured the ${what} ${address}` });
    return resource(request, reply, row, report.version);
  };
  const tableAnswer = (request: FastifyRequest, reply: Reply, { report, revision }: Written) =>
    resource(request, reply, { items: rowsOf(revision!), next_cursor: null }, report.version);

  app.get(
    collection,
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
    async (request, reply) => tableAnswer(request, reply, await findOpen(request, keysIn(request).report_id)),
  );

  app.put(
    collection,
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
        response: { 200: Type.Ref(table.page), ...problems(...writing) },
      },
    },
    async (request, reply) => {
      const written = await writeDraft(request, keysIn(request).report_id, (draft, { year }) => {
        const items = (request.body as { items?: Row[] } | undefined)?.items;
        try {
          checkDocument(
            request.validationError,
            { year, editions: draft.editions, [member]: items },
            app.latestYear(),
          );
        } catch (error) {
          if (error instanceof Problem)
            for (const fault of error.options.errors ?? [])
              fault.pointer = fault.pointer.replace(`/${member}`, '/items');
          throw error;
        }
        return withRows(draft, items!, year);
      });
      return tableAnswer(request, reply, written);
    },
  );

  app.delete(
    collection,
    {
      config: { writer: true },
      schema: {
        operationId: `deleteDraft${plural}`,
        tags: ['drafts'],
        summary: `Empty the table: no ${what} is captured`,
        description: 'Every row of the table becomes not captured. Needs If-Match.',
        params: reportParams,
        response: { 204: noContent, ...problems(400, 401, 403, 404, 409, 412, 428) },
      },
    },
    async (request, reply) => {
      await writeDraft(request, keysIn(request).report_id, (draft, { year }) => withRows(draft, [], year));
      reply.code(204);
      return null;
    },
  );

  app.get(
    single,
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
    async (request, reply) => rowAnswer(request, reply, await findOpen(request, keysIn(request).report_id)),
  );

  app.put(
    single,
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
    async (request, reply) => {
      const { report_id, key, address } = keysIn(request);
      const body = request.body as Row;
      const written = await writeDraft(request, report_id, (draft, { year }) => {
        checkOnForm(draft, address);
        const row = { ...body, ...key };
        checkRow(request as FastifyRequest, key, row, draft, year);
        return withRows(draft, [...rowsOf(draft).filter((each) => keyOf(each) !== address), row], year);
      });
      return rowAnswer(request, reply, written);
    },
  );

  app.patch(
    single,
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
      const { report_id, key, address } = keysIn(request);
      const body = request.body as Row;
      const written = await writeDraft(request, report_id, (draft, { year }) => {
        checkOnForm(draft, address);
        const before = rowsOf(draft).find((each) => keyOf(each) === address);
        if (!before)
          throw new Problem('not-found', {
            detail: `the draft has not captured the ${what} ${address}; PUT captures it`,
          });
        const row = { ...before, ...body, ...key };
        checkRow(request as FastifyRequest, key, row, draft, year);
        return withRows(
          draft,
          rowsOf(draft).map((each) => (keyOf(each) === address ? row : each)),
          year,
        );
      });
      return rowAnswer(request, reply, written);
    },
  );

  app.delete(
    single,
    {
      config: { writer: true },
      schema: {
        operationId: `deleteDraft${noun}`,
        tags: ['drafts'],
        summary: `Make one ${what} of the draft not captured`,
        description:
          'Removes it from the draft: it is then not captured, which is not the same as blank. Needs If-Match.',
        params,
        response: { 204: noContent, ...problems(400, 401, 403, 404, 409, 412, 428) },
      },
    },
    async (request, reply) => {
      const { report_id, address } = keysIn(request);
      await writeDraft(request, report_id, (draft, { year }) => {
        const rest = rowsOf(draft).filter((each) => keyOf(each) !== address);
        if (rest.length === rowsOf(draft).length)
          throw new Problem('not-found', { detail: `the draft has not captured the ${what} ${address}` });
        return withRows(draft, rest, year);
      });
      reply.code(204);
      return null;
    },
  );
}
