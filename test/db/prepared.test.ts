import { sql } from 'kysely';
import t from 'tap';
import { openDatabase } from '../../src/db/database.ts';
import { prepare } from '../../src/db/prepared.ts';
import { createTestDatabase } from '../support/database.ts';

const { url } = await createTestDatabase(t);
const double = prepare<{ value: number }>('double', 'select 2 * $1::int as value');

t.test('a prepared statement is kept by its connection, in and out of transactions', async (t) => {
  const db = openDatabase(url, { max: 1 });
  t.teardown(() => db.destroy());
  t.strictSame(await double(db, [21]), [{ value: 42 }]);
  await db.transaction().execute(async (trx) => t.strictSame(await double(trx, [-1]), [{ value: -2 }]));
  const { rows } = await sql`select name from pg_prepared_statements`.execute(db);
  t.strictSame(rows, [{ name: 'double' }]);
});

t.test('a prepared statement that fails can be asked again', async (t) => {
  const db = openDatabase(url, { max: 1 });
  t.teardown(() => db.destroy());
  await t.rejects(double(db, ['many']), { code: '22P02' });
  t.strictSame(await double(db, [1]), [{ value: 2 }]);
});
