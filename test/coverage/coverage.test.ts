import assert from 'node:assert/strict';
import fc from 'fast-check';
import { sql } from 'kysely';
import t from 'tap';
import { aggregateReports } from '../../src/aggregates/answer.ts';
import type { AggregateQuery, Basis } from '../../src/aggregates/queries.ts';
import { requestStatistics } from '../../src/aggregates/request-statistics.ts';
import { type CoverageQuery, type CoverageRow, coverageRows } from '../../src/coverage/queries.ts';
import { organ, report, store } from '../aggregates/stored-reports.ts';
import { lineIn, storeWorld, worlds } from '../aggregates/worlds.ts';
import { createTestDatabase } from '../support/database.ts';

const { db } = await createTestDatabase(t);
const list = (query: CoverageQuery) => Array.fromAsync(coverageRows(db, query));
const statusesOf = (rows: CoverageRow[]) =>
  Object.fromEntries(rows.map(({ organ_id, status }) => [organ_id, status]));
const counted = (rows: CoverageRow[]) => {
  const of = (...wanted: string[]) => rows.filter(({ status }) => wanted.includes(status));
  return {
    reports: of('used').length,
    organs_expected: rows.filter(({ expected }) => expected).length,
    organs_covered: rows.filter(({ status, expected }) => status === 'covered' && expected).length,
    organs_missing: of('missing').length,
  };
};

const maybe = <T>(arbitrary: fc.Arbitrary<T>) => fc.option(arbitrary, { nil: undefined, freq: 2 });
const queries = fc.record({
  under: maybe(fc.array(fc.nat(), { minLength: 1, maxLength: 2 })),
  basis: fc.constantFrom<Basis>('auto', 'auto', 'own', 'consolidated'),
  year: fc.constantFrom(2022, 2023),
  level: maybe(fc.subarray(['city', 'county', 'town'] as const, { minLength: 1 })),
  kind: maybe(fc.subarray(['government', 'department'] as const, { minLength: 1 })),
  division: maybe(fc.subarray(['32', '321300', '321302', '33'], { minLength: 1, maxLength: 2 })),
  scope: maybe(fc.subarray(['own', 'consolidated'] as const, { minLength: 1 })),
  published_since: fc.option(fc.constantFrom('2024-01-31', '2024-02-01'), { nil: undefined, freq: 3 }),
  q: fc.option(fc.constantFrom('人民政府', '年度报告', '没有'), { nil: undefined, freq: 3 }),
});

t.test('the list counts what the coverage of the aggregates counts', async () => {
  await fc.assert(
    fc.asyncProperty(worlds, fc.array(queries, { minLength: 6, maxLength: 6 }), async (world, drawn) => {
      await storeWorld(db, world);
      for (const { under, year, ...rest } of drawn) {
        const filters = Object.fromEntries(
          Object.entries({
            ...rest,
            under: under?.map((index) => world.organs[index % world.organs.length]!.id),
          }).filter(([, value]) => value !== undefined),
        );
        const about = JSON.stringify({ ...filters, year });
        const rows = await list({ ...filters, year });
        const query = { ...filters, year: [String(year)], row: ['granted'] } as AggregateQuery;
        const { coverage } = await aggregateReports(db, requestStatistics, query);
        assert.deepEqual(counted(rows), coverage, about);
        assert.deepEqual(
          rows.map(({ organ_id }) => organ_id),
          rows.map(({ organ_id }) => organ_id).toSorted(),
        );
        for (const row of rows) {
          const top = rows.find(({ organ_id }) => organ_id === row.covered_by_organ_id);
          if (row.status === 'used') assert.ok(row.report_id);
          if (row.status === 'missing') assert.equal(row.report_id, null);
          assert.equal(row.status === 'covered', row.covered_by_report_id !== null, about);
          if (row.status !== 'covered') continue;
          const [, ...above] = lineIn(world, row.organ_id, year);
          assert.ok(above.some(({ id }) => id === row.covered_by_organ_id));
          assert.deepEqual(
            [top!.status, top!.scope, top!.report_id],
            ['used', 'consolidated', row.covered_by_report_id],
          );
        }
      }
    }),
    { numRuns: 28 },
  );
});

t.test('years that are asked about together count what the list of each counts', async (t) => {
  const [one, other] = [organ({ name: '甲局' }), organ({ name: '乙局' })];
  const titles = { 2022: '甲局合并报告', 2023: '年度报告' };
  const reports = Object.entries(titles).flatMap(([year, title]) =>
    [one, other].map(({ id }) => report({ organ_id: id, year: Number(year), title })),
  );
  await storeWorld(db, { organs: [one, other], reports });
  for (const q of ['合并', '甲局', '报告', '没有']) {
    const ofYears = await Promise.all([2022, 2023].map(async (year) => counted(await list({ year, q }))));
    const query = { q, year: ['2022', '2023'], row: ['granted'] };
    const { coverage } = await aggregateReports(db, requestStatistics, query);
    const [first, second] = ofYears as [typeof coverage, typeof coverage];
    for (const [member, count] of Object.entries(coverage))
      t.equal(count, first[member as 'reports'] + second[member as 'reports'], `${q} ${member}`);
  }
});

t.test('organs of one status are found among however many', async (t) => {
  const organs = Array.from({ length: 5050 }, () => organ());
  const reports = [0, 7, 5049].map((index) => report({ organ_id: organs[index]!.id }));
  await storeWorld(db, { organs, reports });
  const used = await list({ year: 2023, status: ['used'] });
  t.same(
    used.map(({ report_id }) => report_id),
    reports.map(({ id }) => id),
    'also beyond the first read',
  );
  t.equal((await list({ year: 2023, status: ['missing'] })).length, 5047);
  t.equal((await list({ year: 2023 })).length, 5050);
});

t.test('the parts of a consolidated report are what stands below it, and its own report', async (t) => {
  const city = organ({ level: 'city' });
  const office = organ({ parent_id: city.id });
  const county = organ({ parent_id: city.id });
  const bureau = organ({ parent_id: county.id });
  const idle = organ({ parent_id: city.id });
  const elsewhere = organ();
  const reports = [
    report({ organ_id: city.id, scope: 'consolidated' }),
    report({ organ_id: office.id }),
    report({ organ_id: county.id, scope: 'consolidated' }),
    report({ organ_id: county.id }),
    report({ organ_id: bureau.id }),
    report({ organ_id: elsewhere.id }),
  ];
  await storeWorld(db, { organs: [city, office, county, bureau, idle, elsewhere], reports });
  const parts = await list({ year: 2023, parts_of: city.id });
  t.same(statusesOf(parts), {
    [office.id]: 'used',
    [county.id]: 'used',
    [bureau.id]: 'covered',
    [idle.id]: 'missing',
  });
  t.match(
    parts.find(({ organ_id }) => organ_id === county.id),
    { report_id: reports[2]!.id, scope: 'consolidated', revision: 1 },
  );
  t.match(
    parts.find(({ organ_id }) => organ_id === bureau.id),
    { report_id: reports[4]!.id, covered_by_organ_id: county.id, covered_by_report_id: reports[2]!.id },
  );
  const under = statusesOf(await list({ year: 2023, under: [city.id] }));
  t.same([under[city.id], under[office.id], under[idle.id]], ['used', 'covered', 'covered']);
  await store(db, [], [report({ organ_id: city.id })]);
  const own = (await list({ year: 2023, parts_of: city.id })).find(({ organ_id }) => organ_id === city.id);
  t.match(own, { status: 'used', scope: 'own', expected: false });
});

t.test('an organ abolished before the year is listed only where it reports all the same', async (t) => {
  const city = organ();
  const [gone, late, busy] = [
    organ({ parent_id: city.id }),
    organ({ parent_id: city.id }),
    organ({ parent_id: city.id }),
  ];
  await storeWorld(db, { organs: [city, gone, late, busy], reports: [report({ organ_id: late.id })] });
  await sql`update organs set abolished_on = '2022-12-31' where id = any(${[gone.id, late.id]}::uuid[])`.execute(
    db,
  );
  await sql`update organs set abolished_on = '2023-01-01' where id = ${busy.id}`.execute(db);
  const rows = await list({ year: 2023 });
  t.same(
    rows.map(({ organ_id, status, expected }) => [organ_id, status, expected]),
    [
      [city.id, 'missing', true],
      [late.id, 'used', false],
      [busy.id, 'missing', true],
    ],
  );
  const query = { year: ['2023'], row: ['granted'] };
  t.same((await aggregateReports(db, requestStatistics, query)).coverage, counted(rows));
  await store(db, [], [report({ organ_id: city.id, scope: 'consolidated' })]);
  t.equal(statusesOf(await list({ year: 2023 }))[late.id], 'covered');
});

t.test('the tree is that of the last day of the year', async (t) => {
  const [east, west] = [organ(), organ()];
  const county = organ({ parent_id: west.id });
  const reports = [2022, 2023].flatMap((year) => [
    report({ organ_id: east.id, year, scope: 'consolidated' }),
    report({ organ_id: west.id, year, scope: 'consolidated' }),
  ]);
  await storeWorld(db, { organs: [east, west, county], reports });
  await sql`update organs set valid_from = '2023-07-01' where id = ${county.id}`.execute(db);
  await sql`insert into organ_history (organ_id, name, parent_id, valid_to)
    values (${county.id}, '某县', ${east.id}, '2023-06-30')`.execute(db);
  const cover = async (year: number) =>
    (await list({ year })).find(({ organ_id }) => organ_id === county.id)!.covered_by_organ_id;
  t.equal(await cover(2022), east.id);
  t.equal(await cover(2023), west.id);
});

t.test('parents that run in a circle end, and nothing is missing before its year', async (t) => {
  const [a, b] = [organ(), organ()];
  const below = organ({ parent_id: b.id });
  await storeWorld(db, {
    organs: [a, b, below],
    reports: [report({ organ_id: b.id, scope: 'consolidated' })],
  });
  await sql`update organs set parent_id = ${b.id} where id = ${a.id}`.execute(db);
  await sql`update organs set parent_id = ${a.id} where id = ${b.id}`.execute(db);
  const covered = { [a.id]: 'covered', [b.id]: 'used', [below.id]: 'covered' };
  t.same(statusesOf(await list({ year: 2023 })), covered);
  t.same(statusesOf(await list({ year: 2023, under: [a.id] })), covered);
  const later = await list({ year: 2100 });
  t.same(new Set(Object.values(statusesOf(later))), new Set(['not_due']));
  t.same(new Set(later.map(({ expected }) => expected)), new Set([false]));
});
