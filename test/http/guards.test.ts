import { once } from 'node:events';
import { connect } from 'node:net';
import { Writable } from 'node:stream';
import { setTimeout as sleep } from 'node:timers/promises';
import { sql } from 'kysely';
import { pino } from 'pino';
import t from 'tap';
import { adminToken, startService, type TestService } from '../support/app.ts';
import { createOrgan, zeroDocument } from '../support/reports.ts';

/** Keeps requests to the organs waiting until `release` is called. */
async function hold(service: TestService) {
  const lock = Promise.withResolvers<void>();
  const locked = Promise.withResolvers<void>();
  const holding = service.app.db.transaction().execute(async (trx) => {
    await sql`lock table organs in access exclusive mode`.execute(trx);
    locked.resolve();
    await lock.promise;
  });
  await locked.promise;
  return async () => {
    lock.resolve();
    await holding;
  };
}

const metric = async (service: TestService, name: string): Promise<string | undefined> => {
  const { text } = await service.request('GET', '/metrics');
  return text
    .split('\n')
    .find((line) => line.startsWith(name))
    ?.split(' ')
    .at(-1);
};

t.test('requests beyond the limit in flight are told at once to come back', async (t) => {
  const service = await startService(t, { guards: { maxInFlight: 3 } });
  await createOrgan(service);
  const release = await hold(service);
  const waiting = Array.from({ length: 3 }, () => service.request('GET', '/v1/organs'));
  while ((await metric(service, 'gongkai_requests_in_flight')) !== '3');
  const refused = await service.request('GET', '/v1/editions');
  t.match(refused, { status: 503, body: { code: 'unavailable', request_id: String } });
  t.equal(refused.headers.get('retry-after'), '1');
  t.equal(refused.headers.get('content-type'), 'application/problem+json');
  t.equal((await service.request('POST', '/v1/validations', { body: {} })).status, 503);
  for (const path of ['/livez', '/metrics']) t.equal((await service.request('GET', path)).status, 200, path);
  await release();
  for (const answer of await Promise.all(waiting)) t.equal(answer.status, 200);
  t.equal((await service.request('GET', '/v1/editions')).status, 200, 'and then there is room again');
  t.equal(await metric(service, 'gongkai_requests_in_flight'), '0', 'none is counted for ever');
});

t.test('bodies that trickle in take no place from those who read', async (t) => {
  const service = await startService(t, { guards: { maxInFlight: 2 } });
  const { port } = new URL(service.url);
  const head = 'POST /v1/validations HTTP/1.1\r\nHost: x\r\nContent-Type: application/json\r\n';
  const slow = Array.from({ length: 2 }, () => {
    const socket = connect(Number(port), '127.0.0.1');
    socket.write(`${head}Content-Length: 9\r\n\r\n{`);
    return socket;
  });
  const validate = async () => (await service.request('POST', '/v1/validations', { body: {} })).status;
  while ((await validate()) !== 503);
  t.equal((await service.request('GET', '/v1/editions')).status, 200);
  for (const socket of slow) socket.destroy();
  while ((await validate()) !== 400);
  t.equal(await metric(service, 'gongkai_requests_in_flight'), '0', 'none is counted for ever');
});

t.test('a caller who goes away frees the place', async (t) => {
  const service = await startService(t, { guards: { maxInFlight: 1 } });
  const release = await hold(service);
  const leaving = new AbortController();
  const left = fetch(`${service.url}/v1/organs`, { signal: leaving.signal }).catch(() => {});
  while ((await metric(service, 'gongkai_requests_in_flight')) !== '1');
  leaving.abort();
  await left;
  while ((await metric(service, 'gongkai_requests_in_flight')) !== '0');
  t.equal((await service.request('GET', '/v1/editions')).status, 200);
  await release();
});

t.test('requests a minute are limited by token, or by address without one', async (t) => {
  const service = await startService(t, { guards: { rateLimit: 5 } });
  const statuses = async (send: () => Promise<{ status: number }>, times: number) => {
    const all: number[] = [];
    for (let i = 0; i < times; i++) all.push((await send()).status);
    return all;
  };
  const ask = () => service.request('GET', '/v1/editions');
  t.strictSame(await statuses(ask, 7), [200, 200, 200, 200, 200, 429, 429]);
  const refused = await ask();
  t.match(refused.body, { code: 'too-many-requests', status: 429, detail: /5 requests a minute/ });
  t.ok(Number(refused.headers.get('retry-after')) >= 1 && Number(refused.headers.get('retry-after')) <= 60);
  t.equal((await service.request('GET', '/livez')).status, 200, 'health is not limited');
  const known = () => service.admin('GET', '/v1/editions');
  t.strictSame(await statuses(known, 6), [200, 200, 200, 200, 200, 429], 'a token has a count of its own');
});

t.test('who guesses tokens is limited by address', async (t) => {
  const service = await startService(t, { guards: { rateLimit: 3 } });
  const guess = async (token: string) =>
    (await service.request('GET', '/v1/editions', { headers: { authorization: `Bearer ${token}` } })).status;
  const guessed: number[] = [];
  for (const token of ['a', 'b', 'c', 'd', 'e']) guessed.push(await guess(token));
  t.strictSame(guessed, [401, 401, 401, 429, 429]);
});

t.test('without a limit nobody is refused', async (t) => {
  const service = await startService(t, { guards: { rateLimit: 0 } });
  const all = await Promise.all(Array.from({ length: 100 }, () => service.request('GET', '/livez')));
  t.ok(all.every(({ status }) => status === 200));
});

t.test('browsers of other origins may read only where they are let in', async (t) => {
  const origin = 'https://data.example';
  const closed = await startService(t);
  const refused = await closed.request('GET', '/v1/editions', { headers: { origin } });
  t.equal(refused.headers.get('access-control-allow-origin'), null);
  t.equal((await closed.request('OPTIONS', '/v1/organs', { headers: { origin } })).status, 404);

  const open = await startService(t, { guards: { corsOrigins: [origin] } });
  const read = await open.request('GET', '/v1/editions', { headers: { origin } });
  t.equal(read.headers.get('access-control-allow-origin'), origin);
  const names = [
    'ETag',
    'Link',
    'Location',
    'X-Request-Id',
    'Retry-After',
    'Idempotency-Replayed',
    'X-Warnings',
    'X-Coverage',
    'X-Basis',
  ];
  for (const name of names) t.match(read.headers.get('access-control-expose-headers'), name);
  t.match(read.headers.get('vary'), /origin/i);
  const asked = await open.request('OPTIONS', '/v1/organs', {
    headers: {
      origin,
      'access-control-request-method': 'POST',
      'access-control-request-headers': 'authorization,content-type,idempotency-key',
    },
  });
  t.equal(asked.status, 204);
  t.match(asked.headers.get('access-control-allow-methods'), 'POST');
  t.match(asked.headers.get('access-control-allow-headers'), 'authorization');
  const stranger = await open.request('GET', '/v1/editions', { headers: { origin: 'https://evil.example' } });
  t.equal(stranger.headers.get('access-control-allow-origin'), null);
});

t.test('answers carry security headers, and the documentation page still works', async (t) => {
  const service = await startService(t);
  for (const path of ['/v1/editions', '/nowhere', '/v1/organs/x']) {
    const { headers } = await service.request('GET', path);
    t.equal(headers.get('x-content-type-options'), 'nosniff', path);
    t.match(headers.get('content-security-policy'), /default-src 'none'/);
    t.match(headers.get('strict-transport-security'), /max-age/);
    t.equal(headers.get('referrer-policy'), 'no-referrer');
    t.ok(headers.get('x-request-id'));
  }
  const page = await service.request('GET', '/docs/');
  t.equal(page.status, 200);
  const policy = page.headers.get('content-security-policy') ?? '';
  t.match(policy, /script-src 'self'/);
  t.notMatch(policy, /default-src 'none'/, 'the page has a policy of its own');
});

t.test('a body that trickles in is given up on, a stream of lines is not', async (t) => {
  const service = await startService(t, { guards: { bodyTimeout: 100 } });
  const organ_id = await createOrgan(service);
  const { port } = new URL(service.url);
  const send = async (path: string, type: string, rest: string, connection = 'close') => {
    const socket = connect(Number(port), '127.0.0.1');
    let text = '';
    socket.on('data', (data) => {
      text += data;
    });
    const head = `POST ${path} HTTP/1.1\r\nHost: x\r\nAuthorization: Bearer ${adminToken}\r\nContent-Type: ${type}\r\n`;
    socket.write(
      `${head}Connection: ${connection}\r\nContent-Length: ${1 + Buffer.byteLength(rest)}\r\n\r\n{`,
    );
    setTimeout(() => socket.writable && socket.write(rest), 400);
    socket.on('error', () => {});
    await once(socket, 'close');
    return text;
  };
  t.match(
    await send('/v1/validations', 'application/json', '}'),
    /^HTTP\/1.1 408 .*"code":"request-timeout"/s,
  );
  const rest = JSON.stringify(zeroDocument(organ_id)).slice(1);
  t.match(await send('/v1/reports/batch', 'application/x-ndjson', rest), /"status":"created"/);
  const refused = await send('/v1/validations', 'text/plain', '}', 'keep-alive');
  t.match(refused, /^HTTP\/1.1 415 /);
  t.equal(refused.split('HTTP/1.1 ').length, 2, 'what was answered before it came is not answered twice');
  const injected = {
    method: 'POST',
    url: '/v1/validations',
    headers: { 'content-type': 'text/plain' },
  } as const;
  t.equal((await service.app.inject({ ...injected, payload: '{' })).statusCode, 415);
  await sleep(200);
  t.equal((await service.request('GET', '/v1/editions')).status, 200, 'the service goes on');
});

t.test('the log says who did what and never a secret or a body', async (t) => {
  const lines: string[] = [];
  const stream = new Writable({
    write(chunk, _encoding, done) {
      lines.push(String(chunk));
      done();
    },
  });
  const service = await startService(t, { logger: pino({ level: 'trace' }, stream) });
  const organ = await createOrgan(service, { name: '机密机关' });
  const made = await service.admin('POST', '/v1/api-keys', {
    body: {
      label: '日志',
      expires_at: new Date(Date.now() + 86_400_000).toISOString(),
      grants: [{ role: 'preparer', organ_id: organ }],
    },
  });
  const secret: string = made.body.secret ?? made.body.key;
  t.ok(secret);
  const headers = { authorization: `Bearer ${secret}` };
  const document = zeroDocument(organ, { overview: '只在正文里的话' });
  const created = await service.request('POST', '/v1/reports', { body: document, headers });
  t.equal(created.status, 201);
  await service.request('POST', '/v1/reports', { body: { ...document, wrong: '只在正文里的话' }, headers });
  await service.request('POST', '/v1/reports', {
    body: '{"只在正文里的话',
    headers: { ...headers, 'content-type': 'application/json' },
  });
  await service.request('GET', '/v1/reports', {
    headers: { authorization: 'Bearer wrong-token-of-someone' },
  });
  await service.app.db.destroy();
  t.equal((await service.request('GET', '/v1/organs', { headers })).status >= 500, true);
  const log = lines.join('');
  for (const hidden of [
    adminToken,
    secret,
    'wrong-token-of-someone',
    '只在正文里的话',
    '机密机关',
    'authorization',
  ])
    t.notMatch(log.toLowerCase(), hidden.toLowerCase());
  t.match(log, created.headers.get('x-request-id')!, 'the request is found by its id');
});

t.test('metrics count requests by route and status, and nothing a caller chose', async (t) => {
  const service = await startService(t);
  const organ = await createOrgan(service);
  await service.request('GET', `/v1/organs/${organ}`);
  await service.request('GET', '/no/such/path');
  const { text, headers } = await service.request('GET', '/metrics');
  t.match(headers.get('content-type'), /^text\/plain/);
  t.match(
    text,
    /gongkai_request_duration_seconds_count\{method="GET",route="\/v1\/organs\/:organ_id",status="200"\} 1/,
  );
  t.match(text, /gongkai_request_duration_seconds_count\{method="",route="",status="404"\} 1/);
  t.match(text, /gongkai_database_connections\{pool="primary",state="waiting"\} 0/);
  t.match(text, /process_resident_memory_bytes \d+/);
  t.notMatch(text, organ);
});

t.test('a client that goes away in the middle of a body is no fault of the database', async (t) => {
  const lines: string[] = [];
  const stream = new Writable({
    write(chunk, _encoding, done) {
      lines.push(String(chunk));
      done();
    },
  });
  const service = await startService(t, { logger: pino({ level: 'info' }, stream) });
  const { port } = new URL(service.url);
  const socket = connect(Number(port), '127.0.0.1');
  socket.write(
    'POST /v1/validations HTTP/1.1\r\nHost: x\r\nContent-Type: application/json\r\nContent-Length: 9\r\n\r\n{',
  );
  await sleep(200);
  socket.destroy();
  await sleep(200);
  t.notMatch(lines.join(''), /"level":50/);
});
