import type { FastifyRequest } from 'fastify';
import { Type } from 'typebox';
import { datasetFormats } from '../formats/index.ts';
import type { App } from '../http/app-type.ts';
import { problems } from '../http/problem.ts';
import type { AnalystQuery } from './answer.ts';
import { ask, askForRows } from './ask.ts';
import { formatRoutes } from './format-routes.ts';
import { aggregates } from './index.ts';
import { keptAnswer } from './kept.ts';
import { reportCounts } from './report-counts.ts';
import { AggregateCoverage, AggregateWarning } from './schema.ts';
import { type Source, sourceOf } from './source.ts';

const tags = ['aggregates'];

/** Every aggregate. */
export const sources: readonly Source[] = [...aggregates.map(sourceOf), reportCounts];

function sourceRoutes(app: App, source: Source): void {
  for (const schema of source.schemas) app.addSchema(schema);
  const { path, name, summary, description, query } = source;
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
    rows: (request, query) => askForRows(app, request, source, query),
  });
}

/** Sums over each table of the form and counts of reports: in JSON and in every format. */
export function aggregatesRoutes(app: App): void {
  app.addSchema(AggregateWarning);
  app.addSchema(AggregateCoverage);
  for (const { schema } of datasetFormats) app.addSchema(schema);
  for (const source of sources) sourceRoutes(app, source);
}
