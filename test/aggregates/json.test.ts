import assert from 'node:assert/strict';
import fc from 'fast-check';
import t from 'tap';
import { chooseRows, jsonOf, replaceRows } from '../../src/aggregates/json.ts';
import type { Row } from '../../src/formats/format.ts';

const rows = fc.array(
  fc.record(
    {
      unit: fc.constantFrom('件', '万元', null),
      organ_name: fc.string({ unit: 'grapheme' }),
      value: fc.option(fc.integer(), { nil: null }),
    },
    { noNullPrototype: true },
  ),
  { minLength: 60, maxLength: 120 },
);
const places = fc.array(fc.nat(), { maxLength: 200 });
const about = { basis: 'auto', warnings: [{ code: '码', message: '…' }] };

/** The answer as it is told, which must be what it consists of. */
const told = (data: readonly Row[]) => JSON.parse(jsonOf({ data, ...about }).toString());
const placesIn = (numbers: readonly number[], { length }: readonly Row[]) => [
  ...new Set(numbers.map((number) => number % length)),
];

t.test('whatever rows of the same answer are chosen, in whatever order, these are told', async () => {
  fc.assert(
    fc.property(rows, fc.array(places, { minLength: 1, maxLength: 5 }), (data, choices) => {
      assert.deepEqual(told(data), { data, ...about });
      for (const numbers of choices) {
        const chosen = chooseRows(data, placesIn(numbers, data));
        assert.deepEqual(told(chosen), { data: chosen, ...about });
      }
      assert.deepEqual(told(data), { data, ...about });
    }),
    { numRuns: 50 },
  );
});

t.test('rows that change are told as they are now, and the others as before', async () => {
  const change = fc.tuple(places, fc.string({ unit: 'grapheme', maxLength: 300 }), fc.integer());
  fc.assert(
    fc.property(rows, fc.array(change, { minLength: 1, maxLength: 5 }), places, (first, changes, numbers) => {
      let data: readonly Row[] = first;
      // Asked twice, so that its JSON is kept.
      told(data);
      told(data);
      for (const [at, organ_name, value] of changes) {
        const replaced = new Set(placesIn(at, data));
        const changed = data.map((row, place) => (replaced.has(place) ? { ...row, organ_name, value } : row));
        replaceRows(data, changed, replaced);
        const chosen = chooseRows(changed, placesIn(numbers, changed));
        assert.deepEqual(told(chosen), { data: chosen, ...about });
        assert.deepEqual(told(changed), { data: changed, ...about });
        assert.deepEqual(
          told(data),
          { data, ...about },
          'whoever asks of an earlier moment is told that moment',
        );
        data = changed;
      }
    }),
    { numRuns: 50 },
  );
});
