import { readFileSync } from 'node:fs';
import fc from 'fast-check';
import t from 'tap';
import { applicants, outcomes } from '../../src/editions/edition.ts';
import {
  allowedUnits,
  cellValues,
  type Figures,
  findMeasure,
  formCells,
  inFormOrder,
} from '../../src/editions/figures.ts';

const published: { id: string; complete: boolean; report: Figures }[] = JSON.parse(
  readFileSync(new URL('../fixtures/figures.json', import.meta.url), 'utf8'),
);

/** The same members in an order that `seed` decides. */
const shuffled = <T>(values: readonly T[], seed: number): T[] =>
  values
    .map((value, index) => [(Math.imul(index + 1, 2654435761) ^ seed) >>> 0, value] as const)
    .toSorted(([a], [b]) => a - b)
    .map(([, value]) => value);

t.test('figures in any order come back in the order of the form', async (t) => {
  fc.assert(
    fc.property(fc.constantFrom(...published), fc.integer(), ({ report }, seed) => {
      const mixed = {
        ...report,
        disclosure_items: shuffled(report.disclosure_items, seed),
        request_statistics: shuffled(report.request_statistics, seed),
        review_litigation_counts: shuffled(report.review_litigation_counts, seed),
      };
      const ordered = inFormOrder(mixed);
      const form = [...formCells(report.editions).keys()];
      const captured = cellValues(report);
      const expected = form.filter((cell) => captured.has(cell));
      return (
        JSON.stringify([...cellValues(ordered).keys()]) === JSON.stringify(expected) &&
        expected.every((cell) => cellValues(ordered).get(cell) === captured.get(cell)) &&
        mixed.disclosure_items.length === ordered.disclosure_items.length
      );
    }),
  );
  t.pass();
});

t.test('putting figures in order changes neither the argument nor anything else of it', async (t) => {
  const report = structuredClone(published[0]!.report);
  report.request_statistics.reverse();
  const before = structuredClone(report);
  const ordered = inFormOrder({ ...report, title: '年度报告' });
  t.strictSame(report, before);
  t.equal(ordered.title, '年度报告');
  t.strictSame(ordered.request_statistics, before.request_statistics.toReversed());
});

t.test('a cell is a number, a blank or absent, and none becomes another', async (t) => {
  const empty = { disclosure_items: [], request_statistics: [], review_litigation_counts: [] };
  t.equal(cellValues(empty).size, 0, 'nothing captured, no cells');

  const row = { row: 'granted', ...Object.fromEntries(applicants.map((a) => [a.applicant, null])) };
  const counts = { proceeding: 'review', ...Object.fromEntries(outcomes.map((o) => [o.outcome, 0])) };
  const values = cellValues({
    disclosure_items: [
      { item: 'fees', measure: 'amount', value: null, unit: '万元' },
      { item: 'licensing', measure: 'decisions', value: 0, unit: '件' },
    ],
    request_statistics: [{ ...row, natural_person: 7 } as Figures['request_statistics'][number]],
    review_litigation_counts: [counts as Figures['review_litigation_counts'][number]],
  });
  t.equal(values.get('disclosure_items.fees.amount'), null);
  t.equal(values.get('disclosure_items.licensing.decisions'), 0);
  t.notOk(values.has('disclosure_items.penalties.decisions'));
  t.equal(values.get('request_statistics.granted.natural_person'), 7);
  t.equal(values.get('request_statistics.granted.total'), null);
  t.equal(values.get('review_litigation_counts.review.pending'), 0);
  t.equal(values.size, 2 + applicants.length + outcomes.length);
});

t.test('every cell of every published report is on the form it declares', async (t) => {
  for (const { id, complete, report } of published) {
    const form = formCells(report.editions);
    const captured = cellValues(report);
    t.strictSame(
      [...captured.keys()].filter((cell) => !form.has(cell)),
      [],
      id,
    );
    if (complete) t.equal(captured.size, form.size, `${id} is complete`);
  }
});

t.test('a measure belongs to an item of an edition', async (t) => {
  t.equal(findMeasure('2021', 'fees', 'amount')?.unit, '万元');
  t.equal(findMeasure('2019', 'fees', 'amount'), undefined, 'fees had no amount in 2019');
  t.equal(findMeasure('2019', 'licensing', 'items_change')?.type, 'integer', 'a change has a sign');
  t.equal(findMeasure('2021', 'procurement', 'amount'), undefined, 'procurement left the form in 2021');
  t.equal(findMeasure('2021', '__proto__', 'constructor'), undefined);
});

t.test(
  'a unit is the one of the form, or free between 元, 万元 and unknown where the form names none',
  async (t) => {
    t.strictSame(allowedUnits(findMeasure('2021', 'fees', 'amount')!), ['万元']);
    t.strictSame(allowedUnits(findMeasure('2019', 'penalties', 'prior_items')!), ['项']);
    t.strictSame(allowedUnits(findMeasure('2019', 'procurement', 'amount')!), ['元', '万元', null]);
  },
);
