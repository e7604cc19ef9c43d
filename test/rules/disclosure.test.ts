import t from 'tap';
import { organKinds, organLevels } from '../../src/editions/vocabulary.ts';
import { figuresOf, itemCells, subjectOf } from '../../src/rules/examples.ts';
import { evaluate } from '../../src/rules/index.ts';
import type { Subject } from '../../src/rules/rule.ts';
import { failedIn, openIn } from './support.ts';

const of = (code: string, subject: Subject) => evaluate(subject).filter((each) => each.code === code);
const code = 'disclosure.rulemaking_power';

const regulations = (values: Record<string, number | null>, organ: Subject['organ'] = null) =>
  subjectOf(figuresOf(2023, '2021', { disclosure_items: itemCells('2021', { regulations: values }) }), {
    organ,
  });

t.test(
  'only national organs, and governments and their offices from city level up, may make rules',
  async (t) => {
    const may = [
      ...organKinds.map(({ kind }) => `${kind} national`),
      'government province',
      'government city',
      'general_office province',
      'general_office city',
    ];
    for (const { kind } of organKinds)
      for (const { level } of organLevels) {
        const findings = of(code, regulations({ issued: 0, repealed: 0, in_force: 1 }, { kind, level }));
        const expected = may.includes(`${kind} ${level}`) ? [] : [`${code} regulations`];
        t.strictSame(failedIn(findings), expected, `${kind} ${level}`);
        t.strictSame(openIn(findings), []);
      }
  },
);

t.test(
  'a rule claimed by an organ that is not known stays open; none claimed is none, blank or 0',
  async (t) => {
    const open = of(code, regulations({ issued: 0, repealed: null, in_force: 2 }));
    t.strictSame(openIn(open), [`${code} regulations`]);
    t.strictSame(open[0]!.cells, [], 'no cell is missing: the organ is');
    for (const organ of [null, { kind: 'department', level: 'county' }] as const) {
      for (const zero of [0, null])
        t.strictSame(of(code, regulations({ issued: zero, repealed: 0, in_force: zero }, organ)), []);
      for (const [values, missing] of [
        [{ issued: null, in_force: 0 }, ['repealed']],
        [{}, ['issued', 'repealed', 'in_force']],
      ] as const) {
        const uncaptured = of(code, regulations(values, organ));
        t.strictSame(openIn(uncaptured), [`${code} regulations`], 'what is not captured may claim some');
        t.strictSame(
          uncaptured[0]!.cells.map(({ cell }) => cell),
          missing.map((measure) => `disclosure_items.regulations.${measure}`),
        );
      }
    }
  },
);

t.test('the finding shows the cells that claim rules and no others', async (t) => {
  const organ = { kind: 'government', level: 'town' } as const;
  const [finding] = of(code, regulations({ issued: 1, repealed: 0, in_force: 3 }, organ));
  t.strictSame(
    finding!.cells.map(({ cell, value }) => [cell, value]),
    [
      ['disclosure_items.regulations.issued', 1],
      ['disclosure_items.regulations.in_force', 3],
    ],
  );
});

t.test('an amount needs a unit only where there is one', async (t) => {
  const procurement = (value: number | null, unit: '元' | '万元' | null) =>
    of(
      'disclosure.amount_unit',
      subjectOf(
        figuresOf(2020, '2019', {
          disclosure_items: [{ item: 'procurement', measure: 'amount', value, unit }],
        }),
      ),
    );
  t.strictSame(failedIn(procurement(0.0001, null)), ['disclosure.amount_unit procurement']);
  for (const [value, unit] of [
    [79000.1, '元'],
    [8040, '万元'],
    [0, null],
  ] as const)
    t.strictSame(procurement(value, unit), [], `${value} ${unit}`);
  for (const missing of [
    procurement(null, null),
    of('disclosure.amount_unit', subjectOf(figuresOf(2020, '2019'))),
  ]) {
    t.strictSame(openIn(missing), ['disclosure.amount_unit procurement']);
    t.strictSame(
      missing[0]!.cells.map(({ cell, value }) => [cell, value]),
      [['disclosure_items.procurement.amount', null]],
    );
  }
});

t.test('matters are taken for cases only where there are cases, and a decrease counts', async (t) => {
  const licensing = (prior_items: number, items_change: number, decisions: number) =>
    failedIn(
      of(
        'disclosure.items_as_cases',
        subjectOf(
          figuresOf(2020, '2019', {
            disclosure_items: itemCells('2019', { licensing: { prior_items, items_change, decisions } }),
          }),
        ),
      ),
    );
  t.strictSame(licensing(61, 36, 97), ['disclosure.items_as_cases licensing']);
  t.strictSame(licensing(500, -417, 83), ['disclosure.items_as_cases licensing']);
  t.strictSame(licensing(61, 36, 98), []);
  t.strictSame(licensing(0, 0, 0), []);
  t.strictSame(licensing(417, -417, 0), []);
});

t.test('equal sides satisfy the inequalities', async (t) => {
  const in2021 = figuresOf(2023, '2021', {
    disclosure_items: itemCells('2021', { normative_documents: { issued: 4, repealed: 1, in_force: 3 } }),
  });
  const in2019 = figuresOf(2020, '2019', {
    disclosure_items: itemCells('2019', {
      normative_documents: { made: 4, disclosed: 4, disclosed_total: 4 },
    }),
  });
  for (const figures of [in2021, in2019])
    t.strictSame(
      failedIn(evaluate(subjectOf(figures))).filter((spot) => spot.startsWith('disclosure.')),
      [],
    );
});

t.test('rules of one edition say nothing of tables printed in another', async (t) => {
  const codesOn = (edition: '2019' | '2021') =>
    new Set(evaluate(subjectOf(figuresOf(2023, edition))).map((each) => each.code));
  const only2019 = [
    'disclosure.disclosed_total',
    'disclosure.not_disclosed',
    'disclosure.items_as_cases',
    'years.items',
  ];
  const only2021 = ['disclosure.in_force', 'years.in_force'];
  for (const each of only2019) {
    t.ok(codesOn('2019').has(each), `${each} on 2019`);
    t.notOk(codesOn('2021').has(each), `${each} on 2021`);
  }
  for (const each of only2021) {
    t.ok(codesOn('2021').has(each), `${each} on 2021`);
    t.notOk(codesOn('2019').has(each), `${each} on 2019`);
  }
});
