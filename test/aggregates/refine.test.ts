import assert from 'node:assert/strict';
import fc from 'fast-check';
import t from 'tap';
import { difference } from '../../src/aggregates/exact.ts';
import { type Refinement, refinementOf } from '../../src/aggregates/refine.ts';
import { byKeys } from '../../src/aggregates/sort.ts';
import type { Row } from '../../src/formats/format.ts';
import { Problem } from '../../src/http/problem.ts';

const shape = {
  groupBy: ['year', 'row'],
  columns: ['year', 'row', 'value', 'reports'],
  numbers: ['value', 'reports'],
  places: (member: string) => (member === 'row' ? ['granted', 'other', 'carried_out'] : undefined),
  minus: difference,
};
const rowOf = (year: number, row: string, value: number | null, reports = 1): Row => ({
  year,
  row,
  value,
  reports,
});
const refine = (refinement: Refinement, rows: Row[], before?: Row[]) =>
  refinementOf(refinement, shape)(rows, before);

const rows = fc
  .uniqueArray(
    fc.record({
      year: fc.integer({ min: 2019, max: 2022 }),
      row: fc.constantFrom('granted', 'other', 'carried_out'),
      value: fc.option(fc.integer({ min: -3, max: 9 }), { freq: 3 }),
      reports: fc.nat(5),
    }),
    { selector: ({ year, row }) => `${year} ${row}`, maxLength: 12 },
  )
  // As rows come: in the order of their keys, and made for others as well.
  .map((drawn) => (drawn as Row[]).map(Object.freeze).sort(byKeys(shape.groupBy, shape.places)) as Row[]);
const numberOf = (row: Row) => row.value as number | null;

t.test(
  'shares of siblings add up to one, and there are none of nothing or of what is less than nothing',
  async () => {
    fc.assert(
      fc.property(rows, (drawn) => {
        const shared = refine({ compute: ['share'] }, drawn);
        for (const siblings of Map.groupBy(shared, ({ year }) => year).values()) {
          const sum = siblings.reduce((all, row) => all + (numberOf(row) ?? 0), 0);
          const isWhole = sum > 0 && siblings.every((row) => (numberOf(row) ?? 0) >= 0);
          for (const row of siblings)
            assert.equal(row.share, numberOf(row) === null || !isWhole ? null : numberOf(row)! / sum);
        }
      }),
    );
  },
);

t.test('a rank counts the siblings with a larger value', async () => {
  fc.assert(
    fc.property(rows, (drawn) => {
      for (const row of refine({ compute: ['rank'] }, drawn)) {
        const value = numberOf(row);
        const larger = drawn.filter(
          (other) => other.year === row.year && numberOf(other) !== null && numberOf(other)! > value!,
        );
        assert.equal(row.rank, value === null ? null : larger.length + 1);
      }
    }),
  );
});

t.test('a change is on the year before, shown or not', async () => {
  fc.assert(
    fc.property(rows, rows, (drawn, more) => {
      const before = more.map((row) => ({ ...row, year: (row.year as number) - 4 }));
      const all: Row[] = [...drawn, ...before];
      const changed = refine({ compute: ['change'] }, drawn, before);
      assert.equal(changed.length, drawn.length);
      for (const row of changed) {
        const earlier = all.find((other) => other.year === (row.year as number) - 1 && other.row === row.row);
        const [now, then] = [numberOf(row), earlier ? numberOf(earlier) : null];
        assert.equal(row.change, now === null || then === null ? null : now - then);
        assert.equal(
          row.change_rate,
          now === null || then === null || then <= 0 ? null : (now - then) / then,
        );
      }
    }),
  );
});

t.test('sorted rows are in order, nulls last either way, equals in the order of the form', async () => {
  const places = shape.places('row')!;
  fc.assert(
    fc.property(rows, fc.constantFrom('value', '-value'), (drawn, key) => {
      const sorted = refine({ sort: [key] }, drawn);
      for (const [index, row] of sorted.entries()) {
        const above = sorted[index - 1];
        if (above === undefined) continue;
        const [a, b] = [numberOf(above), numberOf(row)];
        if (a === b)
          assert.ok(
            (above.year as number) < (row.year as number) ||
              (above.year === row.year &&
                places.indexOf(above.row as string) < places.indexOf(row.row as string)),
          );
        else if (a === null) assert.fail('a null above a number');
        else if (b !== null) assert.ok(key === 'value' ? a < b : a > b);
      }
    }),
  );
});

t.test('conditions all hold, and a null satisfies none', async (t) => {
  const given = [rowOf(2022, 'granted', 5, 2), rowOf(2022, 'other', null, 3), rowOf(2023, 'granted', 7, 4)];
  const kept = (...having: string[]) => refine({ having }, given).map((row) => `${row.year} ${row.row}`);
  t.strictSame(kept('value>=5'), ['2022 granted', '2023 granted']);
  t.strictSame(kept('value>5'), ['2023 granted']);
  t.strictSame(kept('value<=5'), ['2022 granted']);
  t.strictSame(kept('value<5.5'), ['2022 granted']);
  t.strictSame(kept('value=7'), ['2023 granted']);
  t.strictSame(kept('value!=7'), ['2022 granted']);
  t.strictSame(kept('value>-1', 'reports<4'), ['2022 granted']);
});

t.test('everything is computed before rows are left out', async (t) => {
  const given = [rowOf(2022, 'granted', 3), rowOf(2022, 'other', 1), rowOf(2022, 'carried_out', 4)];
  const refinement = { compute: ['share', 'rank'], having: ['share<0.5'], top: 1 };
  t.strictSame(refine(refinement, given), [{ ...given[0], share: 0.375, rank: 2 }]);
  t.strictSame(
    refine({ top: 2 }, given).map(({ row }) => row),
    ['carried_out', 'granted'],
    'without sort the largest values',
  );
});

t.test('what cannot be done is told at once, each with what would be right', async (t) => {
  const problem = (refinement: Refinement, groupBy = shape.groupBy, computes?: string[]) => {
    try {
      refinementOf(refinement, { ...shape, groupBy, ...(computes && { computes }) });
      return [];
    } catch (error) {
      if (!(error instanceof Problem)) throw error;
      return error.options.errors!.map(({ pointer, message }) => `${pointer} ${message}`);
    }
  };
  t.match(
    problem({
      compute: ['rank'],
      having: ['value>1', 'valu>1', 'value=>1', 'row>1', 'share>1'],
      sort: ['-row', 'vlaue', '-change_rate', 'rank'],
    }),
    [
      /^\/having\/1 must begin with a number.*value, reports, rank; did you mean value\?$/,
      /^\/having\/2 must be a member, one of >= .* such as value>=100$/,
      /^\/having\/3 must begin/,
      '/having/4 share needs compute=share',
      /^\/sort\/1 must be a member.*year, row, value, reports, rank; did you mean value\?$/,
      '/sort/2 change_rate needs compute=change',
    ],
  );
  t.strictSame(problem({ having: ['rank<=2'], sort: ['rank'] }), [
    '/having/0 rank needs compute=rank',
    '/sort/0 rank needs compute=rank',
  ]);
  t.match(problem({ having: ['value>-9999999999999999', `value<0.${'1'.repeat(16)}`, 'value>1e9'] }), [
    /^\/having\/0 -9999999999999999 is too large: .* 15 digits/,
    /^\/having\/1 0\.1+ is too exact: .* 15 decimals/,
    /^\/having\/2 must be .* a number in plain digits/,
  ]);
  t.strictSame(problem({ having: [`value>${'9'.repeat(15)}.${'9'.repeat(15)}`] }), []);
  t.match(problem({ having: ['share>0', 'constructor>0'] }, shape.groupBy, ['rank']), [
    /^\/having\/0 must begin/,
    /^\/having\/1 must begin/,
  ]);
  t.match(problem({ compute: ['share', 'change', 'rank'] }, []), [
    /^\/compute\/0 needs group_by/,
    /^\/compute\/1 needs `year`/,
    /^\/compute\/2 needs group_by/,
  ]);
});

t.test('differences of decimals are exact', async (t) => {
  t.equal(difference(0.3, 0.1), 0.2);
  t.equal(difference(59237.2449, 59237.2448), 0.0001);
  t.equal(difference(1, 9007199254740991), -9007199254740990);
  const money = fc.integer({ min: -1e12, max: 1e12 }).map((units) => units / 1e4);
  fc.assert(
    fc.property(money, money, (a, b) => {
      assert.equal(difference(a, b), (Math.round(a * 1e4) - Math.round(b * 1e4)) / 1e4);
    }),
  );
});
