import { Type } from 'typebox';
import { askRoutes } from '../aggregates/ask-routes.ts';
import { queryFaults, type Source } from '../aggregates/source.ts';
import { resourceText, taggedWith } from '../http/answers.ts';
import type { App } from '../http/app-type.ts';
import { didYouMean } from '../http/near.ts';
import { notModified, Problem, problems } from '../http/problem.ts';
import { indicators } from './definitions.ts';
import { components, indicatorDocument } from './schema.ts';
import { asking, indicatorSources } from './source.ts';

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
  askRoutes(app, {
    path: '/v1/indicators/:code',
    operationId: 'getIndicator',
    tags,
    summary: 'An indicator over published reports',
    description:
      'For each group the sum of the numerator over the sum of the denominator, never a mean of quotients. Both sides are over the same reports, which `basis` and the filters choose as for aggregates, and figures are added under the same rules: 422 `not-additive` where a side would be no sum, as of what is pending over several years. Each side passes over its blanks, which `numerator_blank` and `denominator_blank` count; the warning `sides-incomplete` says where cells are blank or were not captured. With `both_sides=true` a report that has no number on one side counts on neither.',
    params,
    query: asking.query,
    meaning: { faults: queryFaults(asking) },
    statuses: [400, 401, 404, 422],
    answer: 'IndicatorAnswer',
    asked: (request, query) => ({ source: sourceNamed(request.params), query }),
  });
}
