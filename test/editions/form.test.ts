import { readFileSync } from 'node:fs';
import t from 'tap';
import {
  applicants,
  type EditionKey,
  type Label,
  type Measure,
  outcomes,
  proceedings,
} from '../../src/editions/edition.ts';
import { formCells } from '../../src/editions/figures.ts';
import { editionByKey, editionKeys, editionOfYear, editions } from '../../src/editions/index.ts';
import {
  applicantKeys,
  applicantParts,
  groupKeys,
  itemKeys,
  measureKeys,
  outcomeKeys,
  outcomeParts,
  proceedingKeys,
  rowKeys,
} from '../../src/editions/vocabulary.ts';

/** The form as an independent transcription of the official tables spells it. */
interface PrintedForm {
  editions: Record<
    string,
    {
      source: string;
      first_year: number;
      last_year: number | null;
      disclosure_items: {
        clause: string;
        clause_label: string;
        item: string;
        label: Label;
        measures: Measure[];
      }[];
      request_statistics: { row: string; role: string; group: string | null; label: Label }[];
      request_groups: { group: string; label: Label }[];
    }
  >;
  applicants: { applicant: string; label: Label }[];
  proceedings: { proceeding: string; label: Label }[];
  outcomes: { outcome: string; label: Label }[];
}
const form: PrintedForm = JSON.parse(readFileSync(new URL('../fixtures/form.json', import.meta.url), 'utf8'));

/** Cells of sections two, three and four, counted on the printed forms. */
const cellCounts = { '2019': [22, 161, 15], '2021': [10, 175, 15] } as const;

t.strictSame(
  editions.map((edition) => edition.edition),
  Object.keys(form.editions),
  'Gongkai knows the editions of the printed form, oldest first',
);

for (const key of editionKeys) {
  const { edition: _, ...ours } = editionByKey(key);
  const printed = form.editions[key]!;

  t.test(`edition ${key} is the printed form, line by line and in order`, async (t) => {
    const { disclosure_items, request_statistics, request_groups, ...heading } = printed;
    t.match(ours, heading, 'source and years');
    t.equal(ours.disclosure_items.length, disclosure_items.length);
    for (const [index, item] of disclosure_items.entries()) {
      const { measures, ...line } = ours.disclosure_items[index]!;
      t.strictSame({ ...line, measures: [] }, { ...item, measures: [] }, item.item);
      t.equal(measures.length, item.measures.length, `${item.item}: number of columns`);
      for (const [column, measure] of item.measures.entries())
        t.strictSame(measures[column], measure, `${item.item}.${measure.measure}`);
    }
    t.equal(ours.request_statistics.length, request_statistics.length);
    for (const [index, row] of request_statistics.entries())
      t.strictSame(ours.request_statistics[index], row, row.row);
    t.strictSame(ours.request_groups, request_groups, 'groups');
  });

  t.test(`the cells of edition ${key} have the printed order, labels and units`, async (t) => {
    const zh = (...labels: Label[]) => labels.map((label) => label.zh).join(' · ');
    const en = (...labels: Label[]) => labels.map((label) => label.en).join(' · ');
    const sections = [
      printed.disclosure_items.flatMap((item) =>
        item.measures.map((measure) => [
          `disclosure_items.${item.item}.${measure.measure}`,
          zh(item.label, measure.label),
          en(item.label, measure.label),
          measure.unit,
        ]),
      ),
      printed.request_statistics.flatMap((row) =>
        form.applicants.map((applicant) => [
          `request_statistics.${row.row}.${applicant.applicant}`,
          zh(row.label, applicant.label),
          en(row.label, applicant.label),
          '件',
        ]),
      ),
      form.proceedings.flatMap((proceeding) =>
        form.outcomes.map((outcome) => [
          `review_litigation_counts.${proceeding.proceeding}.${outcome.outcome}`,
          zh(proceeding.label, outcome.label),
          en(proceeding.label, outcome.label),
          '件',
        ]),
      ),
    ];
    t.strictSame(
      sections.map((section) => section.length),
      cellCounts[key],
      'as many cells as the form prints',
    );
    const cells = formCells({ disclosure_items: key, request_statistics: key });
    t.strictSame(
      [...cells.values()].map(({ cell, label, unit }) => [cell, label.zh, label.en, unit]),
      sections.flat(),
    );
    t.ok(
      [...cells].every(([address, cell]) => address === cell.cell && address.startsWith(`${cell.table}.`)),
      'every cell is found under its own address',
    );
  });
}

t.test('columns and proceedings are those of the printed form', async (t) => {
  t.strictSame(applicants, form.applicants);
  t.strictSame(proceedings, form.proceedings);
  t.strictSame(outcomes, form.outcomes);
});

t.test('tables of different editions combine, because published reports do', async (t) => {
  const drifted = formCells({ disclosure_items: '2021', request_statistics: '2019' });
  t.equal(drifted.size, 10 + 161 + 15);
  t.ok(drifted.has('disclosure_items.fees.amount'));
  t.ok(drifted.has('request_statistics.other.total'));
  t.notOk(drifted.has('request_statistics.other_misc.total'));
});

t.test('the edition in force follows the report year', async (t) => {
  const inForce: [number, EditionKey][] = [
    [2019, '2019'],
    [2020, '2019'],
    [2021, '2021'],
    [2025, '2021'],
    [2060, '2021'],
  ];
  for (const [year, key] of inForce) t.equal(editionOfYear(year), key, `${year}`);
  t.throws(() => editionByKey('2008' as EditionKey), new RangeError('no edition 2008'));
});

t.test('the vocabulary holds every key of every edition once, in printed order', async (t) => {
  const everything = Object.values(form.editions);
  const once = (keys: readonly string[]) => t.equal(new Set(keys).size, keys.length, 'no key twice');
  const holds = (keys: readonly string[], printed: string[]) => {
    once(keys);
    t.strictSame([...keys].toSorted(), [...new Set(printed)].toSorted());
  };
  holds(
    itemKeys,
    everything.flatMap((e) => e.disclosure_items.map((item) => item.item)),
  );
  holds(
    measureKeys,
    everything.flatMap((e) => e.disclosure_items.flatMap((item) => item.measures.map((m) => m.measure))),
  );
  holds(
    groupKeys,
    everything.flatMap((e) => e.request_groups.map((group) => group.group)),
  );
  holds(
    rowKeys,
    everything.flatMap((e) => e.request_statistics.map((row) => row.row)),
  );
  for (const edition of everything)
    t.strictSame(
      rowKeys.filter((key) => edition.request_statistics.some((row) => row.row === key)),
      edition.request_statistics.map((row) => row.row),
      'rows keep the order of each edition',
    );
  t.strictSame(
    applicantKeys,
    form.applicants.map((a) => a.applicant),
  );
  t.strictSame(
    proceedingKeys,
    form.proceedings.map((p) => p.proceeding),
  );
  t.strictSame(
    outcomeKeys,
    form.outcomes.map((o) => o.outcome),
  );
  t.strictSame([...applicantParts, 'total'], [...applicantKeys], 'the parts are all columns but the total');
  t.strictSame([...outcomeParts, 'total'], [...outcomeKeys], 'the parts are all columns but the total');
});

t.test('what the database adds up by its unit is what no edition prints a unit for', async (t) => {
  const unitless = editions.flatMap(({ disclosure_items }) =>
    disclosure_items.flatMap(({ item, measures }) =>
      measures.filter(({ unit }) => unit === null).map(({ measure }) => `${item}.${measure}`),
    ),
  );
  t.strictSame(
    [...new Set(unitless)],
    ['procurement.amount'],
    'another one is to be named where the rollups add up, and where figures are walked',
  );
});
