import assert from 'node:assert/strict';
import fc from 'fast-check';
import { sql } from 'kysely';
import t from 'tap';
import { kindKeys, levelKeys } from '../../src/editions/vocabulary.ts';
import { isAmongFew } from '../../src/reports/few-reports.ts';
import { type ReportFilters, reportFilters } from '../../src/reports/filters.ts';
import { storeWorld, worlds } from '../aggregates/worlds.ts';
import { createTestDatabase } from '../support/database.ts';

const { db } = await createTestDatabase(t);

const some = <T>(...values: T[]) =>
  fc.option(fc.subarray(values, { minLength: 1 }), { nil: undefined, freq: 1 });
const drawn = fc.record({
  year: some('2022', '2023'),
  division: some('32', '321300', '321302', '3301', '321302001'),
  level: some(...levelKeys),
  kind: some(...kindKeys),
  published_since: fc.constantFrom(undefined, undefined, '2024-01-31', '2024-02-01'),
  organs: fc.record({ named: fc.constantFrom('organ_id', 'under', undefined, undefined), place: fc.nat() }),
});

t.test('whether few reports are found first or all are walked along, the same ones match', async () => {
  let known = 0;
  await fc.assert(
    fc.asyncProperty(worlds, fc.array(drawn, { minLength: 8, maxLength: 8 }), async (world, asked) => {
      await storeWorld(db, world);
      for (const { organs, ...others } of asked) {
        const { id } = world.organs[organs.place % world.organs.length]!;
        const filters: ReportFilters = {
          ...Object.fromEntries(Object.entries(others).filter(([, value]) => value !== undefined)),
          ...(organs.named && { [organs.named]: [id] }),
        };
        const ids = async (most: number) => {
          const few = await isAmongFew(db, filters, most);
          const { rows } = await sql<{ id: string }>`
            select reports.id from reports join organs on organs.id = reports.organ_id
              join revisions on revisions.report_id = reports.id
            where ${reportFilters(filters)} and ${few} order by reports.id`.execute(db);
          return rows.map(({ id }) => id);
        };
        const found = await ids(1000);
        assert.deepEqual(found, await ids(-1), JSON.stringify(filters));
        assert.deepEqual(found, await ids(found.length), JSON.stringify(filters));
        known += found.length;
      }
    }),
    { numRuns: 15 },
  );
  assert.ok(known > 15, `${known} reports were found`);
});
