import { createHmac } from 'node:crypto';
import { exportSPKI } from 'jose';
import t from 'tap';
import { createVerifier } from '../../src/access/oidc.ts';
import { Problem } from '../../src/http/problem.ts';
import { audience, claimsOf, encode, newKey, nowInSeconds, sign, startIssuer } from './issuer.ts';

const refusal = async (verified: Promise<unknown>): Promise<string> => {
  try {
    await verified;
    return 'accepted';
  } catch (error) {
    return error instanceof Problem ? error.code : String(error);
  }
};

t.test('tokens of every allowed algorithm are accepted', async (t) => {
  const keys = await Promise.all(
    ['RS256', 'PS256', 'ES256', 'EdDSA'].map((alg) => newKey(`key-${alg}`, alg)),
  );
  const issuer = await startIssuer(t, keys);
  const verify = createVerifier({ issuer: issuer.url, audience });
  for (const key of keys)
    t.same(await verify(await sign(key, claimsOf(issuer.url))), { issuer: issuer.url, subject: 'someone' });
  const [key] = keys;
  t.equal(
    (await verify(await sign(key!, claimsOf(issuer.url, { aud: ['other', audience] })))).subject,
    'someone',
  );
  t.equal((await verify(await sign(key!, claimsOf(issuer.url), { typ: 'at+jwt' }))).subject, 'someone');
  t.equal(
    (await verify(await sign(key!, claimsOf(issuer.url, { exp: nowInSeconds() - 2 })))).subject,
    'someone',
    'clocks may differ by a few seconds',
  );
  t.same(issuer.asked, { description: 1, keys: 1 }, 'keys are kept');
});

t.test(
  'whatever is wrong with a token is told without asking the issuer for more than its keys',
  async (t) => {
    const [rsa, other, elliptic] = [await newKey('rsa'), await newKey('rsa'), await newKey('ec', 'ES256')];
    const issuer = await startIssuer(t, [rsa, elliptic]);
    const verify = createVerifier({ issuer: issuer.url, audience });
    const good = await sign(rsa, claimsOf(issuer.url));
    const [header, payload, signature] = good.split('.') as [string, string, string];
    const withClaims = (others: Record<string, unknown>) => sign(rsa, claimsOf(issuer.url, others));
    const withHeader = (others: Record<string, unknown>) => sign(rsa, claimsOf(issuer.url), others);
    const signed = async (head: object, body: unknown = claimsOf(issuer.url)) => {
      const input = `${encode(head)}.${encode(body)}`;
      const mark = await crypto.subtle.sign('RSASSA-PKCS1-v1_5', rsa.privateKey, Buffer.from(input));
      return `${input}.${Buffer.from(mark).toString('base64url')}`;
    };
    const hs256 = async () => {
      const input = `${encode({ alg: 'HS256', kid: 'rsa' })}.${payload}`;
      const secret = await exportSPKI(rsa.publicKey);
      return `${input}.${createHmac('sha256', secret).update(input).digest('base64url')}`;
    };
    const tokens: Record<string, string> = {
      'not a token': 'something',
      'no signature part': `${header}.${payload}`,
      'an empty signature': `${header}.${payload}.`,
      'a truncated signature': good.slice(0, -10),
      'a fourth part': `${good}.${signature}`,
      'alg none': `${encode({ alg: 'none', kid: 'rsa' })}.${payload}.`,
      'alg none with a signature': `${encode({ alg: 'none', kid: 'rsa' })}.${payload}.${signature}`,
      'HS256 with the public key as its secret': await hs256(),
      'RS256 of another key under a known kid': await sign(other, claimsOf(issuer.url)),
      'ES256 announced, RS256 signed': `${encode({ alg: 'ES256', kid: 'ec' })}.${payload}.${signature}`,
      'RS512, which is not allowed': await sign({ ...rsa, alg: 'RS512' }, claimsOf(issuer.url)).catch(
        () => `${encode({ alg: 'RS512', kid: 'rsa' })}.${payload}.${signature}`,
      ),
      'an unknown kid': await withHeader({ kid: 'unknown' }),
      'no kid': await withHeader({ kid: undefined }),
      'an empty kid': await withHeader({ kid: '' }),
      'a kid that is no text': await signed({ alg: 'RS256', kid: 7 }),
      'another typ': await withHeader({ typ: 'dpop+jwt' }),
      crit: await signed({ alg: 'RS256', kid: 'rsa', crit: ['exp'], exp: 1 }),
      'b64 false': await signed({ alg: 'RS256', kid: 'rsa', b64: false, crit: ['b64'] }),
      jku: await withHeader({ jku: 'http://127.0.0.1:1/keys' }),
      x5u: await withHeader({ x5u: 'http://127.0.0.1:1/keys' }),
      jwk: await sign(other, claimsOf(issuer.url), { jwk: other.jwk }),
      expired: await withClaims({ exp: nowInSeconds() - 60 }),
      'no exp': await withClaims({ exp: undefined }),
      'an exp that is no number': await withClaims({ exp: 'never' as unknown as number }),
      'nbf ahead': await withClaims({ nbf: nowInSeconds() + 60 }),
      'another issuer': await withClaims({ iss: 'https://elsewhere.example' }),
      'the issuer with a slash': await withClaims({ iss: `${issuer.url}/` }),
      'no issuer': await withClaims({ iss: undefined }),
      'another audience': await withClaims({ aud: 'gongkai-test' }),
      'no audience': await withClaims({ aud: undefined }),
      'no subject': await withClaims({ sub: undefined }),
      'an empty subject': await withClaims({ sub: '' }),
      'a subject that is no text': await withClaims({ sub: 7 as unknown as string }),
      'a subject that cannot be stored': await withClaims({ sub: 'some\0one' }),
      'a payload changed afterwards': `${header}.${encode(claimsOf(issuer.url, { sub: 'admin' }))}.${signature}`,
      'a header changed afterwards': `${encode({ alg: 'RS256', kid: 'rsa', typ: 'JWT' })}.${payload}.${signature}`,
      'a payload that is no JSON': await signed({ alg: 'RS256', kid: 'rsa' }, 'text'),
      'a payload that is a list': await signed({ alg: 'RS256', kid: 'rsa' }, [claimsOf(issuer.url)]),
      'a header that is no JSON': `${encode('text')}.${payload}.${signature}`,
      'a very large token': await withClaims({ filling: 'x'.repeat(20_000) }),
    };
    for (const [what, token] of Object.entries(tokens))
      t.equal(await refusal(verify(token)), 'unauthorized', what);
    t.equal(await refusal(verify(good)), 'accepted', 'the token they were made from');
    t.same(
      issuer.asked,
      { description: 1, keys: 1 },
      'an unknown kid does not make the service ask again at once',
    );
  },
);

t.test('a new key is found once a token names it, and a key taken away ends', async (t) => {
  const [first, second] = [await newKey('first'), await newKey('second')];
  const issuer = await startIssuer(t, [first]);
  const verify = createVerifier({ issuer: issuer.url, audience, cooldown: 0 });
  const claims = claimsOf(issuer.url);
  t.equal(await refusal(verify(await sign(first, claims))), 'accepted');
  t.equal(await refusal(verify(await sign(second, claims))), 'unauthorized');
  issuer.keys = [second];
  t.equal(await refusal(verify(await sign(second, claims))), 'accepted');
  t.equal(await refusal(verify(await sign(first, claims))), 'unauthorized');
});

t.test('an issuer that cannot be asked is no fault of the token', async (t) => {
  const key = await newKey('only');
  const issuer = await startIssuer(t, [key]);
  issuer.down = true;
  const verify = createVerifier({ issuer: issuer.url, audience, keep: 0 });
  const token = await sign(key, claimsOf(issuer.url));
  t.equal(await refusal(verify(token)), 'unavailable');
  t.equal(await refusal(verify('something')), 'unauthorized', 'what cannot be right is told all the same');
  issuer.down = false;
  t.equal(await refusal(verify(token)), 'accepted');
  issuer.down = true;
  t.equal(await refusal(verify(token)), 'unavailable', 'keys too old to trust');
  const nowhere = createVerifier({ issuer: 'http://127.0.0.1:1', audience });
  t.equal(await refusal(nowhere(await sign(key, claimsOf('http://127.0.0.1:1')))), 'unavailable');
});

t.test('the keys in hand serve while the issuer is silent', async (t) => {
  const key = await newKey('only');
  const issuer = await startIssuer(t, [key]);
  const verify = createVerifier({ issuer: issuer.url, audience });
  const token = await sign(key, claimsOf(issuer.url));
  t.equal(await refusal(verify(token)), 'accepted');
  issuer.down = true;
  t.equal(await refusal(verify(token)), 'accepted');
});

t.test('a description that names another issuer is not believed', async (t) => {
  const key = await newKey('only');
  const issuer = await startIssuer(t, [key]);
  const address = issuer.url.replace('127.0.0.1', 'localhost');
  const verify = createVerifier({ issuer: address, audience });
  t.equal(await refusal(verify(await sign(key, claimsOf(address)))), 'unavailable');
});
