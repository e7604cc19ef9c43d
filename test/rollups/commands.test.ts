import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { text } from 'node:stream/consumers';
import { setTimeout as sleep } from 'node:timers/promises';
import { fileURLToPath } from 'node:url';
import { sql } from 'kysely';
import t from 'tap';
import { type AnalystQuery, aggregateReports } from '../../src/aggregates/answer.ts';
import { requestStatistics } from '../../src/aggregates/request-statistics.ts';
import { foldRollups, rebuildRollups, renewSegment } from '../../src/rollups/maintenance.ts';
import { verifyRollups } from '../../src/rollups/verification.ts';
import { organ, realReports, report, store } from '../aggregates/stored-reports.ts';
import { createTestDatabase } from '../support/database.ts';

const { url, db } = await createTestDatabase(t);
const { organs, reports } = realReports();
const zone = organ({ kind: 'development_zone', parent_id: organs.find((each) => each.division_code)!.id });
await store(db, [...organs, zone], [...reports, report({ organ_id: zone.id })]);

/** Runs a command on the test's database: its exit code and what it printed. */
async function run(name: 'verify' | 'rebuild') {
  const script = fileURLToPath(new URL(`../../src/rollups/${name}.ts`, import.meta.url));
  const child = spawn(process.execPath, [script], {
    env: { ...process.env, DATABASE_URL: url },
    stdio: ['ignore', 'pipe', 'inherit'],
  });
  const [out, [code]] = await Promise.all([text(child.stdout), once(child, 'close')]);
  return { code, out };
}

const harms = [
  sql`update organs set division_above = null`,
  sql`update rollup_request_statistics set total = total + 1 where cell_id = (select min(cell_id) from rollup_request_statistics)`,
  sql`delete from rollup_cells where grain = 'province' and scope = 'own'`,
  sql`update rollup_organ_years set own_revision = null where year = 2023`,
  sql`update rollup_segment_figures set packed = set_byte(packed, 2, (get_byte(packed, 2) + 1) % 256)
    where (of, "row", "column") = ('request_statistics', 'granted', 'total')`,
  sql`update rollup_segments set revisions = organs`,
  sql`update rollup_segments set titles = organs::text[]`,
  sql`update rollup_segments set published_on = array_fill('1999-01-01'::date, array[amount])`,
  sql`delete from rollup_segments where scope = 'own'`,
  sql`update rollup_segment_figures set packed = substr(packed, 1, 1) || substr(packed, 4, 2) || substr(packed, 2, 2) || substr(packed, 6) where "column" = 'total'`,
  sql`delete from rollup_captures where cell_id = (select min(cell_id) from rollup_captures)`,
];

t.test('verifying finds whatever differs from the rows, and rebuilding mends it', async (t) => {
  t.strictSame((await verifyRollups(db)).differences, []);
  while (await renewSegment(db));
  t.strictSame((await verifyRollups(db)).differences, []);
  for (const harm of harms) {
    const harmed = await db.startTransaction().execute();
    await harm.execute(harmed);
    t.ok((await verifyRollups(harmed)).differences.length > 0);
    await harmed.rollback().execute();
  }
  for (const harm of harms) await harm.execute(db);
  await rebuildRollups(db);
  t.strictSame((await verifyRollups(db)).differences, []);
});

t.test('verifying finds a segment that is not known to be stale', async (t) => {
  await store(db, [], [report({ organ_id: zone.id, year: 2021 })]);
  await foldRollups(db, true);
  t.equal(await renewSegment(db), true);
  await store(db, [], [report({ organ_id: organs[0]!.id, year: 2021 })]);
  t.strictSame((await verifyRollups(db)).differences, []);
  await foldRollups(db, true);
  t.strictSame((await verifyRollups(db)).differences, []);
  await sql`delete from rollup_stale`.execute(db);
  const [first] = (await verifyRollups(db)).differences;
  t.equal(first!.of, 'rollup_segments');
  await rebuildRollups(db);
  t.strictSame((await verifyRollups(db)).differences, []);
});

t.test('who reads two statements of one moment while everything is made anew waits', async (t) => {
  const rebuilt = Promise.withResolvers<void>();
  const begun = Promise.withResolvers<void>();
  const rebuilding = db.transaction().execute(async (trx) => {
    await rebuildRollups(trx);
    begun.resolve();
    await rebuilt.promise;
  });
  await begun.promise;
  const query = { row: ['new_received'], group_by: ['year', 'organ'], year: ['2023'], compute: ['change'] };
  const asking = aggregateReports(db, requestStatistics, query as AnalystQuery);
  await sleep(200);
  rebuilt.resolve();
  await rebuilding;
  t.ok((await asking).data.length > 0);
});

t.test('the commands say what they found and did', async (t) => {
  await harms[1]!.execute(db);
  const { code, out } = await run('verify');
  t.equal(code, 1);
  t.match(out, /^rollup_request_statistics differs: (stored|from the rows) \(/);
  t.match(out, /make the rollups anew: npm run rollups:rebuild\n$/);
  t.match(await run('rebuild'), { code: 0, out: 'the rollups are made anew\n' });
  t.match(await run('verify'), { code: 0, out: /^all \d+ sums and counts are what the rows give\n$/ });
});
