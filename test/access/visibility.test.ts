import { readFileSync } from 'node:fs';
import { setTimeout as sleep } from 'node:timers/promises';
import { sql } from 'kysely';
import t from 'tap';
import { lockOrgan } from '../../src/organs/queries.ts';
import { startService } from '../support/app.ts';
import { createOrgan, fileReport, publishReport, zeroDocument } from '../support/reports.ts';
import { createCaller, createTree, type Reach } from './support.ts';

const service = await startService(t);
const tree = await createTree(service);
const { province, city, county, sibling, elsewhere } = tree;
const names = new Map(Object.entries(tree).map(([name, id]) => [id, name]));
for (const organ_id of names.keys()) {
  await publishReport(service, zeroDocument(organ_id, { year: 2022 }));
  await fileReport(service, zeroDocument(organ_id, { year: 2023 }));
}

/** Whose drafts a caller sees in the list, by the names of the tree. */
const draftsSeen = async (grants: Reach[], path: string) => {
  const { request } = await createCaller(service, grants);
  const { items } = (await request('GET', path)).body;
  return items
    .filter(({ state }: { state: string }) => state === 'draft')
    .map(({ organ_id }: { organ_id: string }) => names.get(organ_id))
    .sort();
};

t.test('a list holds the drafts that the grants let the caller see, and everything published', async (t) => {
  const everything = [...names.values()].sort();
  const cases: [Reach[], string[]][] = [
    [[], []],
    [[{ role: 'admin' }], everything],
    [[{ role: 'auditor' }], everything],
    [[{ role: 'preparer', organ_id: county }], ['county']],
    [[{ role: 'preparer', organ_id: city, include_subtree: true }], ['city', 'county', 'sibling']],
    [[{ role: 'supervisor', organ_id: city }], ['county', 'sibling']],
    [[{ role: 'supervisor', organ_id: province }], ['city']],
    [
      [{ role: 'auditor', organ_id: province, include_subtree: true }],
      ['city', 'county', 'province', 'sibling'],
    ],
    [
      [
        { role: 'preparer', organ_id: elsewhere },
        { role: 'supervisor', organ_id: city },
      ],
      ['county', 'elsewhere', 'sibling'],
    ],
  ];
  for (const [grants, drafts] of cases) {
    t.same(await draftsSeen(grants, '/v1/reports'), drafts, JSON.stringify(grants));
    t.same(await draftsSeen(grants, '/v1/reports?state=draft'), drafts);
    t.same(
      await draftsSeen(grants, `/v1/reports?under=${county}`),
      drafts.filter((name) => name === 'county'),
    );
    const { request } = await createCaller(service, grants);
    const { items } = (await request('GET', '/v1/reports?state=published')).body;
    t.equal(items.length, names.size);
    const { text } = await request('GET', '/v1/reports.ndjson');
    t.equal(text.trim().split('\n').length, names.size + drafts.length, 'also as a stream');
  }
  t.same((await service.request('GET', '/v1/reports?state=draft')).body.items, []);
});

t.test('pages of a list with drafts neither skip nor repeat', async (t) => {
  const { request } = await createCaller(service, [
    { role: 'preparer', organ_id: city, include_subtree: true },
  ]);
  const seen: string[] = [];
  let path: string | undefined = '/v1/reports?limit=2';
  while (path !== undefined) {
    const { items, next_cursor } = (await request('GET', path)).body as {
      items: { id: string }[];
      next_cursor: string | null;
    };
    seen.push(...items.map(({ id }) => id));
    path = next_cursor === null ? undefined : `/v1/reports?limit=2&cursor=${next_cursor}`;
  }
  t.same(seen, [...new Set(seen)].sort());
  t.equal(seen.length, names.size + 3);
});

t.test('organs are registered by administrators, and by supervisors where they supervise', async (t) => {
  const organ = (parent_id: string | null) => ({
    name: '新设机关',
    kind: 'department',
    level: 'county',
    parent_id,
  });
  const verdict = async (grants: Reach[], parent_id: string | null) =>
    (await (await createCaller(service, grants)).request('POST', '/v1/organs', { body: organ(parent_id) }))
      .status;
  t.equal(await verdict([{ role: 'admin' }], null), 201);
  t.equal(await verdict([{ role: 'supervisor', organ_id: city, include_subtree: true }], county), 201);
  t.equal(await verdict([{ role: 'supervisor', organ_id: city }], city), 201);
  t.equal(await verdict([{ role: 'supervisor', organ_id: city }], county), 403);
  t.equal(await verdict([{ role: 'supervisor', organ_id: city, include_subtree: true }], elsewhere), 403);
  t.equal(await verdict([{ role: 'supervisor', organ_id: city, include_subtree: true }], null), 403);
  t.equal(await verdict([{ role: 'preparer', organ_id: city, include_subtree: true }], city), 403);
  t.equal(await verdict([{ role: 'auditor' }], city), 403);
  const { request } = await createCaller(service, [
    { role: 'supervisor', organ_id: city, include_subtree: true },
  ]);
  t.equal((await request('PATCH', `/v1/organs/${county}`, { body: { name: '改名' } })).status, 403);
  t.equal((await request('DELETE', `/v1/organs/${county}`)).status, 403);
});

t.test('an organ that goes takes its grants with it, each of which is recorded', async (t) => {
  const organ_id = await createOrgan(service);
  const { key } = await createCaller(service, [{ role: 'preparer', organ_id }]);
  const [grant] = (await service.admin('GET', `/v1/api-keys/${key.id}`)).body.grants;
  t.equal((await service.admin('DELETE', `/v1/organs/${organ_id}`)).status, 204);
  t.same((await service.admin('GET', `/v1/api-keys/${key.id}`)).body.grants, []);
  const { items } = (await service.admin('GET', `/v1/audit?resource_id=${grant.id}`)).body;
  t.same(
    items.map(({ action }: { action: string }) => action),
    ['create', 'delete'],
  );
});

t.test('the audit is read by administrators and auditors of everything', async (t) => {
  const verdict = async (grants: Reach[]) =>
    (await (await createCaller(service, grants)).request('GET', '/v1/audit?limit=1')).status;
  t.equal((await service.request('GET', '/v1/audit')).status, 401);
  t.equal(await verdict([{ role: 'admin' }]), 200);
  t.equal(await verdict([{ role: 'auditor' }]), 200);
  t.equal(await verdict([{ role: 'auditor', organ_id: province, include_subtree: true }]), 403);
  t.equal(await verdict([{ role: 'supervisor', organ_id: province, include_subtree: true }]), 403);
  t.equal(await verdict([]), 403);
});

t.test('a preparer files, and imports, for the organs of the grant only', async (t) => {
  const { request } = await createCaller(service, [{ role: 'preparer', organ_id: county }]);
  const file = (organ_id: string, year: number) =>
    request('POST', '/v1/reports', { body: { organ_id, year, scope: 'own' } });
  t.equal((await file(county, 2021)).status, 201);
  t.equal((await file(sibling, 2021)).body.code, 'forbidden');
  t.equal((await file(sibling, 2023)).body.code, 'forbidden', 'not told that there is one');
  t.equal((await file(county, 2023)).body.code, 'report-exists');
  const body = readFileSync(new URL('../../examples/shengli-2020.txt', import.meta.url), 'utf8');
  const read = (organ_id: string) =>
    request('POST', `/v1/imports?create=true&organ_id=${organ_id}`, {
      body,
      headers: { 'content-type': 'text/plain' },
    });
  t.equal((await read(county)).status, 201);
  t.equal((await read(sibling)).body.code, 'forbidden');
  t.match((await file('01938c5e-7b1a-7c3e-9a51-2f1de0a4c001', 2021)).body.errors, [
    { code: 'unknown-organ' },
  ]);
});

t.test('who files while the organ is taken out of their reach is refused once it is', async (t) => {
  const organ_id = await createOrgan(service, { parent_id: city });
  const reach = { organ_id: city, include_subtree: true };
  const preparer = await createCaller(service, [{ role: 'preparer', ...reach }]);
  const supervisor = await createCaller(service, [{ role: 'supervisor', ...reach }]);
  const organ = { name: '新设机关', kind: 'department', level: 'county', parent_id: organ_id };
  const moving = service.app.db.transaction().execute(async (trx) => {
    await lockOrgan(trx, organ_id);
    const answers = Promise.all([
      preparer.request('POST', '/v1/reports', { body: zeroDocument(organ_id) }),
      preparer.request('POST', '/v1/reports/batch', {
        body: JSON.stringify(zeroDocument(organ_id, { year: 2022 })),
        headers: { 'content-type': 'application/x-ndjson' },
      }),
      supervisor.request('POST', '/v1/organs', { body: organ }),
    ]);
    // Time enough for all three to wait for the tree of organs.
    await sleep(500);
    await trx.updateTable('organs').set({ parent_id: elsewhere }).where('id', '=', organ_id).execute();
    return () => answers;
  });
  const [filed, batch, registered] = await (await moving)();
  t.match(filed, { status: 403, body: { code: 'forbidden' } });
  t.match(JSON.parse(batch!.text), { status: 'refused', problem: { code: 'forbidden' } });
  t.match(registered, { status: 403, body: { code: 'forbidden' } });
});

t.test('what a preparer was told is written is written, also where the organ moves meanwhile', async (t) => {
  const organ_id = await createOrgan(service, { parent_id: city });
  const { id } = await fileReport(service, zeroDocument(organ_id));
  const { request } = await createCaller(service, [
    { role: 'preparer', organ_id: city, include_subtree: true },
  ]);
  const table = `/v1/reports/${id}/draft/request-statistics`;
  const { emptied, moved } = await service.app.db.transaction().execute(async (trx) => {
    await sql`lock table request_statistics in exclusive mode`.execute(trx);
    const emptied = request('DELETE', table, { headers: { 'if-match': '*' } });
    await sleep(300);
    const moved = service.admin('PATCH', `/v1/organs/${organ_id}`, { body: { parent_id: elsewhere } });
    await sleep(300);
    return { emptied: () => emptied, moved: () => moved };
  });
  t.match(await emptied(), { status: 204 });
  t.match(await moved(), { status: 200 });
  t.same((await service.admin('GET', table)).body.items, []);
  t.equal((await request('GET', table)).status, 404);
});
