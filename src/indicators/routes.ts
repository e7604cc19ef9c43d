import type { FastifyRequest } from 'fastify';
import { Type } from 'typebox';
import { ask, askForRows } from '../aggregates/ask.ts';
import { formatRoutes } from '../aggregates/format-routes.ts';
import { keptAnswer } from '../aggregates/kept.ts';
import type { Source } from '../aggregates/source.ts';
import { resourceText, taggedWith } from '../http/answers.ts';
import type { App } from '../http/app-type.ts';
import { didYouMean } from '../http/near.ts';
import { notModified, Problem, problems } from '../http/problem.ts';
import type { IndicatorQuery } from './answer.ts';
import { indicators } from './definitions.ts';
import { components, indicatorDocument, indicatorQuery } from './schema.ts';
import { indicatorSources } from './source.ts';

const tags = ['indicators'];

const codes = indicators.map(({ code }) => code);

/** The definitions never change while the service runs. */
const list = JSON.stringify({ items: indicators.map(indicatorDocument), next_cursor: null });

function sourceNamed(params: unknown): Source {
  const { code } = params as { code: string };
  const found = indicatorSources.find(({ path }) => path === code);
  if (found === undefined)
    throw new Problem('not-found', {
      detail: `the indicators are ${codes.join(', ')}${didYouMean(code, codes)}`,
    });
  return found;
}

const params = Type.Object({
  code: Type.String({ maxLength: 50, description: 'Code of the indicator.', examples: ['disclosure_rate'] }),
});

const { summary, description } = indicatorSources[0]!;

/** The catalogue of indicators, and each of them over published reports: in JSON and in every format. */
export function indicatorRoutes(app: App): void {
  for (const component of components) app.addSchema(component);
  app.get(
    '/v1/indicators',
    {
      schema: {
        operationId: 'listIndicators',
        tags,
        summary: 'The indicators',
        description:
          'Every indicator with its definition, what is divided by what as queries of aggregates, its unit and its source in law.',
        security: [],
        response: {
          200: { ...Type.Ref('IndicatorList'), description: 'All indicators.' },
          304: notModified,
          ...problems(400, 401),
        },
      },
    },
    async (request, reply) => resourceText(request, reply, list, taggedWith(list)),
  );
  app.get(
    '/v1/indicators/:code',
    {
      schema: {
        operationId: 'getIndicator',
        tags,
        summary,
        description,
        security: [],
        params,
        querystring: Type.Object(indicatorQuery),
        response: { 200: Type.Ref('IndicatorAnswer'), ...problems(400, 401, 404, 422) },
      },
    },
    async (request, reply) => {
      const source = sourceNamed(request.params);
      const query = request.query as IndicatorQuery;
      reply.type('application/json; charset=utf-8');
      const answer = () => ask(app, request as FastifyRequest, source, query);
      return query.both_sides ? answer() : keptAnswer(app, source.path, query, answer);
    },
  );
  formatRoutes(app, {
    path: '/v1/indicators/:code',
    operationId: 'getIndicator',
    tags,
    summary,
    description,
    params,
    query: indicatorQuery,
    statuses: [400, 401, 404, 422],
    rows: (request, query) => askForRows(app, request, sourceNamed(request.params), query),
  });
}
