import {
  createRemoteJWKSet,
  decodeJwt,
  decodeProtectedHeader,
  errors,
  type JWTPayload,
  jwtVerify,
} from 'jose';
import { Problem } from '../http/problem.ts';

/** Checks the tokens of one OpenID Connect issuer. */

export interface OidcOptions {
  /** The issuer exactly as its tokens name it in `iss`. */
  issuer: string;
  /** What a token must name in `aud`. */
  audience: string;
  /** How long after the keys were fetched an unknown key may cause the next fetch, in milliseconds. */
  cooldown?: number;
  /** How long the issuer's keys and its discovery document are kept, in milliseconds. */
  keep?: number;
  /** How long the issuer may take to answer, in milliseconds. */
  timeout?: number;
}

/** Whom a token names. */
interface OidcSubject {
  issuer: string;
  subject: string;
}

/** Only signatures made with key pairs. Whoever can verify a signature with a shared secret could also make one. */
const algorithms = ['RS256', 'PS256', 'ES256', 'EdDSA'];
/** How far the issuer's clock and ours may differ, in seconds. */
const clockTolerance = 5;
const longestToken = 12_000;
const longestSubject = 255;

const refused = () => new Problem('unauthorized', { detail: 'the bearer token is not valid' });
const unreachable = () =>
  new Problem('unavailable', {
    detail: 'the issuer of the token cannot be asked for its keys',
    headers: { 'retry-after': '5' },
  });

/**
 * Makes a verifier of access tokens (JWT). It rejects with Problem `unauthorized` (401) whatever is wrong with a
 * token. It rejects with Problem `unavailable` (503) where it needs the issuer's keys and cannot get them, which says
 * nothing about the token.
 */
export function createVerifier(options: OidcOptions): (token: string) => Promise<OidcSubject> {
  const { issuer, audience } = options;
  const keysOf = issuerKeys(options);
  return async (token) => {
    // The issuer is asked only for a token that could be right.
    if (!isPlausible(token, options)) throw refused();
    const keys = await keysOf();
    let payload: JWTPayload;
    try {
      ({ payload } = await jwtVerify(token, (header, input) => keys(header, input).catch(refuseKey), {
        algorithms,
        issuer,
        audience,
        clockTolerance,
        requiredClaims: ['iss', 'sub', 'aud', 'exp'],
      }));
    } catch (error) {
      throw error instanceof Problem ? error : refused();
    }
    const { sub } = payload;
    if (typeof sub !== 'string' || !isSubject(sub)) throw refused();
    return { issuer, subject: sub };
  };
}

/**
 * Whether a token could be right, as far as that shows without a key. A header that says where to find the key, or
 * how to read it, is refused.
 */
function isPlausible(token: string, { issuer }: OidcOptions): boolean {
  if (token.length > longestToken || !/^[\w-]+\.[\w-]+\.[\w-]+$/.test(token)) return false;
  try {
    const header = decodeProtectedHeader(token);
    const { alg, kid, typ, ...others } = header;
    return (
      typeof alg === 'string' &&
      algorithms.includes(alg) &&
      typeof kid === 'string' &&
      kid !== '' &&
      (typ === undefined || /^(application\/)?(at\+)?jwt$/i.test(typ)) &&
      !['crit', 'b64', 'jku', 'jwk', 'x5u', 'x5c', 'cty'].some((name) => name in others) &&
      decodeJwt(token).iss === issuer
    );
  } catch {
    return false;
  }
}

/** Whether a `sub` can be stored and be granted something. */
const isSubject = (text: string): boolean =>
  text !== '' && text.length <= longestSubject && text.isWellFormed() && !text.includes('\0');

/**
 * A key that the issuer does not have is a fault of the token. Any other failure happened while asking the issuer.
 */
const refuseKey = (error: unknown): never => {
  throw error instanceof errors.JWKSNoMatchingKey || error instanceof errors.JWKSMultipleMatchingKeys
    ? refused()
    : unreachable();
};

type Keys = ReturnType<typeof createRemoteJWKSet>;

/**
 * Returns a function that gives the issuer's keys. Their address comes from the discovery document. Both are fetched
 * when first needed, and again after `keep` milliseconds.
 */
function issuerKeys({
  issuer,
  cooldown = 30_000,
  keep = 600_000,
  timeout = 5_000,
}: OidcOptions): () => Promise<Keys> {
  let known: { address: string; keys: Keys } | undefined;
  let freshUntil = 0;
  let asking: Promise<Keys> | undefined;
  const ask = async (): Promise<Keys> => {
    const address = await discover(issuer, timeout).catch((error) => {
      // The address of the keys rarely changes, so the known one will do while the issuer does not answer.
      if (known) return known.address;
      throw error;
    });
    if (known?.address !== address)
      known = {
        address,
        keys: createRemoteJWKSet(new URL(address), {
          cooldownDuration: cooldown,
          cacheMaxAge: keep,
          timeoutDuration: timeout,
        }),
      };
    freshUntil = Date.now() + keep;
    return known.keys;
  };
  return async () => {
    if (known && Date.now() < freshUntil) return known.keys;
    asking ??= ask().finally(() => {
      asking = undefined;
    });
    return asking;
  };
}

/**
 * The address of the issuer's keys (OpenID Connect Discovery 1.0). Problem `unavailable` (503) where the issuer does
 * not tell it.
 */
async function discover(issuer: string, timeout: number): Promise<string> {
  try {
    const answer = await fetch(`${issuer.replace(/\/$/, '')}/.well-known/openid-configuration`, {
      headers: { accept: 'application/json' },
      redirect: 'error',
      signal: AbortSignal.timeout(timeout),
    });
    const found = (await answer.json()) as { issuer?: unknown; jwks_uri?: unknown };
    // A document that names another issuer does not belong to this one.
    if (!answer.ok || found.issuer !== issuer || typeof found.jwks_uri !== 'string') throw unreachable();
    return new URL(found.jwks_uri).href;
  } catch {
    throw unreachable();
  }
}
