import { type RawBuilder, type SqlBool, sql } from 'kysely';
import { every, yearsOf } from '../reports/filters.ts';
import { asksOf, listedEntries, scopesInSegments } from './candidates.ts';
import type { AggregateQuery } from './queries.ts';
import { changedEntries, matching, type RollupPlan, rollupPlan, yearsAsked } from './rollup-plan.ts';
import { arrays, beside, entriesOfSegments, isFresh, sideBySide } from './segment-entries.ts';

/** How many reports are published, counted without looking at them: each once, whatever stands above it. */

/** The columns of entries that differ from the keys they stand for; text is '' there where there is none. */
const keysOfEntries: Readonly<Record<string, RawBuilder<unknown>>> = {
  year: sql`year`,
  state: sql`'published'`,
  scope: sql`case scope when 'replaced' then 'own' else scope end`,
  published_month: sql`to_char(published_on, 'YYYY-MM')`,
};

/** Counts as a relation, and whether segments of the whole country are read for it. */
interface Counting {
  counting: RawBuilder<unknown>;
  areOfCountry: boolean;
}

/** Of each combination of keys, `value`: so many reports as these relations of keys and `amount` have together. */
function added(groupBy: readonly string[], counts: readonly RawBuilder<unknown>[]): RawBuilder<unknown> {
  const keys = groupBy.map((key) => sql.id(key));
  return sql`
    select ${sql.join([...keys, sql`coalesce(sum(amount), 0)::int as value`])}
    from (${sql.join(counts, sql` union all `)}) as counts
    ${keys.length === 0 ? sql`` : sql`group by ${sql.join(keys)}`}
    having coalesce(sum(amount), 0) > 0 or ${keys.length === 0}`;
}

const selected = (groupBy: readonly string[], amount: RawBuilder<unknown>) =>
  sql.join([
    ...groupBy.map((key) => sql`${keysOfEntries[key] ?? sql`nullif(${sql.id(key)}, '')`} as ${sql.id(key)}`),
    sql`${amount} as amount`,
  ]);

function fromRollups(query: AggregateQuery, groupBy: readonly string[], plan: RollupPlan): Counting {
  const years = yearsOf(query.year);
  const counts = every([
    sql`scope = any(${scopesInSegments(query)}::text[])`,
    matching(query, plan),
    ...(years ? [sql<SqlBool>`year = any(${years}::int[])`] : []),
  ]);
  const columns = selected(groupBy, sql`amount`);
  const counting = added(groupBy, [
    sql`select ${columns} from rollup_cells as entries where grain = ${plan.grain} and ${counts}`,
    sql`select ${columns} from (${changedEntries(false)}) as entries where ${counts}`,
  ]);
  return { counting, areOfCountry: false };
}

/** Undefined where segments do not know all that is asked for. */
function fromSegments(query: AggregateQuery, groupBy: readonly string[]): Counting | undefined {
  const asks = query.under ? undefined : asksOf(query);
  if (asks === undefined) return undefined;
  const { members, conditions, provinces } = asks;
  const { years } = yearsAsked(query);
  const areOfCountry = provinces === undefined;
  const columns = selected(groupBy, sql`count(*)`);
  const groups =
    groupBy.length === 0 ? sql`` : sql`group by ${sql.join(groupBy.map((_, place) => sql.lit(place + 1)))}`;
  const member = (key: string) => (key === 'published_month' ? 'published_on' : key);
  const counting = (isOfPart: RawBuilder<SqlBool>) => sql`
    select ${columns}
    from ${entriesOfSegments({
      keys: [...new Set([...groupBy.map(member), ...members])].filter((key) => key in arrays),
      columns: [sql`segments.scope`],
      where: every([
        isOfPart,
        sql`segments.year = any(${years}::int[]) and segments.scope = any(${scopesInSegments(query)}::text[])`,
        ...(provinces ? [sql<SqlBool>`segments.province = any(${provinces}::text[])`] : []),
      ]),
    })}
    where ${every([...conditions, isFresh])} ${groups}`;
  return {
    counting: sql`
      with ${beside(years, provinces)}
      ${added(groupBy, [
        sql`select * from ${sideBySide(areOfCountry, counting)} as parts`,
        sql`select ${columns} from ${listedEntries(query)} where ${every(conditions)} ${groups}`,
      ])}`,
    areOfCountry,
  };
}

/** Undefined where only reports themselves answer. */
export function countPublished(query: AggregateQuery, groupBy: readonly string[]): Counting | undefined {
  const plan = groupBy.includes('published_month') ? undefined : rollupPlan(query, groupBy);
  return plan?.grain ? fromRollups(query, groupBy, plan) : fromSegments(query, groupBy);
}
