import fc from 'fast-check';
import t from 'tap';
import { type AnalystQuery, aggregateReports } from '../../src/aggregates/answer.ts';
import { disclosureItems } from '../../src/aggregates/disclosure-items.ts';
import { requestStatistics } from '../../src/aggregates/request-statistics.ts';
import { planOf } from '../../src/aggregates/rollup-plan.ts';
import { createTestDatabase } from '../support/database.ts';
import { organ, report } from './stored-reports.ts';
import { row, storeWorld } from './worlds.ts';

/** What reports did not capture is told of, and years are not compared by rows that only some editions print. */

const { db } = await createTestDatabase(t);

const [city, county, town] = [organ({ division_code: '321300' }), organ(), organ()];
county.parent_id = city.id;
town.parent_id = city.id;
/** The rows, each with this total. */
const rows = (total: number, ...keys: string[]) =>
  keys.map((key) => ({ ...fc.sample(row(key), 1)[0]!, total }));
const of = (edition: '2019' | '2021') => ({ disclosure_items: '2021' as const, request_statistics: edition });
await storeWorld(db, {
  organs: [city, county, town],
  reports: [
    report({
      organ_id: city.id,
      year: 2020,
      editions: of('2019'),
      request_statistics: rows(5, 'granted', 'other'),
    }),
    report({
      organ_id: city.id,
      year: 2021,
      editions: of('2021'),
      request_statistics: rows(7, 'granted', 'other_misc'),
    }),
    report({
      organ_id: county.id,
      year: 2021,
      editions: of('2019'),
      request_statistics: rows(9, 'granted', 'other'),
    }),
    report({
      organ_id: city.id,
      year: 2022,
      editions: of('2021'),
      scope: 'consolidated',
      request_statistics: [],
    }),
    report({
      organ_id: county.id,
      year: 2022,
      editions: of('2021'),
      request_statistics: rows(11, 'granted'),
    }),
    report({ organ_id: city.id, year: 2023, editions: of('2021'), request_statistics: rows(13, 'granted') }),
    report({
      organ_id: county.id,
      year: 2023,
      editions: of('2021'),
      request_statistics: rows(17, 'granted', 'refused_third_party'),
    }),
    report({ organ_id: town.id, year: 2023, editions: of('2021'), request_statistics: [] }),
  ],
});

/** Each question as rollups answer it, and as walking does. */
async function* bothWays(query: AnalystQuery) {
  for (const more of [
    {},
    { under: [city.id] },
    { group_by: [...(query.group_by ?? []), 'organ'], top: 10 },
  ]) {
    const asked = { ...query, ...more };
    const way = planOf(asked, { groupBy: asked.group_by ?? [] }) ? 'from the rollups' : JSON.stringify(more);
    yield { way, answer: await aggregateReports(db, requestStatistics, asked) };
  }
}
const absentIn = ({ warnings }: { warnings: readonly { code: string; message: string }[] }) =>
  warnings.filter(({ code }) => code === 'cells-absent').map(({ message }) => message);

t.test(
  'reports that have none of the cells asked for are told of, wherever they stand for others',
  async (t) => {
    for await (const { way, answer } of bothWays({ row: ['granted'], year: ['2022'], division: ['32'] })) {
      t.strictSame(
        absentIn(answer),
        way.includes('organ')
          ? [
              '1 of 2 reports added up has none of the cells asked for: not captured, these are missing from the sums.',
            ]
          : [
              '1 of 1 report added up has none of the cells asked for: not captured, these are missing from the sums.',
            ],
        way,
      );
    }
  },
);

t.test('of several rows each is told of by what it lacks', async (t) => {
  const query = { row: ['granted', 'refused_third_party'], year: ['2023'] };
  for await (const { way, answer } of bothWays({ ...query, group_by: ['row'] }))
    t.strictSame(
      absentIn(answer),
      [
        '2 of 3 reports added up have no cell of refused_third_party; 1 of 3 reports added up has no cell of granted: not captured, these are missing from the sums.',
      ],
      way,
    );
});

t.test('the year that others are compared to is told of as well', async (t) => {
  const query = {
    row: ['granted'],
    year: ['2023'],
    group_by: ['year'],
    compute: ['change'],
    organ_id: [county.id, city.id],
    basis: 'auto' as const,
  };
  for await (const { way, answer } of bothWays(query))
    t.match(
      absentIn(answer),
      [/^1 of [12] reports? of the year before has none of the cells asked for: /],
      way,
    );
});

t.test(
  'nothing is told where all have the cells, blank or not, or their edition does not print them',
  async (t) => {
    for await (const { answer } of bothWays({ row: ['granted'], year: ['2020', '2021'] }))
      t.strictSame(absentIn(answer), []);
    for await (const { answer } of bothWays({
      row: ['other', 'other_misc'],
      group_by: ['row'],
      year: ['2021'],
    }))
      t.strictSame(absentIn(answer), []);
    const { warnings } = await aggregateReports(db, disclosureItems, {
      item: ['licensing'],
      measure: ['decisions'],
      year: ['2023'],
    });
    t.match(warnings, [
      { code: 'cells-absent', message: /^3 of 3 reports added up have none of the cells asked for/ },
    ]);
  },
);

t.test('years are not compared by a row that only some of their editions print', async (t) => {
  const query = { group_by: ['year', 'row'], compute: ['change'], year: ['2021'] };
  for await (const { way, answer } of bothWays({
    ...query,
    row: ['granted', 'other'],
    organ_id: [city.id, county.id],
  })) {
    const changes = answer.data.map(({ row, change, change_rate }) => [row, change, change_rate]);
    t.ok(
      changes.some(([row, change]) => row === 'granted' && change !== null),
      way,
    );
    for (const [row, ...computed] of changes) if (row === 'other') t.strictSame(computed, [null, null], way);
  }
  const byEdition = { ...query, group_by: ['year', 'row', 'edition'], row: ['other'] };
  const { data } = await aggregateReports(db, requestStatistics, byEdition);
  t.match(data, [{ value: 9, change: 4 }], 'but within an edition they are');
  const together = await aggregateReports(db, requestStatistics, { ...query, group_by: ['year', 'group'] });
  t.match(
    together.data,
    [{ group: 'other_handling', value: 16, change: 11 }],
    'and by what the rows are parts of',
  );
});
