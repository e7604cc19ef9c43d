import { randomBytes } from 'node:crypto';
import { sql } from 'kysely';
import t from 'tap';
import { everyone, type Grant, type Principal } from '../../src/access/principal.ts';
import { actAs } from '../../src/access/row-security.ts';
import { buildApp } from '../../src/app.ts';
import { openDatabase, type Trx } from '../../src/db/database.ts';
import { migrate } from '../../src/db/migrate.ts';
import { findReport, getRevision, listFindingAnswers, listRevisions } from '../../src/reports/queries.ts';
import { adminToken, startService } from '../support/app.ts';
import { createDatabase, execute, maintenanceVariable } from '../support/database.ts';
import { fileReport, publishReport, zeroDocument } from '../support/reports.ts';
import { createCaller, createTree } from './support.ts';

/** PostgreSQL itself refuses: everything here asks it directly, past every check of the application. */

const service = await startService(t);
const { db } = service.app;
const { province, city, county, sibling } = await createTree(service);
const note = { cell: 'request_statistics.granted.total', raw: '0件', note: null };
const draft = await fileReport(service, zeroDocument(county, { cell_notes: [note], year: 2021 }));
const published = await publishReport(service, zeroDocument(county, { year: 2023 }));
await db
  .insertInto('finding_answers')
  .values({
    revision_id: (await listRevisions(db, draft.id))[0]!.id,
    finding_key: 'key',
    text: '说明',
    answered_by: 'someone',
  })
  .execute();

const principal = (...grants: Grant[]): Principal => ({ id: 'key:test', grants });
const grant = (role: Grant['role'], organ_id: string | null, include_subtree = false): Grant => ({
  role,
  organ_id,
  include_subtree,
});
const inside = <T>(who: Principal, work: (trx: Trx) => Promise<T>): Promise<T> =>
  db.transaction().execute(async (trx) => {
    await actAs(trx, who);
    return work(trx);
  });

const strangers: Record<string, Principal> = {
  'the public': everyone,
  'a key without grants': principal(),
  'a preparer of a sibling': principal(grant('preparer', sibling, true)),
  'a preparer of the parent alone': principal(grant('preparer', city)),
  'a supervisor of two above alone': principal(grant('supervisor', province)),
  'a supervisor of what is below the organ': principal(grant('supervisor', county)),
};
const readers: Record<string, Principal> = {
  'a preparer': principal(grant('preparer', county)),
  'a preparer above': principal(grant('preparer', province, true)),
  'a supervisor above': principal(grant('supervisor', city)),
  'an auditor': principal(grant('auditor', county)),
  'an auditor of everything': principal(grant('auditor', null)),
  'an administrator': principal(grant('admin', null)),
  'one of several grants': principal(grant('preparer', sibling), grant('auditor', city, true)),
};
const tables = [
  'revisions',
  'disclosure_items',
  'request_statistics',
  'review_litigation_counts',
  'cell_notes',
  'finding_answers',
] as const;
const rowsOf = async (trx: Trx, table: string, report_id: string): Promise<number> => {
  const of = table === 'revisions' ? 'id' : 'revision_id';
  const { rows } = await sql<{ count: number }>`
    select count(*) as count from ${sql.table(table)}
    where ${sql.ref(of)} = ${(await listRevisions(db, report_id))[0]!.id}`.execute(trx);
  return rows[0]!.count;
};

t.test('a draft of an organ that the grants do not reach is not there', async (t) => {
  const [head] = await listRevisions(db, draft.id);
  for (const [name, who] of Object.entries(strangers)) {
    for (const table of tables)
      t.equal(await inside(who, (trx) => rowsOf(trx, table, draft.id)), 0, `${name}: ${table}`);
    t.same(await inside(who, (trx) => listRevisions(trx, draft.id)), []);
    t.equal((await inside(who, (trx) => listFindingAnswers(trx, head!.id))).size, 0);
    await t.rejects(
      inside(who, (trx) => getRevision(trx, head!.id)),
      /no result/,
    );
    t.ok(
      await inside(who, (trx) => rowsOf(trx, 'disclosure_items', published.id)),
      `${name}: what is published is`,
    );
  }
});

t.test('to those whom the grants let, it is', async (t) => {
  for (const [name, who] of Object.entries(readers))
    for (const table of tables)
      t.ok(await inside(who, (trx) => rowsOf(trx, table, draft.id)), `${name}: ${table}`);
});

t.test('nobody writes where the grants do not reach', async (t) => {
  const [head] = await listRevisions(db, draft.id);
  const revision_id = head!.id;
  const [effective] = await listRevisions(db, published.id);
  const changes: Record<string, (trx: Trx) => Promise<unknown>> = {
    'changes the draft': (trx) =>
      trx.updateTable('revisions').set({ title: '改' }).where('id', '=', revision_id).execute(),
    withdraws: (trx) =>
      trx
        .updateTable('revisions')
        .set({ state: 'withdrawn', withdraw_reason: '无' })
        .where('id', '=', effective!.id)
        .execute(),
    'deletes the draft': (trx) => trx.deleteFrom('revisions').where('id', '=', revision_id).execute(),
    'deletes the report': (trx) => trx.deleteFrom('reports').where('id', '=', draft.id).execute(),
    'counts a write': (trx) => trx.updateTable('reports').set({ version: 99 }).execute(),
    'deletes figures': (trx) => trx.deleteFrom('disclosure_items').execute(),
    'changes figures': (trx) => trx.updateTable('request_statistics').set({ total: 7 }).execute(),
    'deletes what the public reads': (trx) => trx.deleteFrom('effective_answers').execute(),
  };
  const insertions: Record<string, (trx: Trx) => Promise<unknown>> = {
    'files a report': (trx) =>
      trx
        .insertInto('reports')
        .values({ id: '01938c5e-7b1a-7c3e-9a51-2f1de0a4c001', organ_id: county, year: 2020, scope: 'own' })
        .execute(),
    'opens a revision': (trx) =>
      trx
        .insertInto('revisions')
        .values({
          id: '01938c5e-7b1a-7c3e-9a51-2f1de0a4c002',
          report_id: published.id,
          number: 2,
          reason: '无',
          disclosure_edition: '2021',
          request_edition: '2021',
        })
        .execute(),
    'adds a note': (trx) =>
      trx.insertInto('cell_notes').values({ revision_id, position: 9, cell: 'x', raw: 'x' }).execute(),
    'answers a finding': (trx) =>
      trx
        .insertInto('finding_answers')
        .values({ revision_id, finding_key: 'x', text: 'x', answered_by: 'x' })
        .execute(),
  };
  const before = await findReport(db, draft.id);
  const auditors = {
    'an auditor': readers['an auditor']!,
    'an auditor of everything': readers['an auditor of everything']!,
  };
  for (const [name, who] of Object.entries({ ...strangers, ...auditors })) {
    for (const [what, change] of Object.entries(changes)) {
      const result = (await inside(who, change)) as { numUpdatedRows?: bigint; numDeletedRows?: bigint }[];
      t.equal(result[0]?.numUpdatedRows ?? result[0]?.numDeletedRows, 0n, `${name} ${what}`);
    }
    for (const [what, insert] of Object.entries(insertions))
      await t.rejects(inside(who, insert), /row-level security/, `${name} ${what}`);
  }
  t.same(await findReport(db, draft.id), before);
});

t.test('keys and grants are hidden from all but administrators', async (t) => {
  await createCaller(service, [{ role: 'auditor' }]);
  const count = async (trx: Trx) =>
    (
      await sql<{ count: number }>`
        select (select count(*) from api_keys) + (select count(*) from grants) as count`.execute(trx)
    ).rows[0]!.count;
  for (const [name, who] of Object.entries({ ...strangers, ...readers }))
    t.equal((await inside(who, count)) > 0, name === 'an administrator', name);
});

t.test('a request acts as a role that no policy spares, and leaves it with its transaction', async (t) => {
  const roleOf = async (at: Trx | typeof db) =>
    (await sql<{ role: string }>`select current_user as role`.execute(at)).rows[0]?.role;
  t.equal(await inside(everyone, roleOf), 'gongkai_caller');
  t.not(await roleOf(db), 'gongkai_caller');
  const { rows } = await sql<{ rolsuper: boolean; rolbypassrls: boolean; rolcanlogin: boolean }>`
    select rolsuper, rolbypassrls, rolcanlogin from pg_roles where rolname = 'gongkai_caller'`.execute(db);
  t.same(rows, [{ rolsuper: false, rolbypassrls: false, rolcanlogin: false }]);
});

t.test('a route that forgets to ask who is calling leaks nothing and changes nothing', async (t) => {
  const app = await buildApp({ db, adminToken });
  t.teardown(() => app.close());
  const [head] = await listRevisions(db, draft.id);
  app.get('/forgetful', { config: { snapshot: true } }, async (request) => getRevision(request.db, head!.id));
  app.post('/forgetful', { config: { writer: true } }, async ({ trx }) => {
    await trx.deleteFrom('organs').where('id', '=', sibling).execute();
    return {};
  });
  const { key } = await createCaller(service, [
    { role: 'preparer', organ_id: sibling, include_subtree: true },
  ]);
  const reader = await createCaller(service, [{ role: 'auditor', organ_id: county }]);
  const ask = (method: 'GET' | 'POST', token?: string) =>
    app.inject({ method, url: '/forgetful', headers: token ? { authorization: `Bearer ${token}` } : {} });
  for (const token of [undefined, key.secret]) {
    const answer = await ask('GET', token);
    t.not(answer.statusCode, 200);
    t.notMatch(answer.body, draft.id);
  }
  t.equal((await ask('GET', reader.key.secret)).json().report_id, draft.id, 'it works for who may');
  t.equal((await ask('POST')).statusCode, 401);
  t.equal((await ask('POST', key.secret)).json().code, 'forbidden');
  t.equal((await service.request('GET', `/v1/organs/${sibling}`)).status, 200, 'undone');
});

t.test('the service needs no superuser, only that it may act as its callers', async (t) => {
  const server = process.env[maintenanceVariable]!;
  const name = `gongkai_test_user_${randomBytes(4).toString('hex')}`;
  await execute(server, `create role ${name} login password 'secret'`);
  t.teardown(() => execute(server, `drop role ${name}`));
  const superuser = await createDatabase(t);
  await execute(superuser, `alter database ${new URL(superuser).pathname.slice(1)} owner to ${name}`);
  await execute(superuser, `alter schema public owner to ${name}`);
  const url = new URL(superuser);
  url.username = name;
  url.password = 'secret';

  await t.rejects(migrate(url.href), /may not act as the role gongkai_caller/);
  await execute(superuser, `grant gongkai_caller to ${name}`);
  t.ok((await migrate(url.href)).includes('0005-permissions'));

  const db = openDatabase(url.href);
  t.teardown(() => db.destroy());
  const service = await startService(t, { db });
  const { county, sibling } = await createTree(service);
  const report = await fileReport(service, { organ_id: county, year: 2023, scope: 'own' });
  const path = `/v1/reports/${report.id}`;
  const own = await createCaller(service, [{ role: 'preparer', organ_id: county }]);
  const other = await createCaller(service, [{ role: 'preparer', organ_id: sibling }]);
  t.equal((await own.request('GET', path)).status, 200);
  t.equal((await other.request('GET', path)).status, 404);
});
