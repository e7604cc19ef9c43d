import assert from 'node:assert/strict';
import fc from 'fast-check';
import t from 'tap';
import { isBelow } from '../../src/walk/cover.ts';

/** Who stands above whom. */

const marked = (size: number, organ: number) => {
  const marks = new Uint8Array(size);
  marks[organ] = 1;
  return marks;
};

t.test('above an organ are all on the way up but itself, in whatever circles parents run', async () => {
  const parents = fc
    .integer({ min: 1, max: 12 })
    .chain((size) => fc.array(fc.integer({ min: -1, max: size - 1 }), { minLength: size, maxLength: size }));
  fc.assert(
    fc.property(parents, (drawn) => {
      const drawnParents = Int32Array.from(drawn);
      for (let organ = 0; organ < drawn.length; organ++) {
        const above = new Set<number>();
        for (let one = drawn[organ]!; one >= 0 && !above.has(one); one = drawn[one]!) above.add(one);
        above.delete(organ);
        for (let other = 0; other < drawn.length; other++)
          assert.equal(
            isBelow(drawnParents, organ, marked(drawn.length, other), 1),
            above.has(other),
            `${drawn}: ${other} above ${organ}`,
          );
      }
    }),
    { numRuns: 500 },
  );
});
