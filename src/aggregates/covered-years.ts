import { type RawBuilder, type SqlBool, sql } from 'kysely';
import { yearsHeld } from './year-sets.ts';

/**
 * The `years` in which organs had a consolidated report above them, of `tops` with its years by organ, as relations `links`,
 * `above` and `circled` of from-rows.ts say, of each combination of its keys; at least for those links of which `of` holds.
 * Where parents run in a circle, an organ is above itself, and does not cover itself.
 */
export const coveredBy = (
  tops: RawBuilder<unknown>,
  keys: readonly string[],
  of: RawBuilder<SqlBool> = sql`true`,
): RawBuilder<unknown> => {
  const names = sql.join([sql``, ...keys.map((key) => sql.id(key))]);
  const topsAbove = sql`above join ${tops} as tops on tops.organ_id = above.ancestor_id`;
  const years = sql`tops.years & ${yearsHeld('above')}`;
  return sql`
    select organ_id ${names}, bit_or(years) as years from (
      select links.organ_id ${names}, links.years & tops.years as years
      from links join (
        select above.organ_id as parent_id ${names}, bit_or(${years}) as years
        from ${topsAbove} group by above.organ_id ${names}
      ) as tops using (parent_id)
      where links.organ_id not in (select organ_id from circled) and ${of}
      union all
      select circled.organ_id ${names}, circled.years & ${years}
      from circled join ${topsAbove} on above.organ_id = circled.parent_id and tops.organ_id <> circled.organ_id
    ) as covers where years <> 0 group by organ_id ${names}`;
};
