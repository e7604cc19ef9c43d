import { readFileSync } from 'node:fs';
import fc from 'fast-check';
import { applicants, type EditionKey, type RequestRow } from '../../src/editions/edition.ts';
import type { Figures } from '../../src/editions/figures.ts';
import { editionByKey } from '../../src/editions/index.ts';
import { proceedingKeys } from '../../src/editions/vocabulary.ts';
import type { Finding, Subject } from '../../src/rules/rule.ts';

export interface PublishedReport {
  id: string;
  complete: boolean;
  organ: NonNullable<Subject['organ']>;
  report: Figures;
  expected_findings: { code: string; where: string }[];
}

export const published: PublishedReport[] = JSON.parse(
  readFileSync(new URL('../fixtures/figures.json', import.meta.url), 'utf8'),
);

/** `code place`, as lists of findings are compared. */
export const spotOf = ({ finding_key }: Finding): string => finding_key.split(':').slice(0, 2).join(' ');
export const failedIn = (findings: readonly Finding[]) =>
  findings.filter(({ status }) => status === 'failed').map(spotOf);
export const openIn = (findings: readonly Finding[]) =>
  findings.filter(({ status }) => status === 'not_evaluated').map(spotOf);

type Row = Record<string, unknown>;

/** The same figures with one cell replaced by what `change` makes of it, or its entry or row taken away. */
export function withCell(
  figures: Figures,
  cell: string,
  change: ((value: number | null) => number | null) | 'absent',
): Figures {
  const copy = structuredClone(figures);
  const [table, row, column] = cell.split('.') as [keyof Figures, string, string];
  const rows = copy[table] as unknown as Row[];
  const index = rows.findIndex((each) =>
    table === 'disclosure_items'
      ? each.item === row && each.measure === column
      : (each.row ?? each.proceeding) === row,
  );
  if (index < 0) throw new RangeError(`${cell} is not captured`);
  if (change === 'absent') rows.splice(index, 1);
  else {
    const member = table === 'disclosure_items' ? 'value' : column;
    rows[index]![member] = change(rows[index]![member] as number | null);
  }
  return copy;
}

export const parts = applicants.map(({ applicant }) => applicant).filter((key) => key !== 'total');

const emptyRow = (row: RequestRow) =>
  ({ row: row.row, total: 0 }) as unknown as Figures['request_statistics'][number];

/** A row whose parts are given and whose total is right. */
function summedRow(row: RequestRow, part: (key: (typeof parts)[number]) => number) {
  const made = emptyRow(row);
  for (const key of parts) {
    made[key] = part(key);
    made.total = made.total! + made[key]!;
  }
  return made;
}

/** A report on which every cell is filled in and every rule holds, the year before included. */
function balanced(edition: EditionKey, next: () => number): Subject {
  const year = edition === '2019' ? 2020 : 2023;
  const form = editionByKey(edition);
  const requests = () => {
    const rows = new Map<string, Figures['request_statistics'][number]>();
    const sum = (role: RequestRow['role'], key: (typeof parts)[number]) =>
      form.request_statistics
        .filter((row) => row.role === role)
        .reduce((total, row) => total + rows.get(row.row)![key]!, 0);
    const add = (role: RequestRow['role'], part: (key: (typeof parts)[number]) => number) => {
      for (const row of form.request_statistics)
        if (row.role === role) rows.set(row.row, summedRow(row, part));
    };
    add('result', next);
    add('result_total', (key) => sum('result', key));
    add('carried_out', next);
    const leaving = (key: (typeof parts)[number]) => sum('result_total', key) + sum('carried_out', key);
    add('carried_in', (key) => next() % (leaving(key) + 1));
    add('received', (key) => leaving(key) - sum('carried_in', key));
    return form.request_statistics.map((row) => rows.get(row.row)!);
  };
  const items = (values: (item: string) => Record<string, number>): Figures['disclosure_items'] =>
    form.disclosure_items.flatMap(({ item, measures }) => {
      const of = values(item);
      return measures.map(({ measure, unit }) => ({
        item,
        measure,
        value: of[measure]!,
        unit: unit ?? '元',
      }));
    });
  const review = () =>
    proceedingKeys.map((proceeding) => {
      const [upheld, corrected, other, pending] = [next(), next(), next(), next()];
      return { proceeding, upheld, corrected, other, pending, total: upheld + corrected + other + pending };
    });
  const report = (of: number, disclosure_items: Figures['disclosure_items']): Figures => ({
    year: of,
    scope: 'own',
    editions: { disclosure_items: edition, request_statistics: edition },
    disclosure_items,
    request_statistics: requests(),
    review_litigation_counts: review(),
    cell_notes: [],
  });

  const before = new Map<string, Record<string, number>>();
  const first = (item: string) => {
    const [a, b, c] = [next(), next(), next()];
    const matters = { prior_items: a, items_change: b, decisions: a + b + 1 };
    const documents = { made: a, disclosed: a + b, disclosed_total: a + b + c };
    const current = { issued: a, repealed: b, in_force: a + b + c };
    before.set(item, { ...matters, ...documents, ...current, projects: b, amount: c });
    return before.get(item)!;
  };
  const second = (item: string) => {
    const earlier = before.get(item)!;
    const [a, b] = [next(), next()];
    const repealed = b % (earlier.in_force! + 1);
    return {
      ...first(item),
      prior_items: earlier.prior_items! + earlier.items_change!,
      items_change: -b,
      decisions: earlier.prior_items! + earlier.items_change! - b + 1 || 0,
      issued: a,
      repealed,
      in_force: earlier.in_force! + a - repealed,
    };
  };
  const previous = report(year - 1, items(first));
  const figures = report(year, items(second));
  const rows = form.request_statistics;
  const carriedIn = figures.request_statistics[rows.findIndex(({ role }) => role === 'carried_in')]!;
  const carriedOut = rows.find(({ role }) => role === 'carried_out')!;
  previous.request_statistics = previous.request_statistics.map((row) =>
    row.row === carriedOut.row ? { ...carriedIn, row: row.row } : row,
  );
  return { figures, organ: { kind: 'government', level: 'city' }, previous };
}

const numbersNeeded = 1000;

/** Reports without a finding, of either edition. */
export const balancedSubject = fc
  .tuple(
    fc.constantFrom<EditionKey>('2019', '2021'),
    fc.array(fc.nat(40), { minLength: 50, maxLength: numbersNeeded }),
  )
  .map(([edition, numbers]) => {
    let used = 0;
    return balanced(edition, () => numbers[used++ % numbers.length]!);
  });

/** The same members in an order that `seed` decides. */
export const shuffled = <T>(values: readonly T[], seed: number): T[] =>
  values
    .map((value, index) => [Math.imul(index + 1, 2654435761) ^ Math.imul(seed, 40503), value] as const)
    .toSorted(([a], [b]) => a - b)
    .map(([, value]) => value);
