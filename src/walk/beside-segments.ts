import { type RawBuilder, type SqlBool, sql } from 'kysely';
import type { Db } from '../db/database.ts';
import { every } from '../reports/filters.ts';
import { eachCopied, literals } from './copied.ts';
import type { Wanted } from './entries.ts';
import type { Register } from './register.ts';

/**
 * SQL for the years of organs whose reports are looked up: those that no segment has, those that changed since their
 * segment was made, and those of a few organs that a query names.
 */

export const among = (column: string, values: readonly (string | number)[]): RawBuilder<SqlBool> =>
  values.length === 0 ? sql`false` : sql`${sql.ref(column)} in (${literals(values)})`;

/** Whether a row is of the years and provinces that the query asks about. */
const isAsked = ({ years, provinces }: Wanted): RawBuilder<SqlBool> =>
  every([among('year', years), ...(provinces ? [among('province', provinces)] : [])]);

/** The years of organs that changed since their segment was made, or whose changes are not folded yet. */
const changes = (wanted: Wanted) => sql`
  select year, province, organ_id from rollup_stale where ${isAsked(wanted)}
  union
  select year, province, organ_id from rollup_changes where ${isAsked(wanted)}`;

/** The years of the organs that are looked up one by one, as rows of `rollup_organ_years`. */
export const yearsOfOrgans = ({ organs = [], years }: Wanted, register: Register) => sql`
  select of_organ.* from unnest(${sql.lit(`{${organs.map((organ) => register.idOf(organ)).join(',')}}`)}::uuid[]) as asked (organ_id),
    lateral (select * from rollup_organ_years where organ_id = asked.organ_id and ${among('year', years)} offset 0) as of_organ`;

/**
 * The years of organs that changed, as rows of `rollup_organ_years`; not those in provinces without a segment
 * (`missing`), where all organs are read anyway.
 */
export const changedYears = (wanted: Wanted, missing: ReadonlyMap<number, readonly string[]>) => sql`
  select of_organ.* from (${changes(wanted)}) as changed, lateral (
    select * from rollup_organ_years as y where (y.organ_id, y.year, y.province) = (changed.organ_id, changed.year, changed.province) offset 0) as of_organ
  where ${every([...missing].map(([year, provinces]) => sql<SqlBool>`not (of_organ.year = ${sql.lit(year)} and ${among('of_organ.province', provinces)})`))}`;

/** One year of all organs in some provinces, as rows of `rollup_organ_years`. */
export const yearsInProvinces = (year: number, provinces: readonly string[]) => sql`
  select * from rollup_organ_years where year = ${sql.lit(year)} and ${among('province', provinces)}`;

/** The provinces without a segment, by year. */
export async function missingSegments(db: Db, wanted: Wanted): Promise<Map<number, string[]>> {
  const { rows } = await sql<{ year: number; province: string }>`
    select year, province from rollup_missing_segments where ${isAsked(wanted)}`.execute(db);
  const missing = new Map<number, string[]>();
  for (const { year, province } of rows) missing.set(year, [...(missing.get(year) ?? []), province]);
  return missing;
}

/** The numbers of the organs that must not be read from segments, by year and province (`2023 320000`). */
export async function staleOf(db: Db, wanted: Wanted, register: Register) {
  const stale = new Map<string, Set<number>>();
  await eachCopied(db, changes(wanted), 3, (data, at, length) => {
    const name = `${data.readInt32BE(at[0]!)} ${data.toString('latin1', at[1]!, at[1]! + length[1]!)}`;
    const organs = stale.get(name) ?? new Set();
    stale.set(name, organs.add(register.numberAt(data, at[2]!)));
  });
  return stale;
}
