import { Type } from 'typebox';
import { computedMembers } from '../aggregates/computations.ts';
import { formatRoutes } from '../aggregates/format-routes.ts';
import { keptAnswer } from '../aggregates/kept.ts';
import { byKey } from '../editions/cell-labels.ts';
import { resourceText, taggedWith } from '../http/answers.ts';
import type { App } from '../http/app-type.ts';
import { didYouMean } from '../http/near.ts';
import { notModified, Problem, problems } from '../http/problem.ts';
import { answerIndicator, type IndicatorQuery, reasons, shapeOf } from './answer.ts';
import { indicators } from './definitions.ts';
import type { Indicator } from './indicator.ts';
import { components, indicatorDocument, indicatorQuery } from './schema.ts';

const tags = ['indicators'];

const codes = indicators.map(({ code }) => code);

/** The definitions never change while the service runs. */
const list = JSON.stringify({ items: indicators.map(indicatorDocument), next_cursor: null });

function indicatorOf(params: unknown): Indicator {
  const { code } = params as { code: string };
  const found = indicators.find((indicator) => indicator.code === code);
  if (found === undefined)
    throw new Problem('not-found', {
      detail: `the indicators are ${codes.join(', ')}${didYouMean(code, codes)}`,
    });
  return found;
}

const params = Type.Object({
  code: Type.String({ maxLength: 50, description: 'Code of the indicator.', examples: ['disclosure_rate'] }),
});

const summary = 'An indicator over published reports';
const description =
  'For each group the sum of the numerator over the sum of the denominator, never a mean of quotients. Both sides are over the same reports, which `basis` and the filters choose as for aggregates, and figures are added under the same rules: 422 `not-additive` where a side would be no sum, as of what is pending over several years. Each side passes over its blanks, which `numerator_blank` and `denominator_blank` count; the warning `sides-incomplete` says where cells are blank or were not captured. With `both_sides=true` a report that has no number on one side counts on neither.';

/** The catalogue of indicators, and each of them over published reports: in JSON and in every format. */
export function indicatorRoutes(app: App): void {
  for (const component of components) app.addSchema(component);
  const ask = async (indicator: Indicator, query: IndicatorQuery) => {
    return answerIndicator(app.db, indicator, query, await app.rollups.sums());
  };
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
    // The primary: what was published is in the next answer, also where readers have a replica.
    async (request, reply) => {
      const indicator = indicatorOf(request.params);
      const query = request.query as IndicatorQuery;
      reply.type('application/json; charset=utf-8');
      const answer = () => ask(indicator, query);
      return query.both_sides ? answer() : keptAnswer(app, indicator.code, query, answer);
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
    // `reason` is text.
    isCube: false,
    codes: { reason: byKey('reason', reasons) },
    async rows(request, asked) {
      const indicator = indicatorOf(request.params);
      const { group_by, compute = [] } = asked as IndicatorQuery;
      const answer = await ask(indicator, asked as IndicatorQuery);
      const groupBy = [...new Set(group_by)];
      const { columns, places } = shapeOf(groupBy);
      const source = { ...indicator, places, groupBy, columns: [...columns, ...computedMembers(compute)] };
      return { answer, source, name: indicator.code };
    },
  });
}
