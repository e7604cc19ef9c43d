import t from 'tap';
import { type Answer, startService } from '../support/app.ts';
import { createOrgan, fileReport, zeroDocument } from '../support/reports.ts';

const service = await startService(t);
const { admin, request } = service;
const suqian = { name: '宿迁市人民政府', kind: 'government', level: 'city', division_code: '321300' };
const codes = ({ body }: Answer) =>
  body.errors.map(({ pointer, code }: Record<string, string>) => `${pointer} ${code}`).sort();

t.test('an organ is registered, read back as it was sent, and found by its filters', async (t) => {
  const created = await admin('POST', '/v1/organs', {
    body: { ...suqian, credit_code: '11371000004359010J' },
  });
  t.equal(created.status, 201);
  t.match(created.body, { ...suqian, parent_id: null, credit_code: '11371000004359010J' });
  t.equal(created.headers.get('location'), `/v1/organs/${created.body.id}`);
  const read = await request('GET', `/v1/organs/${created.body.id}`);
  t.same(read.body, created.body);
  t.equal(read.headers.get('etag'), created.headers.get('etag'));
  const department = await createOrgan(service, { parent_id: created.body.id, division_code: '321302' });
  const ids = async (query: string) =>
    (await request('GET', `/v1/organs?${query}`)).body.items.map((organ: { id: string }) => organ.id);
  t.same(await ids(`under=${created.body.id}`), [created.body.id, department], 'the subtree holds the root');
  t.same(await ids('division=3213&level=city'), [created.body.id]);
  t.same(await ids('division=321300&kind=department'), [department], 'a code ending in 00 is the whole area');
  t.same(await ids('q=宿迁市'), [created.body.id]);
  t.same(await ids('q=%25'), [], 'a wildcard is plain text');
});

t.test('an unchanged organ is not sent again', async (t) => {
  const id = await createOrgan(service);
  const etag = (await request('GET', `/v1/organs/${id}`)).headers.get('etag')!;
  const again = await request('GET', `/v1/organs/${id}`, { headers: { 'if-none-match': etag } });
  t.equal(again.status, 304);
  t.equal(again.text, '');
});

t.test('a patch changes what it names and nothing else', async (t) => {
  const id = await createOrgan(service, { division_code: '110101' });
  const before = await request('GET', `/v1/organs/${id}`);
  const changed = await admin('PATCH', `/v1/organs/${id}`, {
    body: { name: '新名称', division_code: null },
    headers: { 'content-type': 'application/merge-patch+json' },
  });
  t.equal(changed.status, 200);
  t.match(changed.body, { name: '新名称', division_code: null, kind: before.body.kind });
  const stale = await admin('PATCH', `/v1/organs/${id}`, {
    body: { name: '更新的名称' },
    headers: { 'if-match': before.headers.get('etag')! },
  });
  t.equal(stale.status, 412);
  t.equal(stale.body.code, 'stale');
});

t.test('parents never form a cycle', async (t) => {
  const top = await createOrgan(service);
  const middle = await createOrgan(service, { parent_id: top });
  const bottom = await createOrgan(service, { parent_id: middle });
  for (const [id, parent_id] of [
    [top, bottom],
    [top, middle],
    [top, top],
  ]) {
    const refused = await admin('PATCH', `/v1/organs/${id}`, { body: { parent_id } });
    t.equal(refused.status, 409);
    t.equal(refused.body.code, 'organ-cycle');
  }
  const pair = [await createOrgan(service), await createOrgan(service)] as const;
  const both = await Promise.all([
    admin('PATCH', `/v1/organs/${pair[0]}`, { body: { parent_id: pair[1] } }),
    admin('PATCH', `/v1/organs/${pair[1]}`, { body: { parent_id: pair[0] } }),
  ]);
  t.same(both.map((answer) => answer.status).sort(), [200, 409], 'not even by two changes at once');
});

t.test('what no organ can be is refused, every fault at once', async (t) => {
  const refused = await admin('POST', '/v1/organs', {
    body: { name: ' ', kind: 'ministry', division_code: '32', credit_code: 'x', colour: 'red' },
  });
  t.equal(refused.status, 400);
  t.equal(refused.headers.get('content-type'), 'application/problem+json');
  t.same(refused.body.errors.map((error: { pointer: string }) => error.pointer).sort(), [
    '/colour',
    '/credit_code',
    '/division_code',
    '/kind',
    '/level',
    '/name',
  ]);
  t.match(
    Object.fromEntries(
      refused.body.errors.map(({ pointer, message }: Record<string, string>) => [pointer, message]),
    ),
    {
      '/name': 'must be its full official name (机关名称), without spaces around it',
      '/division_code':
        /^must be the GB\/T 2260 code of its division: 6 digits, or 9 with the town or street$/,
      '/credit_code': /^must be its unified social credit code .*: 18 digits and capital letters/,
    },
  );
  for (const [member, value, code] of [
    ['credit_code', '11371000004359010A', 'check-character'],
    ['division_code', '999999', 'unknown-division'],
    ['parent_id', '01938c5e-7b1a-7c3e-9a51-2f1de0a4c001', 'unknown-organ'],
  ]) {
    const answer = await admin('POST', '/v1/organs', { body: { ...suqian, [member!]: value } });
    t.equal(answer.status, 400);
    t.match(answer.body.errors, [{ pointer: `/${member}`, code }]);
  }
  const wrong = {
    parent_id: '01938c5e-7b1a-7c3e-9a51-2f1de0a4c001',
    division_code: '999999',
    credit_code: '11371000004359010A',
  };
  const posted = await admin('POST', '/v1/organs', { body: { ...suqian, ...wrong } });
  t.same(codes(posted), [
    '/credit_code check-character',
    '/division_code unknown-division',
    '/parent_id unknown-organ',
  ]);
  const patched = await admin('PATCH', `/v1/organs/${await createOrgan(service)}`, {
    body: { ...wrong, valid_from: '2099-01-01', successor_id: wrong.parent_id },
  });
  t.same(codes(patched), [
    '/credit_code check-character',
    '/division_code unknown-division',
    '/parent_id unknown-organ',
    '/successor_id needs-end',
    '/successor_id unknown-organ',
    '/valid_from future',
  ]);
  const twice = { ...suqian, credit_code: '113708830043262784' };
  t.equal((await admin('POST', '/v1/organs', { body: twice })).status, 201);
  const second = await admin('POST', '/v1/organs', { body: twice });
  t.equal(second.status, 409);
  t.equal(second.body.code, 'credit-code-exists');
  const { body } = await request('GET', `/v1/organs?credit_code=${twice.credit_code}`);
  t.strictSame(
    body.items.map(({ credit_code }: { credit_code: string }) => credit_code),
    [twice.credit_code],
    'the one that has it is found by it',
  );
});

t.test('an organ is found by the name it has and by those it had', async (t) => {
  const id = await createOrgan(service, { name: '曾用名局' });
  const since = { name: '现用名局', valid_from: '2023-01-01' };
  t.equal((await admin('PATCH', `/v1/organs/${id}`, { body: since })).status, 200);
  for (const q of ['曾用名', '现用名'])
    t.match((await request('GET', `/v1/organs?q=${q}`)).body.items, [{ id, name: '现用名局' }], q);
});

t.test('an organ with reports or organs below it stays; an unused one goes', async (t) => {
  const parent = await createOrgan(service);
  const child = await createOrgan(service, { parent_id: parent });
  await fileReport(service, zeroDocument(child));
  const heir = await createOrgan(service);
  const ended = await createOrgan(service, { parent_id: heir });
  const abolished_on = '2023-12-31';
  await admin('PATCH', `/v1/organs/${ended}`, {
    body: { abolished_on, successor_id: heir, parent_id: null },
  });
  const former = await createOrgan(service);
  const moved = await createOrgan(service, { parent_id: former });
  await admin('PATCH', `/v1/organs/${moved}`, { body: { parent_id: null, valid_from: '2023-01-01' } });
  for (const [id, detail] of [
    [parent, 'organs are below it'],
    [child, 'it has reports'],
    [heir, 'it is the successor of another organ'],
    [former, 'organs have been below it'],
  ])
    t.match((await admin('DELETE', `/v1/organs/${id}`)).body, { status: 409, code: 'organ-in-use', detail });
  const unused = await createOrgan(service);
  t.equal((await admin('DELETE', `/v1/organs/${unused}`)).status, 204);
  t.equal((await request('GET', `/v1/organs/${unused}`)).status, 404);
  t.equal((await admin('DELETE', `/v1/organs/${unused}`)).status, 404);
  t.equal((await admin('PATCH', `/v1/organs/${unused}`, { body: { name: '无' } })).status, 404);
});

t.test('pages follow each other and skip nothing while others register', async (t) => {
  const seen: string[] = [];
  let path: string | undefined = '/v1/organs?limit=3';
  while (path) {
    const answer = await request('GET', path);
    seen.push(...answer.body.items.map((organ: { id: string }) => organ.id));
    path = /<([^>]+)>; rel="next"/.exec(answer.headers.get('link') ?? '')?.[1];
    if (seen.length === 3) await createOrgan(service);
  }
  const all = (await request('GET', '/v1/organs?limit=1000')).body.items.map(
    (organ: { id: string }) => organ.id,
  );
  t.same(seen, all);
});

t.test('writing needs the administrator’s token', async (t) => {
  const id = await createOrgan(service);
  for (const [method, path, body] of [
    ['POST', '/v1/organs', suqian],
    ['PATCH', `/v1/organs/${id}`, { name: '无' }],
    ['DELETE', `/v1/organs/${id}`, undefined],
  ] as const) {
    t.equal((await request(method, path, { body })).status, 401);
    const wrong = await request(method, path, { body, headers: { authorization: 'Bearer wrong' } });
    t.equal(wrong.status, 401);
    t.equal(wrong.headers.get('www-authenticate'), 'Bearer');
  }
});
