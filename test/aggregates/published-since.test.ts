import { sql } from 'kysely';
import t from 'tap';
import { type AnalystQuery, aggregateReports } from '../../src/aggregates/answer.ts';
import { shapeOf } from '../../src/aggregates/cells.ts';
import { sumReports } from '../../src/aggregates/queries.ts';
import { requestStatistics } from '../../src/aggregates/request-statistics.ts';
import { select } from '../../src/aggregates/selection.ts';
import type { Db } from '../../src/db/database.ts';
import { foldRollups } from '../../src/rollups/maintenance.ts';
import { createTestDatabase } from '../support/database.ts';
import { organ, received, report, store } from './stored-reports.ts';
import { renewSegments } from './worlds.ts';

/** What was published since a day. */

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

/** The same after something was done, which is undone again. */
const askAfter = async (query: AnalystQuery, first: (trx: Db) => Promise<unknown>) => {
  const trx = await db.startTransaction().execute();
  await first(trx);
  const answer = await ask(query, trx);
  await trx.rollback().execute();
  return answer;
};

t.test('reports count from the day on that they were published', async (t) => {
  const query = { published_since: '2022-02-01' };
  t.strictSame(await ask(query), [[2021, 2], [2022, 7], 1]);
  t.strictSame(
    await ask({ published_since: '2022-01-20' }),
    [[2021, 3], [2022, 7], 0],
    'the day counts itself',
  );
  t.strictSame(await ask({ ...query, division: ['33'] }), [[2021, 2], [2022, 4], 0]);
  t.strictSame(
    await ask({ ...query, basis: 'consolidated' }),
    [0],
    'of no report no organ owes one: none is used',
  );
  t.strictSame(await ask({ ...query, year: ['2022..2023'] }), [[2022, 7], 2], 'nobody reported 2023');
  t.strictSame(await ask({ ...query, group_by: ['province'] }), [['320000', 3], ['330000', 6], 1]);
});

t.test('what segments do not have yet counts as well', async (t) => {
  const query = { published_since: '2022-01-01' };
  const correct = (published_on: string | null) => (trx: Db) =>
    store(
      trx,
      [],
      [report({ organ_id: suqian.id, year: 2022, scope: 'consolidated', published_on, ...received(9, 9) })],
    );
  t.strictSame(await askAfter(query, correct('2023-05-01')), [[2021, 3], [2022, 13], 0]);
  t.strictSame(await askAfter(query, correct('2021-12-31')), [[2021, 3], [2022, 7], 0], 'before');
  t.strictSame(await askAfter(query, correct(null)), [[2021, 3], [2022, 7], 0], 'nobody knows when');
  const remove = (trx: Db) =>
    sql`delete from rollup_segments where year = 2021 and province = '330000'`.execute(trx);
  t.strictSame(await askAfter(query, remove), [[2021, 3], [2022, 7], 0], 'without a segment');
});

t.test('who does not say when it was published was not published since', async (t) => {
  await store(db, [], [of(suqian, 2020, 8, null), of(hangzhou, 2020, 16, '2021-01-20')]);
  await foldRollups(db, true);
  await renewSegments(db);
  t.strictSame(await ask({ published_since: '2020-01-01', year: ['2020..2021'] }), [
    [2020, 16],
    [2021, 3],
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
  t.strictSame(refined, data);
  t.equal(data.length, 2);
  await t.rejects(sumReports(db, requestStatistics, query, selection, 1, {}), { code: 'too-many-cells' });
});
