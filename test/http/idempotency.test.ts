import { sql } from 'kysely';
import t from 'tap';
import { createCaller } from '../access/support.ts';
import { startService } from '../support/app.ts';
import { createOrgan, fileReport, zeroDocument } from '../support/reports.ts';

const service = await startService(t);
const { admin, app } = service;

t.test('a repeated POST with the same key answers as the first did and has no second effect', async (t) => {
  const body = { name: '重复登记', kind: 'department', level: 'county' };
  const headers = { 'idempotency-key': 'organ-1' };
  const first = await admin('POST', '/v1/organs', { body, headers });
  t.equal(first.status, 201);
  t.equal(first.headers.get('idempotency-replayed'), null);
  const again = await admin('POST', '/v1/organs', { body, headers });
  t.equal(again.text, first.text);
  t.equal(again.status, 201);
  t.equal(again.headers.get('idempotency-replayed'), 'true');
  for (const name of ['etag', 'location', 'content-type'])
    t.equal(again.headers.get(name), first.headers.get(name), name);
  t.equal((await admin('GET', '/v1/organs?q=重复登记')).body.items.length, 1);
});

t.test('the same key with another body is refused', async (t) => {
  const headers = { 'idempotency-key': 'organ-2' };
  const send = (name: string) =>
    admin('POST', '/v1/organs', { body: { name, kind: 'department', level: 'county' }, headers });
  t.equal((await send('甲局')).status, 201);
  const other = await send('乙局');
  t.equal(other.status, 422);
  t.equal(other.body.code, 'idempotency-key-reused');
});

t.test('fifty simultaneous replays have exactly one effect and one answer', async (t) => {
  const document = zeroDocument(await createOrgan(service));
  const headers = { 'idempotency-key': 'report-50' };
  const answers = await Promise.all(
    Array.from({ length: 50 }, () => admin('POST', '/v1/reports', { body: document, headers })),
  );
  t.same([...new Set(answers.map((answer) => answer.status))], [201]);
  t.equal(new Set(answers.map((answer) => answer.text)).size, 1);
  t.equal(answers.filter((answer) => answer.headers.get('idempotency-replayed') === null).length, 1);
  const draft = answers[0]!;
  const submit = { 'if-match': draft.headers.get('etag')!, 'idempotency-key': 'submit-50' };
  const submits = await Promise.all(
    Array.from({ length: 50 }, () =>
      admin('POST', `/v1/reports/${draft.body.id}/submit`, { headers: submit }),
    ),
  );
  t.same(
    [...new Set(submits.map((answer) => answer.status))],
    [200],
    'a stale If-Match is that of the first',
  );
  const audited = (await admin('GET', `/v1/audit?resource_id=${draft.body.id}`)).body.items;
  t.same(
    audited.map((entry: { action: string }) => entry.action),
    ['create', 'submit'],
    'each is recorded once',
  );
  t.equal((await admin('GET', `/v1/reports/${draft.body.id}/revisions`)).body.items.length, 1);
});

t.test('what was refused is not kept: the key may be used again', async (t) => {
  const { id } = await fileReport(service, zeroDocument(await createOrgan(service)));
  const headers = { 'idempotency-key': 'publish-1', 'if-match': '*' };
  t.equal((await admin('POST', `/v1/reports/${id}/publish`, { headers })).status, 409);
  t.equal((await admin('POST', `/v1/reports/${id}/submit`, { headers: { 'if-match': '*' } })).status, 200);
  t.equal((await admin('POST', `/v1/reports/${id}/publish`, { headers })).status, 200);
});

t.test('an answer is not replayed once a grant of its caller was taken away', async (t) => {
  const organ_id = await createOrgan(service);
  const { key, request } = await createCaller(service, [{ role: 'preparer', organ_id }]);
  const file = () =>
    request('POST', '/v1/reports', {
      body: zeroDocument(organ_id),
      headers: { 'idempotency-key': 'filed-once' },
    });
  t.equal((await file()).status, 201);
  t.equal((await file()).status, 201);
  const [grant] = (await admin('GET', `/v1/api-keys/${key.id}`)).body.grants;
  t.equal((await admin('DELETE', `/v1/grants/${grant.id}`)).status, 204);
  const withheld = await file();
  t.match(withheld, { status: 403, body: { code: 'forbidden' } });
  t.equal(withheld.headers.get('location'), null);
  await admin('POST', '/v1/grants', { body: { api_key_id: key.id, role: 'preparer', organ_id } });
  t.equal((await file()).status, 403, 'nor done again');
});

t.test('a key is forgotten after 24 hours', async (t) => {
  const body = { name: '一天以后', kind: 'department', level: 'county' };
  const headers = { 'idempotency-key': 'tomorrow' };
  const first = await admin('POST', '/v1/organs', { body, headers });
  await sql`update idempotent_answers set created_at = created_at - interval '25 hours' where key = 'tomorrow'`.execute(
    app.db,
  );
  const second = await admin('POST', '/v1/organs', { body, headers });
  t.equal(second.status, 201);
  t.not(second.body.id, first.body.id);
});

t.test('what is too old to be replayed goes, under whatever key the next request comes', async (t) => {
  const send = (name: string) =>
    admin('POST', '/v1/organs', {
      body: { name, kind: 'department', level: 'county' },
      headers: { 'idempotency-key': name },
    });
  const old = ['old-1', 'old-2', 'old-3'];
  for (const key of old) await send(key);
  await sql`update idempotent_answers set created_at = created_at - interval '25 hours' where key like 'old-%'`.execute(
    app.db,
  );
  const kept = async () =>
    (await app.db.selectFrom('idempotent_answers').select('key').execute()).map(({ key }) => key);
  const before = await kept();
  await send('new-1');
  t.same((await kept()).sort(), [...before.filter((key) => !old.includes(key)), 'new-1'].sort());
});

t.test('a key that is none is refused', async (t) => {
  for (const key of ['x'.repeat(256), 'a b'])
    t.equal(
      (await admin('POST', '/v1/organs', { body: {}, headers: { 'idempotency-key': key } })).status,
      400,
    );
});
