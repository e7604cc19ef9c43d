import t from 'tap';
import { measureAggregating } from '../../bench/aggregating.ts';
import { aggregatingLines } from '../../bench/support/aggregate-lines.ts';
import { growthQueries, pairPaths, respell } from '../../bench/support/aggregate-queries.ts';
import { buildApp } from '../../src/app.ts';
import { seed } from './support.ts';

const { url, db } = await seed(t, { reports: 200 });
const province = '320000';

t.test(
  'every pair of keys that rollups answer is asked once, and asked in other words lacks only rows of one report',
  async (t) => {
    const app = await buildApp({ db, adminToken: 'bench' });
    t.teardown(() => app.close());
    const paths = pairPaths(province);
    t.equal(new Set(paths).size, paths.length);
    // Of 7 members of reports and organs with each other and with own keys, without county × level and county × kind.
    const pairs = (own: number) => ((7 + own) * (6 + own)) / 2 - 2;
    t.equal(paths.length, pairs(2) + pairs(3) + pairs(2));
    for (const path of paths) {
      const [answer, again] = [await app.inject(path), await app.inject(respell(path))];
      t.equal(answer.statusCode, 200, path);
      const ofSeveral = answer.json().data.filter(({ reports }: { reports: number }) => reports > 1);
      t.same(again.json().data, ofSeveral, path);
    }
  },
);

t.test('a measurement has a line for each query and each load, and publishes meanwhile', async (t) => {
  const countries = [{ reports: 200, url }];
  const [measured] = await measureAggregating({ countries, rounds: 1, seconds: 0.5, clients: 2 });
  const queries = growthQueries(province, province);
  t.same(
    measured!.growth.map(({ name }) => name),
    queries.map(({ name }) => name),
  );
  t.ok(
    measured!.growth.every(({ cold, warm, cells }) => cold.length === 1 && warm.length === 1 && cells > 0),
  );
  t.ok(measured!.pairs.published > 0);
  const lines = aggregatingLines([measured!]);
  t.equal(lines.length, 2 * queries.length + 4 + 12 + 6);
  t.notMatch(JSON.stringify(lines), /NaN|undefined|Infinity/);
});
