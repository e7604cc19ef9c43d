import assert from 'node:assert/strict';
import fc from 'fast-check';
import t from 'tap';
import type { Aggregate } from '../../src/aggregates/aggregate.ts';
import { heightOf } from '../../src/aggregates/columns.ts';
import { disclosureItems } from '../../src/aggregates/disclosure-items.ts';
import { layoutOf } from '../../src/aggregates/layout.ts';
import type { AggregateQuery, Summed } from '../../src/aggregates/queries.ts';
import { requestStatistics } from '../../src/aggregates/request-statistics.ts';
import { choose } from '../../src/aggregates/selection.ts';
import { sumByWalking } from '../../src/walk/summing.ts';
import { organ, report } from '../aggregates/stored-reports.ts';
import { storeWorld } from '../aggregates/worlds.ts';
import { createTestDatabase } from '../support/database.ts';
import { sumFromRows } from '../support/from-rows.ts';

/** Sums of figures of every size, in segments and not yet: as exact as PostgreSQL adds decimals up. */

const { db } = await createTestDatabase(t);

/** Whole numbers of every size that may be stored, and of some that several widths of segments end at. */
const counts = fc.option(
  fc.oneof(
    fc.nat(9),
    fc.constantFrom(32_766, 32_767, 32_768, 2_147_483_647, 2_147_483_648, 2 ** 52, 2 ** 53 - 1),
    fc.maxSafeNat(),
  ),
  { freq: 5 },
);
/** Amounts as numbers of ten-thousandths that a JSON number still is. */
const amounts = fc.option(
  fc.oneof(
    fc.nat(99_999).map((units) => units / 10_000),
    fc.constantFrom(0, 0.0001, 9999, 10_000, 45_035_996_273, 45_035_996.2738, 99_999_999_999.9999),
    fc.nat(1_000_000_000).map((units) => units / 100),
    fc.nat({ max: 99_999 }).map((millions) => millions * 1_000_000),
  ),
  { freq: 5 },
);

const members = fc.record({
  total: counts,
  natural_person: counts,
  amount: amounts,
  unit: fc.constantFrom('元', '万元', null),
});

/** Each row with sums as numbers, so that 1.5000 is 1.5. */
function comparable(aggregate: Aggregate, query: AggregateQuery, { rows }: Summed): string[] {
  const layout = layoutOf(aggregate, choose(aggregate, query));
  const sums = new Set(layout.columns.map(({ sum }) => sum));
  const plain = (text: string) => (text.includes('.') ? text.replace(/\.?0+$/, '') : text);
  return Array.from({ length: heightOf(rows) }, (_, row) =>
    rows.map((column, place) =>
      sums.has(place) && column[row] !== null ? plain(String(column[row])) : column[row],
    ),
  )
    .map((row) => JSON.stringify(row))
    .sort();
}

t.test('they are added up exactly', async () => {
  let large = 0;
  /** Two of the largest figures in one world, so that their sum is more than a double holds. */
  const largest = {
    total: 2 ** 53 - 1,
    natural_person: null,
    amount: 99_999_999_999.9999,
    unit: '万元' as const,
  };
  await fc.assert(
    fc.asyncProperty(
      fc.array(members, { minLength: 3, maxLength: 12 }),
      fc.boolean(),
      async (some, isLarge) => {
        const drawn = isLarge ? [...some, largest, largest] : some;
        const organs = drawn.map(() => organ({ division_code: '321302' }));
        const reports = drawn.map(({ total, natural_person, amount, unit }, index) =>
          report({
            organ_id: organs[index]!.id,
            editions: { disclosure_items: '2019', request_statistics: '2021' },
            disclosure_items: [{ item: 'procurement', measure: 'amount', value: amount, unit }],
            request_statistics: [
              {
                row: 'granted',
                natural_person,
                business: null,
                research: null,
                public_interest: null,
                legal_service: null,
                other: null,
                total,
              },
            ],
          }),
        );
        await storeWorld(db, { organs, reports });
        const asked: [Aggregate, AggregateQuery][] = [
          [requestStatistics, { row: ['granted'], group_by: ['year'] }],
          [requestStatistics, { row: ['granted'], applicant: ['natural_person'], group_by: ['organ'] }],
          [disclosureItems, { item: ['procurement'], measure: ['amount'], group_by: [] }],
          [disclosureItems, { item: ['procurement'], measure: ['amount'], group_by: ['organ'] }],
        ];
        for (const [aggregate, query] of asked) {
          const selection = choose(aggregate, query);
          const wanted = comparable(
            aggregate,
            query,
            await sumFromRows(db, aggregate, query, selection, 100),
          );
          const found = await sumByWalking(db, { aggregate, selection }, query, 100, {});
          assert.deepEqual(comparable(aggregate, query, found), wanted, JSON.stringify(query));
          large += wanted.filter((row) => /"[0-9]{17,}/.test(row)).length;
        }
      },
    ),
    { numRuns: 25 },
  );
  assert.ok(large > 3, `${large} sums are more than a double holds`);
});
