import { readFileSync } from 'node:fs';
import fc from 'fast-check';
import t from 'tap';
import { formCells } from '../../src/editions/figures.ts';
import { type Fault, formFaults, largestAmount } from '../../src/editions/form-faults.ts';

const latestYear = 2026;
const published: { id: string; report: object }[] = JSON.parse(
  readFileSync(new URL('../fixtures/figures.json', import.meta.url), 'utf8'),
);

const report = (edition: '2019' | '2021', parts: object = {}) => ({
  year: edition === '2019' ? 2020 : 2023,
  scope: 'own',
  editions: { disclosure_items: edition, request_statistics: edition },
  disclosure_items: [],
  request_statistics: [],
  review_litigation_counts: [],
  cell_notes: [],
  ...parts,
});
const item = (item: string, measure: string, value: unknown, unit?: string | null) =>
  unit === undefined ? { item, measure, value } : { item, measure, value, unit };
const items = (edition: '2019' | '2021', ...disclosure_items: unknown[]) =>
  report(edition, { disclosure_items });
const rows = (edition: '2019' | '2021', ...keys: string[]) =>
  report(edition, { request_statistics: keys.map((row) => ({ row })) });
const notes = (...cells: string[]) =>
  report('2021', { cell_notes: cells.map((cell) => ({ cell, raw: '/', note: null })) });

/** Each fault with the nearest document that has none. */
const cases: { code: string; pointer: string; says?: string; wrong: unknown; right: unknown }[] = [
  {
    code: 'year-out-of-range',
    pointer: '/year',
    says: 'must be from 2019 to 2026',
    wrong: report('2019', { year: 2018 }),
    right: report('2019', { year: 2019 }),
  },
  {
    code: 'year-out-of-range',
    pointer: '/year',
    wrong: report('2021', { year: latestYear + 1 }),
    right: report('2021', { year: latestYear }),
  },
  {
    code: 'duplicate-cell',
    pointer: '/disclosure_items/1',
    says: 'fees.amount is already given at /disclosure_items/0; give it once',
    wrong: items('2021', item('fees', 'amount', 1, '万元'), item('fees', 'amount', 1, '万元')),
    right: items('2021', item('fees', 'amount', 1, '万元'), item('licensing', 'decisions', 1, '件')),
  },
  {
    code: 'duplicate-cell',
    pointer: '/request_statistics/2',
    wrong: rows('2021', 'granted', 'carried_in', 'granted'),
    right: rows('2021', 'granted', 'carried_in', 'carried_out'),
  },
  {
    code: 'duplicate-cell',
    pointer: '/review_litigation_counts/1',
    wrong: report('2021', { review_litigation_counts: [{ proceeding: 'review' }, { proceeding: 'review' }] }),
    right: report('2021', {
      review_litigation_counts: [{ proceeding: 'review' }, { proceeding: 'litigation_direct' }],
    }),
  },
  {
    code: 'duplicate-cell',
    pointer: '/cell_notes/1',
    wrong: notes('disclosure_items.fees.amount', 'disclosure_items.fees.amount'),
    right: notes('disclosure_items.fees.amount', 'disclosure_items.fees'),
  },
  {
    code: 'not-on-form',
    pointer: '/disclosure_items/0',
    says: 'edition 2021 has no fees.prior_items; fees has amount',
    wrong: items('2021', item('fees', 'prior_items', 1)),
    right: items('2019', item('fees', 'prior_items', 1)),
  },
  {
    code: 'not-on-form',
    pointer: '/disclosure_items/0',
    says: 'edition 2021 has no procurement.amount; its items are regulations, normative_documents, licensing, penalties, compulsion, fees',
    wrong: items('2021', item('procurement', 'amount', 1)),
    right: items('2019', item('procurement', 'amount', 1)),
  },
  {
    code: 'not-on-form',
    pointer: '/request_statistics/0/row',
    wrong: rows('2021', 'other'),
    right: rows('2019', 'other'),
  },
  {
    code: 'not-on-form',
    pointer: '/request_statistics/0/row',
    wrong: rows('2019', 'other_misc'),
    right: rows('2021', 'other_misc'),
  },
  {
    code: 'not-on-form',
    pointer: '/cell_notes/0/cell',
    says: 'disclosure_items.procurement.amount is no cell, row or table of the declared editions',
    wrong: notes('disclosure_items.procurement.amount'),
    right: notes('request_statistics.granted'),
  },
  {
    code: 'not-on-form',
    pointer: '/cell_notes/0/cell',
    wrong: notes('disclosure'),
    right: notes('disclosure_items'),
  },
  { code: 'not-on-form', pointer: '/cell_notes/0/cell', wrong: notes(''), right: notes() },
  {
    code: 'wrong-unit',
    pointer: '/disclosure_items/0/unit',
    says: 'must be 万元 for fees.amount',
    wrong: items('2021', item('fees', 'amount', 1, '元')),
    right: items('2021', item('fees', 'amount', 1, '万元')),
  },
  {
    code: 'wrong-unit',
    pointer: '/disclosure_items/0/unit',
    says: 'must be 元, 万元 or null for procurement.amount',
    wrong: items('2019', item('procurement', 'amount', 1, '件')),
    right: items('2019', item('procurement', 'amount', 1, null)),
  },
  {
    code: 'wrong-unit',
    pointer: '/disclosure_items/0/unit',
    wrong: items('2019', item('licensing', 'decisions', 1, null)),
    right: items('2019', item('licensing', 'decisions', 1)),
  },
  {
    code: 'negative',
    pointer: '/disclosure_items/0/value',
    wrong: items('2019', item('licensing', 'prior_items', -417)),
    right: items('2019', item('licensing', 'items_change', -417)),
  },
  {
    code: 'negative',
    pointer: '/disclosure_items/0/value',
    wrong: items('2021', item('fees', 'amount', -0.0001)),
    right: items('2021', item('fees', 'amount', 0)),
  },
  {
    code: 'fraction',
    pointer: '/disclosure_items/0/value',
    wrong: items('2021', item('licensing', 'decisions', 0.5)),
    right: items('2021', item('fees', 'amount', 0.5)),
  },
  {
    code: 'too-large',
    pointer: '/disclosure_items/0/value',
    wrong: items('2021', item('licensing', 'decisions', 2 ** 53)),
    right: items('2021', item('licensing', 'decisions', 2 ** 53 - 1)),
  },
  {
    code: 'too-large',
    pointer: '/disclosure_items/0/value',
    wrong: items('2021', item('fees', 'amount', largestAmount + 0.0001)),
    right: items('2021', item('fees', 'amount', largestAmount)),
  },
  {
    code: 'too-many-decimals',
    pointer: '/disclosure_items/0/value',
    wrong: items('2021', item('fees', 'amount', 59237.24491)),
    right: items('2021', item('fees', 'amount', 59237.2449)),
  },
  {
    code: 'too-many-decimals',
    pointer: '/disclosure_items/0/value',
    wrong: items('2019', item('procurement', 'amount', 1e-7)),
    right: items('2019', item('procurement', 'amount', 1e-4)),
  },
];

for (const { code, pointer, says, wrong, right } of cases)
  t.test(`${code} at ${pointer} is found where it is and nowhere near`, async (t) => {
    const faults = formFaults(wrong, latestYear);
    t.strictSame(
      faults.map((fault) => [fault.code, fault.pointer]),
      [[code, pointer]],
    );
    if (says !== undefined) t.equal(faults[0]?.message, says);
    t.strictSame(formFaults(right, latestYear), []);
  });

t.test('all faults of a document are found at once', async (t) => {
  const faults = formFaults(
    {
      ...items('2021', item('fees', 'amount', -1.23456, '元'), item('procurement', 'amount', 1)),
      year: 1999,
      request_statistics: [{ row: 'other' }, { row: 'granted' }, { row: 'granted' }],
    },
    latestYear,
  );
  t.strictSame(
    faults.map((fault) => `${fault.pointer} ${fault.code}`),
    [
      '/year year-out-of-range',
      '/disclosure_items/0/unit wrong-unit',
      '/disclosure_items/0/value negative',
      '/disclosure_items/0/value too-many-decimals',
      '/disclosure_items/1 not-on-form',
      '/request_statistics/0/row not-on-form',
      '/request_statistics/2 duplicate-cell',
    ],
  );
});

t.test('without declared editions the year decides the form', async (t) => {
  const { editions: _, ...undeclared } = items('2019', item('procurement', 'projects', 1, '项'));
  t.strictSame(formFaults(undeclared, latestYear), []);
  t.equal(formFaults({ ...undeclared, year: 2021 }, latestYear)[0]?.code, 'not-on-form');
  t.equal(formFaults({ ...undeclared, year: null }, latestYear)[0]?.code, 'not-on-form', 'the form of today');
  t.equal(
    formFaults({ ...undeclared, editions: { disclosure_items: 'constructor' } }, latestYear).length,
    0,
    'a key that is no edition is left to the schema',
  );
});

t.test('every published report is on the form', async (t) => {
  for (const { id, report } of published) t.strictSame(formFaults(report, latestYear), [], id);
});

t.test('any value whatever is answered with faults, never an exception', async (t) => {
  const shape = fc.record(
    {
      year: fc.anything(),
      editions: fc.anything(),
      disclosure_items: fc.oneof(fc.anything(), fc.array(fc.anything())),
      request_statistics: fc.oneof(fc.anything(), fc.array(fc.record({ row: fc.anything() }))),
      review_litigation_counts: fc.oneof(fc.anything(), fc.array(fc.record({ proceeding: fc.anything() }))),
      cell_notes: fc.oneof(fc.anything(), fc.array(fc.record({ cell: fc.anything() }))),
    },
    { requiredKeys: [] },
  );
  const wellFormed = (fault: Fault) =>
    fault.pointer.startsWith('/') && fault.code !== '' && fault.message !== '';
  fc.assert(
    fc.property(fc.oneof(shape, fc.anything()), (document) =>
      formFaults(document, latestYear).every(wellFormed),
    ),
  );
  t.strictSame(formFaults(null, latestYear), []);
  t.strictSame(formFaults([report('2021', { year: 1 })], latestYear), []);
});

t.test('a count is right exactly when it is a whole number the form can hold', async (t) => {
  fc.assert(
    fc.property(fc.double({ noNaN: true, noDefaultInfinity: true }), (value) => {
      const fits = Number.isSafeInteger(value) && value >= 0;
      return (
        fits === (formFaults(items('2021', item('licensing', 'decisions', value)), latestYear).length === 0)
      );
    }),
  );
  fc.assert(
    fc.property(fc.maxSafeInteger(), (value) => {
      const faults = formFaults(items('2019', item('licensing', 'items_change', value)), latestYear);
      return faults.length === 0;
    }),
  );
  t.pass();
});

t.test('an amount with up to four decimals is money, with a fifth it is not', async (t) => {
  fc.assert(
    fc.property(fc.nat(999_999_999), fc.nat(9999), fc.integer({ min: 1, max: 9 }), (whole, part, fifth) => {
      const four = `${whole}.${String(part).padStart(4, '0')}`;
      const faults = (text: string) =>
        formFaults(items('2021', item('fees', 'amount', Number(text))), latestYear).map((f) => f.code);
      return faults(four).length === 0 && faults(`${four}${fifth}`).join() === 'too-many-decimals';
    }),
  );
  t.pass();
});

t.test('a note stands on any cell, row or table of the form and on nothing else', async (t) => {
  const editions = { disclosure_items: '2021', request_statistics: '2021' } as const;
  const addresses = [...formCells(editions).keys()].flatMap((cell) => {
    const parts = cell.split('.');
    return [parts[0]!, parts.slice(0, 2).join('.'), cell];
  });
  fc.assert(
    fc.property(fc.constantFrom(...addresses), (address) => {
      return (
        formFaults(notes(address), latestYear).length === 0 &&
        formFaults(notes(`${address}.x`), latestYear)[0]?.code === 'not-on-form' &&
        formFaults(notes(address.slice(0, -1)), latestYear)[0]?.code === 'not-on-form'
      );
    }),
  );
  t.pass();
});
