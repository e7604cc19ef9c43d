import { type RawBuilder, type SqlBool, sql } from 'kysely';
import { every, yearsOf } from '../reports/filters.ts';
import type { AggregateQuery } from './queries.ts';
import { changedEntries, matching, planOf, scopesOf } from './rollup-plan.ts';

/** How many reports are published, counted without looking at them: each once, whatever stands above it. */

/** The columns of entries that differ from the keys they stand for; text is '' there where there is none. */
const keysOfEntries: Readonly<Record<string, RawBuilder<unknown>>> = {
  year: sql`year`,
  state: sql`'published'`,
  scope: sql`case scope when 'replaced' then 'own' else scope end`,
};

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

/** Of what rollups keep, as a relation; undefined where they do not keep all that is asked for. */
export function countingInRollups(
  query: AggregateQuery,
  groupBy: readonly string[],
): RawBuilder<unknown> | undefined {
  const plan = groupBy.includes('published_month') ? undefined : planOf(query, { groupBy });
  if (!plan) return undefined;
  const { takesOwn, takesConsolidated } = scopesOf(query);
  const scopes = [...(takesOwn ? ['own', 'replaced'] : []), ...(takesConsolidated ? ['consolidated'] : [])];
  const years = yearsOf(query.year);
  const counts = every([
    sql`scope = any(${scopes}::text[])`,
    matching(query, plan),
    ...(years ? [sql<SqlBool>`year = any(${years}::int[])`] : []),
  ]);
  const columns = selected(groupBy, sql`amount`);
  return added(groupBy, [
    sql`select ${columns} from rollup_cells as entries where grain = ${plan.grain} and ${counts}`,
    sql`select ${columns} from (${changedEntries()}) as entries where ${counts}`,
  ]);
}
