import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { type CryptoKey, exportJWK, generateKeyPair, type JWK, type JWTPayload, SignJWT } from 'jose';
import type { Test } from 'tap';

/** An OpenID Connect issuer on this machine: its description, its keys, and tokens signed with any of them. */

export interface SigningKey {
  kid: string;
  alg: string;
  publicKey: CryptoKey;
  privateKey: CryptoKey;
  jwk: JWK;
}

export const audience = 'gongkai';

export async function newKey(kid: string, alg = 'RS256'): Promise<SigningKey> {
  const { publicKey, privateKey } = await generateKeyPair(alg, { extractable: true });
  return { kid, alg, publicKey, privateKey, jwk: { ...(await exportJWK(publicKey)), kid, alg, use: 'sig' } };
}

export const nowInSeconds = () => Math.floor(Date.now() / 1000);

/** Starts an issuer that stops when the test ends. `keys` may be changed; `down` makes it answer 503. */
export async function startIssuer(t: Test, keys: SigningKey[]) {
  const issuer = { url: '', keys, down: false, asked: { description: 0, keys: 0 } };
  const server = createServer((request, response) => {
    response.setHeader('content-type', 'application/json');
    if (issuer.down) return response.writeHead(503).end('{}');
    if (request.url === '/.well-known/openid-configuration') {
      issuer.asked.description++;
      return response.end(JSON.stringify({ issuer: issuer.url, jwks_uri: `${issuer.url}/keys` }));
    }
    if (request.url === '/keys') {
      issuer.asked.keys++;
      return response.end(JSON.stringify({ keys: issuer.keys.map(({ jwk }) => jwk) }));
    }
    return response.writeHead(404).end('{}');
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  t.teardown(() => server.close());
  issuer.url = `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
  return issuer;
}

/** Claims that are right in every respect; undefined ones are left out. */
export const claimsOf = (iss: string, others: Record<string, unknown> = {}): JWTPayload => ({
  iss,
  aud: audience,
  sub: 'someone',
  iat: nowInSeconds(),
  exp: nowInSeconds() + 60,
  ...others,
});

/** A signed token. */
export const sign = (
  key: SigningKey,
  claims: JWTPayload,
  header: Record<string, unknown> = {},
): Promise<string> =>
  new SignJWT(claims).setProtectedHeader({ alg: key.alg, kid: key.kid, ...header }).sign(key.privateKey);

export const encode = (value: unknown): string =>
  Buffer.from(typeof value === 'string' ? value : JSON.stringify(value)).toString('base64url');
