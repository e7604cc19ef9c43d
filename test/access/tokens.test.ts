import { createHmac } from 'node:crypto';
import { exportSPKI } from 'jose';
import { sql } from 'kysely';
import t from 'tap';
import { adminToken, startService } from '../support/app.ts';
import { createOrgan } from '../support/reports.ts';
import { audience, claimsOf, encode, newKey, nowInSeconds, sign, startIssuer } from './issuer.ts';
import { as, createCaller } from './support.ts';

const [rsa, other] = [await newKey('rsa'), await newKey('rsa')];
const issuer = await startIssuer(t, [rsa]);
const service = await startService(t, { oidc: { issuer: issuer.url, audience, cooldown: 0, keep: 0 } });
const { admin, request } = service;
const organ_id = await createOrgan(service);
let year = 2019;
const file = (call: typeof request) =>
  call('POST', '/v1/reports', { body: { organ_id, year: year++, scope: 'own' } });
const headersOf = (authorization: string) => ({ headers: { authorization } });

t.test(
  'hostile tokens are refused with 401 on writes and on public reads, and nothing is told',
  async (t) => {
    const subject = { issuer: issuer.url, subject: 'someone' };
    t.equal((await admin('POST', '/v1/grants', { body: { ...subject, role: 'admin' } })).status, 201);
    const good = await sign(rsa, claimsOf(issuer.url));
    const [header, payload, signature] = good.split('.') as [string, string, string];
    const withClaims = (others: Record<string, unknown>) => sign(rsa, claimsOf(issuer.url, others));
    const withHeader = (others: Record<string, unknown>) => sign(rsa, claimsOf(issuer.url), others);
    const byHand = async (head: object, body: unknown = claimsOf(issuer.url)) => {
      const input = `${encode(head)}.${encode(body)}`;
      const mark = await crypto.subtle.sign('RSASSA-PKCS1-v1_5', rsa.privateKey, Buffer.from(input));
      return `${input}.${Buffer.from(mark).toString('base64url')}`;
    };
    const confused = `${encode({ alg: 'HS256', kid: 'rsa' })}.${payload}`;
    const revoked = await createCaller(service, [{ role: 'admin' }]);
    await admin('DELETE', `/v1/api-keys/${revoked.key.id}`);
    const expired = await createCaller(service, [{ role: 'admin' }]);
    await sql`update api_keys set created_at = created_at - interval '1 year', expires_at = now()
    where id = ${expired.key.id}`.execute(service.app.db);
    const { key } = await createCaller(service, [{ role: 'admin' }]);

    const tokens: Record<string, string> = {
      'a key nobody made': `Bearer gk_${'A'.repeat(43)}`,
      'a truncated key': `Bearer ${key.secret.slice(0, -1)}`,
      'a key with something after it': `Bearer ${key.secret}A`,
      'a key in other letters': `Bearer ${key.secret.replace(/[a-z]/g, (c) => c.toUpperCase()).replace('GK_', 'gk_')}`,
      'the prefix of a key': `Bearer ${key.secret.slice(0, 9)}`,
      'the id of a key': `Bearer ${key.id}`,
      'a revoked key': `Bearer ${revoked.key.secret}`,
      'an expired key': `Bearer ${expired.key.secret}`,
      "the administrator's token, truncated": `Bearer ${adminToken.slice(0, -1)}`,
      'another scheme': `Basic ${Buffer.from(`admin:${adminToken}`).toString('base64')}`,
      'no scheme': adminToken,
      'no token': 'Bearer',
      'two tokens': `Bearer ${adminToken} ${adminToken}`,
      'alg none': `Bearer ${encode({ alg: 'none', kid: 'rsa' })}.${payload}.`,
      'HS256 with the public key as its secret': `Bearer ${confused}.${createHmac(
        'sha256',
        await exportSPKI(rsa.publicKey),
      )
        .update(confused)
        .digest('base64url')}`,
      'RS256 with another key': `Bearer ${await sign(other, claimsOf(issuer.url))}`,
      'an expired token': `Bearer ${await withClaims({ exp: nowInSeconds() - 10 })}`,
      'a token that is not valid yet': `Bearer ${await withClaims({ nbf: nowInSeconds() + 10 })}`,
      'another issuer': `Bearer ${await withClaims({ iss: 'https://elsewhere.example' })}`,
      'another audience': `Bearer ${await withClaims({ aud: 'elsewhere' })}`,
      'no audience': `Bearer ${await withClaims({ aud: undefined })}`,
      'no exp': `Bearer ${await withClaims({ exp: undefined })}`,
      'no kid': `Bearer ${await withHeader({ kid: undefined })}`,
      'an unknown kid': `Bearer ${await withHeader({ kid: 'unknown' })}`,
      'a payload changed afterwards': `Bearer ${header}.${encode(claimsOf(issuer.url, { sub: 'other' }))}.${signature}`,
      'a header changed afterwards': `Bearer ${encode({ alg: 'RS256', kid: 'rsa', typ: 'JWT' })}.${payload}.${signature}`,
      'an empty signature': `Bearer ${header}.${payload}.`,
      'a crit header': `Bearer ${await byHand({ alg: 'RS256', kid: 'rsa', crit: ['x'], x: 1 })}`,
      'a jku header': `Bearer ${await withHeader({ jku: `${issuer.url}/keys` })}`,
      'an x5u header': `Bearer ${await withHeader({ x5u: `${issuer.url}/keys` })}`,
      'a jwk header': `Bearer ${await sign(other, claimsOf(issuer.url), { jwk: other.jwk })}`,
      'a very large token': `Bearer ${await withClaims({ filling: 'x'.repeat(9_500) })}`,
      'a payload that is no JSON': `Bearer ${await byHand({ alg: 'RS256', kid: 'rsa' }, 'text')}`,
      'b64 false': `Bearer ${await byHand({ alg: 'RS256', kid: 'rsa', b64: false, crit: ['b64'] })}`,
    };
    for (const [what, authorization] of Object.entries(tokens)) {
      const { status, body, headers, text } = await request('POST', '/v1/organs', {
        body: { name: '不应登记', kind: 'department', level: 'county' },
        ...headersOf(authorization),
      });
      t.equal(status, 401, what);
      t.match(body, { code: 'unauthorized', detail: 'the bearer token is not valid' }, what);
      t.equal(headers.get('www-authenticate'), 'Bearer');
      t.notMatch(text, /JOSE|JW[TSK]|sign|claim|kid/i, `${what} is told nothing`);
      t.equal((await request('GET', '/v1/organs', headersOf(authorization))).status, 401, `${what}, reading`);
    }
    t.equal((await request('POST', '/v1/organs', { body: {} })).status, 401, 'no token at all');
    const { body } = await admin('GET', '/v1/organs?q=不应登记');
    t.same(body.items, []);
    t.equal(
      (await request('GET', '/v1/api-keys', headersOf(`Bearer ${good}`))).status,
      200,
      'while the good one works',
    );
    t.equal((await request('GET', '/v1/api-keys', headersOf(`bEaReR ${key.secret}`))).status, 200);
  },
);

t.test('a person may do what was granted to them, and what they do is theirs', async (t) => {
  const call = as(service, await sign(rsa, claimsOf(issuer.url, { sub: '李四' })));
  t.equal((await file(call)).body.code, 'forbidden', 'without a grant');
  const grant = { issuer: issuer.url, subject: '李四', role: 'preparer', organ_id };
  t.equal((await admin('POST', '/v1/grants', { body: grant })).status, 201);
  const filed = await file(call);
  t.equal(filed.status, 201);
  const { items } = (await admin('GET', `/v1/audit?resource_id=${filed.body.id}`)).body;
  t.equal(items[0].principal, `oidc:${issuer.url}#李四`);
});

t.test('keys change at the issuer without anything being restarted', async (t) => {
  const next = await newKey('next');
  const call = as(service, await sign(next, claimsOf(issuer.url)));
  t.equal((await call('GET', '/v1/organs')).status, 401);
  issuer.keys = [rsa, next];
  t.equal((await call('GET', '/v1/organs')).status, 200);
  issuer.keys = [next];
  t.equal((await as(service, await sign(rsa, claimsOf(issuer.url)))('GET', '/v1/organs')).status, 401);
  t.equal((await call('GET', '/v1/organs')).status, 200);
  issuer.keys = [rsa];
});

t.test('while the issuer is down its tokens are put off, and keys work', async (t) => {
  const call = as(service, await sign(rsa, claimsOf(issuer.url)));
  issuer.down = true;
  const { status, headers, body } = await call('GET', '/v1/organs');
  t.equal(status, 503);
  t.equal(body.code, 'unavailable');
  t.ok(Number(headers.get('retry-after')) > 0);
  t.equal((await admin('GET', '/v1/organs')).status, 200);
  t.equal((await as(service, 'something')('GET', '/v1/organs')).status, 401);
  issuer.down = false;
  t.equal((await call('GET', '/v1/organs')).status, 200);
});
