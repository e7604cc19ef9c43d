import { setImmediate as turn } from 'node:timers/promises';
import fc from 'fast-check';
import t from 'tap';
import { coalesce } from '../../src/db/coalesce.ts';

/** Reads that end when told to. */
function heldReads() {
  const reads: { keys: number[]; end: () => void; fail: (error: Error) => void }[] = [];
  const readAll = (keys: number[]) => {
    const { promise, resolve, reject } = Promise.withResolvers<string[]>();
    reads.push({ keys, end: () => resolve(keys.map(String)), fail: reject });
    return promise;
  };
  return { reads, readAll };
}

t.test('what is asked for in one turn is read at once, and everyone gets their own', async (t) => {
  const { reads, readAll } = heldReads();
  const read = coalesce(readAll);
  const asked = [3, 1, 2, 1].map(read);
  await turn();
  t.strictSame(
    reads.map(({ keys }) => keys),
    [[3, 1, 2, 1]],
  );
  reads[0]!.end();
  t.strictSame(await Promise.all(asked), ['3', '1', '2', '1']);
});

t.test('what comes while enough is being read waits for a read of its own', async (t) => {
  const { reads, readAll } = heldReads();
  const read = coalesce(readAll, { atOnce: 1 });
  const before = read(1);
  await turn();
  const later = [read(1), read(2)];
  await turn();
  t.equal(reads.length, 1, 'a read that has begun answers nothing that came after it');
  reads[0]!.end();
  t.equal(await before, '1');
  await turn();
  t.strictSame(reads[1]!.keys, [1, 2]);
  reads[1]!.end();
  t.strictSame(await Promise.all(later), ['1', '2']);
});

t.test('a read that fails fails for all who wait for it, and for nobody else', async (t) => {
  const { reads, readAll } = heldReads();
  const read = coalesce(readAll, { most: 2, atOnce: 2 });
  const asked = [1, 2, 3].map((key) => read(key).catch((error: Error) => error.message));
  await turn();
  t.strictSame(
    reads.map(({ keys }) => keys),
    [[1, 2], [3]],
  );
  reads[0]!.fail(new Error('lost'));
  reads[1]!.end();
  t.strictSame(await Promise.all(asked), ['lost', 'lost', '3']);
  const next = read(4);
  await turn();
  reads[2]!.end();
  t.equal(await next, '4', 'the next read goes on');
});

t.test('however reads are asked for, each is answered once, within the limits', async (t) => {
  const plan = fc.record({
    turns: fc.array(fc.array(fc.integer(), { maxLength: 20 }), { maxLength: 20 }),
    most: fc.integer({ min: 1, max: 8 }),
    atOnce: fc.integer({ min: 1, max: 3 }),
  });
  await fc.assert(
    fc.asyncProperty(plan, async ({ turns, most, atOnce }) => {
      let running = 0;
      const read = coalesce(
        async (keys: number[]) => {
          running++;
          if (keys.length > most || running > atOnce) throw new Error('beyond the limits');
          await turn();
          running--;
          return keys.map((key) => -key);
        },
        { most, atOnce },
      );
      const asked: Promise<number>[] = [];
      for (const keys of turns) {
        asked.push(...keys.map(read));
        await turn();
      }
      t.strictSame(
        await Promise.all(asked),
        turns.flat().map((key) => -key),
      );
    }),
    { numRuns: 50 },
  );
});
