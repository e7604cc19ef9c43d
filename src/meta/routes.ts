import { Type } from 'typebox';
import { aggregates } from '../aggregates/index.ts';
import type { AggregateQuery } from '../aggregates/queries.ts';
import { basisQuery, keyFilters } from '../aggregates/schema.ts';
import { withYears, yearQuery } from '../aggregates/years.ts';
import { resourceText, taggedWith } from '../http/answers.ts';
import type { App } from '../http/app-type.ts';
import { notModified, Problem, problems } from '../http/problem.ts';
import { reportQuery } from '../reports/filters.ts';
import { availabilityOf } from './availability.ts';
import { metaDocument } from './document.ts';
import { components } from './schema.ts';

const tags = ['aggregates'];

/** The form never changes while the service runs. */
const meta = JSON.stringify(metaDocument());

const ownKeys = Object.assign({}, ...aggregates.map(keyFilters));

/** Refuses (400) filters by keys of another table than the one asked of. */
function checkKeys(known: Readonly<Record<string, unknown>>, of: string, query: AggregateQuery): void {
  const errors = Object.keys(query)
    .filter((member) => member in ownKeys && !(member in known))
    .map((member) => ({
      in: 'query' as const,
      pointer: `/${member}`,
      code: 'additionalProperties',
      message: `is not known of ${of}; known there: ${Object.keys(known).join(', ')}`,
    }));
  if (errors.length > 0) throw new Problem('invalid-request', { errors });
}

/** What can be asked, and what there is to be found. */
export function metaRoutes(app: App): void {
  for (const component of components) app.addSchema(component);
  app.get(
    '/v1/meta',
    {
      schema: {
        operationId: 'getMeta',
        tags,
        summary: 'Dimensions, measures and limits of aggregates',
        description:
          'Everything a program needs to offer queries: the keys with their codes and labels, which key divides which, what is counted in which unit, what may be added to what and over years, which editions print it, and how much an answer holds.',
        security: [],
        response: {
          200: { ...Type.Ref('Meta'), description: 'The same until the service changes.' },
          304: notModified,
          ...problems(400, 401),
        },
      },
    },
    async (request, reply) => resourceText(request, reply, meta, taggedWith(meta)),
  );
  app.get(
    '/v1/availability',
    {
      schema: {
        operationId: 'getAvailability',
        tags,
        summary: 'What there are figures of',
        description:
          'For a query that is being put together: for each key the codes that have data in an answer to these filters grouped by that key alone, with the most reports that are added up in one figure of it. As in every answer of aggregates, consolidated reports stand for what is below them.',
        security: [],
        querystring: Type.Object({
          of: Type.Unsafe<string>({
            type: 'string',
            enum: aggregates.map(({ path }) => path),
            description: 'The aggregate that is to be asked.',
          }),
          basis: basisQuery,
          ...reportQuery,
          year: yearQuery,
          ...ownKeys,
        }),
        response: { 200: Type.Ref('Availability'), ...problems(400, 401) },
      },
    },
    // The primary, as aggregates themselves.
    async (request) => {
      const { of, ...query } = request.query as unknown as AggregateQuery & { of: string };
      const aggregate = aggregates.find(({ path }) => path === of)!;
      checkKeys(aggregate.keys, of, query);
      const kept = await app.rollups.sums();
      return availabilityOf(app.db, aggregate, await withYears(app.db, query), kept);
    },
  );
}
