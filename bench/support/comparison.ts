import { setTimeout as sleep } from 'node:timers/promises';
import pg from 'pg';
import { type Load, sendLoad } from './load.ts';
import { cpuOf, cpuOfBackends } from './processes.ts';
import type { Running } from './service.ts';
import { median, spread, table } from './table.ts';

/** A server under measurement, and the application name of its connections to PostgreSQL. */
export interface Contestant {
  server: Running;
  application: string;
}

/** The same work done by the service and by what it is compared with. */
export interface Case {
  name: string;
  /** The least ratio of requests per second, service to bare server, that is good enough. */
  target: number;
  service: Pick<Load, 'requests' | 'status'>;
  bare: Pick<Load, 'requests' | 'status'>;
}

interface Figures {
  rate: number;
  p50: number;
  p99: number;
  /** Processor time for a request, in microseconds: of the server, and of PostgreSQL on its behalf. */
  cpu: number;
  database: number;
}

export interface Compared {
  name: string;
  target: number;
  service: Figures[];
  bare: Figures[];
}

/** The ratio of requests per second of each round. */
export const ratios = ({ service, bare }: Compared): number[] =>
  service.map(({ rate }, round) => rate / bare[round]!.rate);

export interface ComparisonOptions {
  databaseUrl: string;
  rounds: number;
  /** How long each load lasts. */
  seconds: number;
  connections: number;
}

/**
 * Waits until PostgreSQL has finished what clients that are gone had asked for. Otherwise it would slow the next
 * load.
 */
async function settle(client: pg.Client): Promise<void> {
  const active = async () =>
    (
      await client.query(
        "select from pg_stat_activity where state = 'active' and datname = current_database() and pid <> pg_backend_pid()",
      )
    ).rowCount;
  while ((await active()) !== 0) await sleep(20);
}

/**
 * Measures every case on both servers in turn, `rounds` times, so that whatever else the machine does affects both.
 */
export async function compare(
  service: Contestant,
  bare: Contestant,
  cases: readonly Case[],
  { databaseUrl, rounds, seconds, connections }: ComparisonOptions,
): Promise<Compared[]> {
  const client = new pg.Client({ connectionString: databaseUrl });
  await client.connect();
  const measure = async (
    { server, application }: Contestant,
    load: Case['service'],
    seconds: number,
  ): Promise<Figures> => {
    const before = [await cpuOf(server.pid), await cpuOfBackends(client, application)] as const;
    const answered = await sendLoad(server.url, { ...load, seconds, connections });
    await settle(client);
    const cpu = (await cpuOf(server.pid)) - before[0];
    const database = (await cpuOfBackends(client, application)) - before[1];
    const { requests, p50, p99 } = answered;
    return {
      rate: requests / answered.seconds,
      p50,
      p99,
      cpu: cpu / requests,
      database: database / requests,
    };
  };
  try {
    const compared = cases.map(({ name, target }): Compared => ({ name, target, service: [], bare: [] }));
    for (let round = -1; round < rounds; round++)
      for (const [index, each] of cases.entries()) {
        const ours = await measure(service, each.service, seconds);
        const theirs = await measure(bare, each.bare, seconds);
        // The first round warms up and does not count.
        if (round < 0) continue;
        compared[index]!.service.push(ours);
        compared[index]!.bare.push(theirs);
      }
    return compared;
  } finally {
    await client.end();
  }
}

/** The comparison as a table: medians of the rounds, with the least and the most. */
export function comparisonTable(compared: readonly Compared[]): string {
  const of = (figures: Figures[], member: keyof Figures) => figures.map((each) => each[member]);
  const cpu = (figures: Figures[]) =>
    `${median(of(figures, 'cpu')).toFixed(0)} + ${median(of(figures, 'database')).toFixed(0)}`;
  const latency = (figures: Figures[]) =>
    `${median(of(figures, 'p50')).toFixed(0)} / ${median(of(figures, 'p99')).toFixed(0)}`;
  return table(
    [
      '',
      'service req/s',
      'bare req/s',
      'ratio',
      'target',
      'CPU µs service + pg',
      'bare + pg',
      'p50/p99 ms',
      'bare',
    ],
    compared.map((each) => [
      each.name,
      spread(of(each.service, 'rate')),
      spread(of(each.bare, 'rate')),
      spread(ratios(each), 2),
      `${each.target} ${median(ratios(each)) >= each.target ? 'met' : 'MISSED'}`,
      cpu(each.service),
      cpu(each.bare),
      latency(each.service),
      latency(each.bare),
    ]),
  );
}
