import type { FastifyRequest } from 'fastify';
import { type TProperties, Type } from 'typebox';
import { Problem } from '../http/problem.ts';
import { keys } from '../http/schema-parts.ts';
import type { Meaning } from '../http/validation.ts';
import type { AnalystQuery } from './answer.ts';
import { bases } from './queries.ts';
import { refinementQuery } from './refine.ts';
import { groupByQuery } from './schema.ts';
import { type Answer, membersOf, queryFaults, type Source } from './source.ts';

/** A query as a body: the same names and values as in an address, but years may also be numbers. */

type Body = Record<string, unknown> & { of: string; year?: (string | number)[] };

const year = (query: TProperties) => {
  const { items, ...list } = query.year as unknown as { items: object; [member: string]: unknown };
  return Type.Optional(
    Type.Unsafe<(string | number)[]>({
      ...list,
      items: { anyOf: [items, { type: 'integer', minimum: 2019, maximum: 2100 }] },
      examples: [['2019..2023'], [2022, 2023]],
    }),
  );
};

const of = (sources: readonly Source[]) =>
  keys(
    sources.map(({ path }) => path),
    {
      description:
        'What to ask: the last segment of the path of the operation that takes the same query, which is the name of an aggregate or the code of an indicator.',
    },
  );

/** The schema of a body: the source that is asked, and a query of any source. */
export function bodySchema(sources: readonly Source[]) {
  const members = membersOf(sources);
  return Type.Object(
    {
      of: of(sources),
      ...members,
      ...refinementQuery(),
      group_by: groupByQuery([...new Set(sources.flatMap(({ keys }) => keys))], ['year', 'row']),
      year: year(members),
    },
    {
      $id: 'AggregateRequest',
      description:
        'The query of an aggregate or indicator: `of`, and any query members of the operation of that name. Lists are lists, and years may be numbers.',
      examples: [
        {
          of: 'request-statistics',
          group_by: ['year', 'row'],
          year: ['2019..2023'],
          row: ['granted', 'partly_granted'],
          compute: ['share', 'change'],
          sort: ['-share'],
        },
      ],
    },
  );
}

const rows = Type.Array(Type.Unsafe<Answer['data'][number]>({ type: 'object', additionalProperties: true }), {
  description: 'Rows of the members that the operation named in `of` describes.',
});

/** The schema of what any source answers. */
export const bodyAnswer = Type.Object(
  {
    indicator: Type.Optional(Type.String({ description: 'The code of an indicator, where one is asked.' })),
    data: rows,
    basis: Type.Optional(keys(bases, { description: 'Of sums; counts of reports have none.' })),
    coverage: Type.Optional(Type.Ref('AggregateCoverage')),
    warnings: Type.Array(Type.Ref('AggregateWarning')),
    data_as_of: Type.String({ format: 'date-time', description: 'The moment that the answer is of.' }),
  },
  {
    $id: 'AggregateAnswer',
    description: 'What the operation named in `of` answers to the same query.',
    examples: [
      {
        data: [{ year: 2023, row: 'granted', value: 5548, reports: 12, blank: 3, share: 0.75, change: null }],
        basis: 'auto',
        coverage: { reports: 12, organs_expected: 18, organs_covered: 4, organs_missing: 2 },
        warnings: [],
        data_as_of: '2024-04-01T08:00:00.000Z',
      },
    ],
  },
);

/** The query of a body, as it would be read from an address. */
const queryIn = ({ of: _, year, ...members }: Body): AnalystQuery =>
  ({ ...members, ...(year && { year: year.map(String) }) }) as AnalystQuery;

/**
 * Reads which source a body names and what it asks. Where the body names a source, that source's schema
 * checks it.
 */
export function bodyReader(sources: readonly Source[]) {
  const bySource = new Map(
    sources.map((source) => [
      source.path,
      { source, schema: Type.Object({ of: of(sources), ...source.query, year: year(source.query) }) },
    ]),
  );
  const named = (body: unknown) => bySource.get((body as Body).of);
  return {
    meaning: {
      narrowed: (body) => named(body)?.schema,
      faults(body, unfit) {
        const found = named(body);
        return found ? queryFaults(found.source)(queryIn(body as Body), unfit) : [];
      },
    } satisfies Meaning,
    asked: ({ body }: FastifyRequest): { source: Source; query: AnalystQuery } => ({
      source: named(body)!.source,
      query: queryIn(body as Body),
    }),
  };
}

/** Runs what answers a query in a body. Its faults are given without `in`, because they are faults of the body. */
export async function inBody<T>(answer: () => Promise<T>): Promise<T> {
  try {
    return await answer();
  } catch (error) {
    if (!(error instanceof Problem) || error.options.errors === undefined) throw error;
    const errors = error.options.errors.map(({ in: _, ...fault }) => fault);
    throw new Problem(error.code, { ...error.options, errors });
  }
}
