import assert from 'node:assert/strict';
import fc from 'fast-check';
import t from 'tap';
import type { Aggregate } from '../../src/aggregates/aggregate.ts';
import { cellsOf } from '../../src/aggregates/cells.ts';
import { dimensions } from '../../src/aggregates/dimensions.ts';
import { disclosureItems } from '../../src/aggregates/disclosure-items.ts';
import type { AggregateQuery, Basis } from '../../src/aggregates/queries.ts';
import { requestStatistics } from '../../src/aggregates/request-statistics.ts';
import { reviewLitigationCounts } from '../../src/aggregates/review-litigation-counts.ts';
import { planOf } from '../../src/aggregates/rollup-plan.ts';
import { choose } from '../../src/aggregates/selection.ts';
import type { Value } from '../../src/aggregates/table.ts';
import { scopes } from '../../src/editions/vocabulary.ts';
import { inSums } from '../../src/meta/availability.ts';
import { codesByWalking } from '../../src/walk/codes.ts';
import { organ, report } from '../aggregates/stored-reports.ts';
import { storeWorld, worlds } from '../aggregates/worlds.ts';
import { createTestDatabase } from '../support/database.ts';
import { sumFromRows } from '../support/from-rows.ts';

/** Which codes have data, of everything that may be asked: as answers grouped by each key alone say, one by one. */

const { db } = await createTestDatabase(t);
const keys = Object.keys(dimensions).filter((key) => key !== 'organ');

const all = (aggregate: Aggregate) => [...keys, 'scope', ...Object.keys(aggregate.keys)];

/** Of each code of the key the most reports of one figure of it, where any has a number. */
async function ofAnswer(aggregate: Aggregate, query: AggregateQuery, group_by: string[], key: string) {
  const asked = { ...query, group_by };
  const selection = choose(aggregate, asked);
  const { rows, reports } = await sumFromRows(db, aggregate, asked, selection, 1_000_000);
  const counts = new Map<Value, number>();
  for (const cell of cellsOf(aggregate, selection, rows)) {
    const code = (cell[key] ?? null) as Value;
    if (cell.value !== null) counts.set(code, Math.max(counts.get(code) ?? 0, cell.reports as number));
  }
  return { counts, reports };
}

/** What there is, by the definition. */
async function expected(aggregate: Aggregate, query: AggregateQuery) {
  const counts: Record<string, unknown> = {};
  const sorted = (of: ReadonlyMap<Value, number>) =>
    [...of].map(([code, reports]) => `${code}: ${reports}`).sort();
  for (const key of keys)
    counts[key] = sorted((await ofAnswer(aggregate, query, [key, ...aggregate.rowKeys], key)).counts);
  const ofScopes = new Map<Value, number>();
  for (const { scope } of scopes) {
    if (query.scope && !query.scope.includes(scope)) continue;
    const found = await ofAnswer(aggregate, { ...query, scope: [scope] }, [...aggregate.rowKeys], '');
    for (const most of found.counts.values()) ofScopes.set(scope, most);
  }
  counts.scope = sorted(ofScopes);
  const own = Object.keys(aggregate.keys);
  let reports = 0;
  for (const key of own) {
    const found = await ofAnswer(aggregate, query, own, key);
    found.counts.delete(null);
    counts[key] = sorted(found.counts);
    reports = found.reports;
  }
  return { reports, counts };
}

const comparable = ({
  reports,
  counts,
}: {
  reports: number;
  counts: Iterable<readonly [string, ReadonlyMap<Value, number>]>;
}) => ({
  reports,
  counts: Object.fromEntries(
    [...counts].map(([key, of]) => [key, [...of].map(([code, amount]) => `${code}: ${amount}`).sort()]),
  ),
});

const maybe = <T>(arbitrary: fc.Arbitrary<T>) =>
  fc.oneof({ weight: 3, arbitrary: fc.constant(undefined) }, { weight: 1, arbitrary });
const queries = fc.record({
  basis: fc.constantFrom<Basis>('auto', 'auto', 'own', 'consolidated'),
  under: maybe(fc.array(fc.nat(), { minLength: 1, maxLength: 2 })),
  organ_id: maybe(fc.array(fc.nat(), { minLength: 1, maxLength: 3 })),
  year: maybe(fc.constantFrom(['2022'], ['2022', '2023'], ['2050'])),
  kind: maybe(fc.constantFrom(['government'], ['department', 'general_office'])),
  level: maybe(fc.constantFrom(['city'], ['county', 'town'])),
  division: maybe(fc.constantFrom(['32'], ['321302001'], ['3213', '330106'])),
  scope: maybe(fc.constantFrom(['own'], ['consolidated'])),
  published_since: maybe(fc.constantFrom('2024-01-31', '2024-02-01')),
  q: maybe(fc.constantFrom('人民政府', '年度报告', '没有')),
  of: fc.nat(),
});

/** Of each aggregate everything, and some of it. */
const subjects: [Aggregate, Partial<AggregateQuery>][] = [
  [requestStatistics, {}],
  [requestStatistics, { row: ['granted'], applicant: ['business', 'total'] }],
  [requestStatistics, { row: ['granted', 'other', 'other_misc'] }],
  [requestStatistics, { group: ['refused', 'other_handling'] }],
  [disclosureItems, {}],
  [disclosureItems, { measure: ['amount'] }],
  [reviewLitigationCounts, {}],
  [reviewLitigationCounts, { proceeding: ['review'], outcome: ['upheld', 'pending'] }],
];

const count = fc.option(fc.nat(50), { freq: 3 });
/** Figures of the other tables, some of them blank, of unknown unit or not captured. */
const otherFigures = fc.record({
  disclosure_items: fc
    .record({ value: count, unit: fc.constantFrom('元' as const, '万元' as const, null), made: count })
    .map(({ value, unit, made }) => [
      { item: 'procurement', measure: 'amount', value, unit },
      { item: 'regulations', measure: 'made', value: made, unit: '件' as const },
    ]),
  review_litigation_counts: fc.subarray(['review', 'litigation_direct'] as const).chain((proceedings) =>
    fc.tuple(
      ...proceedings.map((proceeding) =>
        fc.record({
          proceeding: fc.constant(proceeding),
          upheld: count,
          corrected: count,
          other: count,
          pending: count,
          total: count,
        }),
      ),
    ),
  ),
});

t.test('each code has data that an answer grouped by its key alone has, in as many reports', async (t) => {
  const compared = { walked: 0, kept: 0, both: 0, codes: 0 };
  const figures = fc.array(otherFigures, { minLength: 5, maxLength: 5 });
  const asked = fc.array(queries, { minLength: 4, maxLength: 4 });
  await fc.assert(
    fc.asyncProperty(worlds, figures, asked, async ({ organs, reports }, others, drawn) => {
      const filled = reports.map((report, index) => ({
        ...report,
        ...others[index % others.length],
        editions: { ...report.editions, disclosure_items: '2019' as const },
      }));
      await storeWorld(db, { organs, reports: filled });
      const idsOf = (places: number[] | undefined) =>
        places?.map((place) => organs[place % organs.length]!.id);
      for (const { under, organ_id, of, ...rest } of drawn) {
        const [aggregate, own] = subjects[of % subjects.length]!;
        const query = Object.fromEntries(
          Object.entries({ ...rest, ...own, under: idsOf(under), organ_id: idsOf(organ_id) }).filter(
            ([, value]) => value !== undefined,
          ),
        ) as AggregateQuery;
        const about = `${aggregate.path} ${JSON.stringify(query)}`;
        const wanted = await expected(aggregate, query);
        for (const few of [0, undefined]) {
          const found = await codesByWalking(db, aggregate, query, all(aggregate), undefined, few);
          assert.deepEqual(comparable(found), wanted, about);
        }
        const { counts, ...found } = await inSums(db, aggregate, query, undefined);
        const ofEach = counts.map((each) => [each.key, each.counts] as const);
        assert.deepEqual(comparable({ ...found, counts: ofEach }), wanted, about);
        const kept = keys.filter((key) => planOf(query, { groupBy: [key] })).length;
        compared[kept === 0 ? 'walked' : kept === keys.length ? 'kept' : 'both']++;
        compared.codes += ofEach.reduce((sum, [, codes]) => sum + codes.size, 0);
      }
    }),
    { numRuns: 25 },
  );
  const { walked, kept, both, codes } = compared;
  t.ok(walked > 20 && kept > 0 && both > 0 && codes > 50, JSON.stringify(compared));
});

t.test('an amount without a unit is no number, and a row that nobody captured no data', async (t) => {
  const [first, second] = [organ({ division_code: '321302' }), organ({ division_code: '330106' })];
  const of = (organ_id: string, value: number | null, unit: '元' | null) =>
    report({
      organ_id,
      editions: { disclosure_items: '2019', request_statistics: '2021' },
      disclosure_items: [{ item: 'procurement', measure: 'amount', value, unit }],
    });
  await storeWorld(db, { organs: [first, second], reports: [of(first.id, 5, null), of(second.id, 5, '元')] });
  const { reports, counts } = await codesByWalking(db, disclosureItems, {}, all(disclosureItems));
  t.equal(reports, 2);
  t.strictSame([...counts.get('province')!], [['330000', 1]]);
  t.strictSame([...counts.get('item')!], [['procurement', 2]]);
});
