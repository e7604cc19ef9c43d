import { createHash } from 'node:crypto';
import { sql } from 'kysely';
import { pino } from 'pino';
import t from 'tap';
import { adminToken, startService } from '../support/app.ts';
import { createOrgan } from '../support/reports.ts';
import { as, createCaller } from './support.ts';

const service = await startService(t);
const { admin, request } = service;
const organ_id = await createOrgan(service);
const preparer = { role: 'preparer', organ_id, include_subtree: false };

t.test('a key is shown once and only its hash is kept', async (t) => {
  const made = await admin('POST', '/v1/api-keys', { body: { label: '填报系统', grants: [preparer] } });
  t.equal(made.status, 201);
  const { secret, ...key } = made.body;
  t.match(secret, /^gk_[\w-]{43}$/, '256 bits');
  t.equal(made.headers.get('location'), `/v1/api-keys/${key.id}`);
  t.equal(made.headers.get('cache-control'), 'no-store');
  t.match(key, { label: '填报系统', created_by: 'admin', last_used_at: null, revoked_at: null });
  t.ok(secret.startsWith(key.prefix) && key.prefix.length === 9);
  t.match(key.grants, [preparer]);
  const year = (Date.parse(key.expires_at) - Date.now()) / 86_400_000;
  t.ok(year > 364 && year < 367, 'a year from now');

  const { rows } = await sql<{ text: string }>`
    select to_jsonb(api_keys)::text as text from api_keys where id = ${key.id}`.execute(service.app.db);
  t.notMatch(rows[0]?.text, secret);
  t.match(rows[0]?.text, createHash('sha256').update(secret).digest('hex'));
  for (const path of ['/v1/api-keys', `/v1/api-keys/${key.id}`]) {
    const { status, text } = await admin('GET', path);
    t.equal(status, 200);
    t.match(text, key.id);
    t.notMatch(text, /secret|hash/, path);
  }
});

t.test('a repeated creation gives the same key without its secret, which is stored nowhere', async (t) => {
  const headers = { 'idempotency-key': 'make-a-key' };
  const body = { label: '一次', grants: [] };
  const first = await admin('POST', '/v1/api-keys', { body, headers });
  const second = await admin('POST', '/v1/api-keys', { body, headers });
  t.equal(second.headers.get('idempotency-replayed'), 'true');
  t.same(second.body, { ...first.body, secret: null });
  const { rows } = await sql<{ body: string }>`select body from idempotent_answers`.execute(service.app.db);
  t.ok(rows.length > 0);
  for (const row of rows) t.notMatch(row.body, first.body.secret);
});

t.test('a key lives two years at most, and ends', async (t) => {
  const make = (expires_at: string) =>
    admin('POST', '/v1/api-keys', { body: { label: '期限', expires_at, grants: [] } });
  const inDays = (days: number) => new Date(Date.now() + days * 86_400_000).toISOString();
  for (const days of [-1, 0, 732]) {
    const { status, body } = await make(inDays(days));
    t.equal(status, 400, `${days} days`);
    t.match(body.errors, [{ pointer: '/expires_at', code: 'range' }]);
  }
  const { status, body } = await make(inDays(729));
  t.equal(status, 201);
  t.equal((await as(service, body.secret)('GET', '/v1/organs')).status, 200);
  await sql`update api_keys set created_at = created_at - interval '1 year', expires_at = now()
    where id = ${body.id}`.execute(service.app.db);
  t.equal((await as(service, body.secret)('GET', '/v1/organs')).status, 401, 'also where no token is needed');
});

t.test('a revoked key is refused from the next request on', async (t) => {
  const { key, request } = await createCaller(service, [preparer]);
  const path = `/v1/api-keys/${key.id}`;
  t.equal((await request('GET', '/v1/organs')).status, 200);
  t.equal((await admin('DELETE', path)).status, 204);
  t.equal((await request('GET', '/v1/organs')).status, 401);
  const { revoked_at } = (await admin('GET', path)).body;
  t.ok(revoked_at);
  t.equal((await admin('DELETE', path)).status, 204, 'again');
  t.equal((await admin('GET', path)).body.revoked_at, revoked_at);
});

t.test('the last use is noted, at most once a minute', async (t) => {
  const { key, request } = await createCaller(service, []);
  const lastUse = async () => (await admin('GET', `/v1/api-keys/${key.id}`)).body.last_used_at;
  await Promise.all(Array.from({ length: 10 }, () => request('GET', '/v1/organs')));
  const first = await lastUse();
  t.ok(first);
  await request('GET', '/v1/organs');
  t.equal(await lastUse(), first);
  await sql`update api_keys set last_used_at = last_used_at - interval '2 minutes'`.execute(service.app.db);
  await request('GET', '/v1/organs');
  t.ok((await lastUse()) >= first);
});

t.test('a grant that cannot be is refused with every fault', async (t) => {
  const unknown = '01938c5e-7b1a-7c3e-9a51-2f1de0a4c001';
  const grants = [
    { role: 'admin', organ_id },
    { role: 'preparer' },
    { role: 'supervisor', organ_id: null, include_subtree: true },
    { role: 'auditor', organ_id: unknown },
    preparer,
    { ...preparer, include_subtree: true },
  ];
  const past = { label: '错误', expires_at: '2020-01-01T00:00:00Z', grants };
  const { status, body } = await admin('POST', '/v1/api-keys', { body: past });
  t.equal(status, 400);
  t.same(
    body.errors.map((each: { pointer: string; code: string }) => [each.pointer, each.code]),
    [
      ['/expires_at', 'range'],
      ['/grants/0/organ_id', 'reach'],
      ['/grants/1/organ_id', 'reach'],
      ['/grants/2/organ_id', 'reach'],
      ['/grants/3/organ_id', 'unknown-organ'],
      ['/grants/5', 'repeated'],
    ],
  );
});

t.test('grants of keys and of people are made, listed and taken away', async (t) => {
  const { key, request } = await createCaller(service, []);
  const draft = { organ_id, year: 2022, scope: 'own' };
  t.equal((await request('POST', '/v1/reports', { body: draft })).body.code, 'forbidden');
  const made = await admin('POST', '/v1/grants', {
    body: { api_key_id: key.id, role: 'preparer', organ_id },
  });
  t.equal(made.status, 201);
  t.match(made.body, { api_key_id: key.id, issuer: null, subject: null, include_subtree: false });
  t.equal(
    (await admin('POST', '/v1/grants', { body: { api_key_id: key.id, role: 'preparer', organ_id } })).body
      .code,
    'grant-exists',
  );
  t.equal((await request('POST', '/v1/reports', { body: draft })).status, 201);
  t.same((await admin('GET', `/v1/grants?api_key_id=${key.id}`)).body.items, [made.body]);
  t.equal((await admin('DELETE', `/v1/grants/${made.body.id}`)).status, 204);
  t.equal((await admin('DELETE', `/v1/grants/${made.body.id}`)).status, 404);
  t.equal((await request('POST', '/v1/reports', { body: { ...draft, year: 2021 } })).body.code, 'forbidden');

  const person = { issuer: 'https://login.example', subject: '张三' };
  const granted = await admin('POST', '/v1/grants', { body: { ...person, role: 'auditor' } });
  t.match(granted.body, { ...person, api_key_id: null, organ_id: null, include_subtree: true });
  t.same((await admin('GET', '/v1/grants?issuer=https://login.example')).body.items, [granted.body]);
  for (const subject of [{}, { issuer: 'https://login.example' }, { ...person, api_key_id: key.id }])
    t.equal((await admin('POST', '/v1/grants', { body: { ...subject, role: 'auditor' } })).status, 400);
  const unknown = { api_key_id: organ_id, issuer: person.issuer, role: 'admin', organ_id };
  t.match((await admin('POST', '/v1/grants', { body: unknown })).body.errors, [
    { pointer: '', code: 'subject' },
    { pointer: '/api_key_id', code: 'unknown-key' },
    { pointer: '/organ_id', code: 'reach' },
  ]);
});

t.test('keys and grants are for administrators, before anything is told of them', async (t) => {
  const { request: preparing } = await createCaller(service, [preparer]);
  const { request: auditing } = await createCaller(service, [{ role: 'auditor' }]);
  const { request: administering, key } = await createCaller(service, [{ role: 'admin' }]);
  const calls: [string, string, unknown?][] = [
    ['GET', '/v1/api-keys'],
    ['POST', '/v1/api-keys', {}],
    ['GET', `/v1/api-keys/${organ_id}`],
    ['DELETE', `/v1/api-keys/${organ_id}`],
    ['GET', '/v1/grants'],
    ['POST', '/v1/grants', {}],
    ['DELETE', `/v1/grants/${organ_id}`],
  ];
  for (const [method, path, body] of calls) {
    const options = body === undefined ? {} : { body };
    t.equal((await request(method, path, options)).status, 401, `${method} ${path}`);
    t.equal((await preparing(method, path, options)).status, 403);
    t.equal((await auditing(method, path, options)).status, 403);
    t.match((await administering(method, path, options)).status, /200|400|404/);
  }
  const made = await administering('POST', '/v1/api-keys', { body: { label: '下一把', grants: [] } });
  t.equal(made.body.created_by, `key:${key.id}`);
});

t.test('making and revoking are in the audit', async (t) => {
  const { key } = await createCaller(service, [preparer]);
  await admin('DELETE', `/v1/api-keys/${key.id}`);
  const { items } = (await admin('GET', `/v1/audit?resource_id=${key.id}`)).body;
  t.same(
    items.map((entry: { action: string; resource: string }) => [entry.action, entry.resource]),
    [
      ['create', 'api_key'],
      ['revoke', 'api_key'],
    ],
  );
});

t.test('the list is paged', async (t) => {
  const ids = [];
  let path = '/v1/api-keys?limit=3';
  for (;;) {
    const { items, next_cursor } = (await admin('GET', path)).body;
    ids.push(...items.map(({ id }: { id: string }) => id));
    if (next_cursor === null) break;
    path = `/v1/api-keys?limit=3&cursor=${next_cursor}`;
  }
  t.same(ids, [...new Set(ids)].sort());
  t.equal(ids.length, (await admin('GET', '/v1/api-keys')).body.items.length);
});

t.test('no secret is ever logged', async (t) => {
  const lines: string[] = [];
  const logger = pino({ level: 'trace' }, { write: (line: string) => void lines.push(line) });
  const logged = await startService(t, { logger });
  const { key, request: call } = await createCaller(logged, [{ role: 'admin' }]);
  t.equal((await call('GET', '/v1/api-keys')).status, 200);
  t.equal((await call('POST', '/v1/api-keys', { body: { label: key.secret } })).status, 400);
  t.equal((await as(logged, `${key.secret}x`)('GET', '/v1/organs')).status, 401);
  t.ok(
    lines.some((line) => line.includes(`key:${key.id}`)),
    'but who called is',
  );
  t.notMatch(lines.join(''), key.secret.slice(9));
  t.notMatch(lines.join(''), adminToken);
});
