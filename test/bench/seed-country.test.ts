import { spawn } from 'node:child_process';
import { randomBytes } from 'node:crypto';
import { once } from 'node:events';
import { text } from 'node:stream/consumers';
import { fileURLToPath } from 'node:url';
import { sql } from 'kysely';
import pg from 'pg';
import t from 'tap';
import { seedCountry } from '../../bench/seed-country.ts';
import { openDatabase } from '../../src/db/database.ts';
import { migrate } from '../../src/db/migrate.ts';
import { verifyRollups } from '../../src/rollups/verification.ts';
import { createDatabase, execute, maintenanceVariable } from '../support/database.ts';
import { countRows, hashes, seed } from './support.ts';

const { url, db, seeded } = await seed(t, { reports: 500 });
const small = await seed(t, { reports: 100 });

t.test('the same number and seed give the same rows, another seed others', async (t) => {
  const rowsOf = async (of: number) => hashes((await seed(t, { reports: 100, seed: of })).db);
  const first = await hashes(small.db);
  t.same(await rowsOf(1), first);
  const other = await rowsOf(2);
  for (const name of ['organs', 'reports', 'revisions', 'request_statistics', 'effective_answers'])
    t.not(other[name], first[name], name);
});

t.test('a country has about as many reports as it was asked for, whatever its size', async (t) => {
  t.ok(Math.abs(small.seeded.reports - 100) < 20, `${small.seeded.reports} of 100`);
  t.ok(Math.abs(seeded.reports - 500) < 50, `${seeded.reports} of 500`);
  t.equal(await countRows(db, sql`reports`), seeded.reports);
  t.equal(await countRows(db, sql`organs`), seeded.organs);
  t.equal(await countRows(db, sql`revisions`), seeded.revisions);
});

t.test('every constraint holds when it is checked again, and the triggers are back', async (t) => {
  const client = new pg.Client({ connectionString: url });
  await client.connect();
  t.teardown(() => client.end());
  await client.query('begin');
  const { rows } = await client.query<{ owner: string; name: string; text: string }>(`
    select conrelid::regclass::text as owner, conname as name, pg_get_constraintdef(oid) as text
    from pg_constraint where contype in ('f', 'c') and connamespace = 'public'::regnamespace`);
  t.ok(rows.length > 30);
  for (const { owner, name, text } of rows) {
    await client.query(`alter table ${owner} drop constraint ${name}`);
    await client.query(`alter table ${owner} add constraint ${name} ${text}`);
  }
  await client.query('rollback');
  const { rows: disabled } = await client.query("select tgname from pg_trigger where tgenabled <> 'O'");
  t.same(disabled, []);
  await t.rejects(client.query('update request_statistics set total = 1'), { code: 'GK001' });
});

t.test(
  'an owner who is no superuser loads the same rows, with foreign keys live and triggers back after',
  async (t) => {
    const server = process.env[maintenanceVariable]!;
    const name = `gongkai_test_user_${randomBytes(4).toString('hex')}`;
    await execute(server, `create role ${name} login password 'secret'`);
    t.teardown(() => execute(server, `drop role ${name}`));
    const superuser = await createDatabase(t);
    await execute(
      superuser,
      `alter database ${new URL(superuser).pathname.slice(1)} owner to ${name}; grant gongkai_caller to ${name}`,
    );
    await execute(superuser, `alter schema public owner to ${name}`);
    const url = new URL(superuser);
    url.username = name;
    url.password = 'secret';
    await migrate(url.href);
    await seedCountry(url.href, { reports: 100 });
    const db = openDatabase(url.href);
    t.teardown(() => db.destroy());
    t.same(await hashes(db), await hashes(small.db));
    const disabled = await sql`select tgname from pg_trigger where tgenabled <> 'O'`.execute(db);
    t.same(disabled.rows, []);
  },
);

t.test('the rollups are brought up to date after the load', async (t) => {
  const { compared, differences } = await verifyRollups(small.db);
  t.same(differences, []);
  t.ok(compared > 1000, `${compared} sums and counts were compared`);
});

t.test('a database that has organs is left alone, and sizes out of bounds are refused', async (t) => {
  const before = await hashes(db);
  await t.rejects(seedCountry(url, { reports: 1000 }), /has organs already/);
  t.same(await hashes(db), before);
  for (const reports of [99, 1_200_001, 0.5, Number.NaN])
    await t.rejects(seedCountry(url, { reports }), /^--reports: a whole number/);
});

t.test('the command says what it loaded, or in a line why it does not', async (t) => {
  const url = await createDatabase(t);
  const db = openDatabase(url);
  t.teardown(() => db.destroy());
  const script = fileURLToPath(new URL('../../bench/seed-country.ts', import.meta.url));
  const seedBy = async (args: string[]) => {
    const env = { ...process.env, DATABASE_URL: url };
    const child = spawn(process.execPath, [script, ...args], { env, stdio: ['ignore', 'pipe', 'pipe'] });
    const [out, err, [code]] = await Promise.all([
      text(child.stdout),
      text(child.stderr),
      once(child, 'close'),
    ]);
    return { code, out, err };
  };
  const { code, out } = await seedBy(['--reports', '100', '--seed', '3']);
  t.equal(code, 0);
  t.match(out, new RegExp(`^\\d+ organs, ${await countRows(db, sql`reports`)} reports, `, 'm'));
  for (const [args, why] of [
    [
      ['--reports', '100', '--database-url', url],
      /^the database has organs already; a country needs an empty one\n$/,
    ],
    [['--reports', 'many'], /^--reports: a whole number from 100 to 1200000\n$/],
    [
      ['--repotrs', '100'],
      /^Unknown option '--repotrs'.*--reports number +about how many reports, 100 to 1200000; 12000 by default/s,
    ],
  ] as const)
    t.match(await seedBy([...args]), { code: 2, out: '', err: why });
  t.match(await seedBy(['--help']), { code: 0, out: /--database-url url .*DATA_DIR/, err: '' });
});
