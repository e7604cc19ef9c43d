import { parseArgs } from 'node:util';
import pg from 'pg';
import { type Joined, timeJoins } from './support/aggregate-joins.ts';
import { aggregatingLines, slowestTable } from './support/aggregate-lines.ts';
import { growthQueries, pairPaths, respell, same, someYear } from './support/aggregate-queries.ts';
import { type Country, openCountries, readSizes } from './support/countries.ts';
import { linesTable } from './support/line.ts';
import { peakMemory } from './support/processes.ts';
import { startPublisher } from './support/publisher.ts';
import { askInTurns, connections, type InTurns, timeRequest } from './support/requests.ts';
import { type Running, startService } from './support/service.ts';

/**
 * Aggregates over countries of several sizes: how their time grows, how it compares with adding up the rows, and what
 * many clients wait.
 *
 *   npm run bench:aggregating [-- --sizes 12000,120000] [--rounds 40] [--seconds 20] [--database-urls url,url]
 *
 * With --database-urls the countries are there already, one of each size; figures of some reports are changed.
 */

export interface AggregatingOptions {
  /** The smallest first: the others are compared with it. */
  countries: readonly Country[];
  /** How often each query is asked by a single client. */
  rounds?: number;
  /** Of each load of many clients. */
  seconds?: number;
  clients?: number;
}

/** One query at one size, milliseconds of each round. */
export interface Growth {
  name: string;
  /** In words never used before; in the same words again and again. */
  cold: number[];
  warm: number[];
  /** Rows of the answer. */
  cells: number;
}

/** Every pair of keys, asked by many clients at once. */
export interface Pairs {
  paths: string[];
  cells: number[];
  /** Milliseconds of each path asked by a single client, cold. */
  alone: number[][];
  cold: InTurns;
  warm: InTurns;
  /** While a writer publishes. */
  changing: InTurns;
  published: number;
  clients: number;
}

export interface Aggregated {
  reports: number;
  growth: Growth[];
  joins: { all: Joined; one: Joined };
  pairs: Pairs;
  /** Largest resident memory of the service, megabytes. */
  peak: number;
}

interface Served extends Country {
  service: Running;
}

/** How often the rows are added up; each run takes seconds. */
const joinRuns = 3;
/** How often every pair of keys is asked by a single client. */
const aloneRuns = 3;

/** The province with most reports: of the smallest country, so that all have it. */
async function largestProvince({ url }: Country): Promise<string> {
  const client = new pg.Client({ connectionString: url });
  await client.connect();
  const { rows } = await client
    .query(
      `select left(division_code, 2) || '0000' as code from reports join organs on organs.id = organ_id
       where division_code is not null group by code order by count(*) desc, code limit 1`,
    )
    .finally(() => client.end());
  return rows[0].code;
}

const cellsIn = (body: Buffer): number => JSON.parse(body.toString()).data.length;

/** Single requests; sizes take turns, so that what else the machine does meets them all. */
async function measureGrowth(
  served: readonly Served[],
  province: string,
  rounds: number,
): Promise<Growth[][]> {
  const agent = connections(1);
  const queries = growthQueries(province);
  const growth = served.map(() =>
    queries.map(({ name }): Growth => ({ name, cold: [], warm: [], cells: 0 })),
  );
  try {
    for (let round = -1; round < rounds; round++)
      for (const [place, { path }] of queries.entries())
        for (const [size, { service }] of served.entries()) {
          const of = growth[size]![place]!;
          const cold = await timeRequest(agent, service.url, respell(path));
          const warm = await timeRequest(agent, service.url, path);
          of.cells = cellsIn(warm.body);
          if (round < 0) continue;
          of.cold.push(cold.milliseconds);
          of.warm.push(warm.milliseconds);
        }
    return growth;
  } finally {
    agent.destroy();
  }
}

async function measurePairs(
  { service, url }: Served,
  paths: string[],
  { seconds, clients }: { seconds: number; clients: number },
): Promise<Pairs> {
  const agent = connections(1);
  const alone: number[][] = paths.map(() => []);
  const cells: number[] = [];
  for (let run = 0; run < aloneRuns; run++)
    for (const [place, path] of paths.entries()) {
      const { milliseconds, body } = await timeRequest(agent, service.url, respell(path));
      alone[place]!.push(milliseconds);
      cells[place] = cellsIn(body);
    }
  // So that every answer is kept before the warm load begins.
  for (const path of paths) await timeRequest(agent, service.url, path);
  agent.destroy();
  const load = (spell: typeof same) => askInTurns(service.url, paths, { clients, seconds, spell });
  const warm = await load(same);
  const cold = await load(respell);
  const publisher = await startPublisher(service.url, url);
  let published = 0;
  const changing = await load(same).finally(async () => {
    published = await publisher.stop();
  });
  return { paths, cells, alone, cold, warm, changing, published, clients };
}

/** Starts the service on each of the countries and measures them all. */
export async function measureAggregating({
  countries,
  rounds = 40,
  seconds = 20,
  clients = 32,
}: AggregatingOptions): Promise<Aggregated[]> {
  const province = await largestProvince(countries[0]!);
  const served: Served[] = [];
  try {
    for (const country of countries) served.push({ ...country, service: await startService(country.url) });
    const growth = await measureGrowth(served, province, rounds);
    const measured: Aggregated[] = [];
    for (const [size, each] of served.entries()) {
      const joins = {
        all: await timeJoins(each.url, undefined, joinRuns),
        one: await timeJoins(each.url, someYear, joinRuns),
      };
      const pairs = await measurePairs(each, pairPaths(province), { seconds, clients });
      const peak = await peakMemory(each.service.pid);
      measured.push({ reports: each.reports, growth: growth[size]!, joins, pairs, peak });
    }
    return measured;
  } finally {
    for (const { service } of served) await service.stop();
  }
}

if (import.meta.main) {
  const { values } = parseArgs({
    options: {
      sizes: { type: 'string', default: '12000,120000' },
      rounds: { type: 'string', default: '40' },
      seconds: { type: 'string', default: '20' },
      'database-urls': { type: 'string' },
    },
  });
  const sizes = readSizes(values.sizes);
  const urls = values['database-urls']?.split(',');
  if (urls && urls.length !== sizes.length)
    throw new RangeError('--database-urls: one for each of --sizes, the smallest first');
  const { countries, stop } = urls
    ? { countries: urls.map((url, place) => ({ url, reports: sizes[place]! })), stop: async () => {} }
    : await openCountries(sizes, console.log);
  try {
    const measured = await measureAggregating({
      countries,
      rounds: Number(values.rounds),
      seconds: Number(values.seconds),
    });
    console.log(linesTable(aggregatingLines(measured)));
    for (const each of measured) console.log(`\n${slowestTable(each)}`);
  } finally {
    await stop();
  }
}
