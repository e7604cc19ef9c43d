import { Type } from 'typebox';
import type { App } from '../http/app-type.ts';
import { meaningful } from '../http/validation.ts';
import { indicatorSources } from '../indicators/source.ts';
import { askRoutes } from './ask-routes.ts';
import { bodyAnswer, bodyReader, bodySchema } from './body.ts';
import { sources } from './routes.ts';

/** Every source that can be asked. */
const everySource = [...sources, ...indicatorSources];

/** Whatever an address can ask, asked in a body: in JSON and in every format. */
export function queryRoutes(app: App): void {
  app.addSchema(bodySchema(everySource));
  app.addSchema(bodyAnswer);
  const { meaning, asked } = bodyReader(everySource);
  askRoutes(app, {
    path: '/v1/aggregates/query',
    operationId: 'queryAggregates',
    tags: ['aggregates'],
    summary: 'Any aggregate or indicator, for a query in a body',
    description:
      'For queries that are long or made by a program. It reads only, needs no token, and answers exactly what GET on the aggregate or indicator named in `of` answers to the same members; an Idempotency-Key has no effect.',
    query: {},
    body: meaningful(Type.Ref('AggregateRequest'), meaning),
    statuses: [400, 401, 413, 415, 422],
    answer: 'AggregateAnswer',
    asked,
  });
}
