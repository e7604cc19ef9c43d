import { randomBytes } from 'node:crypto';
import { sql } from 'kysely';
import pg from 'pg';
import t, { type Test } from 'tap';
import { type SeedOptions, seedCountry } from '../../bench/seed-country.ts';
import { buildApp } from '../../src/app.ts';
import { type Db, openDatabase } from '../../src/db/database.ts';
import { migrate } from '../../src/db/migrate.ts';
import { applicantParts } from '../../src/editions/vocabulary.ts';
import type { NaturalKey } from '../../src/reports/documents.ts';
import { evaluateContent } from '../../src/reports/findings.ts';
import { renderPublicAnswer } from '../../src/reports/publication.ts';
import { getRevision } from '../../src/reports/queries.ts';
import { summarise } from '../../src/rules/index.ts';
import { createDatabase, createTestDatabase, execute, maintenanceVariable } from '../support/database.ts';

/** A country of its own in a database of its own. */
async function seed(test: Test, options: SeedOptions) {
  const { url, db } = await createTestDatabase(test);
  return { url, db, seeded: await seedCountry(url, options) };
}

const { url, db, seeded } = await seed(t, { reports: 1000 });

const tables = async (db: Db) =>
  (
    await sql<{ name: string }>`select relname as name from pg_class
      where relkind = 'r' and relnamespace = 'public'::regnamespace and relname !~ '^kysely' order by 1`.execute(
      db,
    )
  ).rows.map(({ name }) => name);

/** A hash of all rows of each table, whatever order they are stored in. */
async function hashes(db: Db): Promise<Record<string, string>> {
  const hashed: Record<string, string> = {};
  for (const name of await tables(db)) {
    const { rows } = await sql<{ hash: string }>`
      select md5(coalesce(string_agg(row::text, E'\n' order by row::text), '')) as hash
      from ${sql.table(name)} as row`.execute(db);
    hashed[name] = rows[0]!.hash;
  }
  return hashed;
}

const count = async (query: ReturnType<typeof sql<{ n: number }>>) => (await query.execute(db)).rows[0]!.n;

t.test('the same number and seed give the same rows, another seed others', async (t) => {
  const first = await hashes(db);
  t.same(await hashes((await seed(t, { reports: 1000, seed: 1 })).db), first);
  const other = await hashes((await seed(t, { reports: 1000, seed: 2 })).db);
  for (const name of ['organs', 'reports', 'revisions', 'request_statistics', 'effective_answers'])
    t.not(other[name], first[name], name);
});

t.test('a country has about as many reports as it was asked for, whatever its size', async (t) => {
  for (const reports of [100, 400]) {
    const small = await seed(t, { reports });
    t.ok(Math.abs(small.seeded.reports - reports) < reports / 5, `${small.seeded.reports} of ${reports}`);
  }
  t.ok(Math.abs(seeded.reports - 1000) < 50, `${seeded.reports} of 1000`);
  t.equal(await count(sql`select count(*) as n from reports`), seeded.reports);
  t.equal(await count(sql`select count(*) as n from organs`), seeded.organs);
  t.equal(await count(sql`select count(*) as n from revisions`), seeded.revisions);
});

t.test('organs of every kind and level stand under the government of their place', async (t) => {
  const kinds = await db.selectFrom('organs').select('kind').distinct().execute();
  t.equal(kinds.length, 7);
  const levels = await db.selectFrom('organs').select('level').distinct().execute();
  t.equal(levels.length, 5);
  const astray = await count(sql`
    select count(*) as n from organs join organs above on above.id = organs.parent_id
    where above.kind <> 'government' or above.division_county <> organs.division_county
      and not exists (select from divisions where code = organs.division_county and parent_code = above.division_code)`);
  t.equal(astray, 0);
  const tops = await db
    .selectFrom('organs')
    .select(['kind', 'level'])
    .where('parent_id', 'is', null)
    .execute();
  t.ok(
    tops.every(({ level }) => level === 'national' || level === 'province'),
    'only the office of the nation and provinces have nobody above them',
  );
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
  'the requests of a consolidated report are those of its parts, unless it is off on purpose',
  async (t) => {
    const parts = sql.join(applicantParts.map((part) => sql`sum(coalesce(${sql.ref(part)}, 0))`));
    const { rows } = await sql<{ off: number; wholes: number }>`
    with recursive under (top, organ) as (
      select id, id from organs
      union all select top, organs.id from under join organs on parent_id = organ
    ), sums as (
      select organ_id, year, scope, case when row ~ '^other' then 'other' else row end as role, array[${parts}] as sum
      from reports join revisions on report_id = reports.id and state = 'published'
        join request_statistics on revision_id = revisions.id and row <> 'handled_total'
      group by 1, 2, 3, 4
    ), wholes as (
      select * from sums where scope = 'consolidated'
    ), covered as (
      select wholes.organ_id, wholes.year, role, part, coalesce(sum(value), 0) as value
      from wholes join under on top = wholes.organ_id
        join sums using (year, role), unnest(sums.sum) with ordinality as each (value, part)
      where sums.scope = 'own' and sums.organ_id = organ
      group by 1, 2, 3, 4
    )
    select count(distinct (organ_id, year)) as wholes,
      count(distinct (organ_id, year)) filter (where each.value <> coalesce(covered.value, 0)) as off
    from wholes cross join unnest(wholes.sum) with ordinality as each (value, part)
      left join covered using (organ_id, year, role, part)`.execute(db);
    t.ok(seeded.off > 0 && rows[0]!.wholes > 5 * seeded.off, `${seeded.off} of ${rows[0]!.wholes}`);
    t.equal(rows[0]!.off, seeded.off);
  },
);

const everyReport = await db.selectFrom('reports').select(['id', 'organ_id', 'year', 'scope']).execute();
const sample = everyReport.filter(({ scope }, index) => index % 12 === 0 || scope === 'consolidated');

t.test(
  'a stored answer is what the service would render, and absent where nothing is in effect',
  async (t) => {
    const answers = () => db.selectFrom('effective_answers').selectAll().orderBy('report_id').execute();
    const stored = await answers();
    await db.transaction().execute(async (trx) => {
      for (const { id } of sample) await renderPublicAnswer(trx, id);
    });
    t.same(await answers(), stored);
    t.equal(
      stored.length,
      await count(sql`select count(*) as n from revisions where state = 'published'`),
      'each report in effect has one',
    );
  },
);

t.test('a findings summary is what the rules say of the figures and of the year before', async (t) => {
  for (const report of sample)
    for (const { id, findings_summary } of await db
      .selectFrom('revisions')
      .select(['id', 'findings_summary'])
      .where('report_id', '=', report.id)
      .execute()) {
      const findings = await evaluateContent(db, report as NaturalKey, await getRevision(db, id));
      t.same(findings_summary, summarise(findings));
    }
});

t.test('nothing was submitted while an error was unanswered', async (t) => {
  const revisions = await db
    .selectFrom('revisions')
    .innerJoin('reports', 'reports.id', 'report_id')
    .select(['revisions.id', 'organ_id', 'year', 'scope'])
    .where('submitted_at', 'is not', null)
    .where(sql<boolean>`(findings_summary->>'error')::int > 0`)
    .limit(60)
    .execute();
  t.equal(revisions.length, 60);
  for (const { id, ...key } of revisions) {
    const answers = await db
      .selectFrom('finding_answers')
      .select('finding_key')
      .where('revision_id', '=', id)
      .execute();
    const answered = new Set(answers.map(({ finding_key }) => finding_key));
    const findings = await evaluateContent(db, key as NaturalKey, await getRevision(db, id));
    const errors = findings.filter(({ status, severity }) => status === 'failed' && severity === 'error');
    t.ok(errors.length > 0 && errors.every(({ finding_key }) => answered.has(finding_key)));
  }
});

t.test('reports are as uneven as published ones: editions, blanks, gaps, states, units', async (t) => {
  const found = {
    'a later report on the older request table': sql`reports join revisions on report_id = reports.id
      where year >= 2021 and request_edition = '2019'`,
    'the edition of 2019': sql`revisions where disclosure_edition = '2019'`,
    'the edition of 2021': sql`revisions where request_edition = '2021'`,
    'a blank total beside a figure': sql`request_statistics where total is null and natural_person > 0`,
    'a blank proceeding': sql`review_litigation_counts where total is null and upheld is null`,
    'a proceeding whose total is wrong': sql`review_litigation_counts where total <> upheld + corrected + other + pending`,
    'a row whose total is wrong': sql`request_statistics where total <> natural_person + business + research
      + public_interest + legal_service + other`,
    'a blank cell of section two': sql`disclosure_items where value is null`,
    'an amount without its unit': sql`disclosure_items where measure = 'amount' and unit is null`,
    'an amount in 元': sql`disclosure_items where measure = 'amount' and unit = '元'`,
    'an amount in 万元': sql`disclosure_items where item = 'procurement' and unit = '万元'`,
    'a report captured in part': sql`revisions where (select count(*) from request_statistics
      where revision_id = revisions.id) < 23`,
    'a warning': sql`revisions where (findings_summary->>'warning')::int > 0`,
    'a report with nothing to find': sql`revisions where (findings_summary->>'error')::int = 0
      and (findings_summary->>'warning')::int = 0`,
    ...Object.fromEntries(
      ['draft', 'submitted', 'published', 'superseded', 'withdrawn'].map((state) => [
        state,
        sql`revisions where state = ${state}`,
      ]),
    ),
  };
  for (const [what, where] of Object.entries(found))
    t.ok((await count(sql`select count(*) as n from ${where}`)) > 0, what);
  const owed = await count(sql`select count(*) * 7 as n from organs`);
  const own = await count(sql`select count(*) as n from reports where scope = 'own'`);
  t.ok(own < owed, 'some reports never came');
});

t.test('the service answers from a seeded database', async (t) => {
  const app = await buildApp({ db, adminToken: 'bench' });
  t.teardown(() => app.close());
  const { report_id, body, etag } = await db
    .selectFrom('effective_answers')
    .selectAll()
    .limit(1)
    .executeTakeFirstOrThrow();
  const answer = await app.inject(`/v1/reports/${report_id}`);
  t.equal(answer.statusCode, 200);
  t.equal(answer.body, body);
  t.equal(answer.headers.etag, etag);
  const draft = await db
    .selectFrom('revisions')
    .select('report_id')
    .where('state', '=', 'draft')
    .limit(1)
    .executeTakeFirstOrThrow();
  t.equal((await app.inject(`/v1/reports/${draft.report_id}`)).statusCode, 404, 'drafts stay hidden');
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
    t.same(await hashes(db), await hashes((await seed(t, { reports: 100 })).db));
    const disabled = await sql`select tgname from pg_trigger where tgenabled <> 'O'`.execute(db);
    t.same(disabled.rows, []);
  },
);

t.test('what is derived from reports is brought up to date after the load', async (t) => {
  const { url } = await createTestDatabase(t);
  let seen = 0;
  const { reports } = await seedCountry(url, {
    reports: 100,
    afterLoad: async (db) => {
      seen = (await db.selectFrom('reports').select('id').execute()).length;
    },
  });
  t.equal(seen, reports);
});

t.test('a database that has organs is left alone, and sizes out of bounds are refused', async (t) => {
  const before = await hashes(db);
  await t.rejects(seedCountry(url, { reports: 1000 }), /has organs already/);
  t.same(await hashes(db), before);
  for (const reports of [99, 1_200_001, 0.5, Number.NaN])
    await t.rejects(seedCountry(url, { reports }), RangeError);
});
