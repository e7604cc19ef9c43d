import assert from 'node:assert/strict';
import t from 'tap';
import { applicants } from '../../src/editions/edition.ts';
import type { Figures } from '../../src/editions/figures.ts';
import { figuresOf, itemCells, requestRows, subjectOf } from '../../src/rules/examples.ts';
import { evaluate, readOfYearBefore } from '../../src/rules/index.ts';
import type { Subject } from '../../src/rules/rule.ts';
import { failedIn, openIn, published } from './support.ts';

const years = (subject: Subject) => evaluate(subject).filter(({ code }) => code.startsWith('years.'));

t.test('the first report year has no year before, and nothing is said of it', async (t) => {
  const { report, organ } = published.find(({ report }) => report.year === 2019)!;
  t.strictSame(years({ figures: report, organ, previous: null }), []);
});

t.test('without an effective report of the year before each rule says so once', async (t) => {
  for (const { report, organ, id } of published) {
    if (report.year === 2019) continue;
    const findings = years({ figures: report, organ, previous: null });
    const second = report.editions.disclosure_items === '2019' ? 'years.items' : 'years.in_force';
    t.strictSame(openIn(findings), [`years.carried ${report.year - 1}`, `${second} ${report.year - 1}`], id);
    t.strictSame(failedIn(findings), []);
    for (const { cells, message } of findings) {
      t.strictSame(cells, []);
      t.match(message.zh, new RegExp(`没有 ${report.year - 1} 年度`));
    }
  }
});

t.test('a report that is not of the very year before is none', async (t) => {
  const figures = figuresOf(2023, '2021', { request_statistics: requestRows('2021', { carried_in: 1 }) });
  for (const year of [2021, 2023, 2024]) {
    const previous = figuresOf(year, '2021', { request_statistics: requestRows('2021', { carried_out: 2 }) });
    t.strictSame(openIn(years(subjectOf(figures, { previous }))), [
      'years.carried 2022',
      'years.in_force 2022',
    ]);
  }
});

/** The same figures without whatever no rule names as an operand of the year before. */
const asRead = (figures: Figures): Figures => ({
  ...figures,
  disclosure_items: figures.disclosure_items.filter((cell) =>
    readOfYearBefore.measures.includes(cell.measure),
  ),
  request_statistics: figures.request_statistics.filter(({ row }) => readOfYearBefore.rows.includes(row)),
  review_litigation_counts: [],
  cell_notes: [],
});

t.test('of the year before nothing is read but what the rules name as its operands', async (t) => {
  const subjects = published.flatMap(({ report, organ }) =>
    published.map((other) => ({
      figures: report,
      organ,
      previous: { ...other.report, year: report.year - 1 },
    })),
  );
  let read = 0;
  for (const { previous, ...subject } of subjects) {
    const findings = evaluate({ ...subject, previous });
    assert.deepEqual(evaluate({ ...subject, previous: asRead(previous) }), findings);
    if (failedIn(findings).some((spot) => spot.startsWith('years.'))) read++;
  }
  t.ok(read > 100, 'the year before made a difference');
});

t.test(
  'what was carried out is compared by column, across editions too, and marked with its year',
  async (t) => {
    const figures = figuresOf(2021, '2021', { request_statistics: requestRows('2021', { carried_in: 5 }) });
    const previous = figuresOf(2020, '2019', { request_statistics: requestRows('2019', { carried_out: 3 }) });
    const findings = years(subjectOf(figures, { previous }));
    t.strictSame(failedIn(findings), ['years.carried natural_person', 'years.carried total']);
    const [first] = findings;
    t.strictSame(
      first!.cells.map(({ cell, value, year }) => [cell, value, year]),
      [
        ['request_statistics.carried_out.natural_person', 3, 2020],
        ['request_statistics.carried_in.natural_person', 5, undefined],
      ],
    );
    t.notOk('year' in first!.cells[1]!, 'the own cell has no year');
    t.strictSame([first!.expected, first!.actual, first!.delta], [3, 5, 2]);
  },
);

t.test('a blank of the year before leaves its column open and is shown with its year', async (t) => {
  const figures = figuresOf(2023, '2021', { request_statistics: requestRows('2021', { carried_in: 0 }) });
  const rows = requestRows('2021', { carried_out: 0 }).map((row) => ({ ...row, business: null }));
  const previous = figuresOf(2022, '2021', { request_statistics: rows });
  const carried = years(subjectOf(figures, { previous })).filter(({ code }) => code === 'years.carried');
  t.strictSame(openIn(carried), ['years.carried business']);
  t.equal(carried[0]!.cells.length, 1);
  t.equal(carried[0]!.cells[0]!.year, 2022);
  const empty = years(subjectOf(figures, { previous: figuresOf(2022, '2021') }));
  t.strictSame(
    openIn(empty).filter((spot) => spot.startsWith('years.carried')),
    applicants.map(({ applicant }) => `years.carried ${applicant}`),
  );
});

t.test('a measure that the form of the year before does not have leaves the rule open once', async (t) => {
  const documents = (of: Figures) => years(subjectOf(of, { previous: figuresOf(of.year - 1, '2019') }));
  const first = documents(
    figuresOf(2021, '2021', {
      disclosure_items: itemCells('2021', { normative_documents: { issued: 1, repealed: 0, in_force: 1 } }),
    }),
  ).filter(({ code }) => code === 'years.in_force');
  t.strictSame(openIn(first), ['years.in_force 2020']);
  t.strictSame(first[0]!.cells, []);
  t.match(first[0]!.message.zh, /2019 年版.*现行有效件数/);

  const matters = years(
    subjectOf(
      figuresOf(2023, '2019', { disclosure_items: itemCells('2019', { fees: { prior_items: 1 } }) }),
      { previous: figuresOf(2022, '2021') },
    ),
  ).filter(({ code }) => code === 'years.items');
  t.strictSame(openIn(matters), ['years.items 2022']);
});

t.test('both kinds of documents are followed from year to year', async (t) => {
  const of = (year: number, in_force: number, issued = 0, repealed = 0) => {
    const values = { issued, repealed, in_force };
    const disclosure_items = itemCells('2021', { regulations: values, normative_documents: values });
    return figuresOf(year, '2021', { disclosure_items });
  };
  const inForce = (figures: Figures, previous: Figures) =>
    failedIn(years(subjectOf(figures, { previous }))).filter((spot) => spot.startsWith('years.in_force'));
  t.strictSame(inForce(of(2023, 33, 4, 1), of(2022, 30)), []);
  t.strictSame(inForce(of(2023, 34, 4, 1), of(2022, 30)), [
    'years.in_force regulations',
    'years.in_force normative_documents',
  ]);
});

t.test('every item with matters is followed from year to year', async (t) => {
  const items = ['licensing', 'other_services', 'penalties', 'compulsion', 'fees'];
  const of = (year: number, prior_items: number, items_change: number) =>
    figuresOf(year, '2019', {
      disclosure_items: itemCells(
        '2019',
        Object.fromEntries(items.map((item) => [item, { prior_items, items_change }])),
      ),
    });
  const found = (prior: number) =>
    failedIn(years(subjectOf(of(2020, prior, 0), { previous: of(2019, 500, -417) })));
  t.strictSame(found(83), []);
  t.strictSame(
    found(84),
    items.map((item) => `years.items ${item}`),
  );
});
