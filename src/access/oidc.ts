import {
  createRemoteJWKSet,
  decodeJwt,
  decodeProtectedHeader,
  errors,
  type JWTPayload,
  jwtVerify,
} from 'jose';
import { Problem } from '../http/problem.ts';

/** Accepting the tokens of one OpenID Connect issuer. */

export interface OidcOptions {
  /** The issuer exactly as its tokens name it in `iss`. */
  issuer: string;
  /** What a token must name in `aud`. */
  audience: string;
  /** How soon after one fetch an unknown key may cause the next, milliseconds. */
  cooldown?: number;
  /** How long keys and the issuer's own description are kept, milliseconds. */
  keep?: number;
  /** How long the issuer may take to answer, milliseconds. */
  timeout?: number;
}

/** Whom a token names. */
interface OidcSubject {
  issuer: string;
  subject: string;
}

/** Signatures of key pairs only: with a secret that both sides know anyone who verifies could also sign. */
const algorithms = ['RS256', 'PS256', 'ES256', 'EdDSA'];
/** How far the issuer's clock and ours may differ, seconds. */
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
 * A verifier of access tokens (JWT). It rejects with Problem `unauthorized` whatever is wrong with a token, and with
 * `unavailable` when the issuer's keys are needed and cannot be had, which says nothing about the token.
 */
export function createVerifier(options: OidcOptions): (token: string) => Promise<OidcSubject> {
  const { issuer, audience } = options;
  const keysOf = issuerKeys(options);
  return async (token) => {
    // Only a token that could be right makes the service ask the issuer.
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

/** What can be told without a key. A header that says where to find the key, or how to read it, is refused. */
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

/** What a `sub` may be, so that it can be stored and granted something. */
const isSubject = (text: string): boolean =>
  text !== '' && text.length <= longestSubject && text.isWellFormed() && !text.includes('\0');

/** A key that the issuer does not have is the token's fault; whatever else went wrong, went wrong in asking. */
const refuseKey = (error: unknown): never => {
  throw error instanceof errors.JWKSNoMatchingKey || error instanceof errors.JWKSMultipleMatchingKeys
    ? refused()
    : unreachable();
};

type Keys = ReturnType<typeof createRemoteJWKSet>;

/** The issuer's keys as its description says where they are; both are asked for when first needed, and again in time. */
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
      // The address of the keys changes rarely: the one we know will do while the issuer is silent.
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

/** Where the issuer keeps its keys (OpenID Connect Discovery 1.0). */
async function discover(issuer: string, timeout: number): Promise<string> {
  try {
    const answer = await fetch(`${issuer.replace(/\/$/, '')}/.well-known/openid-configuration`, {
      headers: { accept: 'application/json' },
      redirect: 'error',
      signal: AbortSignal.timeout(timeout),
    });
    const found = (await answer.json()) as { issuer?: unknown; jwks_uri?: unknown };
    // A description that names another issuer is not this one's.
    if (!answer.ok || found.issuer !== issuer || typeof found.jwks_uri !== 'string') throw unreachable();
    return new URL(found.jwks_uri).href;
  } catch {
    throw unreachable();
  }
}
