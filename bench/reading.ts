import pg from 'pg';
import { temporaryServer } from '../test/support/temporary-server.ts';
import { type Case, type Compared, compare, comparisonTable } from './support/comparison.ts';
import type { Sent } from './support/load.ts';
import { createOrgans, loadReports } from './support/load-reports.ts';
import { peakMemory } from './support/processes.ts';
import { startServer, startService } from './support/service.ts';

/**
 * Measures reading reports and pages of them, side by side with a minimal server on the same database.
 *
 *   npm run bench:reading [-- rounds = 5] [seconds = 2]
 */

export interface ReadingOptions {
  /** A database of the service that holds published reports; nothing is written to it. */
  databaseUrl: string;
  rounds?: number;
  /** How long each load lasts. */
  seconds?: number;
  connections?: number;
}

export interface Reading {
  compared: Compared[];
  /** Largest resident memory of the service, megabytes. */
  peak: number;
}

/**
 * How many reports are read again and again, and how many are read in turn. The latter are more than the service
 * keeps.
 */
const readAgain = 500;
const readInTurn = 5000;

interface Stored {
  report_id: string;
  etag: string;
}

/** The loads, over reports that are taken evenly from the whole database. */
async function casesOf(client: pg.Client): Promise<Case[]> {
  const { rows } = await client.query<Stored>(
    `select report_id, etag from effective_answers order by md5(report_id::text) limit $1`,
    [readInTurn],
  );
  if (rows.length === 0) throw new Error('the database holds no published report');
  const send = (from: Stored[], make: (row: Stored) => Sent, status = 200) => ({
    requests: from.map(make),
    status,
  });
  const page = (path: string) => ({ requests: [{ path }], status: 200 });
  const reports = (from: Stored[]) => ({
    service: send(from, ({ report_id }) => ({ path: `/v1/reports/${report_id}` })),
    bare: send(from, ({ report_id }) => ({ path: `/reports/${report_id}` })),
  });
  const unchanged = ({ report_id, etag }: Stored): Sent => ({
    path: `/v1/reports/${report_id}`,
    headers: { 'if-none-match': etag },
  });
  const popular = rows.slice(0, readAgain);
  return [
    { name: `one of ${popular.length} reports`, target: 0.9, ...reports(popular) },
    { name: `one of ${rows.length} reports, in turn`, target: 0.9, ...reports(rows) },
    {
      name: 'one unchanged, 304 against 200',
      target: 0.9,
      ...reports(rows),
      service: send(rows, unchanged, 304),
    },
    {
      name: 'a hundred reports',
      target: 0.7,
      service: page('/v1/reports?limit=100'),
      bare: page('/reports?limit=101'),
    },
    {
      name: 'of a year',
      target: 0.7,
      service: page('/v1/reports?limit=100&year=2021'),
      bare: page('/reports-of-year?limit=101&year=2021'),
    },
    {
      name: 'of a year, province and level',
      target: 0.7,
      service: page('/v1/reports?limit=100&year=2021&division=32&level=county'),
      bare: page('/reports-of-place?limit=101&year=2021&division=32&level=county'),
    },
  ];
}

/** Starts both servers on the database and compares them. */
export async function measureReading({
  databaseUrl,
  rounds = 5,
  seconds = 2,
  connections = 32,
}: ReadingOptions): Promise<Reading> {
  const client = new pg.Client({ connectionString: databaseUrl });
  await client.connect();
  const cases = await casesOf(client).finally(() => client.end());
  const service = await startService(databaseUrl);
  const bare = await startServer(['bench/bare-server.ts'], { DATABASE_URL: databaseUrl });
  try {
    const compared = await compare(
      { server: service, application: 'gongkai' },
      { server: bare, application: 'bare' },
      cases,
      { databaseUrl, rounds, seconds, connections },
    );
    return { compared, peak: await peakMemory(service.pid) };
  } finally {
    await bare.stop();
    await service.stop();
  }
}

/** Makes a database with generated reports, in a PostgreSQL of its own that `stop` removes. */
async function generatedDatabase(reports: number) {
  const server = await temporaryServer();
  const databaseUrl = server.url('postgres');
  const service = await startService(databaseUrl);
  await loadReports(service.url, await createOrgans(service.url, reports), reports);
  await service.stop();
  const client = new pg.Client({ connectionString: databaseUrl });
  await client.connect();
  await client.query('vacuum analyze');
  await client.end();
  return { databaseUrl, stop: server.stop };
}

if (import.meta.main) {
  const [rounds = 5, seconds = 2] = process.argv.slice(2).map(Number);
  const { databaseUrl, stop } = await generatedDatabase(4000);
  try {
    const { compared, peak } = await measureReading({ databaseUrl, rounds, seconds });
    console.log(comparisonTable(compared));
    console.log(`\nlargest resident memory of the service: ${Math.round(peak)} MB`);
  } finally {
    await stop();
  }
}
