import type { FastifyRequest } from 'fastify';
import { Type } from 'typebox';
import { datasetFormats } from '../formats/index.ts';
import type { App } from '../http/app-type.ts';
import { problems } from '../http/problem.ts';
import { inSnapshot } from '../http/transactions.ts';
import type { AnalystQuery } from './answer.ts';
import { bodyAnswer, bodySchema, inBody, readBody } from './body.ts';
import { formatRoutes } from './format-routes.ts';
import { aggregates } from './index.ts';
import { keptAnswer } from './kept.ts';
import { reportCounts } from './report-counts.ts';
import { AggregateCoverage, AggregateWarning } from './schema.ts';
import { type Answer, type Source, sourceOf } from './source.ts';

const tags = ['aggregates'];

/** Whatever can be asked. */
export const sources: readonly Source[] = [...aggregates.map(sourceOf), reportCounts];

/** Answers from the primary: what was published is in the next answer, also where readers have a replica. */
async function ask(app: App, request: FastifyRequest, source: Source, query: AnalystQuery): Promise<Answer> {
  if (source.asCaller)
    return inSnapshot(app, request, () => source.answer(request.db, query, request.principal));
  return source.answer(app.db, query, request.principal, await app.rollups.sums());
}

function sourceRoutes(app: App, source: Source): void {
  for (const schema of source.schemas) app.addSchema(schema);
  const { path, name, summary, description, query, columns, label, places, unit } = source;
  app.get(
    `/v1/aggregates/${path}`,
    {
      schema: {
        operationId: `aggregate${name}`,
        tags,
        summary,
        description,
        security: [],
        querystring: Type.Object(query),
        response: { 200: Type.Ref(source.schemas.at(-1)!.$id!), ...problems(400, 401, 422) },
      },
    },
    async (request, reply) => {
      reply.type('application/json; charset=utf-8');
      const asked = request.query as AnalystQuery;
      const answer = () => ask(app, request as FastifyRequest, source, asked);
      return source.asCaller ? answer() : keptAnswer(app, source.path, asked, answer);
    },
  );
  formatRoutes(app, {
    path: `/v1/aggregates/${path}`,
    operationId: `aggregate${name}`,
    tags,
    summary,
    description,
    query,
    statuses: [400, 401, 422],
    isCube: true,
    async rows(request, asked) {
      const query = asked as AnalystQuery;
      const answer = await ask(app, request, source, query);
      const groupBy = [...new Set(query.group_by)];
      return { answer, source: { label, places, unit, groupBy, columns: columns(query) }, name: path };
    },
  });
}

/** Sums over each table of the form and counts of reports: in JSON, in every format, and for a query in a body. */
export function aggregatesRoutes(app: App): void {
  app.addSchema(AggregateWarning);
  app.addSchema(AggregateCoverage);
  for (const { schema } of datasetFormats) app.addSchema(schema);
  for (const source of sources) sourceRoutes(app, source);
  app.addSchema(bodySchema(sources));
  app.addSchema(bodyAnswer);
  app.post(
    '/v1/aggregates/query',
    {
      schema: {
        operationId: 'queryAggregates',
        tags,
        summary: 'Any aggregate, for a query in a body',
        description:
          'For queries that are long or made by a program. It reads only, needs no token, and answers exactly what GET on `/v1/aggregates/` and the value of `of` answers to the same members; an Idempotency-Key has no effect.',
        security: [],
        body: Type.Ref('AggregateRequest'),
        response: { 200: Type.Ref('AggregateAnswer'), ...problems(400, 401, 413, 415, 422) },
      },
    },
    async (request) =>
      inBody(async () => {
        const { source, query } = readBody(sources, request.body);
        return ask(app, request as FastifyRequest, source, query);
      }),
  );
}
