import { sql } from 'kysely';
import type { Static } from 'typebox';
import type { Db } from '../db/database.ts';
import type { Division, DivisionQuery } from './schema.ts';

type DivisionRow = Static<typeof Division>;

const columns = ['code', 'name', 'level', 'parent_code', 'valid_from', 'valid_to'] as const;

/** A LIKE pattern's own characters, taken literally. */
const literally = (text: string): string => text.replace(/[\\%_]/g, '\\$&');

/** Divisions by code, after `after`; at most `rows`. */
export async function listDivisions(
  db: Db,
  { under, level, q }: Pick<DivisionQuery, 'under' | 'level' | 'q'>,
  after: string | undefined,
  rows: number,
): Promise<DivisionRow[]> {
  let query = db.selectFrom('divisions').select(columns).orderBy('code').limit(rows);
  if (after !== undefined) query = query.where('code', '>', after);
  if (under !== undefined)
    query = query.where(
      sql<boolean>`code in (
        with recursive subtree as (
          select roots.code from divisions as roots where roots.code = any(${under}::text[])
          union
          select children.code from divisions as children join subtree on children.parent_code = subtree.code
        ) select subtree.code from subtree)`,
    );
  if (level !== undefined) query = query.where('level', 'in', level);
  if (q !== undefined)
    query = query.where((where) =>
      where.or([where('name', 'like', `%${literally(q)}%`), where('code', 'like', `${literally(q)}%`)]),
    );
  return (await query.execute()) as DivisionRow[];
}

export async function findDivision(db: Db, code: string): Promise<DivisionRow | undefined> {
  const found = await db.selectFrom('divisions').select(columns).where('code', '=', code).executeTakeFirst();
  return found as DivisionRow | undefined;
}
