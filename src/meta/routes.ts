import type { FastifyRequest } from 'fastify';
import { type TProperties, type TSchema, Type } from 'typebox';
import { countBy } from '../aggregates/counted-reports.ts';
import { aggregates } from '../aggregates/index.ts';
import { keptAnswer } from '../aggregates/kept.ts';
import type { AggregateQuery } from '../aggregates/queries.ts';
import { reportCounts } from '../aggregates/report-counts.ts';
import { sources } from '../aggregates/routes.ts';
import { membersOf } from '../aggregates/source.ts';
import { withYears, yearFaults } from '../aggregates/years.ts';
import type { Db } from '../db/database.ts';
import { resourceText, taggedWith } from '../http/answers.ts';
import type { App } from '../http/app-type.ts';
import { notModified, problems } from '../http/problem.ts';
import { keys } from '../http/schema-parts.ts';
import { inSnapshot } from '../http/transactions.ts';
import { meaningful } from '../http/validation.ts';
import type { KeptSums } from '../rollups/reader.ts';
import { available, type Count, inCounts, inSums } from './availability.ts';
import { filtersOf, metaDocument } from './document.ts';
import { components } from './schema.ts';

const tags = ['aggregates'];

/** Made once: the form never changes while the service runs. */
const meta = JSON.stringify(metaDocument());

const only = (members: TProperties, names: readonly string[]): TProperties =>
  Object.fromEntries(Object.entries(members).filter(([name]) => names.includes(name)));

const of = keys(
  sources.map(({ path }) => path),
  { description: 'The aggregate that is to be asked.' },
);

/** The filters of all aggregates together, and below those of each. */
const filters = only(membersOf(sources), sources.flatMap(filtersOf));
const filtersOfEach = new Map<unknown, TSchema>(
  sources.map((source) => [source.path, Type.Object({ of, ...only(source.query, filtersOf(source)) })]),
);

/** Counts what is published as everybody sees it, which is quicker, and everything else as the caller sees it. */
const countFor =
  (app: App, request: FastifyRequest): Count =>
  async (query, groupings) => {
    const count = (db: Db, sums?: KeptSums) => countBy(db, request.principal, query, groupings, sums);
    return reportCounts.asCaller(query)
      ? inSnapshot(request, () => count(request.db), app.db)
      : count(app.db, await app.rollups.sums());
  };

/** Registers what can be asked (`/v1/meta`), and what there is to be found (`/v1/availability`). */
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
          'For a query that is being put together: for each key the codes that have data in an answer to these filters grouped by that key alone, with the most reports that are added up in one figure of it; of counts of reports, with their number. Sums are filtered by `scope`, not grouped: its codes are those under which the filter finds any. Organs are too many to list. As in every answer of aggregates, consolidated reports stand for what is below them. Of `state`, where none is asked for, every state that the caller may count is listed. Refused with 422 `too-many-cells` where it takes too long: filter more, or choose fewer years.',
        security: [],
        querystring: meaningful(Type.Object({ of, ...filters }), {
          narrowed: ({ of }) => filtersOfEach.get(of),
          faults: ({ year }) => yearFaults(year as string[] | undefined),
        }),
        response: { 200: Type.Ref('Availability'), ...problems(400, 401, 422) },
      },
    },
    // Asks the primary, as aggregates themselves do.
    async (request, reply) => {
      const { of, ...asked } = request.query as unknown as AggregateQuery & { of: string };
      const aggregate = aggregates.find(({ path }) => path === of);
      if (!aggregate) {
        const query = await withYears(app.db, asked);
        return available(app.db, of, query, await inCounts(countFor(app, request as FastifyRequest), query));
      }
      reply.type('application/json; charset=utf-8');
      return keptAnswer(app, `availability ${of}`, asked, async (sums) => {
        const query = await withYears(app.db, asked);
        // `withYears` read which years are the last after `sums` was read, so a later state is needed.
        const present = query === asked ? sums : await sums.later();
        return available(app.db, of, query, await inSums(app.db, aggregate, query, present));
      });
    },
  );
}
