import { type SqlBool, sql } from 'kysely';
import { v7 as uuidv7 } from 'uuid';
import type { Db, Trx } from '../db/database.ts';
import { Problem, type RequestFault, unknownOrgan } from '../http/problem.ts';
import { contains, organFilters } from '../reports/filters.ts';
import { beginsPeriod } from './periods.ts';
import type { NewOrgan, OrganListFilters, OrganPatch } from './schema.ts';

const columns = [
  'id',
  'name',
  'kind',
  'level',
  'division_code',
  'parent_id',
  'credit_code',
  'valid_from',
  'abolished_on',
  'successor_id',
  'created_at',
  'updated_at',
  'version',
] as const;

/** A stored organ; `version` counts its changes and is not part of the answer. */
export type StoredOrgan = NonNullable<Awaited<ReturnType<typeof findOrgan>>>;

export const findOrgan = (db: Db, id: string) =>
  db.selectFrom('organs').select(columns).where('id', '=', id).executeTakeFirst();

export const noOrgan = (id: string) => new Problem('not-found', { detail: `there is no organ ${id}` });

/** The faults of a parent, successor or division that is named but does not exist. */
export async function referenceFaults(
  db: Db,
  {
    parent_id,
    successor_id,
    division_code,
  }: Pick<OrganPatch, 'parent_id' | 'successor_id' | 'division_code'>,
): Promise<RequestFault[]> {
  const others = Object.entries({ parent_id, successor_id }).filter(([, id]) => id) as [string, string][];
  const county = division_code?.slice(0, 6);
  if (others.length === 0 && county === undefined) return [];
  const { rows } = await sql<{ name: string }>`
    select id::text as name from organs where id = any(${others.map(([, id]) => id)}::uuid[])
    union all select code from divisions where code = ${county ?? null}`.execute(db);
  const known = new Set(rows.map(({ name }) => name));
  return [
    ...others.flatMap(([member, id]) => (known.has(id.toLowerCase()) ? [] : [unknownOrgan(`/${member}`)])),
    ...(county === undefined || known.has(county)
      ? []
      : [
          {
            pointer: '/division_code',
            code: 'unknown-division',
            message: 'its first six digits must be a known division',
          },
        ]),
  ];
}

/** Whether an organ has a text in its present name or in an earlier one. */
const isNamed = (text: string) => sql<SqlBool>`(${contains(sql`organs.name`, text)} or exists (
  select from organ_history where organ_id = organs.id and ${contains(sql`organ_history.name`, text)}))`;

/** Up to `limit` organs that match, in order of id, that come after the id in `after`. */
export function listOrgans(db: Db, filters: OrganListFilters, after: [string] | undefined, limit: number) {
  return db
    .selectFrom('organs')
    .select(columns)
    .where(organFilters(filters))
    .$if(filters.q !== undefined, (query) => query.where(isNamed(filters.q!)))
    .$if(filters.credit_code !== undefined, (query) => query.where('credit_code', '=', filters.credit_code!))
    .$if(after !== undefined, (query) => query.where('id', '>', after![0]))
    .orderBy('id')
    .limit(limit)
    .execute();
}

/**
 * Locks the tree of organs until the transaction ends, so that only one transaction at a time changes it. It must be
 * locked before any row is.
 */
export const lockTree = (trx: Trx) => sql`select rollup_lock_tree(true)`.execute(trx);

/** Stores a new organ. The tree must be locked. */
export const insertOrgan = (trx: Trx, organ: NewOrgan) =>
  trx
    .insertInto('organs')
    .values({ id: uuidv7(), ...organ })
    .returning(columns)
    .executeTakeFirstOrThrow();

/** The organ. It and the whole tree are locked against other writers until the transaction ends. */
export async function lockOrgan(trx: Trx, id: string) {
  await lockTree(trx);
  return trx.selectFrom('organs').select(columns).where('id', '=', id).forUpdate().executeTakeFirst();
}

/**
 * Changes the members that are given. Problems `organ-cycle` (409) and `invalid-request` (400).
 *
 * With `valid_from`, a new name, parent or division begins on that day, and the present ones become history. Without
 * it, they are corrected for the whole present period. `valid_from` alone corrects the day on which that period
 * began. The tree must be locked, so that two changes cannot form a cycle together.
 */
export async function updateOrgan(trx: Trx, before: StoredOrgan, patch: OrganPatch) {
  const { id } = before;
  const parent_id = patch.parent_id === undefined ? before.parent_id : patch.parent_id;
  if (parent_id && (patch.parent_id || patch.valid_from))
    await checkNoCycle(trx, id, parent_id, patch.valid_from ?? before.valid_from);
  if (patch.valid_from && beginsPeriod(patch))
    await trx
      .insertInto('organ_history')
      .values({
        organ_id: id,
        name: before.name,
        parent_id: before.parent_id,
        division_code: before.division_code,
        valid_from: before.valid_from,
        valid_to: sql<string>`${patch.valid_from}::date - 1`,
      })
      .execute();
  else if (patch.valid_from) await moveStart(trx, id, patch.valid_from);
  if (patch.successor_id) await checkSuccession(trx, id, patch.successor_id);
  return trx
    .updateTable('organs')
    .set((eb) => ({ ...patch, version: eb('version', '+', 1), updated_at: sql<string>`now()` }))
    .where('id', '=', id)
    .returning(columns)
    .executeTakeFirstOrThrow();
}

/**
 * Makes the period before the present one end on the day before `valid_from`. Problem `invalid-request` (400) where
 * that period began on `valid_from` or later.
 */
async function moveStart(trx: Trx, id: string, valid_from: string): Promise<void> {
  const earlier = await trx
    .selectFrom('organ_history')
    .select(['valid_from', 'valid_to', 'parent_id'])
    .where('organ_id', '=', id)
    .orderBy('valid_to', 'desc')
    .limit(1)
    .executeTakeFirst();
  if (!earlier) return;
  if (earlier.valid_from && valid_from <= earlier.valid_from)
    throw new Problem('invalid-request', {
      errors: [
        {
          pointer: '/valid_from',
          code: 'too-early',
          message: `must be after ${earlier.valid_from}, when the period before began`,
        },
      ],
    });
  if (earlier.parent_id) await checkNoCycle(trx, id, earlier.parent_id, earlier.valid_from, valid_from);
  await trx
    .updateTable('organ_history')
    .set({ valid_to: sql<string>`${valid_from}::date - 1` })
    .where('organ_id', '=', id)
    .where('valid_to', '=', earlier.valid_to)
    .execute();
}

/** Refuses a successor whose own successors lead back to the organ. Problem `organ-cycle` (409). */
async function checkSuccession(trx: Trx, id: string, successor_id: string): Promise<void> {
  const { rows } = await sql`
    with recursive heirs (id) as (
      select ${successor_id}::uuid
      union
      select organs.successor_id from heirs join organs on organs.id = heirs.id where organs.successor_id is not null
    ) select id from heirs where id = ${id}`.execute(trx);
  if (rows.length > 0)
    throw new Problem('organ-cycle', { detail: `${successor_id} was itself succeeded by the organ` });
}

/**
 * Refuses a parent that is the organ itself, or lies below it at any time from `from` (null: ever) to before `until`.
 * Problem `organ-cycle` (409).
 */
async function checkNoCycle(
  trx: Trx,
  id: string,
  parent_id: string,
  from: string | null,
  until = 'infinity',
): Promise<void> {
  const { rows } = await sql`
    with recursive above (id, valid_from, valid_to) as (
      select ${parent_id}::uuid, coalesce(${from}::date, '-infinity'), ${until}::date - 1
      union
      select higher.parent_id, greatest(above.valid_from, higher.valid_from), least(above.valid_to, higher.valid_to)
      from above, lateral (select * from organ_parents as parents where parents.organ_id = above.id
        and parents.valid_from <= above.valid_to and parents.valid_to >= above.valid_from offset 0) as higher
    ) select id from above where id = ${id}`.execute(trx);
  if (rows.length > 0)
    throw new Problem('organ-cycle', { detail: `${parent_id} is the organ itself or lies below it` });
}

/**
 * The names, parents and divisions that an organ has had, oldest first. The last period is the present and has no
 * end.
 */
export const listHistory = (db: Db, id: string) =>
  db
    .selectFrom('organ_history')
    .select(['name', 'parent_id', 'division_code', 'valid_from', sql<string | null>`valid_to`.as('valid_to')])
    .where('organ_id', '=', id)
    .unionAll(
      db
        .selectFrom('organs')
        .select([
          'name',
          'parent_id',
          'division_code',
          'valid_from',
          sql<string | null>`null::date`.as('valid_to'),
        ])
        .where('id', '=', id),
    )
    .orderBy('valid_to', (order) => order.asc().nullsLast())
    .execute();

/** What still refers to an organ, in words, by the name of the constraint that refuses to delete it. */
const references: Readonly<Record<string, string>> = {
  reports_organ_id_fkey: 'it has reports',
  organs_parent_id_fkey: 'organs are below it',
  organ_history_parent_id_fkey: 'organs have been below it',
  organs_successor_id_fkey: 'it is the successor of another organ',
};

/** Deletes an organ that nothing refers to; Problem `organ-in-use` (409) otherwise. */
export async function deleteOrgan(trx: Trx, id: string): Promise<void> {
  try {
    await trx.deleteFrom('organs').where('id', '=', id).execute();
  } catch (error) {
    const { constraint } = error as { constraint?: string };
    const detail = references[constraint ?? ''];
    if (detail !== undefined) throw new Problem('organ-in-use', { detail });
    throw error;
  }
}
