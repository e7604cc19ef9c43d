import { readFile } from 'node:fs/promises';
import { relative } from 'node:path';
import { sql } from 'kysely';
import t from 'tap';
import { generatedFiles } from '../../migrations/generate.ts';
import { allDivisions, divisionsMigration } from '../../migrations/generate-divisions.ts';
import { openDatabase } from '../../src/db/database.ts';
import { migrate } from '../../src/db/migrate.ts';
import { createDatabase, createTestDatabase, execute } from '../support/database.ts';

t.test('three replicas that start at once on an empty database migrate it once', async (t) => {
  const url = await createDatabase(t);
  const ran = await Promise.all([migrate(url), migrate(url), migrate(url)]);
  const worked = ran.filter((names) => names.length > 0);
  t.equal(worked.length, 1, 'one did the work');
  t.match(worked[0]?.[0], '0001-foundation');
  t.same(await migrate(url), [], 'nothing is left to do');
  const db = openDatabase(url);
  const { count } = await db
    .selectFrom('divisions')
    .select((all) => all.fn.countAll<number>().as('count'))
    .executeTakeFirstOrThrow();
  await db.destroy();
  t.equal(count, allDivisions().length);
});

t.test('a database of a later release is refused by name', async (t) => {
  const { url } = await createTestDatabase(t);
  await execute(url, "insert into kysely_migration (name, timestamp) values ('9999-future', now())");
  await t.rejects(migrate(url), /9999-future/);
});

t.test('a migration waits for another process, and not for ever', async (t) => {
  const { url, db } = await createTestDatabase(t);
  await db.connection().execute(async (other) => {
    await sql`select pg_advisory_lock(7112019)`.execute(other);
    await t.rejects(migrate(url, { wait: 200 }), /another process/);
    const waiting = migrate(url, { wait: 5_000 });
    await sql`select pg_advisory_unlock(7112019)`.execute(other);
    t.same(await waiting, []);
  });
});

t.test('generated files are those of the migrations: if not, run `npm run schema`', async (t) => {
  const { url } = await createTestDatabase(t);
  for (const { path, text } of await generatedFiles(url))
    t.equal(await readFile(path, 'utf8'), text, relative(process.cwd(), path));
  const divisions = new URL('../../migrations/0002-divisions.sql', import.meta.url);
  t.equal(await readFile(divisions, 'utf8'), divisionsMigration(), 'run migrations/generate-divisions.ts');
});
