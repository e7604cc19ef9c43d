import { sql } from 'kysely';
import t from 'tap';
import { type AnalystQuery, aggregateReports } from '../../src/aggregates/answer.ts';
import { shapeOf } from '../../src/aggregates/cells.ts';
import { sumReports } from '../../src/aggregates/queries.ts';
import { refinedCells } from '../../src/aggregates/refined-sums.ts';
import { requestStatistics } from '../../src/aggregates/request-statistics.ts';
import { select } from '../../src/aggregates/selection.ts';
import type { Db } from '../../src/db/database.ts';
import { foldRollups } from '../../src/rollups/maintenance.ts';
import { createTestDatabase } from '../support/database.ts';
import { organ, received, report, store } from './stored-reports.ts';
import { renewSegments } from './worlds.ts';

/** What `published_since` costs: sums that are kept answer for years of which everything was published since. */

const { db } = await createTestDatabase(t);

const suqian = organ({ name: '宿迁', division_code: '321302' });
const hangzhou = organ({ name: '杭州', division_code: '330106' });
const of = ({ id: organ_id }: { id: string }, year: number, total: number, published_on: string | null) =>
  report({ organ_id, year, published_on, ...received(total, total) });
await store(
  db,
  [suqian, hangzhou],
  [
    of(suqian, 2021, 1, '2022-01-20'),
    of(hangzhou, 2021, 2, '2022-02-20'),
    of(suqian, 2022, 3, '2023-01-20'),
    of(hangzhou, 2022, 4, '2023-02-20'),
  ],
);
await foldRollups(db, true);
await renewSegments(db);

const ask = async (query: AnalystQuery, on: Db = db) => {
  const { data, coverage } = await aggregateReports(on, requestStatistics, {
    row: ['new_received'],
    group_by: ['year'],
    ...query,
  });
  return [...data.map(({ year, province, value }) => [year ?? province, value]), coverage.organs_missing];
};

/** The same where sums that are kept are a thousand more than they are, so that they tell where an answer is from. */
const askMarked = async (query: AnalystQuery, first: (trx: Db) => Promise<unknown> = async () => {}) => {
  const trx = await db.startTransaction().execute();
  await sql`update rollup_request_statistics set total = total + 1000`.execute(trx);
  await first(trx);
  const answer = await ask(query, trx);
  await trx.rollback().execute();
  return answer;
};

t.test('only years are read of which something was published before', async (t) => {
  const query = { published_since: '2022-02-01' };
  t.strictSame(await ask(query), [[2021, 2], [2022, 7], 1]);
  t.strictSame(await askMarked(query), [[2021, 2], [2022, 1007], 1], 'a year is added to what is kept');
  t.strictSame(
    await askMarked({ published_since: '2022-01-20' }),
    [[2021, 1003], [2022, 1007], 0],
    'the day counts itself',
  );
  t.strictSame(
    await askMarked({ ...query, division: ['33'] }),
    [[2021, 1002], [2022, 1004], 0],
    'elsewhere nothing was',
  );
  t.strictSame(
    await askMarked({ ...query, basis: 'consolidated' }),
    [0],
    'of no report no organ owes one: none is used',
  );
  t.strictSame(
    await askMarked({ ...query, year: ['2022..2023'] }),
    [[2022, 1007], 2],
    'nobody reported 2023',
  );
  t.strictSame(
    await askMarked({ ...query, group_by: ['province'] }),
    [['320000', 1003], ['330000', 1006], 1],
    'sums over years have both',
  );
});

t.test('what segments do not have yet counts as well', async (t) => {
  const query = { published_since: '2022-01-01' };
  const correct = (published_on: string | null) => (trx: Db) =>
    store(
      trx,
      [],
      [report({ organ_id: suqian.id, year: 2022, scope: 'consolidated', published_on, ...received(9, 9) })],
    );
  t.strictSame(await askMarked(query, correct('2023-05-01')), [[2021, 1003], [2022, 1013], 0]);
  t.strictSame(await askMarked(query, correct('2021-12-31')), [[2021, 1003], [2022, 7], 0], 'before: read');
  t.strictSame(
    await askMarked(query, correct(null)),
    [[2021, 1003], [2022, 7], 0],
    'nobody knows when: read',
  );
  const remove = (trx: Db) =>
    sql`delete from rollup_segments where year = 2021 and province = '330000'`.execute(trx);
  t.strictSame(await askMarked(query, remove), [[2021, 3], [2022, 1007], 0], 'unknown without a segment');
});

t.test('who does not say when it was published was not published since', async (t) => {
  await store(db, [], [of(suqian, 2020, 8, null), of(hangzhou, 2020, 16, '2021-01-20')]);
  await foldRollups(db, true);
  await renewSegments(db);
  t.strictSame(await askMarked({ published_since: '2020-01-01', year: ['2020..2021'] }), [
    [2020, 16],
    [2021, 1003],
    1,
  ]);
});

t.test('more rows than may be sent are refined as everywhere', async (t) => {
  const query = {
    row: ['new_received'],
    group_by: ['year', 'province'],
    published_since: '2022-02-01',
    top: 2,
  };
  const selection = select(requestStatistics, query);
  const refining = { refinement: query, shape: shapeOf(requestStatistics, query.group_by) };
  const { refined } = await sumReports(db, requestStatistics, query, selection, 1, { refining });
  const { data } = await aggregateReports(db, requestStatistics, query);
  t.strictSame(refinedCells(requestStatistics, selection, query, refined!), data);
  t.equal(data.length, 2);
  await t.rejects(sumReports(db, requestStatistics, query, selection, 1), { code: 'too-many-cells' });
});
