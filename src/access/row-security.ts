import { type RawBuilder, type SqlBool, sql } from 'kysely';
import type { Db, Trx } from '../db/database.ts';
import { type Lineage, type Principal, reachOf } from './principal.ts';

/**
 * The second wall: in a request's transaction PostgreSQL itself hides the drafts that the caller's grants do not reach,
 * so that a route which forgets to ask leaks nothing. The policies are in migrations/0005-permissions.sql.
 */

/** The database role that requests act as; it owns no table and bypasses no policy. */
const role = 'gongkai_caller';

/** A PostgreSQL array; marks hold neither quotes nor commas. */
const arrayOf = (marks: readonly string[]): string => `{${marks.join(',')}}`;

/** Makes the rest of the transaction see and change only what this caller may. */
export async function actAs(trx: Trx, principal: Principal): Promise<void> {
  await sql`select set_config('gongkai.reads', ${arrayOf(reachOf(principal, 'reads'))}, true),
    set_config('gongkai.writes', ${arrayOf(reachOf(principal, 'writes'))}, true),
    set_config('gongkai.reads_last', '', true), set_config('gongkai.writes_last', '', true),
    set_config('role', ${role}, true)`.execute(trx);
}

/** After `with recursive`: `above` has every such organ as `organ_id` with itself and everything it lies below, by `depth`. */
export const lineages = (condition: RawBuilder<unknown>) => sql`above as (
  select id as organ_id, id, parent_id, 0 as depth from organs where ${condition}
  union all
  select above.organ_id, organs.id, organs.parent_id, depth + 1
  from organs join above on organs.id = above.parent_id where depth < 64
)`;

/** An organ with everything it lies below, nearest first; empty when there is no such organ. */
export const lineageOf = (db: Db, organ_id: string): Promise<Lineage> => climb(db, sql`${organ_id}::uuid`);

/** The same for the organ of a report; empty when there is no such report. */
export const lineageOfReport = (db: Db, report_id: string): Promise<Lineage> =>
  climb(db, sql`(select organ_id from reports where id = ${report_id})`);

async function climb(db: Db, organ: RawBuilder<unknown>): Promise<Lineage> {
  const { rows } = await sql<{ id: string }>`
    with recursive ${lineages(sql`id = ${organ}`)} select id from above order by depth`.execute(db);
  return rows.map(({ id }) => id);
}

/** Above so many organs a list is read along its own order, below along theirs. */
const fewOrgans = 1000;

/** Whether the caller may read the drafts of the organ in `column`, as a condition of a list. */
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
  // PostgreSQL cannot tell how many a recursion finds, and plans well only for what it can count.
  const { rows } = await sql<{ id: string }>`${readable} limit ${fewOrgans + 1}`.execute(db);
  if (rows.length > fewOrgans) return sql`${column} in (${readable})`;
  return sql`${column} = any(${rows.map(({ id }) => id)}::uuid[])`;
}
