import { sql } from 'kysely';
import t from 'tap';
import { type AuditEntry, follow, genesis, sealOf } from '../../src/audit/chain.ts';
import { createCaller } from '../access/support.ts';
import { startService } from '../support/app.ts';
import { createOrgan, fileReport, publish, zeroDocument, zeroFigures } from '../support/reports.ts';

const service = await startService(t);
const { admin, request, app } = service;
const list = async (query = '') =>
  (await admin('GET', `/v1/audit?limit=1000${query}`)).body.items as AuditEntry[];

t.test('every write leaves one entry: who, what, before, after, which request', async (t) => {
  const organ = await createOrgan(service);
  const draft = await fileReport(service, zeroDocument(organ));
  const path = `/v1/reports/${draft.id}`;
  const any = { 'if-match': '*' };
  const patched = await admin('PATCH', `${path}/draft`, { body: { title: '标题' }, headers: any });
  await publish(service, { ...draft, etag: patched.headers.get('etag')! });
  await admin('POST', `${path}/revisions`, { body: { reason: '更正' } });
  await admin('DELETE', `${path}/draft`, { headers: any });
  await admin('POST', `${path}/withdraw`, { body: { reason: '撤回' }, headers: any });
  const entries = await list(`&resource_id=${draft.id}`);
  t.same(
    entries.map(({ action, revision }) => `${action} ${revision}`),
    ['create 1', 'edit 1', 'submit 1', 'publish 1', 'correct 2', 'discard 2', 'withdraw 1'],
  );
  t.equal(entries[1]!.request_id, patched.headers.get('x-request-id'));
  for (const [index, entry] of entries.entries()) {
    t.equal(entry.principal, 'admin');
    if (['edit', 'submit', 'publish'].includes(entry.action) && index < 4)
      t.equal(entry.before_hash, entries[index - 1]!.after_hash);
    t.not(entry.before_hash, entry.after_hash);
  }
  t.match(await list(`&resource_id=${organ}`), [{ action: 'create', resource: 'organ', before_hash: null }]);
  await admin('PATCH', `/v1/organs/${organ}`, { body: { name: '改名' } });
  t.match((await list(`&resource_id=${organ}`)).at(-1), { action: 'update' });
});

/** A document with one failed finding, which is an error. */
const wrongDocument = async () => {
  const [first, ...others] = zeroFigures().review_litigation_counts;
  const review_litigation_counts = [{ ...first, total: 1 }, ...others];
  return zeroDocument(await createOrgan(service), { review_litigation_counts });
};
/** Answers the first failed finding of a draft. */
async function answerWith(id: string, text: string) {
  const { items } = (await admin('GET', `/v1/reports/${id}/findings`)).body;
  const { finding_key } = items.find((each: { status: string }) => each.status === 'failed');
  const answer = await admin('POST', `/v1/reports/${id}/answers`, { body: { finding_key, text } });
  t.equal(answer.status, 201, answer.text);
}

t.test('an answer and another answer are different acts', async (t) => {
  const draft = await fileReport(service, await wrongDocument());
  for (const text of ['原因一', '原因二']) await answerWith(draft.id, text);
  const hashes = (await list(`&resource_id=${draft.id}`)).map((entry) => entry.after_hash);
  t.equal(new Set(hashes).size, 3);
});

t.test('what an act leaves is what the next one finds, answers too, one by one and in a batch', async (t) => {
  const document = await wrongDocument();
  const { id } = await fileReport(service, document);
  const path = `/v1/reports/${id}`;
  const any = { 'if-match': '*' };
  const titled = async (title: string, query = '') => {
    const answer = await admin('POST', `/v1/reports/batch${query}`, {
      body: `${JSON.stringify({ ...document, title })}\n`,
      headers: { 'content-type': 'application/x-ndjson' },
    });
    t.match(JSON.parse(answer.text), { status: 'updated', report_id: id });
  };
  await answerWith(id, '原件如此');
  await titled('替换');
  await titled('公布', '?publish=true');
  await titled('更正', '?publish=true&reason=new');
  await admin('POST', `${path}/revisions`, { body: { reason: '再更正' } });
  await answerWith(id, '仍如此');
  await admin('PATCH', `${path}/draft`, { body: { title: '再更正' }, headers: any });
  await admin('POST', `${path}/submit`, { headers: any });
  await titled('再更正', '?publish=true');
  await admin('POST', `${path}/withdraw`, { body: { reason: '撤回' }, headers: any });
  const entries = await list(`&resource_id=${id}`);
  t.same(
    entries.map(({ action, revision }) => `${action} ${revision}`),
    [
      ...['create 1', 'answer 1', 'edit 1', 'load 1', 'load 2'],
      ...['correct 3', 'answer 3', 'edit 3', 'submit 3', 'load 3', 'withdraw 3'],
    ],
  );
  for (const [index, { action, before_hash }] of entries.entries())
    t.equal(before_hash, ['create', 'correct'].includes(action) ? null : entries[index - 1]!.after_hash);
});

t.test('what is refused or only read leaves none', async (t) => {
  const draft = await fileReport(service, zeroDocument(await createOrgan(service)));
  const before = (await list()).length;
  await admin('POST', `/v1/reports/${draft.id}/publish`, { headers: { 'if-match': '*' } });
  await admin('PUT', `/v1/reports/${draft.id}/draft`, { body: {}, headers: { 'if-match': '"9"' } });
  await admin('GET', `/v1/reports/${draft.id}`);
  await request('POST', '/v1/validations', { body: { year: 2023, scope: 'own' } });
  t.equal((await list()).length, before);
});

t.test('a replayed request leaves no second entry', async (t) => {
  const draft = await fileReport(service, zeroDocument(await createOrgan(service)));
  const headers = { 'if-match': '*', 'idempotency-key': 'audit-1' };
  for (let i = 0; i < 3; i++) await admin('POST', `/v1/reports/${draft.id}/submit`, { headers });
  t.equal((await list(`&resource_id=${draft.id}&action=submit`)).length, 1);
});

t.test('many writers at once make one chain without a gap', async (t) => {
  await Promise.all(Array.from({ length: 30 }, () => createOrgan(service)));
  const entries = await list();
  t.equal(follow(entries, { id: 0, hash: genesis }).fault, null);
  t.match((await admin('GET', '/v1/audit/verification')).body, {
    entries: entries.length,
    head: entries.at(-1)!.hash,
    fault: null,
  });
});

t.test('a changed, removed, reordered or replaced entry is found', async (t) => {
  const entries = await list();
  const faultIn = (chain: AuditEntry[]) => follow(chain, { id: 0, hash: genesis }).fault;
  const third = entries[2]!;
  t.match(
    faultIn([...entries.slice(0, 2), { ...third, principal: 'somebody' }, ...entries.slice(3)]),
    /entry 3 was changed/,
  );
  t.match(faultIn([...entries.slice(0, 2), ...entries.slice(3)]), /entry 3 is missing/);
  t.match(faultIn([entries[1]!, entries[0]!, ...entries.slice(2)]), /entry 1 is missing/);
  const { hash: _, ...forged } = { ...third, action: 'delete' };
  t.match(
    faultIn([...entries.slice(0, 2), { ...forged, hash: sealOf(forged) }, ...entries.slice(3)]),
    /entry 4 does not follow/,
  );
});

t.test('the entries before the fault are counted', async (t) => {
  const entries = await list();
  const changed = entries.map((entry) => (entry.id === 3 ? { ...entry, action: 'x' } : entry));
  t.same(follow(changed, { id: 0, hash: genesis }).end, { id: 2, hash: entries[1]!.hash });
});

t.test('the database only appends', async (t) => {
  for (const statement of [
    "update audit_entries set principal = 'x'",
    'delete from audit_entries',
    'truncate audit_entries',
  ])
    await t.rejects(sql.raw(statement).execute(app.db), { code: 'GK001' }, statement);
});

t.test('entries are found by their filters, page by page, and not shown to the public', async (t) => {
  const all = await list();
  const first = (await admin('GET', '/v1/audit?limit=2')).body;
  t.equal(first.items.length, 2);
  const second = (await admin('GET', `/v1/audit?limit=2&cursor=${first.next_cursor}`)).body;
  t.same([...first.items, ...second.items], all.slice(0, 4));
  const at = all.at(-1)!.at;
  const since = all.filter((entry) => entry.at >= at);
  t.ok(since.length > 0);
  t.same(await list(`&since=${at}`), since);
  const until = all.filter((entry) => entry.at < at && entry.action === 'create');
  t.ok(until.length > 0);
  t.same(await list(`&until=${at}&action=create`), until);
  for (const time of [
    '2024-01-01T00:00:00%2B16:00',
    '0000-01-01T00:00:00Z',
    '2024-02-30T00:00:00Z',
    '2024-01-01',
  ])
    t.match(
      (await admin('GET', `/v1/audit?since=${time}`)).body,
      { status: 400, errors: [{ in: 'query', pointer: '/since', code: 'format', message: /RFC 3339/ }] },
      time,
    );
  t.same(await list(`&until=${at.slice(0, -1)}%2B00:00&action=create`), until);
  t.equal((await admin('GET', '/v1/audit?action=nothing')).body.items.length, 0);
  const lines = (text: string) => text.trim().split('\n');
  const streamed = await admin('GET', `/v1/audit.ndjson?since=${at}`);
  t.same(
    lines(streamed.text).map((line) => JSON.parse(line)),
    since,
    'the same as one stream',
  );
  t.match(
    (await admin('GET', '/v1/audit.csv?labels=zh')).text,
    /^编号,时间,操作人,操作,对象,对象编号,修订版,操作前哈希,操作后哈希,请求编号,前一条哈希,本条哈希\r?\n1,/,
  );
  for (const suffix of ['ndjson', 'csv']) {
    t.equal((await request('GET', `/v1/audit.${suffix}`)).status, 401);
    const nobody = await createCaller(service, []);
    t.equal((await nobody.request('GET', `/v1/audit.${suffix}`)).status, 403);
  }
  t.equal((await request('GET', '/v1/audit')).status, 401);
  t.equal((await request('GET', '/v1/audit/verification')).status, 401);
});
