import fc from 'fast-check';
import t from 'tap';
import { applicants, type EditionKey } from '../../src/editions/edition.ts';
import { completeFigures } from '../../src/rules/examples.ts';
import { evaluate } from '../../src/rules/index.ts';
import { type PartSum, type Parts, placesOf } from '../../src/rules/parts.ts';
import type { Subject } from '../../src/rules/rule.ts';
import { viewOf } from '../../src/rules/view.ts';
import { failedIn, openIn, withCell } from './support.ts';

const whole = (edition: EditionKey): Subject => ({
  figures: { ...completeFigures(2023, edition), scope: 'consolidated' },
  organ: null,
  previous: null,
});
const placesWith = (edition: EditionKey, editions: EditionKey[]) =>
  placesOf(viewOf(whole(edition)).report, { reports: 1, editions, sums: [] });
/** Zero at every place the whole can be compared at. */
const zeros = (edition: EditionKey, editions: EditionKey[]): PartSum[] =>
  placesWith(edition, editions).map(({ cell }) => ({ cell, sum: 0, reports: 1, blank: 0, unit_unknown: 0 }));
const findings = (subject: Subject, parts?: Parts) =>
  evaluate({ ...subject, ...(parts && { parts }) }).filter(({ code }) => code === 'consolidation.parts');
const withSum = (sums: PartSum[], cell: string, change: Partial<PartSum>) =>
  sums.map((each) => (each.cell === cell ? { ...each, ...change } : each));

t.test('the findings of a report by itself say nothing of parts', async (t) => {
  t.strictSame(findings(whole('2021')), []);
});

t.test('a whole without any part is one finding, not one a cell', async (t) => {
  const [finding, ...more] = findings(whole('2021'), { reports: 0, editions: [], sums: [] });
  t.match(finding, { status: 'not_evaluated', cells: [] });
  t.strictSame(more, []);
});

t.test('every cell of requests is compared, and no other', async (t) => {
  for (const edition of ['2019', '2021'] as const) {
    const sums = zeros(edition, [edition]);
    t.strictSame(findings(whole(edition), { reports: 1, editions: [edition], sums }), []);
    const more = sums.map((each) => ({ ...each, sum: 1 }));
    const failed = findings(whole(edition), { reports: 1, editions: [edition], sums: more });
    t.strictSame(
      failed.map(({ cells }) => cells[0]!.cell),
      sums.map(({ cell }) => cell).filter((cell) => cell.startsWith('request_statistics.')),
    );
  }
});

t.test('rows that an edition does not print are compared as their group', async (t) => {
  const rowsOf = (edition: EditionKey, editions: EditionKey[]) => [
    ...new Set(
      placesWith(edition, editions)
        .filter(({ table }) => table === 'request_statistics')
        .map(({ cell }) => cell.split('.')[1]!),
    ),
  ];
  const others = (rows: string[]) => rows.filter((row) => /^other/.test(row));
  t.strictSame(others(rowsOf('2021', ['2021'])), ['other_no_correction', 'other_fee_unpaid', 'other_misc']);
  t.strictSame(others(rowsOf('2019', ['2019'])), ['other']);
  for (const edition of ['2019', '2021'] as const)
    for (const editions of [['2019', '2021'], [edition === '2019' ? '2021' : '2019']] as EditionKey[][]) {
      t.strictSame(others(rowsOf(edition, editions)), ['other_handling']);
      t.equal(rowsOf(edition, editions).length, 23);
    }
});

t.test(
  'a group fails where its rows together are less than the parts, and is open where one is blank',
  async (t) => {
    const cell = 'request_statistics.other_handling.total';
    const parts = (sum: number): Parts => ({
      reports: 1,
      editions: ['2019'],
      sums: withSum(zeros('2021', ['2019']), cell, { sum }),
    });
    const subject = whole('2021');
    const rows = ['other_no_correction', 'other_misc'].map((row) => `request_statistics.${row}.total`);
    for (const row of rows) subject.figures = withCell(subject.figures, row, () => 2);
    t.strictSame(failedIn(findings(subject, parts(4))), []);
    const [finding] = findings(subject, parts(5));
    t.match(finding, { status: 'failed', actual: 4, expected: 5, delta: -1 });
    const blank = { ...subject, figures: withCell(subject.figures, rows[0]!, () => null) };
    const [open] = findings(blank, parts(5));
    t.match(open, { status: 'not_evaluated', cells: [{ cell: rows[0], value: null }] });
  },
);

t.test('blanks of parts are passed over; where no part has a number nothing is decided', async (t) => {
  const cell = 'request_statistics.granted.total';
  const given = (change: Partial<PartSum>) =>
    findings(whole('2021'), {
      reports: 3,
      editions: ['2021'],
      sums: withSum(zeros('2021', ['2021']), cell, change),
    });
  t.strictSame(given({ sum: 0, reports: 3, blank: 2 }), []);
  for (const [change, zh] of [
    [{ sum: null, reports: 3, blank: 3 }, '为空白'],
    [{ sum: null, reports: 0, blank: 0 }, '未录入'],
  ] as const) {
    const found = given(change);
    t.strictSame(openIn(found), ['consolidation.parts granted.total']);
    t.match(found[0]!.message.zh, zh);
    t.match(found[0]!.cells, [{ cell, value: null, parts: change.reports }]);
  }
});

t.test('a cell fails exactly where its parts are more', async (t) => {
  const count = fc.nat(5);
  fc.assert(
    fc.property(fc.constantFrom(...applicants), count, count, ({ applicant }, own, sum) => {
      const cell = `request_statistics.carried_out.${applicant}`;
      const subject = { ...whole('2021'), figures: withCell(whole('2021').figures, cell, () => own) };
      const sums = withSum(zeros('2021', ['2021']), cell, { sum });
      const failed = failedIn(findings(subject, { reports: 1, editions: ['2021'], sums }));
      return (failed.length === 1) === sum > own;
    }),
  );
  t.pass();
});
