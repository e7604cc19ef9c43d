import { type RawBuilder, type SqlBool, sql } from 'kysely';

/** Sets of years, as bits of a number: 2019, the first of any report, to 2080. There are millions of years of organs. */

const first = 2019;
const last = 2080;

export const bitOf = (year: string) => sql`(1::bigint << ${sql.ref(year)} - ${sql.lit(first)})`;

/** Whether a set has a year. */
export const isAmong = (year: string, years: string): RawBuilder<SqlBool> =>
  sql`${sql.ref(years)} & ${bitOf(year)} <> 0`;

/** A set of those of the years that can be in one; no report is of a later one yet. */
export const setOf = (years: readonly number[]): RawBuilder<unknown> =>
  sql`${String(years.filter((year) => year <= last).reduce((set, year) => set | (1n << BigInt(year - first)), 0n))}::bigint`;

/** How many years a set has. */
export const sizeOf = (years: RawBuilder<unknown>): RawBuilder<unknown> =>
  sql`bit_count((${years})::bit(64))`;

/** The years before that of a day, or all. */
const before = (day: RawBuilder<unknown>) =>
  sql`((1::bigint << extract(year from least(greatest(${day}, ${sql.lit(`${first}-01-01`)}::date), ${sql.lit(`${last + 1}-01-01`)}::date))::int - ${sql.lit(first)}) - 1)`;

/** The years on whose last day something held. */
export const yearsHeld = (relation: string): RawBuilder<unknown> =>
  sql`(${before(sql`${sql.ref(`${relation}.valid_to`)} + 1`)} & ~${before(sql.ref(`${relation}.valid_from`))})`;

/** The years that began before an organ was abolished: all, where it was not. */
export const yearsUntil = (abolishedOn: string): RawBuilder<unknown> =>
  sql`case when ${sql.ref(abolishedOn)} is null then -1 else ${before(sql`make_date(extract(year from ${sql.ref(abolishedOn)})::int + 1, 1, 1)`)} end`;

/** The years that had not ended when an organ's first period began. */
export const yearsSince = (organ: string): RawBuilder<unknown> =>
  sql`~(select ${before(sql`min(periods.valid_from)`)} from organ_periods as periods where periods.organ_id = ${sql.ref(organ)})`;
