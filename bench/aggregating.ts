import { parseArgs } from 'node:util';
import pg from 'pg';
import { type Joined, timeJoins, timeRows } from './support/aggregate-joins.ts';
import { aggregatingLines, slowestTable } from './support/aggregate-lines.ts';
import {
  growthQueries,
  pairPaths,
  reportQueries,
  respell,
  same,
  someYear,
} from './support/aggregate-queries.ts';
import { type Country, countriesOf } from './support/countries.ts';
import { linesTable } from './support/line.ts';
import { peakMemory } from './support/processes.ts';
import { startPublisher } from './support/publisher.ts';
import { askInTurns, connections, type InTurns, timeRequest } from './support/requests.ts';
import { type Running, startService } from './support/service.ts';

/**
 * Measures aggregates over countries of several sizes: how their time grows with the size, how it compares with
 * adding up the rows, and how long many clients wait.
 *
 *   npm run bench:aggregating [-- --sizes 12000,120000] [--rounds 40] [--seconds 20] [--database-urls url,url]
 *
 * With --database-urls the countries are there already, one of each size. Figures of some of their reports are
 * changed.
 */

export interface AggregatingOptions {
  /** The smallest first: the others are compared with it. */
  countries: readonly Country[];
  /** How often each query is asked by a single client. */
  rounds?: number;
  /** How long each load of many clients lasts. */
  seconds?: number;
  clients?: number;
}

/** One query at one size. Times are in milliseconds, one for each round. */
export interface Growth {
  name: string;
  /** Whether its answer has many more cells in a larger country. */
  grows: boolean;
  /** From a service that keeps no answers. */
  cold: number[];
  /** From a service that keeps answers, asked in the same words again and again. */
  warm: number[];
  /** How many rows the answer has. */
  cells: number;
}

/** A query that no rollup can answer. Times are in milliseconds: of each round in `asked`, of each run in `rows`. */
export interface OfReports {
  name: string;
  asked: number[];
  /** The same worked out report by report; undefined where that is not measured. */
  rows: number[] | undefined;
}

/** The queries by every pair of keys, asked by many clients at once. */
export interface Pairs {
  paths: string[];
  cells: number[];
  /** For each path, the milliseconds of each run, asked by a single client of a service that keeps no answers. */
  alone: number[][];
  /** From a service that has just started, so that every path is asked for the first time once. */
  fresh: InTurns;
  /** From a service that keeps no answers. */
  cold: InTurns;
  /** In words never used before, so that each answer is made from sums that are kept. */
  reworded: InTurns;
  /** In the same words, so that kept answers are sent. */
  warm: InTurns;
  /** While a writer publishes. */
  changing: InTurns;
  /** How many reports the writer published meanwhile. */
  published: number;
  clients: number;
}

export interface Aggregated {
  reports: number;
  growth: Growth[];
  joins: { all: Joined; one: Joined };
  ofReports: OfReports[];
  pairs: Pairs;
  /** Largest resident memory of the service, megabytes. */
  peak: number;
}

interface Served extends Country {
  service: Running;
  /** A second service, which keeps no answers. */
  forgetful: Running;
  /** The province with most reports in the smallest country. */
  province: string;
  /** A province that has about as many counties in every country. */
  alike: string;
}

/**
 * The most runs of what takes long: adding up the rows, which takes seconds each time, and asking for every pair of
 * keys by a single client.
 */
const mostRuns = 3;

interface Province {
  code: string;
  counties: number;
}

/** The provinces, the one with most reports first. */
async function provincesOf({ url }: Country): Promise<Province[]> {
  const client = new pg.Client({ connectionString: url });
  await client.connect();
  const { rows } = await client
    .query<Province>(
      `select left(division_code, 2) || '0000' as code,
         count(distinct division_county) filter (where division_county not like '%00')::int as counties
       from reports join organs on organs.id = organ_id
       where division_code is not null group by code order by count(*) desc, code`,
    )
    .finally(() => client.end());
  return rows;
}

/**
 * Chooses the province with most reports in the smallest country, which every country has. For each country it also
 * chooses a province with about as many counties.
 */
async function chooseProvinces(countries: readonly Country[]) {
  const all = await Promise.all(countries.map(provincesOf));
  const [{ code, counties }] = all[0] as [Province];
  const distance = (each: Province) => Math.abs(each.counties - counties);
  return all.map((provinces) => ({
    province: code,
    alike: provinces.toSorted((a, b) => distance(a) - distance(b))[0]!.code,
  }));
}

const cellsIn = (body: Buffer): number => JSON.parse(body.toString()).data.length;

/** Times single requests. The sizes take turns, so that whatever else the machine does affects them all. */
async function measureGrowth(served: readonly Served[], rounds: number): Promise<Growth[][]> {
  const agent = connections(1);
  const queries = served.map(({ province, alike }) => growthQueries(province, alike));
  const growth = queries.map((each) =>
    each.map(({ name, grows = false }): Growth => ({ name, grows, cold: [], warm: [], cells: 0 })),
  );
  try {
    for (let round = -1; round < rounds; round++)
      for (const place of queries[0]!.keys())
        for (const [size, { service, forgetful }] of served.entries()) {
          const of = growth[size]![place]!;
          const { path } = queries[size]![place]!;
          const cold = await timeRequest(agent, forgetful.url, path);
          const warm = await timeRequest(agent, service.url, path);
          of.cells = cellsIn(warm.body);
          if (round < 0) continue;
          of.cold.push(cold.milliseconds);
          of.warm.push(warm.milliseconds);
        }
    return growth;
  } finally {
    await agent.destroy();
  }
}

async function measurePairs(
  { service, forgetful, url }: Served,
  paths: string[],
  { runs, seconds, clients }: { runs: number; seconds: number; clients: number },
): Promise<Pairs> {
  const load = (spell: typeof same, of = service) => askInTurns(of.url, paths, { clients, seconds, spell });
  const agent = connections(1);
  const alone: number[][] = paths.map(() => []);
  const cells: number[] = [];
  for (let run = 0; run < runs; run++)
    for (const [place, path] of paths.entries()) {
      const { milliseconds, body } = await timeRequest(agent, forgetful.url, path);
      alone[place]!.push(milliseconds);
      cells[place] = cellsIn(body);
    }
  const started = await startService(url);
  const fresh = await load(same, started).finally(() => started.stop());
  // This makes the service keep everything before the loads begin.
  for (const path of paths) await timeRequest(agent, service.url, path);
  await agent.destroy();
  const cold = await load(respell, forgetful);
  const reworded = await load(respell);
  const warm = await load(same);
  const publisher = await startPublisher(service.url, url);
  let published = 0;
  const changing = await load(same).finally(async () => {
    published = await publisher.stop();
  });
  return { paths, cells, alone, fresh, cold, reworded, warm, changing, published, clients };
}

/** Times queries that no rollup can answer, asked by a single client. Some are also worked out report by report. */
async function measureOfReports({ url, forgetful, province }: Served, rounds: number, runs: number) {
  const agent = connections(1);
  const measured: OfReports[] = [];
  const governments = `/v1/organs?division=${province}&level=province&kind=government&limit=1`;
  const { body } = await timeRequest(agent, forgetful.url, governments);
  const [government] = JSON.parse(String(body)).items;
  for (const { name, path, query } of reportQueries(province, government.id)) {
    const asked: number[] = [];
    for (let round = -1; round < rounds; round++) {
      const { milliseconds } = await timeRequest(agent, forgetful.url, path);
      if (round >= 0) asked.push(milliseconds);
    }
    measured.push({ name, asked, rows: query && (await timeRows(url, query, runs)) });
  }
  await agent.destroy();
  return measured;
}

/** Starts the service on each of the countries and measures them all. */
export async function measureAggregating({
  countries,
  rounds = 40,
  seconds = 20,
  clients = 32,
}: AggregatingOptions): Promise<Aggregated[]> {
  const served: Served[] = [];
  const runs = Math.min(mostRuns, rounds);
  try {
    for (const [size, chosen] of (await chooseProvinces(countries)).entries()) {
      const country = countries[size]!;
      const service = await startService(country.url);
      const forgetful = await startService(country.url, { KEPT_ANSWERS_MB: '0' });
      served.push({ ...country, ...chosen, service, forgetful });
    }
    const growth = await measureGrowth(served, rounds);
    const measured: Aggregated[] = [];
    for (const [size, each] of served.entries()) {
      const joins = {
        all: await timeJoins(each.url, undefined, runs),
        one: await timeJoins(each.url, someYear, runs),
      };
      const ofReports = await measureOfReports(each, Math.min(rounds, 10), runs);
      const pairs = await measurePairs(each, pairPaths(each.province), { runs, seconds, clients });
      const peak = await peakMemory(each.service.pid);
      measured.push({ reports: each.reports, growth: growth[size]!, joins, ofReports, pairs, peak });
    }
    return measured;
  } finally {
    for (const { service, forgetful } of served) await Promise.all([service.stop(), forgetful.stop()]);
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
  const { countries, stop } = await countriesOf(values, console.log);
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
