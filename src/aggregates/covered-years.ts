import { type RawBuilder, type SqlBool, sql } from 'kysely';

/** In which years organs have had consolidated reports above them, for from-rows.ts. */

/** Sets of years, as bits of a number: 2019, the first of any report, to 2080. There are millions of years of organs. */
export const bitOf = (year: string) => sql`(1::bigint << ${sql.ref(year)} - 2019)`;
/** Whether such a set has a year. */
export const isAmong = (year: string, years: string): RawBuilder<SqlBool> =>
  sql`${sql.ref(years)} & ${bitOf(year)} <> 0`;

/** The years on whose last day something held. */
export function yearsHeld(relation: string): RawBuilder<unknown> {
  const [from, to] = [sql.ref(`${relation}.valid_from`), sql.ref(`${relation}.valid_to`)];
  const bitsBefore = (day: RawBuilder<unknown>) =>
    sql`((1::bigint << extract(year from least(greatest(${day}, date '2019-01-01'), date '2081-01-01'))::int - 2019) - 1)`;
  return sql`(${bitsBefore(sql`${to} + 1`)} & ~${bitsBefore(from)})`;
}

/**
 * The years in which organs of `links` had one of these consolidated reports above them, as relations `above` and `circled` of from-rows.ts say, of each combination of its keys.
 * Where parents run in a circle, an organ is above itself, and does not cover itself.
 */
export const coveredBy = (tops: RawBuilder<unknown>, keys: readonly string[]): RawBuilder<unknown> => {
  const names = sql.join([sql``, ...keys.map((key) => sql.id(key))]);
  const topsAbove = sql`above join ${tops} as tops on tops.organ_id = above.ancestor_id and tops.scope = 'consolidated'
    and make_date(tops.year, 12, 31) between above.valid_from and above.valid_to`;
  return sql`
    select organ_id ${names}, bit_or(years) as years from (
      select links.organ_id ${names}, links.years & tops.years as years
      from links join (
        select above.organ_id as parent_id ${names}, bit_or(${bitOf('tops.year')}) as years
        from ${topsAbove} group by above.organ_id ${names}
      ) as tops using (parent_id)
      where links.organ_id not in (select organ_id from circled)
      union all
      select circled.organ_id ${names}, circled.years & ${bitOf('tops.year')}
      from circled join ${topsAbove} on above.organ_id = circled.parent_id and tops.organ_id <> circled.organ_id
    ) as covers where years <> 0 group by organ_id ${names}`;
};
