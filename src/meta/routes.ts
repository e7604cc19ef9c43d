import { Type } from 'typebox';
import { aggregates } from '../aggregates/index.ts';
import { keyFilters } from '../aggregates/schema.ts';
import { withYears, yearQuery } from '../aggregates/years.ts';
import { resourceText } from '../http/answers.ts';
import type { App } from '../http/app-type.ts';
import { notModified, Problem, problems } from '../http/problem.ts';
import { reportQuery } from '../reports/filters.ts';
import { type AvailabilityQuery, availabilityOf } from './availability.ts';
import { metaDocument } from './document.ts';
import { components } from './schema.ts';

const tags = ['aggregates'];

/** The form never changes while the service runs. */
const meta = JSON.stringify(metaDocument());

const ownKeys = Object.assign({}, ...aggregates.map(keyFilters));

/** Refuses (400) filters by keys of another table than the one asked of. */
function checkKeys(known: Readonly<Record<string, unknown>>, of: string, query: AvailabilityQuery): void {
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
    async (request, reply) => resourceText(request, reply, meta),
  );
  app.get(
    '/v1/availability',
    {
      schema: {
        operationId: 'getAvailability',
        tags,
        summary: 'What there are figures of',
        description:
          'For a query that is being put together: for each key the codes that still have data under the filters given, with the number of effective reports that have a number there. Reports count once each; nothing covers anything here.',
        security: [],
        querystring: Type.Object({
          of: Type.Unsafe<string>({
            type: 'string',
            enum: aggregates.map(({ path }) => path),
            description: 'The aggregate that is to be asked.',
          }),
          ...reportQuery,
          year: yearQuery,
          ...ownKeys,
        }),
        response: { 200: Type.Ref('Availability'), ...problems(400, 401) },
      },
    },
    async (request) => {
      const { of, ...query } = request.query as AvailabilityQuery & { of: string };
      const aggregate = aggregates.find(({ path }) => path === of)!;
      checkKeys(aggregate.keys, of, query);
      return availabilityOf(app.readDb, aggregate, await withYears(app.readDb, query));
    },
  );
}
