import type { FastifyRequest } from 'fastify';
import { Type } from 'typebox';
import type { App } from '../http/app-type.ts';
import { problems } from '../http/problem.ts';
import { indicatorSources } from '../indicators/source.ts';
import { ask, askForRows } from './ask.ts';
import { bodyAnswer, bodySchema, inBody, readBody } from './body.ts';
import { formatRoutes } from './format-routes.ts';
import { sources } from './routes.ts';

/** Whatever can be asked. */
const everySource = [...sources, ...indicatorSources];

const path = '/v1/aggregates/query';
const operationId = 'queryAggregates';
const tags = ['aggregates'];
const summary = 'Any aggregate or indicator, for a query in a body';
const description =
  'For queries that are long or made by a program. It reads only, needs no token, and answers exactly what GET on the aggregate or indicator named in `of` answers to the same members; an Idempotency-Key has no effect.';
const statuses = [400, 401, 413, 415, 422];

/** What an address can ask, asked in a body: in JSON and in every format. */
export function queryRoutes(app: App): void {
  app.addSchema(bodySchema(everySource));
  app.addSchema(bodyAnswer);
  const body = Type.Ref('AggregateRequest');
  app.post(
    path,
    {
      schema: {
        operationId,
        tags,
        summary,
        description,
        security: [],
        body,
        response: { 200: Type.Ref('AggregateAnswer'), ...problems(...statuses) },
      },
    },
    (request) =>
      inBody(() => {
        const { source, query } = readBody(everySource, request.body);
        return ask(app, request as FastifyRequest, source, query);
      }),
  );
  formatRoutes(app, {
    path,
    operationId,
    tags,
    summary,
    description,
    query: {},
    body,
    statuses,
    rows: (request) =>
      inBody(() => {
        const { source, query } = readBody(everySource, request.body);
        return askForRows(app, request, source, query);
      }),
  });
}
