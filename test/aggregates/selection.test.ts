import t from 'tap';
import { aggregates } from '../../src/aggregates/index.ts';
import { type SelectionQuery, select } from '../../src/aggregates/selection.ts';
import { formCells } from '../../src/editions/figures.ts';
import { editionKeys } from '../../src/editions/index.ts';
import { Problem } from '../../src/http/problem.ts';
import { metaDocument } from '../../src/meta/document.ts';

const [disclosure, requests, reviews] = aggregates as [
  (typeof aggregates)[number],
  (typeof aggregates)[number],
  (typeof aggregates)[number],
];

/** What a query is refused with, or undefined. */
const refusal = (aggregate: (typeof aggregates)[number], query: SelectionQuery) => {
  try {
    select(aggregate, query);
    return undefined;
  } catch (error) {
    if (error instanceof Problem) return error;
    throw error;
  }
};
const cellsOf = (aggregate: (typeof aggregates)[number], query: SelectionQuery) =>
  select(aggregate, query).figures.map(({ keys }) => Object.values(keys).filter(Boolean).join('.'));

for (const aggregate of aggregates)
  t.test(`${aggregate.path} knows every cell of every edition once`, async (t) => {
    for (const edition of editionKeys) {
      const printed = [...formCells({ disclosure_items: edition, request_statistics: edition }).values()]
        .filter(({ table }) => table === aggregate.table)
        .map(({ cell }) => cell.split('.').slice(1).join('.'));
      const known = aggregate.figures
        .filter(({ editions }) => editions.includes(edition))
        .map(({ keys: { group: _, ...keys } }) => Object.values(keys).join('.'));
      t.strictSame(new Set(known), new Set(printed), edition);
      t.equal(known.length, printed.length);
    }
  });

t.test('the total column is taken alone unless columns are chosen or grouped by', async (t) => {
  t.strictSame(cellsOf(requests, { row: ['granted'] }), ['granted.total']);
  t.strictSame(cellsOf(requests, { row: ['granted'], applicant: ['business', 'research'] }), [
    'granted.business',
    'granted.research',
  ]);
  t.equal(cellsOf(requests, { row: ['granted'], group_by: ['applicant'] }).length, 7);
  t.strictSame(cellsOf(reviews, { proceeding: ['review'], year: ['2023'] }), ['review.total']);
});

t.test('a total is never added to its parts', async (t) => {
  for (const [aggregate, query] of [
    [requests, { row: ['granted'], applicant: ['total', 'business'] }],
    [requests, { group_by: ['row'], year: ['2023'], applicant: ['total', 'business'] }],
    [reviews, { proceeding: ['review'], outcome: ['upheld', 'total'], year: ['2023'] }],
  ] as const)
    t.equal(
      refusal(aggregate, query as unknown as SelectionQuery)?.code,
      'not-additive',
      JSON.stringify(query),
    );
  t.notOk(refusal(requests, { row: ['granted'], applicant: ['total', 'business'], group_by: ['applicant'] }));
});

t.test('rows of results add up, rows of other roles do not', async (t) => {
  t.notOk(
    refusal(requests, { row: ['granted', 'partly_granted', 'refused_third_party', 'other', 'other_misc'] }),
  );
  t.notOk(refusal(requests, { row: ['handled_total'] }));
  for (const row of [
    undefined,
    ['handled_total', 'granted'],
    ['new_received', 'handled_total'],
    ['new_received', 'carried_in'],
    ['carried_in', 'carried_out'],
  ]) {
    const problem = refusal(requests, { year: ['2023'], ...(row && { row }) });
    t.equal(problem?.code, 'not-additive', String(row));
    t.match(problem?.options.detail, row ? /Add `row` to/ : /Add `row` or `group` to/);
    t.notOk(refusal(requests, { year: ['2023'], ...(row && { row }), group_by: ['row'] }));
  }
});

t.test('a group is the sum of its rows, other_handling in both editions', async (t) => {
  t.strictSame(cellsOf(requests, { group: ['other_handling'] }), [
    'other.other_handling.total',
    'other_no_correction.other_handling.total',
    'other_fee_unpaid.other_handling.total',
    'other_misc.other_handling.total',
  ]);
  t.equal(cellsOf(requests, { group: ['refused'] }).length, 8);
  t.equal(cellsOf(requests, { group: ['unavailable'] }).length, 3);
  t.equal(cellsOf(requests, { group: ['not_handled'] }).length, 5);
});

t.test(
  'grouped by group alone, rows in no group are left out; chosen or grouped by, they are in',
  async (t) => {
    t.equal(cellsOf(requests, { group_by: ['group'] }).length, 8 + 3 + 5 + 4);
    t.equal(cellsOf(requests, { group_by: ['group', 'row'], year: ['2023'] }).length, 26);
    t.strictSame(cellsOf(requests, { group_by: ['group'], row: ['granted', 'refused_third_party'] }), [
      'granted.total',
      'refused_third_party.refused.total',
    ]);
  },
);

t.test('stocks are not added over years', async (t) => {
  const stocks: [(typeof aggregates)[number], SelectionQuery][] = [
    [disclosure, { item: ['regulations'], measure: ['in_force'] }],
    [disclosure, { item: ['regulations'], measure: ['disclosed_total'] }],
    [disclosure, { item: ['fees'], measure: ['prior_items'] }],
    [disclosure, { group_by: ['item', 'measure'] }],
    [requests, { row: ['carried_in'] }],
    [requests, { row: ['carried_out'], group_by: ['organ', 'applicant'] }],
    [requests, { group_by: ['row'] }],
    [reviews, { proceeding: ['review'] }],
    [reviews, { group_by: ['proceeding', 'outcome'] }],
  ];
  for (const [aggregate, query] of stocks) {
    const about = JSON.stringify(query);
    t.equal(refusal(aggregate, query)?.code, 'not-additive', about);
    t.match(refusal(aggregate, query)?.options.detail, /`year`/);
    t.equal(refusal(aggregate, { ...query, year: ['2019..2020'] })?.code, 'not-additive', about);
    t.notOk(refusal(aggregate, { ...query, year: ['2023'] }), about);
    t.notOk(refusal(aggregate, { ...query, year: ['2023..2023'] }), about);
    t.notOk(refusal(aggregate, { ...query, group_by: [...(query.group_by ?? []), 'year'] }), about);
  }
});

t.test('what happens in a year is added over years', async (t) => {
  for (const row of ['new_received', 'granted', 'handled_total'])
    t.notOk(refusal(requests, { row: [row] }), row);
  for (const [item, measure] of [
    ['regulations', 'issued'],
    ['licensing', 'decisions'],
    ['fees', 'amount'],
    ['fees', 'items_change'],
    ['procurement', 'amount'],
  ] as const)
    t.notOk(refusal(disclosure, { item: [item], measure: [measure] }), `${item}.${measure}`);
});

t.test('measures that the editions do not share are refused by name', async (t) => {
  const problem = refusal(disclosure, {
    item: ['regulations'],
    measure: ['made', 'issued'],
    group_by: ['year'],
  });
  t.equal(problem?.code, 'not-comparable');
  t.strictSame(problem?.options.members, { measures: ['regulations.made', 'regulations.issued'] });
  t.match(problem?.options.detail, /regulations\.made, regulations\.issued/);
  t.equal(refusal(disclosure, { item: ['fees'], group_by: ['year'] })?.code, 'not-comparable');
  t.equal(refusal(disclosure, { measure: ['amount'], group_by: ['year'] })?.code, 'not-comparable');
  t.equal(refusal(disclosure, {})?.code, 'not-comparable');
  t.notOk(refusal(disclosure, { item: ['regulations'], measure: ['made', 'issued'], group_by: ['measure'] }));
  t.notOk(refusal(disclosure, { item: ['licensing'], measure: ['decisions'], group_by: ['year'] }));
});

t.test('whatever keeps sums from being sums is told at once, with the members of the query', async (t) => {
  const told = (aggregate: (typeof aggregates)[number], query: SelectionQuery) =>
    refusal(aggregate, query)?.options.errors?.map(({ pointer, code }) => `${pointer} ${code}`);
  const both = { row: ['granted', 'handled_total'], applicant: ['total', 'business'] };
  t.strictSame(told(requests, { ...both, group_by: ['year'], compute: ['share'] }), [
    '/row not-additive',
    '/applicant not-additive',
  ]);
  const { detail, errors = [] } = refusal(requests, both)!.options;
  t.equal(detail, errors.map(({ message }) => message).join(' '));
  t.strictSame(told(requests, { group: ['refused'], row: ['refused_third_party'] }), undefined);
  t.strictSame(told(requests, {}), ['/row not-additive', '/year not-additive']);
  t.strictSame(
    told(requests, { row: ['granted', 'carried_in'], group_by: ['year', 'applicant'], compute: ['share'] }),
    ['/row not-additive', '/compute not-additive'],
  );
  t.strictSame(told(requests, { row: ['carried_in'], group_by: ['row', 'year'], compute: ['share'] }), [
    '/compute not-additive',
  ]);
  t.strictSame(told(reviews, { group_by: ['outcome'] }), ['/proceeding not-additive', '/year not-additive']);
  t.strictSame(told(disclosure, {}), [
    '/item not-comparable',
    '/measure not-comparable',
    '/year not-additive',
  ]);
  t.strictSame(told(disclosure, { measure: ['amount'] }), ['/item not-comparable']);
  t.strictSame(told(disclosure, { item: ['licensing', 'penalties'], measure: ['decisions'] }), [
    '/item not-additive',
  ]);
});

t.test('measures that are refused have the names they have in the meta document', async (t) => {
  const names = metaDocument()
    .measures.filter(({ of }) => of === disclosure.path)
    .map(({ name }) => name);
  for (const query of [{}, { group_by: ['item', 'year'] }]) {
    const { measures } = refusal(disclosure, query)!.options.members as { measures: string[] };
    t.strictSame(
      measures.filter((name) => !names.includes(name)),
      [],
    );
    t.ok(measures.length > 10, 'of every sum');
  }
});

t.test('different items or measures are never added, also within an edition', async (t) => {
  for (const query of [
    { item: ['licensing', 'penalties'], measure: ['decisions'] },
    { item: ['regulations'], measure: ['made', 'disclosed'] },
    { item: ['regulations'], measure: ['issued', 'repealed'], group_by: ['item'] },
    { item: ['licensing'], group_by: ['edition', 'item'], year: ['2020'] },
  ])
    t.equal(refusal(disclosure, query)?.code, 'not-additive', JSON.stringify(query));
});

t.test('the two kinds of litigation add up, review and litigation do not', async (t) => {
  const year = ['2023'];
  t.notOk(refusal(reviews, { year, proceeding: ['litigation_direct', 'litigation_after_review'] }));
  t.equal(refusal(reviews, { year, proceeding: ['review', 'litigation_direct'] })?.code, 'not-additive');
  t.equal(refusal(reviews, { year })?.code, 'not-additive');
});

t.test('each sum has one unit', async (t) => {
  const { unitOf } = select(disclosure, { group_by: ['item', 'measure'], year: ['2023'] });
  t.equal(unitOf({ item: 'procurement', measure: 'amount' }), '元');
  t.equal(unitOf({ item: 'fees', measure: 'amount' }), '万元');
  t.equal(unitOf({ item: 'licensing', measure: 'prior_items' }), '项');
  t.equal(select(disclosure, { item: ['procurement'], measure: ['amount'] }).unitOf({}), '元');
  const ofEditions = select(disclosure, { measure: ['amount'], group_by: ['edition'] });
  t.equal(ofEditions.unitOf({ edition: '2019' }), '元', 'each edition has another amount');
  t.equal(ofEditions.unitOf({ edition: '2021' }), '万元');
});
