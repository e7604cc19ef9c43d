import type { FastifyRequest } from 'fastify';
import { Type } from 'typebox';
import { taggedWith } from '../http/answers.ts';
import type { App } from '../http/app-type.ts';
import { requireWriter } from '../http/auth.ts';
import { answerOnce } from '../http/idempotency.ts';
import {
  existsAlready,
  Problem,
  problems,
  type RequestFault,
  refuseFaults,
  unknownOrgan,
} from '../http/problem.ts';
import { inTransaction } from '../http/transactions.ts';
import { listHistory } from '../organs/queries.ts';
import { answerWith, findVisible } from '../reports/access.ts';
import { toContent } from '../reports/documents.ts';
import { checkDocument, createReport } from '../reports/filing.ts';
import { evaluateContent } from '../reports/findings.ts';
import { decodeText, isReadableCharset } from './decoding.ts';
import { type ImportMediaType, importMediaTypes, importText, wordFile } from './index.ts';
import { Import, ImportFinding, ImportPage, ImportQuery, ImportText, ImportWordFile } from './schema.ts';
import { unpackWordFile } from './word-file.ts';

/**
 * The most bytes of a body. The text of a report has some ten thousand; this much is still read in tens of
 * milliseconds.
 */
const bodyLimit = 1024 * 1024;

/** The media type of a body that was read. The parsers take no others. */
const mediaTypeOf = ({ headers }: FastifyRequest): ImportMediaType =>
  importMediaTypes.find((type) => headers['content-type']?.toLowerCase().startsWith(type)) ?? 'text/plain';

/** Registers the reading of a published document into a report document. */
export function importRoutes(app: App): void {
  app.addSchema(ImportFinding);
  app.addSchema(Import);
  // A scope of its own, because no other route takes text as a body, and this one takes no JSON.
  app.register(async (scope: App) => {
    scope.removeAllContentTypeParsers();
    const texts = importMediaTypes.filter((type) => type !== wordFile);
    scope.addContentTypeParser<Buffer>(
      wordFile,
      { parseAs: 'buffer' },
      (_request: FastifyRequest, bytes: Buffer) => unpackWordFile(bytes),
    );
    scope.addContentTypeParser(texts, { parseAs: 'buffer' }, (request, bytes, done) => {
      const contentType = request.headers['content-type'] ?? '';
      if (!isReadableCharset(contentType))
        return done(new Problem('unsupported-media-type', { detail: 'send the text in UTF-8 or GB 18030' }));
      const text = decodeText(bytes as Buffer);
      if (text === undefined)
        return done(
          new Problem('malformed-request', { detail: 'the body is valid neither as UTF-8 nor as GB 18030' }),
        );
      done(null, text);
    });

    scope.post(
      '/v1/imports',
      {
        bodyLimit,
        preHandler: async (request) => {
          const { create, organ_id } = request.query as { create?: boolean; organ_id?: string };
          if (create === true) await requireWriter(request);
          const errors: RequestFault[] = [];
          if (create === true && organ_id === undefined)
            errors.push({
              pointer: '/organ_id',
              code: 'required',
              message: 'is required to create a report',
              in: 'query',
            });
          // Without a Content-Type, the validator sees no body.
          if (typeof request.body !== 'string')
            errors.push({ pointer: '', code: 'required', message: 'the text of a report is required' });
          refuseFaults(errors);
        },
        schema: {
          operationId: 'importReport',
          tags: ['imports'],
          summary: 'Read a published document',
          description:
            'Reads a published report, as text, as a web page or as a Word file, into a report document and checks it. Stores nothing, unless `create=true`: then the document becomes the draft of a new report of `organ_id`, answered with 201. What cannot be read surely is refused as a whole with 422 `import-refused`: its `findings` quote the lines and say what would be right. Findings named `import.…` are about the reading: whoever sends the text should look at them before using the document, for they are in this answer only, are not stored with the report and cannot be answered.',
          security: [{}, { bearer: [] }],
          querystring: ImportQuery,
          body: {
            content: {
              'text/plain': { schema: ImportText },
              'text/html': { schema: ImportPage },
              [wordFile]: { schema: ImportWordFile },
            } satisfies Record<ImportMediaType, object>,
          },
          response: {
            200: Type.Ref('Import'),
            201: {
              ...Type.Ref('Import'),
              headers: {
                location: Type.String({ format: 'uri-reference', description: 'The path of the report.' }),
                etag: Type.String({ description: 'Strong tag of the report.' }),
              },
            },
            ...problems(400, 401, 403, 413, 415, 422),
            409: existsAlready,
          },
        },
      },
      async (request, reply) => {
        const { create = false, organ_id = null, year, scope: whose } = request.query;
        const db = create ? app.db : app.readDb;
        const periods = organ_id === null ? undefined : await listHistory(db, organ_id);
        if (periods?.length === 0) refuseFaults([{ in: 'query', ...unknownOrgan('/organ_id') }]);
        const options = {
          latest_year: app.latestYear(),
          ...(year === undefined ? {} : { year }),
          ...(whose === undefined ? {} : { scope: whose }),
          ...(periods === undefined ? {} : { organ_names: periods.map(({ name }) => name) }),
        };
        const read = importText(request.body as string, options, mediaTypeOf(request));
        const { document, organ_name, layout } = read;
        const found = read.findings.map((finding) => ({ ...finding, answer: null }));
        if (document === null)
          throw new Problem('import-refused', {
            detail: found[0]?.message.en ?? 'the document cannot be read',
            members: { organ_name, layout, findings: found },
          });
        checkDocument(undefined, document, app.latestYear());
        const ruled = await evaluateContent(
          db,
          { organ_id, year: document.year, scope: document.scope },
          toContent(document, document.year),
        );
        const answer = {
          document: organ_id === null ? document : { organ_id, ...document },
          organ_name,
          layout,
          findings: [
            ...found,
            ...ruled.map((finding) => ({ ...finding, answer: null, line: null, raw: null })),
          ],
        };
        if (!create || organ_id === null) return reply.send(answer as never);

        return inTransaction(app, request, () =>
          answerOnce(request, reply, async () => {
            const id = await createReport(request, { organ_id, ...document });
            const visible = await findVisible(request.trx, request, id);
            const report = await answerWith(request.trx, request, visible, visible.shown);
            reply
              .code(201)
              .header('location', `/v1/reports/${id}`)
              .header('etag', taggedWith(JSON.stringify(report), visible.report.version));
            return { ...answer, report_id: id };
          }),
        ) as never;
      },
    );
  });
}
