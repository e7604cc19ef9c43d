import type { Selectable } from 'kysely';
import { v7 as uuidv7 } from 'uuid';
import type { Database, Db, Trx } from '../db/database.ts';
import type { Grant, Principal } from './principal.ts';

/** Whom a grant is for: either an API key, or a person by issuer and subject. */
export type GrantSubject =
  | { api_key_id: string; issuer: null; subject: null }
  | { api_key_id: null; issuer: string; subject: string };

const columns = [
  'id',
  'role',
  'organ_id',
  'include_subtree',
  'created_at',
  'created_by',
  'api_key_id',
  'issuer',
  'subject',
] as const;

export type StoredGrant = Pick<Selectable<Database['grants']>, (typeof columns)[number]>;

interface GrantFilters {
  api_key_id?: string | undefined;
  issuer?: string | undefined;
  subject?: string | undefined;
  organ_id?: string | undefined;
}

/** Up to `limit` grants, oldest first, that come after the id in `after`. */
export function listGrants(
  db: Db,
  filters: GrantFilters,
  after: [string] | undefined,
  limit: number,
): Promise<StoredGrant[]> {
  let query = db.selectFrom('grants').select(columns);
  for (const name of ['api_key_id', 'issuer', 'subject', 'organ_id'] as const) {
    const value = filters[name];
    if (value !== undefined) query = query.where(name, '=', value);
  }
  if (after !== undefined) query = query.where('id', '>', after[0]);
  return query.orderBy('id').limit(limit).execute();
}

/** Stores grants for a subject and returns them as stored. The database refuses one that the subject already has. */
export const insertGrants = (
  trx: Trx,
  subject: GrantSubject,
  grants: readonly Grant[],
  created_by: string,
): Promise<StoredGrant[]> =>
  grants.length === 0
    ? Promise.resolve([])
    : trx
        .insertInto('grants')
        .values(grants.map((grant) => ({ id: uuidv7(), ...subject, ...grant, created_by })))
        .returning(columns)
        .execute();

/** Deletes a grant and returns it as it was; undefined where there is none. */
export const deleteGrant = (trx: Trx, id: string): Promise<StoredGrant | undefined> =>
  trx.deleteFrom('grants').where('id', '=', id).returning(columns).executeTakeFirst();

/** Deletes the grants about an organ and returns them as they were. */
export const deleteGrantsFor = (trx: Trx, organ_id: string): Promise<StoredGrant[]> =>
  trx.deleteFrom('grants').where('organ_id', '=', organ_id).returning(columns).execute();

/** The id of the principal whom a grant is for. */
export const holderOf = ({ api_key_id, issuer, subject }: StoredGrant): string =>
  api_key_id === null ? `oidc:${issuer}#${subject}` : `key:${api_key_id}`;

/** The person whom an OIDC issuer names. Without any grants where nobody gave them one. */
export async function principalOfSubject(db: Db, issuer: string, subject: string): Promise<Principal> {
  const grants = await db
    .selectFrom('grants')
    .select(['role', 'organ_id', 'include_subtree'])
    .where('api_key_id', 'is', null)
    .where('issuer', '=', issuer)
    .where('subject', '=', subject)
    .execute();
  return { id: `oidc:${issuer}#${subject}`, grants: grants as Grant[] };
}
