import { readFileSync } from 'node:fs';
import t from 'tap';
import { applicants, outcomes, proceedings } from '../../src/editions/edition.ts';
import { evaluate, rules } from '../../src/rules/index.ts';
import { failedIn, openIn, published, spotOf } from './support.ts';

const form = JSON.parse(readFileSync(new URL('../fixtures/form.json', import.meta.url), 'utf8'));

/** The tables of a report that lack a cell of the printed form, counted without the code under test. */
function partialTables({ report }: (typeof published)[number]): string[] {
  const items = form.editions[report.editions.disclosure_items].disclosure_items as { measures: unknown[] }[];
  const rows = form.editions[report.editions.request_statistics].request_statistics as unknown[];
  return [
    report.disclosure_items.length < items.flatMap(({ measures }) => measures).length && 'disclosure_items',
    report.request_statistics.length < rows.length && 'request_statistics',
    report.review_litigation_counts.length < proceedings.length && 'review_litigation_counts',
  ].filter((table) => table !== false);
}

for (const each of published)
  t.test(`${each.id} has exactly the findings a person found in it`, async (t) => {
    const findings = evaluate({ figures: each.report, organ: each.organ, previous: null });
    const expected = [
      ...each.expected_findings.map(({ code, where }) => `${code} ${where}`),
      ...partialTables(each).map((table) => `report.incomplete ${table}`),
    ];
    t.strictSame(failedIn(findings).toSorted(), expected.toSorted());
    if (each.complete) t.strictSame(partialTables(each), []);
    for (const { code, where } of each.expected_findings) {
      const finding = findings.find((one) => spotOf(one) === `${code} ${where}`)!;
      t.ok(
        finding.cells.some(({ cell }) => cell.includes(where)),
        `${code} shows a cell of ${where}`,
      );
    }
    const inCatalogueOrder = findings.toSorted(
      (a, b) =>
        rules.findIndex(({ code }) => code === a.code) - rules.findIndex(({ code }) => code === b.code),
    );
    t.strictSame(findings, inCatalogueOrder);
    t.equal(new Set(findings.map(({ finding_key }) => finding_key)).size, findings.length);
  });

t.test('a complete report without blanks leaves nothing open but the years', async (t) => {
  const complete = published.filter(
    ({ report, complete }) => complete && !JSON.stringify(report).includes('null'),
  );
  t.ok(complete.length >= 3);
  for (const { report, organ } of complete)
    for (const spot of openIn(evaluate({ figures: report, organ, previous: null })))
      t.match(spot, new RegExp(`^years\\.[a-z_]+ ${report.year - 1}$`));
});

t.test('a table that was not captured at all is open at every place, and incomplete once', async (t) => {
  const { report, organ } = published.find(({ id }) => id === 'suqian-2023')!;
  const figures = { ...report, request_statistics: [], review_litigation_counts: [] };
  const findings = evaluate({ figures, organ, previous: null });
  t.strictSame(failedIn(findings), [
    'report.incomplete request_statistics',
    'report.incomplete review_litigation_counts',
  ]);
  const rows = form.editions['2021'].request_statistics as { row: string }[];
  t.strictSame(
    openIn(findings).filter((spot) => !spot.startsWith('years.')),
    [
      ...applicants.map(({ applicant }) => `requests.balance ${applicant}`),
      ...applicants.map(({ applicant }) => `requests.handled_total ${applicant}`),
      ...rows.map(({ row }) => `requests.row_total ${row}`),
      ...proceedings.map(({ proceeding }) => `review_litigation.total ${proceeding}`),
    ],
  );
  const incomplete = findings.filter(({ code }) => code === 'report.incomplete');
  t.strictSame(
    incomplete.map(({ cells, expected, actual }) => [cells.length, expected, actual]),
    [
      [rows.length * applicants.length, rows.length * applicants.length, 0],
      [proceedings.length * outcomes.length, proceedings.length * outcomes.length, 0],
    ],
  );
});
