import assert from 'node:assert/strict';
import fc from 'fast-check';
import { sql } from 'kysely';
import t from 'tap';
import { aggregateReports } from '../../src/aggregates/answer.ts';
import { requestStatistics } from '../../src/aggregates/request-statistics.ts';
import { consolidate } from '../../src/consolidation/answer.ts';
import { coverageRows } from '../../src/coverage/queries.ts';
import { editionByKey, editionOfYear } from '../../src/editions/index.ts';
import { groupOf } from '../../src/editions/request-groups.ts';
import { applicantKeys } from '../../src/editions/vocabulary.ts';
import { organ, report, type StoredReport } from '../aggregates/stored-reports.ts';
import { storeWorld, type World, worlds } from '../aggregates/worlds.ts';
import { createTestDatabase } from '../support/database.ts';

const { db } = await createTestDatabase(t);
const year = 2023;

/** The reports that are the parts of an organ's whole, straight from the definition. */
function partsOf({ organs, reports }: World, id: string): StoredReport[] {
  const effective = (organ_id: string, scope: string) =>
    reports.find(
      (each) =>
        each.organ_id === organ_id &&
        each.year === year &&
        each.scope === scope &&
        each.state === 'published',
    );
  const children = (organ_id: string) => organs.filter(({ parent_id }) => parent_id === organ_id);
  const subtree = (organ_id: string): StoredReport[] => {
    const whole = effective(organ_id, 'consolidated');
    return whole ? [whole] : own(organ_id);
  };
  const own = (organ_id: string): StoredReport[] => [
    ...[effective(organ_id, 'own')].filter((each) => each !== undefined),
    ...children(organ_id).flatMap((child) => subtree(child.id)),
  ];
  return own(id);
}

const plus = (values: (number | null)[]) =>
  values.reduce((sum, value) => (value === null ? sum : (sum ?? 0) + value), null);

t.test('cells and findings are what working them out part by part gives', async () => {
  let compared = 0;
  await fc.assert(
    fc.asyncProperty(worlds, async (world) => {
      await storeWorld(db, world);
      for (const { id } of world.organs) {
        const { whole, coverage, complete, cells, findings } = await consolidate(db, id, year);
        const stored = world.reports.find(
          (each) =>
            each.organ_id === id &&
            each.year === year &&
            each.scope === 'consolidated' &&
            each.state === 'published',
        );
        assert.equal(whole?.report_id, stored?.id);
        const parts = partsOf(world, id);
        assert.equal(coverage.used, parts.length);
        const listed = await Array.fromAsync(coverageRows(db, { year, parts_of: id }));
        const count = (status: string) => listed.filter((each) => each.status === status).length;
        assert.deepEqual(coverage, {
          parts: listed.length,
          used: count('used'),
          covered: count('covered'),
          missing: count('missing'),
          not_due: count('not_due'),
        });
        assert.equal(complete, parts.length > 0 && coverage.missing === 0);

        const edition = stored?.editions.request_statistics ?? editionOfYear(year);
        const mixed = parts.some(({ editions }) => editions.request_statistics !== edition);
        const requests = cells.filter(({ cell }) => cell.startsWith('request_statistics.'));
        const failing: string[] = [];
        for (const { cell, ...told } of requests) {
          const [, key, applicant] = cell.split('.') as [string, string, 'total'];
          const isPart = (row: { row: string }) =>
            mixed && key === 'other_handling'
              ? /^other(_no_correction|_fee_unpaid|_misc)?$/.test(row.row)
              : row.row === key;
          const rows = parts.map((part) => part.request_statistics.filter(isPart));
          const values = rows.flat().map((row) => row[applicant]);
          const form = editionByKey(edition).request_statistics.filter(isPart);
          const own = form.map(({ row }) => {
            const found = stored?.request_statistics.find((each) => each.row === row);
            return found ? found[applicant] : null;
          });
          const wanted = {
            whole: own.includes(null) ? null : plus(own),
            parts: plus(values),
            reports: rows.filter((each) => each.length > 0).length,
            blank: values.filter((value) => value === null).length,
          };
          const delta = wanted.whole === null || wanted.parts === null ? null : wanted.whole - wanted.parts;
          assert.deepEqual(
            { ...told },
            {
              label: told.label,
              unit: '件',
              unit_unknown: 0,
              ...wanted,
              delta,
              holds: delta === null ? null : delta >= 0,
            },
            cell,
          );
          if (delta !== null) compared++;
          if (delta !== null && delta < 0) failing.push(`consolidation.parts:${key}.${applicant}`);
        }
        const spots = (status: string) =>
          findings
            .filter((each) => each.status === status)
            .map(({ finding_key }) => finding_key.split(':').slice(0, 2).join(':'));
        assert.deepEqual(spots('failed'), failing);
        const open = requests.filter(({ holds }) => holds === null).length;
        assert.equal(spots('not_evaluated').length, stored && parts.length > 0 ? open : 1);
        const names = requests.map(({ cell }) => cell.split('.')[1]);
        const groups = editionByKey(edition).request_statistics.filter(
          (row) => groupOf(row)?.group === 'other_handling',
        );
        assert.equal(names.includes('other_handling'), mixed);
        assert.equal(
          requests.length,
          (editionByKey(edition).request_statistics.length - (mixed ? groups.length - 1 : 0)) *
            applicantKeys.length,
        );
      }
    }),
    { numRuns: 50 },
  );
  assert.ok(compared > 30, `${compared} cells compared`);
});

t.test('without a consolidated report the parts are the subtree value', async () => {
  await fc.assert(
    fc.asyncProperty(worlds, async (world) => {
      await storeWorld(db, world);
      for (const { id } of world.organs) {
        const { whole, cells } = await consolidate(db, id, year);
        if (whole !== null) continue;
        const { data } = await aggregateReports(db, requestStatistics, {
          under: [id],
          year: [String(year)],
          row: ['new_received'],
        });
        const cell = cells.find(({ cell }) => cell === 'request_statistics.new_received.total')!;
        assert.equal(cell.parts, data[0]?.value ?? null);
        assert.equal(cell.reports, data[0]?.reports ?? 0);
      }
    }),
    { numRuns: 20 },
  );
});

t.test('amounts are compared in one unit, and stocks of one year added', async (t) => {
  const city = organ();
  const [one, two, three] = [
    organ({ parent_id: city.id }),
    organ({ parent_id: city.id }),
    organ({ parent_id: city.id }),
  ];
  const of = (
    organ_id: string,
    scope: 'own' | 'consolidated',
    items: [string, string, number, '元' | '万元' | '件' | null][],
  ) =>
    report({
      organ_id,
      scope,
      year: 2020,
      editions: { disclosure_items: '2019', request_statistics: '2019' },
      disclosure_items: items.map(([item, measure, value, unit]) => ({ item, measure, value, unit })),
    });
  await storeWorld(db, {
    organs: [city, one, two, three],
    reports: [
      of(city.id, 'consolidated', [
        ['procurement', 'amount', 1.5001, '万元'],
        ['regulations', 'disclosed_total', 5, '件'],
      ]),
      of(one.id, 'own', [
        ['procurement', 'amount', 0.1, '元'],
        ['regulations', 'disclosed_total', 3, '件'],
      ]),
      of(two.id, 'own', [
        ['procurement', 'amount', 1.5, '万元'],
        ['regulations', 'disclosed_total', 4, '件'],
      ]),
      of(three.id, 'own', [['procurement', 'amount', 8040, null]]),
    ],
  });
  const { cells, findings } = await consolidate(db, city.id, 2020);
  const at = (cell: string) => cells.find((each) => each.cell === cell)!;
  t.match(at('disclosure_items.procurement.amount'), {
    unit: '元',
    whole: 15_001,
    parts: 15_000.1,
    delta: 0.9,
    reports: 3,
    blank: 0,
    unit_unknown: 1,
    holds: null,
  });
  t.match(at('disclosure_items.regulations.disclosed_total'), {
    unit: '件',
    whole: 5,
    parts: 7,
    reports: 2,
    delta: -2,
    holds: null,
  });
  t.notOk(
    findings.some(({ status }) => status === 'failed'),
    'the rule speaks of requests alone',
  );
});

t.test('parents that run in a circle count no report twice', async (t) => {
  const [a, b] = [organ(), organ()];
  const rows = (total: number) => ({
    request_statistics: [
      {
        row: 'granted',
        natural_person: total,
        business: 0,
        research: 0,
        public_interest: 0,
        legal_service: 0,
        other: null,
        total,
      },
    ],
  });
  await storeWorld(db, {
    organs: [a, b],
    reports: [
      report({ organ_id: a.id, scope: 'consolidated', ...rows(7) }),
      report({ organ_id: a.id, ...rows(3) }),
      report({ organ_id: b.id, ...rows(5) }),
    ],
  });
  await sql`update organs set parent_id = ${b.id} where id = ${a.id}`.execute(db);
  await sql`update organs set parent_id = ${a.id} where id = ${b.id}`.execute(db);
  const { cells, coverage, findings } = await consolidate(db, a.id, year);
  t.same(coverage, { parts: 2, used: 2, covered: 0, missing: 0, not_due: 0 });
  t.match(
    cells.find(({ cell }) => cell === 'request_statistics.granted.total'),
    { whole: 7, parts: 8, reports: 2, blank: 0, delta: -1, holds: false },
  );
  t.match(
    cells.find(({ cell }) => cell === 'request_statistics.granted.other'),
    { whole: null, parts: null, reports: 2, blank: 2, delta: null, holds: null },
  );
  t.match(
    findings.filter(({ status }) => status === 'failed').map(({ message }) => message),
    [
      { zh: '“（一）予以公开 · 自然人”：汇总报告为 7，应不少于各组成部分之和 8。' },
      {
        en: '“Granted · Total”: the consolidated figure is 7; it should be at least the sum of its parts 8.',
      },
    ],
  );
});
