import { Readable } from 'node:stream';
import type { App } from '../http/app-type.ts';
import { requireAdmin, requireWriter } from '../http/auth.ts';
import { problemDetails } from '../http/error-handler.ts';
import '../http/guards.ts';
import { problems, type RequestFault, refuseFaults } from '../http/problem.ts';
import { lineReader } from './filings.ts';
import { outcomesOf } from './results.ts';
import { BatchLines, BatchQuery, BatchResults } from './schema.ts';
import { writeBatch } from './write.ts';

const mediaType = 'application/x-ndjson';

/**
 * How many bytes of results are made ahead of a client that does not read yet. Many clients send everything before
 * they read anything. Up to here (some 30,000 results) that does not hold them up; beyond it does.
 */
const resultsAhead = 8 * 1024 * 1024;

const unusedReason: RequestFault = {
  in: 'query',
  pointer: '/reason',
  code: 'meaningless',
  message: 'goes with publish=true: drafts have no reason',
};

/** The route that files many reports in one request, as streams both ways. */
export function batchRoutes(app: App): void {
  // A scope of its own: here the body is read while it arrives. The limit on whole bodies does not hold; each line
  // has one.
  app.register(async (scope: App) => {
    scope.removeAllContentTypeParsers();
    // Validators get an empty text; the handler reads the connection itself.
    scope.addContentTypeParser(mediaType, (_request, _payload, done) => done(null, ''));

    scope.post(
      '/v1/reports/batch',
      {
        config: { streamsBody: true },
        onRequest: requireWriter,
        preHandler: async (request) => {
          const { publish, reason } = request.query as BatchQuery;
          if (publish) await requireAdmin(request);
          else if (reason !== undefined) refuseFaults([unusedReason]);
        },
        schema: {
          operationId: 'createReports',
          tags: ['reports'],
          summary: 'File many reports',
          description:
            'Reports as lines of a stream, answered with one result a line while it goes on; read the results while sending. Lines are filed as `POST /v1/reports` does, but may be sent again: the same content of the same organ, year and scope is `unchanged`, other content replaces an existing draft (`updated`), and what is submitted or published is refused, unless `publish=true` and a `reason` make it a new revision in effect. A line that cannot be filed is `refused` and stops no other. Each line is stored whole or not at all, also where the connection breaks off: send the batch again then. No Idempotency-Key is needed, and none is kept.',
          querystring: BatchQuery,
          body: { content: { [mediaType]: { schema: BatchLines } } },
          response: {
            200: {
              description: 'One result a line, in the order of the lines.',
              content: { [mediaType]: { schema: BatchResults } },
            },
            ...problems(400, 401, 403, 413, 415),
          },
        },
      },
      async (request, reply) => {
        const { publish = false, reason } = request.query;
        const outcomes = outcomesOf({
          body: request.raw,
          read: lineReader(app, request),
          write: (filings) => writeBatch(app, request, filings, { publish, reason }),
          onFault: (problem, error) => request.log.error({ err: error }, problem.message),
        });
        const results = async function* () {
          for await (const batch of outcomes)
            yield batch
              .map(({ problem, findings, ...outcome }) => ({
                ...outcome,
                ...(problem && { problem: problemDetails(problem, request) }),
                ...(findings && { findings: findings.map((finding) => ({ ...finding, answer: null })) }),
              }))
              .map((result) => `${JSON.stringify(result)}\n`)
              .join('');
        };
        reply.type(mediaType);
        return reply.send(
          Readable.from(results(), { objectMode: false, highWaterMark: resultsAhead }) as never,
        );
      },
    );
  });
}
