import assert from 'node:assert/strict';
import fc from 'fast-check';
import { sql } from 'kysely';
import t from 'tap';
import { capturedIn } from '../../src/aggregates/absent-cells.ts';
import { type AnalystQuery, aggregateReports } from '../../src/aggregates/answer.ts';
import { cellsOf, shapeOf } from '../../src/aggregates/cells.ts';
import { type Columns, heightOf } from '../../src/aggregates/columns.ts';
import { areShared } from '../../src/aggregates/comparable.ts';
import { computedMembers } from '../../src/aggregates/computations.ts';
import { disclosureItems } from '../../src/aggregates/disclosure-items.ts';
import { layoutOf } from '../../src/aggregates/layout.ts';
import { type AggregateQuery, type Basis, type Summed, sumReports } from '../../src/aggregates/queries.ts';
import { isRefinable, refinementOf } from '../../src/aggregates/refine.ts';
import { requestStatistics } from '../../src/aggregates/request-statistics.ts';
import { planOf } from '../../src/aggregates/rollup-plan.ts';
import { choose } from '../../src/aggregates/selection.ts';
import { yearsBefore } from '../../src/aggregates/years.ts';
import type { Unit } from '../../src/editions/edition.ts';
import type { Row } from '../../src/formats/format.ts';
import { yearsOf } from '../../src/reports/filters.ts';
import { sumByWalking } from '../../src/walk/summing.ts';
import { createTestDatabase } from '../support/database.ts';
import { sumFromRows } from '../support/from-rows.ts';
import { organ, report, type StoredOrgan } from './stored-reports.ts';
import { lineIn, row, storeWorld, type World, worlds } from './worlds.ts';

const { db } = await createTestDatabase(t);

const place: Record<string, (code: string) => string | null> = {
  province: (code) => `${code.slice(0, 2)}0000`,
  city: (code) => (['3213', '3301'].includes(code.slice(0, 4)) ? `${code.slice(0, 4)}00` : null),
  county: (code) => (code.slice(4, 6) === '00' ? null : code.slice(0, 6)),
};
const ofOrgan = ['province', 'city', 'county', 'level', 'kind', 'organ'];
const groupOf: Record<string, string | null> = {
  new_received: null,
  granted: null,
  refused_third_party: 'refused',
  other: 'other_handling',
  other_misc: 'other_handling',
};

/** The answer worked out report by report and cell by cell, straight from the definition. */
function workOut(
  { organs, reports }: World,
  query: AggregateQuery & { row: string[]; applicant?: string[] },
) {
  const { group_by = [], basis = 'auto', row: rows, applicant = ['total'] } = query;
  /** An organ in a year and those above it. */
  const line = (id: string, year: number) => lineIn({ organs }, id, year);
  const codeOf = (id: string, year: number) =>
    line(id, year).find(({ division_code }) => division_code !== null)?.division_code ?? null;
  const organKey = (id: string, year: number, key: string): string | null => {
    if (!(key in place)) return key === 'organ' ? id : line(id, year)[0]![key as 'level' | 'kind'];
    const code = codeOf(id, year);
    return code === null ? null : place[key]!(code);
  };
  const isAsked = ({ id, level, kind }: StoredOrgan, year: number) =>
    (!query.under || query.under.some((asked) => line(id, year).some((each) => each.id === asked))) &&
    (!query.level || query.level.includes(level)) &&
    (!query.kind || query.kind.includes(kind)) &&
    (!query.division ||
      query.division.some((code) => codeOf(id, year)?.startsWith(code.replace(/(00)+$/, ''))));
  const candidates = reports.filter(
    (each) =>
      each.state === 'published' &&
      isAsked(organs.find(({ id }) => id === each.organ_id)!, each.year) &&
      (!query.year || query.year.includes(String(each.year))) &&
      (basis === 'auto' || each.scope === basis),
  );
  const consolidated = (id: string, year: number) =>
    candidates.find((each) => each.organ_id === id && each.year === year && each.scope === 'consolidated');
  const group = (id: string, year: number) =>
    JSON.stringify(group_by.filter((key) => ofOrgan.includes(key)).map((key) => organKey(id, year, key)));
  const used = candidates.filter(({ organ_id, year, scope }) => {
    if (scope === 'own' && consolidated(organ_id, year)) return false;
    const [, ...above] = line(organ_id, year);
    return !above.some(({ id }) => group(id, year) === group(organ_id, year) && consolidated(id, year));
  });
  const cells = new Map<string, { keys: Row; value: number | null; reports: Set<string>; blank: number }>();
  for (const each of used)
    for (const printed of each.request_statistics.filter((one) => rows.includes(one.row)))
      for (const column of applicant) {
        const keys: Row = {};
        for (const key of group_by)
          keys[key] = ofOrgan.includes(key)
            ? organKey(each.organ_id, each.year, key)
            : ({
                year: each.year,
                edition: each.editions.request_statistics,
                row: printed.row,
                group: groupOf[printed.row]!,
                applicant: column,
              }[key] ?? null);
        const name = JSON.stringify(keys);
        const cell = cells.get(name) ?? { keys, value: null, reports: new Set(), blank: 0 };
        cells.set(name, cell);
        const value = printed[column as 'total'];
        if (value === null) cell.blank++;
        else cell.value = (cell.value ?? 0) + value;
        cell.reports.add(each.id);
      }
  const years = query.year?.map(Number) ?? [...new Set(used.map(({ year }) => year))];
  const expected = years.flatMap((year) =>
    organs.filter((one) => isAsked(one, year)).map(({ id }) => ({ id, year })),
  );
  const missing = expected.filter(
    ({ id, year }) =>
      !candidates.some((each) => each.organ_id === id && each.year === year) &&
      !line(id, year)
        .slice(1)
        .some((above) => consolidated(above.id, year)),
  );
  return {
    /** Whether rows are added up that only some of the reports print. */
    isRefused:
      rows.length > 1 &&
      !group_by.some((key) => key === 'row' || key === 'edition') &&
      new Set(used.map(({ editions }) => editions.request_statistics)).size > 1,
    data: [...cells.values()].map(({ keys, value, reports: of, blank }) => ({
      ...keys,
      value,
      reports: of.size,
      blank,
    })),
    coverage: {
      reports: used.length,
      organs_expected: expected.length,
      organs_covered:
        expected.length - missing.length - used.filter((each) => years.includes(each.year)).length,
      organs_missing: missing.length,
    },
  };
}

const sorted = (rows: Row[]) => rows.map((each) => JSON.stringify(Object.entries(each).sort())).sort();
const maybe = <T>(arbitrary: fc.Arbitrary<T>) => fc.option(arbitrary, { nil: undefined, freq: 2 });

const queries = fc.record({
  under: fc.option(fc.array(fc.nat(), { minLength: 1, maxLength: 2 }), { freq: 2 }),
  basis: fc.constantFrom<Basis>('auto', 'auto', 'own', 'consolidated'),
  group_by: fc.subarray(['year', 'edition', ...ofOrgan, 'row', 'applicant', 'group'], { maxLength: 3 }),
  level: maybe(fc.subarray(['city', 'county', 'town'], { minLength: 1 })),
  kind: maybe(fc.subarray(['government', 'department'], { minLength: 1 })),
  division: maybe(fc.subarray(['32', '321300', '321302', '33'], { minLength: 1, maxLength: 2 })),
  year: maybe(fc.subarray(['2022', '2023'], { minLength: 1 })),
  row: fc.constantFrom(
    ['new_received'],
    ['granted'],
    ['granted', 'refused_third_party', 'other', 'other_misc'],
  ),
  applicant: maybe(fc.subarray(['natural_person', 'business', 'other'], { minLength: 1 })),
});

t.test('an answer is what working it out report by report gives', async () => {
  let answered = 0;
  await fc.assert(
    fc.asyncProperty(worlds, fc.array(queries, { minLength: 6, maxLength: 6 }), async (world, drawn) => {
      await storeWorld(db, world);
      for (const { under, ...rest } of drawn) {
        const set = Object.entries({
          ...rest,
          under: under?.map((index) => world.organs[index % world.organs.length]!.id),
        }).filter(([, value]) => value !== undefined && value !== null);
        const query = Object.fromEntries(set) as unknown as AggregateQuery & {
          row: string[];
          applicant?: string[];
        };
        if (query.group_by!.includes('applicant') && !query.applicant)
          query.applicant = [
            'natural_person',
            'business',
            'research',
            'public_interest',
            'legal_service',
            'other',
            'total',
          ];
        const wanted = workOut(world, query);
        const answer = aggregateReports(db, requestStatistics, query);
        if (wanted.isRefused) {
          await assert.rejects(answer, { code: 'not-comparable' }, JSON.stringify(query));
          continue;
        }
        answered++;
        const { data, coverage } = await answer;
        const named = data.map(({ organ_name: _, ...each }) => each);
        assert.deepEqual(sorted(named), sorted(wanted.data), JSON.stringify(query));
        assert.deepEqual(coverage, wanted.coverage, JSON.stringify(query));
      }
    }),
    { numRuns: 30 },
  );
  assert.ok(answered > 60, `${answered} answered`);
});

t.test('of too many rows those are made that are left of all rows', async () => {
  const compared = { refined: 0, rows: 0, ofOrgans: 0, computed: 0 };
  const asked = fc.record({
    group_by: fc.shuffledSubarray(['year', 'organ', 'row', 'applicant', 'city', 'level'], {
      minLength: 0,
      maxLength: 4,
    }),
    year: fc.option(fc.constantFrom(['2023'], ['2022', '2023']), { nil: undefined }),
    row: fc.constantFrom(['granted'], ['granted', 'refused_third_party', 'other_misc']),
    applicant: fc.constantFrom(['natural_person', 'business'], ['total']),
    having: fc.constantFrom(
      undefined,
      undefined,
      ['value>=10'],
      ['value<30', 'blank=0'],
      ['reports>1'],
      ['rank<=2'],
    ),
    sort: fc.constantFrom(
      undefined,
      undefined,
      ['-value'],
      ['value'],
      ['-value', 'year'],
      ['level', 'organ'],
      ['rank'],
      ['-rank', 'city'],
      ['-share'],
      ['-change'],
      ['change_rate', '-value'],
      ['organ_name'],
    ),
    compute: fc.subarray(['rank', 'share', 'change']),
    top: fc.option(fc.integer({ min: 1, max: 5 }), { nil: undefined, freq: 4 }),
  });
  await fc.assert(
    fc.asyncProperty(worlds, fc.array(asked, { minLength: 14, maxLength: 14 }), async (world, drawn) => {
      await storeWorld(db, world);
      for (const { compute: drawnCompute, ...given } of drawn) {
        const query = Object.fromEntries(
          Object.entries(given).filter(([, value]) => value !== undefined),
        ) as unknown as AnalystQuery;
        const groupBy = query.group_by!;
        query.compute = drawnCompute.filter(
          (name) => groupBy.length > 0 && (name !== 'change' || groupBy.includes('year')),
        );
        const named = (text: string) => text.replace(/^-/, '').replace(/[^a-z_].*$/, '');
        const known = ['value', 'reports', 'blank', ...groupBy, ...computedMembers(query.compute)];
        const isKnown = (text: string) =>
          known.includes(named(text)) || (text === 'organ_name' && groupBy.includes('organ'));
        if (query.sort) query.sort = query.sort.filter(isKnown);
        if (query.having) query.having = query.having.filter(isKnown);
        if (query.sort?.length === 0) delete query.sort;
        const selection = choose(requestStatistics, query);
        const shape = shapeOf(requestStatistics, groupBy);
        const refining = { refinement: query, shape };
        if (!isRefinable(refining)) continue;
        const refine = refinementOf(query, shape);
        const cells = (columns: Columns = []) => cellsOf(requestStatistics, selection, columns);
        const earlier = yearsOf(query.compute.includes('change') ? yearsBefore(query.year) : []) ?? [];
        const ofOrgans = !planOf(query, selection);
        const read = (most: number) =>
          sumByWalking(db, { aggregate: requestStatistics, selection }, query, most, { refining, earlier });
        const all = await read(1000);
        const some = await read(1);
        const shared = areShared(requestStatistics, selection, all);
        const wanted = refine(cells(all.rows), cells(all.before), shared);
        if (heightOf(all.rows) === 0 && some.refined === undefined) continue;
        assert.deepEqual(some.refined, wanted, JSON.stringify(query));
        const told = ({ editions, captured, editionsBefore, capturedBefore }: Summed) => ({
          editions,
          captured,
          editionsBefore,
          capturedBefore,
        });
        assert.deepEqual(told(some), told(all));
        const layout = layoutOf(requestStatistics, selection);
        assert.deepEqual(all.captured, capturedIn(layout, all.rows));
        if (all.before) assert.deepEqual(all.capturedBefore, capturedIn(layout, all.before));
        compared.refined++;
        compared.rows += wanted.length;
        if (ofOrgans) compared.ofOrgans++;
        if (query.compute.length > 0) compared.computed += wanted.length;
      }
    }),
    { numRuns: 12 },
  );
  const { refined, rows, ofOrgans, computed } = compared;
  assert.ok(refined > 20 && rows > 10 && ofOrgans > 5 && computed > 3, JSON.stringify(compared));
});

t.test('cells that are left of too many have their unit', async () => {
  const organs = [organ(), organ()];
  const reports = organs.map(({ id }, index) =>
    report({
      organ_id: id,
      disclosure_items: [{ item: 'penalties', measure: 'decisions', value: index + 1, unit: '件' }],
    }),
  );
  await storeWorld(db, { organs, reports });
  const query = { item: ['penalties'], measure: ['decisions'], group_by: ['organ'], top: 1 };
  const selection = choose(disclosureItems, query);
  const refining = { refinement: query, shape: shapeOf(disclosureItems, ['organ']) };
  const { refined } = await sumReports(db, disclosureItems, query, selection, 1, { refining });
  const { data } = await aggregateReports(db, disclosureItems, query);
  assert.deepEqual(refined, data);
  assert.equal(data[0]!.unit, '件');
});

t.test('years that others are compared to do not make an answer too long', async (t) => {
  const organs = [organ(), organ()];
  const [cell] = fc.sample(row('granted'), 1);
  const reports = organs.flatMap(({ id }) =>
    [2022, 2023].map((year) => report({ organ_id: id, year, request_statistics: [cell!] })),
  );
  await storeWorld(db, { organs, reports });
  const query = { row: ['granted'], group_by: ['year', 'organ'], year: ['2023'] };
  const selection = choose(requestStatistics, query);
  const read = (most: number) =>
    sumReports(db, requestStatistics, query, selection, most, { earlier: [2022] });
  const { rows, before } = await read(3);
  t.strictSame([heightOf(rows), heightOf(before!)], [2, 2]);
  await t.rejects(read(2), { code: 'too-many-cells' });
});

t.test('what takes too long is refused, and not said to be the fault of the service', async (t) => {
  const query = { row: ['granted'] };
  const selection = choose(requestStatistics, query);
  await db.transaction().execute(async (other) => {
    await sql`lock table reports`.execute(other);
    const reading = db.transaction().execute(async (trx) => {
      await sql`set local statement_timeout = 50`.execute(trx);
      return sumFromRows(trx, requestStatistics, query, selection, 100);
    });
    await t.rejects(reading, { code: 'too-many-cells' });
  });
});

t.test(
  'where parents run in a circle, a consolidated report stands for others and not for itself',
  async (t) => {
    const [a, b] = [organ(), organ()];
    const granted = (total: number) => ({
      request_statistics: [{ ...fc.sample(row('granted'), 1)[0]!, total }],
    });
    const reports = [
      report({ organ_id: a.id, scope: 'consolidated', ...granted(7) }),
      report({ organ_id: a.id, ...granted(3) }),
      report({ organ_id: b.id, ...granted(5) }),
    ];
    await storeWorld(db, { organs: [a, b], reports });
    await sql`update organs set parent_id = ${b.id} where id = ${a.id}`.execute(db);
    await sql`update organs set parent_id = ${a.id} where id = ${b.id}`.execute(db);
    const year = [String(reports[0]!.year)];
    for (const filter of [{}, { under: [a.id] }, { under: [b.id] }, { organ_id: [a.id, b.id] }]) {
      const { data, coverage } = await aggregateReports(db, requestStatistics, {
        row: ['granted'],
        year,
        ...filter,
      });
      t.strictSame(
        [data[0]!.value, coverage],
        [7, { reports: 1, organs_expected: 2, organs_covered: 1, organs_missing: 0 }],
        JSON.stringify(Object.keys(filter)),
      );
    }
  },
);

t.test('however a tree is split into subtrees, they add up to it', async () => {
  const plus = (values: (number | null)[]) =>
    values.reduce((sum, value) => (value === null ? sum : (sum ?? 0) + value), null);
  await fc.assert(
    fc.asyncProperty(worlds, async (world) => {
      await storeWorld(db, world);
      const subtreeValue = async (filter: AggregateQuery) => {
        const query = { year: ['2023'], row: ['new_received'], ...filter };
        return (await aggregateReports(db, requestStatistics, query)).data[0]?.value as
          | number
          | null
          | undefined;
      };
      for (const one of world.organs) {
        const whole = (await subtreeValue({ under: [one.id] })) ?? null;
        const consolidated = world.reports.some(
          ({ organ_id, year, scope, state }) =>
            organ_id === one.id && year === 2023 && scope === 'consolidated' && state === 'published',
        );
        const parts = [(await subtreeValue({ organ_id: [one.id] })) ?? null];
        if (!consolidated)
          for (const child of world.organs.filter(({ parent_id }) => parent_id === one.id))
            parts.push((await subtreeValue({ under: [child.id] })) ?? null);
        assert.equal(whole, plus(parts));
      }
    }),
    { numRuns: 15 },
  );
});

t.test('a sum that a JSON number cannot hold is refused', async (t) => {
  const organs = [organ(), organ()];
  const huge = {
    row: 'granted',
    natural_person: null,
    business: null,
    research: null,
    public_interest: null,
    legal_service: null,
    other: null,
    total: Number.MAX_SAFE_INTEGER,
  };
  await storeWorld(db, {
    organs,
    reports: organs.map(({ id }) => report({ organ_id: id, request_statistics: [huge] })),
  });
  await t.rejects(aggregateReports(db, requestStatistics, { row: ['granted'], group_by: ['year', 'row'] }), {
    code: 'not-additive',
    message: /^The sum of year=2023 and row=granted is 18014398509481982, more than/,
  });
  const { data } = await aggregateReports(db, requestStatistics, { row: ['granted'], group_by: ['organ'] });
  t.strictSame(
    data.map(({ value }) => value),
    [Number.MAX_SAFE_INTEGER, Number.MAX_SAFE_INTEGER],
  );
});

t.test(
  'years are compared by what the editions of the two years share, whatever other years are asked for',
  async (t) => {
    const one = organ();
    const reports = [2019, 2020, 2021, 2022].map((year) => {
      const edition = year < 2021 ? ('2019' as const) : ('2021' as const);
      const measure = year < 2021 ? 'made' : 'issued';
      return report({
        organ_id: one.id,
        year,
        editions: { disclosure_items: edition, request_statistics: edition },
        disclosure_items: [{ item: 'regulations', measure, value: year - 2010, unit: '件' }],
      });
    });
    await storeWorld(db, { organs: [one], reports });
    const query = { item: ['regulations'], measure: ['issued', 'made'], group_by: ['year', 'measure'] };
    // Kept sums, and reports that are walked over.
    for (const filters of [{}, { organ_id: [one.id] }])
      for (const year of [undefined, ['2022'], ['2020..2022']]) {
        const asked = { ...query, ...filters, ...(year && { year }), compute: ['change'] };
        const { data } = await aggregateReports(db, disclosureItems, asked);
        const changes = new Map(data.map(({ year, measure, change }) => [`${year} ${measure}`, change]));
        t.equal(changes.get('2022 issued'), 1, `${year}`);
        if (changes.has('2021 issued'))
          t.equal(changes.get('2021 issued'), null, 'not asked for on the other edition');
        if (changes.has('2020 made')) t.equal(changes.get('2020 made'), 1);
      }
  },
);

t.test('amounts are added in one unit, and not where a report names none', async (t) => {
  const amounts: [number | null, Unit | null][] = [
    [25.1234, '万元'],
    [0.1, '元'],
    [0.2, '元'],
    [8040, null],
    [0, null],
    [null, null],
    [null, '元'],
  ];
  const organs = amounts.map(() => organ());
  const reports = amounts.map(([value, unit], index) =>
    report({
      organ_id: organs[index]!.id,
      year: 2020,
      editions: { disclosure_items: '2019', request_statistics: '2019' },
      disclosure_items: [{ item: 'procurement', measure: 'amount', value, unit }],
    }),
  );
  await storeWorld(db, { organs, reports });
  const query = { item: ['procurement'], measure: ['amount'] };
  const answer = await aggregateReports(db, disclosureItems, query);
  t.strictSame(answer.data, [{ value: 251234.3, unit: '元', reports: 7, blank: 2, unit_unknown: 1 }]);
  const byEdition = { measure: ['amount'], group_by: ['edition'] };
  t.match((await aggregateReports(db, disclosureItems, byEdition)).data, [
    { edition: '2019', value: 251234.3, unit: '元' },
  ]);
  t.strictSame(
    answer.warnings.map(({ code, message }) => `${code} ${message}`),
    ['unit-unknown 1 amount without a unit was not added.'],
  );
});

t.test('groups that overlap are said to', async (t) => {
  const city = organ({ level: 'city', division_code: '321300' });
  const county = organ({ level: 'county', division_code: '321302', parent_id: city.id });
  const [cell] = fc.sample(row('granted'), 1);
  const reports = [
    report({ organ_id: city.id, scope: 'consolidated', request_statistics: [{ ...cell!, total: 10 }] }),
    report({ organ_id: county.id, request_statistics: [{ ...cell!, total: 4 }] }),
  ];
  await storeWorld(db, { organs: [city, county], reports });
  const answer = (query: AggregateQuery) =>
    aggregateReports(db, requestStatistics, { row: ['granted'], year: ['2023'], ...query });
  const whole = await answer({});
  t.strictSame(whole.data, [{ value: 10, reports: 1, blank: 0 }]);
  t.strictSame(whole.coverage, { reports: 1, organs_expected: 2, organs_covered: 1, organs_missing: 0 });
  t.strictSame(whole.warnings, []);
  const byCity = await answer({ group_by: ['city'] });
  t.strictSame(byCity.data, [{ city: '321300', value: 10, reports: 1, blank: 0 }]);
  t.strictSame(byCity.warnings, []);
  const byCounty = await answer({ group_by: ['county'] });
  t.strictSame(byCounty.data, [
    { county: '321302', value: 4, reports: 1, blank: 0 },
    { county: null, value: 10, reports: 1, blank: 0 },
  ]);
  t.strictSame(
    byCounty.warnings.map(({ code, message }) => `${code} ${message.split(' also ')[0]}`),
    ['groups-overlap 1 report is'],
  );
});
