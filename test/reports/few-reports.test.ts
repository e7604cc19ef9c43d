import assert from 'node:assert/strict';
import fc from 'fast-check';
import { sql } from 'kysely';
import t from 'tap';
import { organKinds, organLevels } from '../../src/editions/vocabulary.ts';
import { fewReports } from '../../src/reports/few-reports.ts';
import { type ReportFilters, reportFilters } from '../../src/reports/filters.ts';
import { storeWorld, worlds } from '../aggregates/worlds.ts';
import { createTestDatabase } from '../support/database.ts';

const { db } = await createTestDatabase(t);

const some = <T>(...values: T[]) => fc.option(fc.subarray(values, { minLength: 1 }), { nil: undefined });
const drawn = fc.record({
  year: some('2022', '2023'),
  division: some('32', '321300', '321302', '3301', '321302001'),
  level: some(...organLevels.map(({ level }) => level)),
  kind: some(...organKinds.map(({ kind }) => kind)),
  published_since: fc.constantFrom(undefined, undefined, '2024-01-31', '2024-02-01'),
  organs: fc.record({ organ_id: fc.boolean(), under: fc.boolean(), place: fc.nat() }),
});

t.test('what is found first has all reports that match, or is not known', async () => {
  let known = 0;
  let unknown = 0;
  await fc.assert(
    fc.asyncProperty(worlds, fc.array(drawn, { minLength: 8, maxLength: 8 }), async (world, asked) => {
      await storeWorld(db, world);
      for (const { organs, ...others } of asked) {
        const { id } = world.organs[organs.place % world.organs.length]!;
        const filters: ReportFilters = {
          ...Object.fromEntries(Object.entries(others).filter(([, value]) => value !== undefined)),
          ...(organs.organ_id && { organ_id: [id] }),
          ...(organs.under && { under: [id] }),
        };
        const { rows } = await sql<{ id: string }>`
          select distinct reports.id from reports join organs on organs.id = reports.organ_id
            join revisions on revisions.report_id = reports.id
          where ${reportFilters(filters)}`.execute(db);
        const found = new Set(await fewReports(db, filters));
        const names = Object.keys(filters).some((name) => name !== 'year');
        assert.equal((await fewReports(db, filters)) !== undefined, names, JSON.stringify(filters));
        if (!names) continue;
        known += rows.length;
        assert.ok(
          rows.every((row) => found.has(row.id)),
          JSON.stringify(filters),
        );
        if (rows.length === 0) continue;
        assert.equal(await fewReports(db, filters, rows.length - 1), undefined, JSON.stringify(filters));
        unknown++;
      }
    }),
    { numRuns: 15 },
  );
  assert.ok(
    known > 20 && unknown > 10,
    `${known} reports were among those found, ${unknown} times they were too many`,
  );
});
