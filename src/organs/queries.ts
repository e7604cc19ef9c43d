import { sql } from 'kysely';
import { v7 as uuidv7 } from 'uuid';
import type { Db, Trx } from '../db/database.ts';
import { Problem } from '../http/problem.ts';
import { containing, type OrganFilters, organFilters } from '../reports/filters.ts';
import type { NewOrgan, OrganPatch } from './schema.ts';

const columns = [
  'id',
  'name',
  'kind',
  'level',
  'division_code',
  'parent_id',
  'credit_code',
  'created_at',
  'updated_at',
  'version',
] as const;

/** A stored organ; `version` counts its changes and is not part of the answer. */
export type StoredOrgan = NonNullable<Awaited<ReturnType<typeof findOrgan>>>;

export const findOrgan = (db: Db, id: string) =>
  db.selectFrom('organs').select(columns).where('id', '=', id).executeTakeFirst();

/** Organs by id, after the key of the page before. */
export function listOrgans(
  db: Db,
  filters: OrganFilters & { q?: string },
  after: [string] | undefined,
  limit: number,
) {
  return db
    .selectFrom('organs')
    .select(columns)
    .where(organFilters(filters))
    .$if(filters.q !== undefined, (query) => query.where('name', 'ilike', containing(filters.q!)))
    .$if(after !== undefined, (query) => query.where('id', '>', after![0]))
    .orderBy('id')
    .limit(limit)
    .execute();
}

export const insertOrgan = (trx: Trx, organ: NewOrgan) =>
  trx
    .insertInto('organs')
    .values({ id: uuidv7(), ...organ })
    .returning(columns)
    .executeTakeFirstOrThrow();

/** The organ, locked against other writers until the transaction ends. */
export const lockOrgan = (trx: Trx, id: string) =>
  trx.selectFrom('organs').select(columns).where('id', '=', id).forUpdate().executeTakeFirst();

/** Changes the members given. Parents are changed one at a time, so that two changes cannot form a cycle together. */
export async function updateOrgan(trx: Trx, id: string, patch: OrganPatch) {
  if (patch.parent_id) {
    await sql`select pg_advisory_xact_lock(hashtext('gongkai.organs.parent_id'))`.execute(trx);
    const { rows } = await sql<{ id: string }>`
      with recursive above as (
        select organs.id, organs.parent_id from organs where organs.id = ${patch.parent_id}
        union
        select organs.id, organs.parent_id from organs join above on organs.id = above.parent_id
      ) select id from above where id = ${id}`.execute(trx);
    if (rows.length > 0)
      throw new Problem('organ-cycle', { detail: `${patch.parent_id} is the organ itself or lies below it` });
  }
  return trx
    .updateTable('organs')
    .set((eb) => ({ ...patch, version: eb('version', '+', 1), updated_at: sql<string>`now()` }))
    .where('id', '=', id)
    .returning(columns)
    .executeTakeFirstOrThrow();
}

/** Deletes an organ that nothing refers to; Problem `organ-in-use` otherwise. */
export async function deleteOrgan(trx: Trx, id: string): Promise<void> {
  try {
    await trx.deleteFrom('organs').where('id', '=', id).execute();
  } catch (error) {
    if ((error as { code?: string }).code === '23503') throw new Problem('organ-in-use');
    throw error;
  }
}
