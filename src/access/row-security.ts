import { type RawBuilder, type SqlBool, sql } from 'kysely';
import type { Db, Trx } from '../db/database.ts';
import { type Lineage, type Principal, reachOf } from './principal.ts';

/**
 * The second line of defence: in the transaction of a request PostgreSQL itself hides the drafts that the caller's
 * grants do not reach. So a route that forgets to check leaks nothing. The policies are in
 * migrations/0005-permissions.sql.
 */

/** The database role that requests act as. It owns no table and bypasses no policy. */
const role = 'gongkai_caller';

/** A PostgreSQL array literal. Marks contain neither quotes nor commas, so nothing is escaped. */
const arrayOf = (marks: readonly string[]): string => `{${marks.join(',')}}`;

/** Limits the rest of the transaction: it sees and changes only what this caller may. */
export async function actAs(trx: Trx, principal: Principal): Promise<void> {
  await sql`select set_config('gongkai.reads', ${arrayOf(reachOf(principal, 'reads'))}, true),
    set_config('gongkai.writes', ${arrayOf(reachOf(principal, 'writes'))}, true),
    set_config('gongkai.reads_last', '', true), set_config('gongkai.writes_last', '', true),
    set_config('role', ${role}, true)`.execute(trx);
}

/**
 * A CTE `above` to put after `with recursive`. For each organ that meets the condition, as `organ_id`, it has the
 * organ itself and everything above it, each as `id` with its distance as `depth`.
 */
export const lineages = (condition: RawBuilder<unknown>) => sql`above as (
  select id as organ_id, id, parent_id, 0 as depth from organs where ${condition}
  union all
  select above.organ_id, organs.id, organs.parent_id, depth + 1
  from organs join above on organs.id = above.parent_id where depth < 64
)`;

/** The lineage of an organ, nearest first; empty where there is no such organ. */
export const lineageOf = (db: Db, organ_id: string): Promise<Lineage> => climb(db, sql`${organ_id}::uuid`);

/** The lineage of the organ of a report; empty where there is no such report. */
export const lineageOfReport = (db: Db, report_id: string): Promise<Lineage> =>
  climb(db, sql`(select organ_id from reports where id = ${report_id})`);

async function climb(db: Db, organ: RawBuilder<unknown>): Promise<Lineage> {
  const { rows } = await sql<{ id: string }>`
    with recursive ${lineages(sql`id = ${organ}`)} select id from above order by depth`.execute(db);
  return rows.map(({ id }) => id);
}

/**
 * Where a caller reads more organs than this, a list is read in its own order. Otherwise it is read organ by organ.
 */
const fewOrgans = 1000;

/** A condition for lists: whether the caller may read the drafts of the organ in `column`. */
export async function readableOrgans(
  db: Db,
  principal: Principal,
  column: RawBuilder<unknown>,
): Promise<RawBuilder<SqlBool>> {
  const marks = reachOf(principal, 'reads').map((mark) => mark.split(':') as [string, string?]);
  if (marks.some(([kind]) => kind === '*')) return sql`true`;
  const ids = (wanted: string) => marks.filter(([kind]) => kind === wanted).map(([, id]) => id);
  const readable = sql<{ id: string }>`
    with recursive readable as (
      select id from organs where id = any(${ids('under')}::uuid[])
      union
      select organs.id from organs join readable on organs.parent_id = readable.id
    )
    select id from readable
    union all
    select id from organs where id = any(${ids('organ')}::uuid[]) or parent_id = any(${ids('below')}::uuid[])`;
  // PostgreSQL cannot estimate how many rows a recursion finds. It plans well for an array, whose length it knows.
  const { rows } = await sql<{ id: string }>`${readable} limit ${fewOrgans + 1}`.execute(db);
  if (rows.length > fewOrgans) return sql`${column} in (${readable})`;
  return sql`${column} = any(${rows.map(({ id }) => id)}::uuid[])`;
}
