import { availableParallelism } from 'node:os';
import { fileURLToPath } from 'node:url';
import { parseArgs } from 'node:util';
import { sql } from 'kysely';
import type pg from 'pg';
import { withDatabaseUrl } from '../src/db/command.ts';
import { type Db, openDatabase } from '../src/db/database.ts';
import { migrate } from '../src/db/migrate.ts';
import { rebuildRollups } from '../src/rollups/maintenance.ts';
import { copyInto, mayBeReplica, openLoader } from './country/copy.ts';
import { addOrgan, addReport, noText, tables } from './country/copy-text.ts';
import { listDivisions } from './country/divisions.ts';
import { reportsOf } from './country/filings.ts';
import { loadUnits } from './country/load.ts';
import { national } from './country/organs.ts';
import { planCountry } from './country/plan.ts';

/**
 * Fills an empty database with a country: its organs, and their reports as if the service had taken them in one by
 * one.
 */

export interface SeedOptions {
  /** About how many reports, 100 to 1,200,000. The exact number follows from the seed. */
  reports: number;
  /** The same seed and number of reports give the same rows, ids included. */
  seed?: number;
  /** Called now and then with what is loaded so far. */
  onProgress?: (sofar: SeededCountry) => void;
}

export interface SeededCountry {
  organs: number;
  reports: number;
  revisions: number;
  /** Effective consolidated reports whose requests are, on purpose, not the sum of their parts. */
  off: number;
}

/** How many reports are worth a thread, which spends its first second on reading its modules. */
const reportsWorthAThread = 800;

const bounds = { least: 100, most: 1_200_000 };
const defaults = { reports: '12000', seed: '1' };

const usage = `npm run seed:country -- [options]

Fills an empty database with a generated country.

  --reports number      about how many reports, ${bounds.least} to ${bounds.most}; ${defaults.reports} by default
  --seed number         0 to 2^31, ${defaults.seed} by default; the same seed and number of reports give the same rows
  --database-url url    the database; by default that of the service: DATABASE_URL, or the embedded one in DATA_DIR
  --help                prints this`;

/** Thrown where what is asked for cannot be done. The message says what can. */
class SeedRefusal extends Error {}

function checkOptions({ reports, seed = 1 }: SeedOptions): void {
  if (!Number.isInteger(reports) || reports < bounds.least || reports > bounds.most)
    throw new SeedRefusal(`--reports: a whole number from ${bounds.least} to ${bounds.most}`);
  if (!Number.isInteger(seed) || seed < 0 || seed > 2 ** 31)
    throw new SeedRefusal('--seed: a whole number from 0 to 2^31');
}

/** Refuses a database, migrated or not, that has organs. */
async function checkEmpty(db: Db): Promise<void> {
  const { rows } = await sql<{ table: string | null }>`select to_regclass('organs') as table`.execute(db);
  if (rows[0]!.table === null) return;
  const found = await db.selectFrom('organs').select('id').limit(1).execute();
  if (found.length > 0)
    throw new SeedRefusal('the database has organs already; a country needs an empty one');
}

/** Migrates the database at `url`, which is empty, and loads a country into it. */
export async function seedCountry(url: string, options: SeedOptions): Promise<SeededCountry> {
  checkOptions(options);
  const db = openDatabase(url, {
    max: 1,
    statementTimeout: 0,
    transactionTimeout: 0,
    idleTransactionTimeout: 0,
  });
  try {
    await checkEmpty(db);
    await migrate(url);
    const seeded = await fill(url, db, options);
    await sql`analyze`.execute(db);
    await rebuildRollups(db);
    await sql`analyze`.execute(db);
    return seeded;
  } finally {
    await db.destroy();
  }
}

async function fill(url: string, db: Db, options: SeedOptions): Promise<SeededCountry> {
  const { reports, seed = 1, onProgress = () => {} } = options;
  const units = planCountry(await listDivisions(db), reports);
  const sofar: SeededCountry = { organs: 0, reports: 0, revisions: 0, off: 0 };
  const add = (loaded: SeededCountry) => {
    for (const name of Object.keys(sofar) as (keyof SeededCountry)[]) sofar[name] += loaded[name];
    onProgress({ ...sofar });
  };
  const client = await openLoader(url);
  try {
    await withoutTriggers(client, async () => {
      add(await loadNational(client, seed));
      const workers = Math.min(availableParallelism() + 1, Math.ceil(reports / reportsWorthAThread));
      await loadUnits(units, workers, { url, seed }, add);
    });
  } finally {
    await client.end();
  }
  return sofar;
}

/**
 * Runs `load` without the triggers that refuse to add figures to what is published. Where sessions may not act as a
 * replica's, the triggers are disabled meanwhile.
 */
async function withoutTriggers(client: pg.Client, load: () => Promise<void>): Promise<void> {
  if (await mayBeReplica(client)) return load();
  const set = (state: 'disable' | 'enable') =>
    client.query(
      Object.keys(tables)
        .map((table) => `alter table ${table} ${state} trigger user;`)
        .join(' '),
    );
  await set('disable');
  try {
    await load();
  } finally {
    await set('enable');
  }
}

async function loadNational(client: pg.Client, seed: number): Promise<SeededCountry> {
  const text = noText();
  addOrgan(text, national, seed);
  const filed = [...reportsOf([national], seed)];
  for (const { report } of filed) addReport(text, report);
  await copyInto(client, text);
  const revisions = filed.reduce((sum, { report }) => sum + report.revisions.length, 0);
  return { organs: 1, reports: filed.length, revisions, off: 0 };
}

/**
 * The arguments of the command; undefined where it is asked how it is used. Throws where they do not fit; the message
 * says what would be right.
 */
function readArguments() {
  const { values } = parseArgs({
    options: {
      reports: { type: 'string', default: defaults.reports },
      seed: { type: 'string', default: defaults.seed },
      'database-url': { type: 'string' },
      help: { type: 'boolean', default: false },
    },
  });
  if (values.help) return undefined;
  const number = (text: string) => (/^[0-9]+$/.test(text) ? Number(text) : Number.NaN);
  const options = { reports: number(values.reports), seed: number(values.seed) };
  checkOptions(options);
  return { ...options, url: values['database-url'] };
}

async function load(url: string, options: SeedOptions): Promise<void> {
  const began = performance.now();
  const seconds = () => (performance.now() - began) / 1000;
  let told = 0;
  const seeded = await seedCountry(url, {
    ...options,
    onProgress({ reports }) {
      if (seconds() < told + 5) return;
      told = seconds();
      console.log(`${reports} reports in ${told.toFixed(0)} s: ${Math.round(reports / told)} reports/s`);
    },
  });
  const memory = Math.round(process.resourceUsage().maxRSS / 1024);
  const { organs, reports, revisions } = seeded;
  console.log(
    `${organs} organs, ${reports} reports, ${revisions} revisions in ${seconds().toFixed(1)} s; peak ${memory} MB`,
  );
}

async function main(): Promise<void> {
  try {
    const told = readArguments();
    if (told === undefined) return console.log(usage);
    const { url, ...options } = told;
    const whileRunning = 'Stop it, or name another database with DATA_DIR or --database-url';
    if (url !== undefined) await load(url, options);
    else await withDatabaseUrl(whileRunning, (found) => load(found, options));
  } catch (error) {
    const { code = '', message } = error as Error & { code?: string };
    const isUnknown = code.startsWith('ERR_PARSE_ARGS');
    if (!(error instanceof SeedRefusal) && !isUnknown) throw error;
    console.error(isUnknown ? `${message}\n\n${usage}` : message);
    process.exitCode = 2;
  }
}

if (process.argv[1] === fileURLToPath(import.meta.url)) await main();
