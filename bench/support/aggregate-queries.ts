import type { Aggregate } from '../../src/aggregates/aggregate.ts';
import type { AnalystQuery } from '../../src/aggregates/answer.ts';
import { aggregates } from '../../src/aggregates/index.ts';
import type { AggregateQuery } from '../../src/aggregates/queries.ts';
import { requestStatistics } from '../../src/aggregates/request-statistics.ts';
import { planOf } from '../../src/aggregates/rollup-plan.ts';
import { groupKeysOf } from '../../src/aggregates/schema.ts';
import { choose, select } from '../../src/aggregates/selection.ts';
import { Problem } from '../../src/http/problem.ts';

/** Queries of aggregates: those that rollups answer, and others. */

type Filters = Readonly<Record<string, string[]>>;
type Named = { name: string; path: string };
/** `grows` where the answer has many more cells in a larger country, so that its time may not stay the same. */
type Growing = Named & { grows?: true };

/** A year that every country has reports of. */
export const someYear = '2023';

export const pathOf = ({ path }: Aggregate, query: Filters): string =>
  `/v1/aggregates/${path}?${Object.entries(query)
    .map(([name, values]) => `${name}=${values.join(',')}`)
    .join('&')}`;

let spelled = 0;
/**
 * The same query in words never used before: without the rows of a single report. An answer that was kept for earlier
 * words is not sent; it is made from kept sums.
 */
export const respell = (path: string): string =>
  `${path}&having=reports%3E${(1 + ++spelled / 1e9).toFixed(9)}`;
/** The same query in the same words, so that an answer that was kept is sent. */
export const same = (path: string): string => path;

/** The national query, for one year or for all. It is also compared with adding up the rows. */
export const national = (year?: string): { group_by: string[]; year?: string[] } => ({
  group_by: ['year', 'row', 'applicant'],
  ...(year && { year: [year] }),
});

/**
 * Queries that no rollup can answer. `province` is the largest province, and `government` the organ that all its
 * other organs are below. Those about request statistics have a `query`, so that they can be worked out from the rows
 * as well.
 */
export function reportQueries(province: string, government: string): (Named & { query?: AnalystQuery })[] {
  const requests = (name: string, { q, published_since, ...query }: Filters, top?: number) => {
    const asked = { row: ['new_received'], ...query };
    const text = { ...(q && { q: q[0]! }), ...(published_since && { published_since: published_since[0]! }) };
    const more = new URLSearchParams({ ...text, ...(top && { top: String(top) }) }).toString();
    return {
      name,
      path: `${pathOf(requestStatistics, asked)}${more && `&${more}`}`,
      query: { ...asked, ...text, ...(top && { top }) },
    };
  };
  // Working these out from the rows takes minutes.
  const everything = (query: Filters, name: string) => ({
    name: `nation: ${name}`,
    path: pathOf(requestStatistics, query),
  });
  const ofYear = { year: [someYear] };
  const rate = `/v1/indicators/disclosure_rate?year=${someYear}`;
  return [
    requests('nation: ten organs of one year', { group_by: ['organ'], ...ofYear }, 10),
    requests('nation: ten organs of all years', { group_by: ['organ'] }, 10),
    requests(
      'the largest province: ten organs of one year',
      { group_by: ['organ'], division: [province], ...ofYear },
      10,
    ),
    requests('nation: county × kind of one year', { group_by: ['county', 'kind'], ...ofYear }),
    requests('nation: reports with 公安 in name or title, of one year', { q: ['公安'], ...ofYear }),
    requests('nation: what was published late, of one year', {
      published_since: [`${Number(someYear) + 1}-04-01`],
      ...ofYear,
    }),
    requests('everything under the largest province’s government, by year', {
      under: [government],
      group_by: ['year'],
    }),
    everything({ row: ['new_received'], group_by: ['county', 'kind'] }, 'county × kind of all years'),
    everything({ group_by: ['year', 'row'], q: ['县'] }, 'reports with 县 in name or title, year × row'),
    everything(
      { row: ['new_received'], group_by: ['organ'], published_since: ['2020-06-01'], top: ['10'] },
      'ten organs of what was published since June 2020',
    ),
    {
      name: 'nation: ten organs by disclosure rate, of those with 100 requests or more, of one year',
      path: `${rate}&group_by=organ&having=denominator%3E=100&top=10`,
    },
    {
      name: 'nation: disclosure rate by level, given both sides, of one year',
      path: `${rate}&group_by=level&both_sides=true`,
    },
  ];
}

/**
 * Queries whose times are compared between countries of different sizes. The first two are compared with the rows as
 * well. `province` is the largest province, and `alike` one that has about as many counties in each country.
 */
export function growthQueries(province: string, alike: string): [Growing, Growing, ...Growing[]] {
  const requests = (query: Filters) => pathOf(requestStatistics, query);
  const received = { row: ['new_received'] };
  const countiesOf = (division: string) => ({ group_by: ['county'], division: [division], ...received });
  const others = aggregates.filter((aggregate) => aggregate !== requestStatistics);
  return [
    { name: 'nation: year × row × applicant', path: requests({ ...national() }) },
    { name: 'nation: the same of one year', path: requests({ ...national(someYear) }) },
    { name: 'one province: county, all years', path: requests(countiesOf(alike)) },
    { name: 'one province: county, one year', path: requests({ ...countiesOf(alike), year: [someYear] }) },
    { name: 'the largest province: county, all years', path: requests(countiesOf(province)), grows: true },
    {
      name: 'the largest province: county, one year',
      grows: true,
      path: requests({ ...countiesOf(province), year: [someYear] }),
    },
    { name: 'year × province', path: requests({ group_by: ['year', 'province'], ...received }) },
    { name: 'level × kind', path: requests({ group_by: ['level', 'kind'], ...received }) },
    ...others.map((aggregate) => {
      const group_by = ['year', ...Object.keys(aggregate.keys)];
      return { name: `nation: ${group_by.join(' × ')}`, path: pathOf(aggregate, { group_by }) };
    }),
  ];
}

/** What to filter by where figures do not add up, by path of the aggregate. What restricts least comes first. */
const choices: Readonly<Record<string, readonly Filters[]>> = {
  'request-statistics': [{ row: ['new_received'] }],
  'disclosure-items': [
    { measure: ['decisions'] },
    { item: ['licensing'] },
    { item: ['licensing'], measure: ['decisions'] },
  ],
  'review-litigation-counts': [{ proceeding: ['review'] }],
};

function addsUp(aggregate: Aggregate, query: Filters): boolean {
  try {
    select(aggregate, query);
    return true;
  } catch (error) {
    if (error instanceof Problem && error.statusCode === 422) return false;
    throw error;
  }
}

/**
 * The query by these keys that restricts least and is not refused; undefined where rollups do not answer it. Counties
 * are asked for in one province only. Throws where every query is refused.
 */
function widest(aggregate: Aggregate, group_by: string[], province: string): Filters | undefined {
  const area: Filters = group_by.includes('county') ? { division: [province] } : {};
  const query = [{}, ...(choices[aggregate.path] ?? [])]
    .flatMap((chosen): Filters[] => [chosen, { ...chosen, year: [someYear] }])
    .map((chosen): Filters => ({ group_by, ...area, ...chosen }))
    .find((asked) => addsUp(aggregate, asked));
  if (query === undefined) throw new Error(`${aggregate.path} by ${group_by}: nothing adds up`);
  const selection = choose(aggregate, query);
  return planOf(query as AggregateQuery, selection) ? query : undefined;
}

/** The paths of queries by every pair of keys of every aggregate, where rollups answer them. */
export function pairPaths(province: string): string[] {
  return aggregates.flatMap((aggregate) =>
    groupKeysOf(aggregate)
      .flatMap((first, index, keys) => keys.slice(index + 1).map((second) => [first, second]))
      .map((pair) => widest(aggregate, pair, province))
      .filter((query) => query !== undefined)
      .map((query) => pathOf(aggregate, query)),
  );
}
