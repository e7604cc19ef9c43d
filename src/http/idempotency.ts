import { createHash } from 'node:crypto';
import type { FastifyReply, FastifyRequest } from 'fastify';
import { sql } from 'kysely';
import type { Trx } from '../db/database.ts';
import { Problem } from './problem.ts';

/** How long a first answer is replayed, as a PostgreSQL interval. */
const kept = sql.raw(`interval '24 hours'`);

/** How many old answers are deleted for each that is stored: more than one, so that those left over become fewer. */
const forgottenAtOnce = 10;

/** The status that stands for no answer: it is being made, or is told no more. */
const withheld = 0;

/** The headers that belong to an answer. They are kept and replayed with it. */
const keptHeaders = ['content-type', 'etag', 'location', 'vary'] as const;

declare module 'fastify' {
  interface FastifyRequest {
    /** What to keep for replays instead of the answer, where the answer holds a secret. */
    keptAnswer?: string;
  }
}

/** What makes two requests the same: method, address and body. */
const fingerprint = (request: FastifyRequest): string =>
  createHash('sha256')
    .update(JSON.stringify([request.method, request.url, request.body ?? null]))
    .digest('hex');

/**
 * Deletes the answer under this key if it is too old to be replayed, and some others that are too old. Only
 * the first deletion may have to wait, and it then holds nothing that another transaction could wait for.
 */
async function forgetOld(trx: Trx, { principal, key }: { principal: string; key: string }): Promise<void> {
  const old = sql`created_at < now() - ${kept}`;
  await sql`delete from idempotent_answers where principal = ${principal} and key = ${key} and ${old}`.execute(
    trx,
  );
  await sql`delete from idempotent_answers where (principal, key) in (select principal, key from idempotent_answers
    where ${old} order by created_at limit ${forgottenAtOnce} for update skip locked)`.execute(trx);
}

/**
 * Lets no answer that a caller had so far be replayed, because they may no longer do all that they were allowed. Nothing
 * happens twice for that: the keys stay used.
 */
export const withholdAnswers = (trx: Trx, principal: string) =>
  trx
    .updateTable('idempotent_answers')
    .set({ status: withheld, body: '' })
    .where('principal', '=', principal)
    .execute();

/**
 * Makes a POST with an Idempotency-Key happen once. The first answer is stored in the transaction of its
 * effect. For 24 hours it is replayed, with `Idempotency-Replayed: true`, to the same caller with the same
 * key. A second request that arrives meanwhile waits for the first. Another request under the same key is
 * refused with 422. What was refused has no effect and is not kept: the key may be used again.
 */
export async function answerOnce(
  request: FastifyRequest,
  reply: FastifyReply,
  handle: () => Promise<unknown>,
): Promise<unknown> {
  const key = request.headers['idempotency-key'];
  if (request.method !== 'POST' || key === undefined) return handle();
  if (typeof key !== 'string' || !/^[!-~]{1,255}$/.test(key))
    throw new Problem('malformed-request', {
      detail: 'Idempotency-Key must be 1 to 255 visible ASCII characters',
    });
  const { trx } = request;
  const mine = { principal: request.principal.id, key };
  const request_hash = fingerprint(request);
  await forgetOld(trx, mine);
  const first = await trx
    .insertInto('idempotent_answers')
    .values({ ...mine, request_hash, status: withheld, headers: '{}', body: '' })
    .onConflict((conflict) => conflict.doNothing())
    .returning('key')
    .executeTakeFirst();
  if (first === undefined) {
    const stored = await trx
      .selectFrom('idempotent_answers')
      .select(['request_hash', 'status', 'headers', 'body'])
      .where('principal', '=', mine.principal)
      .where('key', '=', key)
      .executeTakeFirstOrThrow();
    if (stored.request_hash !== request_hash)
      throw new Problem('idempotency-key-reused', {
        detail: 'the address or the body is not the one that came with this key first: take a new key',
      });
    if (stored.status === withheld)
      throw new Problem('forbidden', {
        detail: 'this was done, but a grant of the caller was taken away since: the answer is told no more',
      });
    reply
      .code(stored.status)
      .headers(stored.headers as Record<string, string>)
      .header('idempotency-replayed', 'true');
    return stored.body;
  }
  const answer = await handle();
  const sent = typeof answer === 'string' ? answer : JSON.stringify(answer);
  if (typeof answer !== 'string') reply.type('application/json; charset=utf-8');
  const headers = Object.fromEntries(
    keptHeaders.filter((name) => reply.hasHeader(name)).map((name) => [name, reply.getHeader(name)]),
  );
  await trx
    .updateTable('idempotent_answers')
    .set({ status: reply.statusCode, headers: JSON.stringify(headers), body: request.keptAnswer ?? sent })
    .where('principal', '=', mine.principal)
    .where('key', '=', key)
    .execute();
  return sent;
}
