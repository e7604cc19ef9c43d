import assert from 'node:assert/strict';
import fc from 'fast-check';
import t from 'tap';
import { requestStatistics } from '../../src/aggregates/request-statistics.ts';
import { choose } from '../../src/aggregates/selection.ts';
import { foldRollups } from '../../src/rollups/maintenance.ts';
import { sumByWalking } from '../../src/walk/summing.ts';
import { organ, received, report } from '../aggregates/stored-reports.ts';
import { renewSegments, storeWorld } from '../aggregates/worlds.ts';
import { createTestDatabase } from '../support/database.ts';
import { sumFromRows } from '../support/from-rows.ts';

/** What a text finds, in segments and not yet: what the database finds, whatever letters and signs are in it. */

const { db } = await createTestDatabase(t);

const texts = fc
  .array(
    fc.oneof(
      fc.constantFrom('县', '教育局', '2023年', '20', '报告', '\n', '\u0001'),
      fc.constantFrom('a', 'B', 'Ａ', 'é', 'É', "'", '"', '\\', '%', '_', '$1', ';--', ' '),
    ),
    {
      minLength: 1,
      maxLength: 5,
    },
  )
  .map((parts) => parts.join(''));

t.test('signs mean themselves, and large and small letters are the same', async () => {
  let found = 0;
  const members = fc.record({ name: texts, title: fc.option(texts, { freq: 4 }) });
  await fc.assert(
    fc.asyncProperty(
      fc.array(members, { minLength: 3, maxLength: 9 }),
      fc.array(fc.tuple(fc.nat(), fc.nat(6), fc.integer({ min: 1, max: 5 })), {
        minLength: 8,
        maxLength: 8,
      }),
      async (drawn, parts) => {
        const organs = drawn.map(({ name }) => organ({ name, division_code: '321302' }));
        const reports = drawn.map(({ title }, index) =>
          report({ organ_id: organs[index]!.id, title, ...received(1, index) }),
        );
        await storeWorld(db, { organs, reports });
        const all = drawn.flatMap(({ name, title }) => (title === null ? [name] : [name, title]));
        for (const [which, from, length] of parts) {
          const text = all[which % all.length]!;
          const part = text.slice(from, from + length) || text;
          for (const q of new Set([part, part.toLowerCase(), part.toUpperCase()])) {
            const query = { row: ['new_received'], group_by: ['organ'], q };
            const selection = choose(requestStatistics, query);
            const summing = { aggregate: requestStatistics, selection };
            const wanted = await sumFromRows(db, requestStatistics, query, selection, 100);
            const walked = await sumByWalking(db, summing, query, 100, {});
            const namesOf = ({ rows }: typeof wanted) => [...(rows[0] ?? [])].sort();
            assert.deepEqual(namesOf(walked), namesOf(wanted), JSON.stringify(q));
            assert.equal(walked.organs_expected, wanted.organs_expected, JSON.stringify(q));
            found += wanted.reports;
          }
        }
      },
    ),
    { numRuns: 20 },
  );
  assert.ok(found > 100, `${found} were found`);
});

t.test('a text ends where its title ends, whatever the bytes are that follow in a segment', async () => {
  // 258 bytes each, 0x0102 of them.
  const title = '县'.repeat(86);
  const organs = [1, 2].map(() => organ({ division_code: '321302' }));
  const reports = organs.map(({ id }, index) => report({ organ_id: id, title, ...received(1, index) }));
  await storeWorld(db, { organs, reports });
  await foldRollups(db, true);
  await renewSegments(db);
  const reportsWith = async (q: string) => {
    const query = { row: ['new_received'], q };
    const summing = { aggregate: requestStatistics, selection: choose(requestStatistics, query) };
    return (await sumByWalking(db, summing, query, 100, {})).reports;
  };
  assert.equal(await reportsWith('县县'), 2);
  assert.equal(await reportsWith('县\u0001\u0002'), 0);
});
