import fc from 'fast-check';
import t from 'tap';
import { applicants, type EditionKey } from '../../src/editions/edition.ts';
import { type Figures, formCells } from '../../src/editions/figures.ts';
import { editionByKey } from '../../src/editions/index.ts';
import { compare } from '../../src/rules/comparison.ts';
import { evaluate, rules } from '../../src/rules/index.ts';
import type { Operand } from '../../src/rules/view.ts';
import { balancedSubject, failedIn, openIn, parts, published, shuffled, withCell } from './support.ts';

t.test('a report built to balance, beside a year that fits it, has no finding', async (t) => {
  fc.assert(
    fc.property(balancedSubject, (subject) => {
      t.strictSame(failedIn(evaluate(subject)).concat(openIn(evaluate(subject))), []);
    }),
  );
});

/** The places of the rules a counted cell is an operand of, written down apart from the rules. */
function spotsOf(edition: EditionKey, cell: string): string[] {
  const [table, row, column] = cell.split('.') as [string, string, string];
  if (table === 'review_litigation_counts') return [`review_litigation.total ${row}`];
  const { role } = editionByKey(edition).request_statistics.find((each) => each.row === row)!;
  return {
    received: [`requests.balance ${column}`, `requests.row_total ${row}`],
    carried_in: [`requests.balance ${column}`, `requests.row_total ${row}`, `years.carried ${column}`],
    result: [`requests.handled_total ${column}`, `requests.row_total ${row}`],
    result_total: [
      `requests.balance ${column}`,
      `requests.handled_total ${column}`,
      `requests.row_total ${row}`,
    ],
    carried_out: [`requests.balance ${column}`, `requests.row_total ${row}`],
  }[role];
}
const counted = (edition: EditionKey) =>
  [...formCells({ disclosure_items: edition, request_statistics: edition }).keys()].filter(
    (cell) => !cell.startsWith('disclosure_items'),
  );

t.test(
  'one more in any cell of sections three and four breaks exactly the rules it is an operand of',
  async (t) => {
    const subjects = fc.sample(balancedSubject, { numRuns: 6, seed: 42 });
    t.strictSame([...new Set(subjects.map((each) => each.figures.editions.request_statistics))].toSorted(), [
      '2019',
      '2021',
    ]);
    for (const subject of subjects) {
      const edition = subject.figures.editions.request_statistics;
      for (const cell of counted(edition)) {
        const figures = withCell(subject.figures, cell, (value) => value! + 1);
        const findings = evaluate({ ...subject, figures });
        t.strictSame(failedIn(findings).toSorted(), spotsOf(edition, cell).toSorted(), cell);
        t.strictSame(openIn(findings), []);
        for (const { delta } of findings) t.equal(Math.abs(delta!), 1);
      }
    }
  },
);

t.test(
  'a blank in any of those cells leaves exactly these rules open, and a blank total is missed',
  async (t) => {
    for (const subject of fc.sample(balancedSubject, { numRuns: 3, seed: 7 })) {
      const edition = subject.figures.editions.request_statistics;
      for (const cell of counted(edition)) {
        const findings = evaluate({ ...subject, figures: withCell(subject.figures, cell, () => null) });
        t.strictSame(openIn(findings).toSorted(), spotsOf(edition, cell).toSorted(), cell);
        const [table, row, column] = cell.split('.');
        const isTotal =
          table === 'request_statistics' &&
          (column === 'total' ||
            editionByKey(edition).request_statistics.find((each) => each.row === row)!.role ===
              'result_total');
        t.strictSame(failedIn(findings), isTotal ? [`requests.total_missing ${row}.${column}`] : [], cell);
      }
    }
  },
);

/** A table of section three as chance has it: small figures, blanks, rows that are not captured. */
const anyTable = fc.constantFrom<EditionKey>('2019', '2021').chain((edition) => {
  const cell = fc.oneof({ weight: 6, arbitrary: fc.nat(2) }, { weight: 1, arbitrary: fc.constant(null) });
  const rows = editionByKey(edition).request_statistics;
  return fc
    .tuple(
      fc.array(fc.array(cell, { minLength: 7, maxLength: 7 }), {
        minLength: rows.length,
        maxLength: rows.length,
      }),
      fc.array(fc.nat(rows.length - 1), { maxLength: 2 }),
    )
    .map(([values, absent]) => ({
      edition,
      rows: rows
        .map(
          ({ row }, index) =>
            ({
              row,
              ...Object.fromEntries(applicants.map(({ applicant }, at) => [applicant, values[index]![at]!])),
            }) as Figures['request_statistics'][number],
        )
        .filter((_, index) => !absent.includes(index)),
    }));
});

t.test('whatever section three holds, the rules say what adding it up by hand says', async () => {
  fc.assert(
    fc.property(anyTable, ({ edition, rows }) => {
      const figures: Figures = {
        year: edition === '2019' ? 2019 : 2022,
        scope: 'own',
        editions: { disclosure_items: edition, request_statistics: edition },
        disclosure_items: [],
        request_statistics: rows,
        review_litigation_counts: [],
        cell_notes: [],
      };
      const of = (row: string, key: string) => {
        const found = rows.find((each) => each.row === row) as Record<string, number | null> | undefined;
        return found === undefined ? undefined : found[key];
      };
      const form = editionByKey(edition).request_statistics.map(({ row }) => row);
      const results = form.filter(
        (row) => !['new_received', 'carried_in', 'handled_total', 'carried_out'].includes(row),
      );
      const failed: string[] = [];
      const open: string[] = [];
      type Cell = number | null | undefined;
      const equal = (spot: string, left: Cell[], right: Cell[]) => {
        if ([...left, ...right].some((value) => value === null || value === undefined)) open.push(spot);
        else if (left.reduce((a, b) => a! + b!, 0) !== right.reduce((a, b) => a! + b!, 0)) failed.push(spot);
      };
      const isNumber = (value: Cell) => typeof value === 'number';
      for (const { applicant: a } of applicants) {
        equal(
          `requests.balance ${a}`,
          [of('new_received', a), of('carried_in', a)],
          [of('handled_total', a), of('carried_out', a)],
        );
        equal(
          `requests.handled_total ${a}`,
          results.map((row) => of(row, a)),
          [of('handled_total', a)],
        );
      }
      for (const row of form)
        equal(
          `requests.row_total ${row}`,
          parts.map((key) => of(row, key)),
          [of(row, 'total')],
        );
      for (const row of form)
        for (const { applicant: a } of applicants) {
          const along = a === 'total' && parts.some((key) => isNumber(of(row, key)));
          const down = row === 'handled_total' && results.some((result) => isNumber(of(result, a)));
          if (of(row, a) === null && (along || down)) failed.push(`requests.total_missing ${row}.${a}`);
        }
      const findings = evaluate({ figures, organ: null, previous: null }).filter(({ code }) =>
        code.startsWith('requests.'),
      );
      const sorted = (spots: string[]) => JSON.stringify(spots.toSorted());
      return sorted(failedIn(findings)) === sorted(failed) && sorted(openIn(findings)) === sorted(open);
    }),
    { numRuns: 300 },
  );
});

t.test('the order in which a document lists its rows changes nothing', async () => {
  const mixed = <T extends Figures>(figures: T, seed: number): T => ({
    ...figures,
    disclosure_items: shuffled(figures.disclosure_items, seed),
    request_statistics: shuffled(figures.request_statistics, seed + 1),
    review_litigation_counts: shuffled(figures.review_litigation_counts, seed + 2),
  });
  const subjects = fc.oneof(
    balancedSubject.map((subject) => ({ ...subject, organ: null })),
    fc.constantFrom(...published).map(({ report, organ }) => ({
      figures: report,
      organ,
      previous: { ...report, year: report.year - 1 },
    })),
  );
  fc.assert(
    fc.property(subjects, fc.integer(), (subject, seed) => {
      const before = JSON.stringify(subject);
      const again = {
        ...subject,
        figures: mixed(subject.figures, seed),
        previous: mixed(subject.previous!, ~seed),
      };
      const same = JSON.stringify(evaluate(subject)) === JSON.stringify(evaluate(again));
      return same && JSON.stringify(subject) === before;
    }),
  );
});

const operand = (value: number, index: number): Operand => {
  const label = { zh: `第${index}格`, en: `cell ${index}` };
  return { cell: `request_statistics.row.${index}`, label, name: label, value };
};
const relations = {
  '=': (a: bigint, b: bigint) => a === b,
  '<=': (a: bigint, b: bigint) => a <= b,
  '>=': (a: bigint, b: bigint) => a >= b,
};

t.test('sums that a double cannot hold are compared exactly', async (t) => {
  const count = fc.oneof(
    fc.maxSafeNat(),
    fc.nat(3),
    fc.nat(3).map((below) => Number.MAX_SAFE_INTEGER - below),
  );
  const sum = (values: number[]) => values.reduce((total, value) => total + BigInt(value), 0n);
  fc.assert(
    fc.property(
      fc.array(count, { minLength: 1, maxLength: 21 }),
      fc.array(count, { minLength: 1, maxLength: 21 }),
      fc.constantFrom('=' as const, '<=' as const, '>=' as const),
      (left, right, relation) => {
        const found = compare(rules[0]!, {
          place: 'total',
          where: { zh: '列', en: 'Column' },
          actual: left.map(operand),
          relation,
          expected: right.map((value, index) => operand(value, index + left.length)),
        });
        if (relations[relation](sum(left), sum(right))) return found.length === 0;
        const { expected, actual, delta, message } = found[0]!.word();
        const exact = (value: number | null, of: bigint) =>
          value === null ? !Number.isSafeInteger(Number(of)) : BigInt(value) === of;
        return (
          exact(expected, sum(right)) &&
          exact(actual, sum(left)) &&
          exact(delta, sum(left) - sum(right)) &&
          message.zh.includes(String(sum(right)))
        );
      },
    ),
    { numRuns: 500 },
  );
  const rounds = [Number.MAX_SAFE_INTEGER, 2].reduce((a, b) => a + b);
  t.equal(rounds, Number.MAX_SAFE_INTEGER + 1, 'as doubles the two sides would be equal');
});
