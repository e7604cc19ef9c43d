import { sql } from 'kysely';
import t from 'tap';
import { arrayAt, dayOf, eachCopied, monthOf, noDay, yearOf } from '../../src/walk/copied.ts';
import { createTestDatabase } from '../support/database.ts';

/** What a statement selects, in binary. */

const { db } = await createTestDatabase(t, { max: 1 });

t.test('rows come whole and in order, however large they are', async (t) => {
  const found: [number, number, number][] = [];
  await eachCopied(
    db,
    sql`select n, case when n % 3 > 0 then repeat('县', n * 1000) end from generate_series(1, 60) as n`,
    2,
    (data, at, length) => {
      const text = length[1]! < 0 ? '' : data.toString('utf8', at[1]!, at[1]! + length[1]!);
      t.equal(text, length[1]! < 0 ? '' : '县'.repeat(text.length));
      found.push([data.readInt32BE(at[0]!), length[1]!, text.length]);
    },
  );
  t.strictSame(
    found,
    Array.from({ length: 60 }, (_, index) => {
      const n = index + 1;
      return n % 3 > 0 ? [n, n * 3000, n * 1000] : [n, -1, 0];
    }),
  );
});

t.test('no row is none', async (t) => {
  await eachCopied(db, sql`select 1 where false`, 1, () => t.fail('there is none'));
});

t.test('arrays tell where their elements stand', async (t) => {
  const found: number[][] = [];
  await eachCopied(db, sql`select array[7, 8], '{}'::int[]`, 2, (data, at) => {
    for (const start of at) {
      const { amount, first } = arrayAt(data, start);
      found.push(Array.from({ length: amount }, (_, place) => data.readInt32BE(first + 8 * place + 4)));
    }
  });
  t.strictSame(found, [[7, 8], []]);
});

t.test('what goes wrong is told, and the connection is as good as before', async (t) => {
  const one = () => eachCopied(db, sql`select 1`, 1, () => {});
  await t.rejects(
    eachCopied(db, sql`select generate_series(1, 3)`, 1, () => {
      throw new RangeError('not this one');
    }),
    { message: 'not this one' },
  );
  await one();
  await t.rejects(
    eachCopied(db, sql`select 1 / (3 - n) from generate_series(1, 5) as n`, 1, () => {}),
    { code: '22012' },
  );
  await one();
  await t.rejects(
    eachCopied(db, sql`select ${1}`, 1, () => {}),
    { name: 'RangeError' },
  );
  await one();
});

t.test('days are those of PostgreSQL', async (t) => {
  for (const day of ['1999-12-31', '2000-01-01', '2024-02-29', '2100-12-31'])
    await eachCopied(db, sql`select ${sql.lit(day)}::date`, 1, (data, at) => {
      const number = data.readInt32BE(at[0]!);
      t.equal(number, dayOf(day), day);
      t.equal(yearOf(number), Number(day.slice(0, 4)));
      t.equal(monthOf(number), day.slice(0, 7));
    });
  t.equal(monthOf(noDay), null);
});
