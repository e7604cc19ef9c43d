import { createHash, randomBytes } from 'node:crypto';
import { sql } from 'kysely';
import { jsonArrayFrom } from 'kysely/helpers/postgres';
import { v7 as uuidv7 } from 'uuid';
import type { Db, Trx } from '../db/database.ts';
import type { Grant, Principal } from './principal.ts';

/** API keys as they are stored: with a hash of the secret, never the secret itself. */

/**
 * How every secret begins. This tells secrets from other tokens, and makes one easy to find where it should not be.
 */
export const secretPrefix = 'gk_';
const shownCharacters = secretPrefix.length + 6;

/** 256 random bits, as 43 characters of base64url after the prefix. */
const newSecret = (): string => secretPrefix + randomBytes(32).toString('base64url');

/** 256 random bits cannot be guessed, so a plain hash protects them as well as a slow one. */
const hashOfSecret = (secret: string): Buffer => createHash('sha256').update(secret).digest();

const columns = [
  'id',
  'label',
  'prefix',
  'created_at',
  'created_by',
  'expires_at',
  'last_used_at',
  'revoked_at',
] as const;

/** A time as text in UTC. Inside JSON, PostgreSQL spells times itself, so it must be told how. */
const instant = (column: string) =>
  sql<string>`to_char(${sql.ref(column)} at time zone 'UTC', 'YYYY-MM-DD"T"HH24:MI:SS.MS"Z"')`;

const select = (db: Db) =>
  db
    .selectFrom('api_keys')
    .select(columns)
    .select((eb) =>
      jsonArrayFrom(
        eb
          .selectFrom('grants')
          .select(['grants.id', 'role', 'organ_id', 'include_subtree', 'grants.created_by'])
          .select(instant('grants.created_at').as('created_at'))
          .whereRef('grants.api_key_id', '=', 'api_keys.id')
          .orderBy('grants.id'),
      ).as('grants'),
    );

export const findApiKey = (db: Db, id: string) => select(db).where('id', '=', id).executeTakeFirst();

/** The key, locked against other writers until the transaction ends. */
export const lockApiKey = (trx: Trx, id: string) =>
  select(trx).where('id', '=', id).forUpdate().executeTakeFirst();

export type StoredApiKey = NonNullable<Awaited<ReturnType<typeof findApiKey>>>;

/** Up to `limit` keys, oldest first, that come after the id in `after`. */
export const listApiKeys = (db: Db, after: [string] | undefined, limit: number): Promise<StoredApiKey[]> =>
  select(db)
    .$if(after !== undefined, (query) => query.where('id', '>', after![0]))
    .orderBy('id')
    .limit(limit)
    .execute();

/** Stores a key. Returns its id and its secret, which nobody can find out later. */
export async function insertApiKey(
  trx: Trx,
  key: { label: string; expires_at: string; created_by: string },
): Promise<{ id: string; secret: string }> {
  const id = uuidv7();
  const secret = newSecret();
  await trx
    .insertInto('api_keys')
    .values({ id, ...key, key_hash: hashOfSecret(secret), prefix: secret.slice(0, shownCharacters) })
    .execute();
  return { id, secret };
}

/** Revokes a key for good. A key that was revoked before keeps the time of its revocation. */
export const revokeApiKey = (trx: Trx, id: string) =>
  trx
    .updateTable('api_keys')
    .set({ revoked_at: sql<string>`coalesce(revoked_at, now())` })
    .where('id', '=', id)
    .execute();

/**
 * The caller whose secret this is; undefined unless the key is known, not revoked and not expired. It is looked up
 * with every request, so that a revoked key is refused from the next one on. Records when the key was used, at most
 * once a minute.
 */
export async function principalOfSecret(db: Db, secret: string): Promise<Principal | undefined> {
  const found = await db
    .selectFrom('api_keys')
    .select(['id', sql<boolean>`coalesce(last_used_at < now() - interval '1 minute', true)`.as('due')])
    .select((eb) =>
      jsonArrayFrom(
        eb
          .selectFrom('grants')
          .select(['role', 'organ_id', 'include_subtree'])
          .whereRef('grants.api_key_id', '=', 'api_keys.id'),
      ).as('grants'),
    )
    .where('key_hash', '=', hashOfSecret(secret))
    .where('revoked_at', 'is', null)
    .where('expires_at', '>', sql<string>`now()`)
    .executeTakeFirst();
  if (found === undefined) return undefined;
  // A request is not refused because its use could not be recorded.
  if (found.due) await noteUse(db, found.id).catch(() => {});
  return { id: `key:${found.id}`, grants: found.grants as Grant[] };
}

/**
 * Records that a key was used. Of many requests at once one writes. The others find the key up to date, or skip its
 * row because the one that writes has locked it.
 */
const noteUse = (db: Db, id: string) =>
  sql`update api_keys set last_used_at = now() where id in (
    select id from api_keys
    where id = ${id} and coalesce(last_used_at < now() - interval '1 minute', true) for update skip locked)`.execute(
    db,
  );
