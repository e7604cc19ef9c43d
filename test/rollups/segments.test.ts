import { setTimeout as sleep } from 'node:timers/promises';
import { sql } from 'kysely';
import t from 'tap';
import { type AnalystQuery, aggregateReports } from '../../src/aggregates/answer.ts';
import { requestStatistics } from '../../src/aggregates/request-statistics.ts';
import type { Row } from '../../src/formats/format.ts';
import { keepFolding } from '../../src/rollups/folding.ts';
import { foldRollups, renewSegment } from '../../src/rollups/maintenance.ts';
import { verifyRollups } from '../../src/rollups/verification.ts';
import { organ, received, report, store } from '../aggregates/stored-reports.ts';
import { renewSegments } from '../aggregates/worlds.ts';
import { createTestDatabase } from '../support/database.ts';

const { db } = await createTestDatabase(t);

const suqian = organ({ name: '宿迁', division_code: '321302' });
const hangzhou = organ({ name: '杭州', division_code: '330106' });
await store(
  db,
  [suqian, hangzhou],
  [
    report({ organ_id: suqian.id, ...received(3, 5) }),
    report({ organ_id: hangzhou.id, ...received(null, 7) }),
    report({ organ_id: hangzhou.id, year: 2022, scope: 'consolidated' }),
  ],
);
await foldRollups(db, true);

const ask = async (query: AnalystQuery = {}, on = db): Promise<Row[]> =>
  (
    await aggregateReports(on, requestStatistics, {
      row: ['new_received'],
      group_by: ['organ'],
      sort: ['-value'],
      ...query,
    })
  ).data.map(({ organ_name, organ: _, ...row }) => ({ organ: organ_name!, ...row }));

/** Takes the figures of reports away, so that only segments can answer; puts them back afterwards. */
async function withoutReports<T>(work: () => Promise<T>): Promise<T> {
  await sql`alter table request_statistics rename to hidden`.execute(db);
  await sql`create table request_statistics (like hidden including all)`.execute(db);
  try {
    return await work();
  } finally {
    await sql`drop table request_statistics`.execute(db);
    await sql`alter table hidden rename to request_statistics`.execute(db);
  }
}

t.test('segments are made where there are none, until there is nothing to do', async (t) => {
  t.equal(await renewSegment(db), true);
  await renewSegments(db);
  t.equal(await renewSegment(db), false);
  t.strictSame((await verifyRollups(db)).differences, []);
});

t.test('organs are ranked without reading their reports', async (t) => {
  await withoutReports(async () => {
    t.strictSame(await ask(), [
      { organ: '杭州', value: 7, reports: 1, blank: 0 },
      { organ: '宿迁', value: 5, reports: 1, blank: 0 },
    ]);
    t.strictSame(
      await ask({ applicant: ['natural_person'], division: ['33'] }),
      [{ organ: '杭州', value: null, reports: 1, blank: 1 }],
      'a blank stays one',
    );
    t.strictSame(await ask({ year: ['2022'] }), [], 'a row that was not captured is none');
  });
});

t.test('what changed since is read from the reports, before and after it is folded', async (t) => {
  const nanjing = organ({ name: '南京', division_code: '320102' });
  await store(db, [nanjing], [report({ organ_id: nanjing.id, ...received(1, 9) })]);
  const expected = [
    ['南京', 9],
    ['杭州', 7],
    ['宿迁', 5],
  ];
  const values = async () => (await ask()).map(({ organ, value }) => [organ, value]);
  t.strictSame(await values(), expected);
  await foldRollups(db, true);
  t.strictSame(await values(), expected);
  await withoutReports(async () => t.strictSame(await values(), expected.slice(1), 'only that'));
  await renewSegments(db);
  await withoutReports(async () => t.strictSame(await values(), expected, 'and no longer than until then'));
});

t.test('what is taken back before it is folded is not kept by a segment made meanwhile', async (t) => {
  const yangzhou = organ({ name: '扬州', division_code: '321002' });
  const brief = report({ organ_id: yangzhou.id, ...received(1, 99) });
  const move = (code: string) =>
    sql`update organs set division_code = ${code} where id = ${suqian.id}`.execute(db);
  await store(db, [yangzhou], [brief]);
  await move('330106');
  await db.transaction().execute(async (trx) => {
    for (const province of ['320000', '330000'])
      await sql`select rollup_make_segment(2023, ${province})`.execute(trx);
  });
  await sql`update revisions set state = 'withdrawn', withdraw_reason = 'wrong', ended_at = now() where report_id = ${brief.id}`.execute(
    db,
  );
  await move('321302');
  await foldRollups(db, true);
  t.strictSame(
    (await ask({ group_by: ['province', 'organ'] })).map((row) => [row.organ, row.province, row.value]),
    [
      ['南京', '320000', 9],
      ['杭州', '330000', 7],
      ['宿迁', '320000', 5],
    ],
  );
  t.strictSame((await verifyRollups(db)).differences, []);
});

t.test(
  'an organ that moved to another province counts once, whichever segment is made anew first',
  async (t) => {
    const codes = ['330106', '321302'];
    for (const first of ['320000', '330000'])
      for (const code of codes) {
        await sql`update organs set division_code = ${code} where id = ${suqian.id}`.execute(db);
        await foldRollups(db, true);
        await sql`select rollup_make_segment(2023, ${first})`.execute(db);
        const province = `${code.slice(0, 2)}0000`;
        t.strictSame(
          (await ask({ group_by: ['province', 'organ'] })).filter(({ organ }) => organ === '宿迁'),
          [{ organ: '宿迁', province, value: 5, reports: 1, blank: 0 }],
          `${first} first, ${code}`,
        );
        await renewSegments(db);
        t.strictSame((await verifyRollups(db)).differences, []);
      }
  },
);

t.test('while nothing is published the service makes segments by itself', async (t) => {
  await sql`delete from rollup_segments`.execute(db);
  const ending = new AbortController();
  const faults: unknown[] = [];
  const folding = keepFolding(db, ending.signal, (fault) => faults.push(fault));
  const missing = async () => (await sql`select from rollup_missing_segments`.execute(db)).rows.length;
  for (let waited = 0; waited < 100 && (await missing()) > 0; waited++) await sleep(100);
  t.equal(await missing(), 0);
  ending.abort();
  await folding;
  t.strictSame(faults, []);
});
