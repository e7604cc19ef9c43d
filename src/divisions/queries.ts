import { sql } from 'kysely';
import type { Static } from 'typebox';
import type { Db } from '../db/database.ts';
import { contains, divisionPrefix } from '../reports/filters.ts';
import type { Division, DivisionFilters } from './schema.ts';

type DivisionRow = Static<typeof Division>;

const columns = ['code', 'name', 'level', 'parent_code', 'valid_from', 'valid_to'] as const;

/** Up to `rows` divisions that match, in order of code, that come after the code `after`. */
export async function listDivisions(
  db: Db,
  { under, level, q }: DivisionFilters,
  after: string | undefined,
  rows: number,
): Promise<DivisionRow[]> {
  let query = db.selectFrom('divisions').select(columns).orderBy('code').limit(rows);
  if (after !== undefined) query = query.where('code', '>', after);
  // A code begins with the digits of every division that it belongs to.
  if (under !== undefined)
    query = query.where((where) =>
      where.or(under.map((code) => where('code', 'like', `${divisionPrefix(code)}%`))),
    );
  if (level !== undefined) query = query.where('level', 'in', level);
  if (q !== undefined)
    query = query.where((where) => where.or([contains(sql`name`, q), sql<boolean>`starts_with(code, ${q})`]));
  return (await query.execute()) as DivisionRow[];
}

export async function findDivision(db: Db, code: string): Promise<DivisionRow | undefined> {
  const found = await db.selectFrom('divisions').select(columns).where('code', '=', code).executeTakeFirst();
  return found as DivisionRow | undefined;
}

/** Full names by code, such as 江苏省宿迁市宿城区. The last part alone would be ambiguous (鼓楼区, 市辖区). */
export async function divisionNames(db: Db): Promise<ReadonlyMap<string, string>> {
  const rows = await db.selectFrom('divisions').select(['code', 'name', 'parent_code']).execute();
  const byCode = new Map(rows.map((row) => [row.code, row]));
  const fullName = (code: string | null): string => {
    const row = code === null ? undefined : byCode.get(code);
    return row === undefined ? '' : fullName(row.parent_code) + row.name;
  };
  return new Map(rows.map(({ code }) => [code, fullName(code)]));
}
