import { type RawBuilder, type SqlBool, sql } from 'kysely';
import { every } from '../reports/filters.ts';
import type { RollupState } from '../rollups/state.ts';
import type { Aggregate } from './aggregate.ts';
import { byColumn } from './chosen.ts';
import {
  changedEntries,
  isCandidate,
  matching,
  type PlacelessFilters,
  type RollupPlan,
  scopesOf,
  within,
} from './rollup-plan.ts';

/** Which cells and changes of the rollups an answer adds up, and how many reports and organs these are. */

/** What the sums of a selection depend on besides the data. */
export interface Question extends PlacelessFilters {
  plan: RollupPlan;
  years: readonly number[];
  /** Gives up after so many groups. */
  most: number;
}

/** Covers of organs with a consolidated candidate above them: of the same group, of any, or of another. */
function coveredIn(
  group: 'same' | 'any' | 'other',
  organKeys: readonly string[],
  { plan, ...filters }: PlacelessFilters & Pick<Question, 'plan'>,
): RawBuilder<unknown> {
  // No organ has another one of the same group above it.
  const isSame = organKeys.includes('organ')
    ? sql<SqlBool>`false`
    : every(organKeys.map((key) => sql`${sql.ref(`signatures.same_${key}`)}`));
  const isOfGroup = { same: isSame, any: sql<SqlBool>`true`, other: sql<SqlBool>`not ${isSame}` }[group];
  // Without consolidated reports nothing stands for anything else.
  const candidate = scopesOf(filters).takesConsolidated ? isCandidate(filters, plan) : sql<SqlBool>`false`;
  return sql`select cover from rollup_cover_signatures as signatures where ${candidate} and ${isOfGroup}`;
}

/**
 * Which cells and changes are added up, as CTEs: all that match as `entries`, those of them that are `used`, and counts
 * for `countsIn`. Within groups of `organKeys` a consolidated report stands for what is below it. Of a state, or without
 * one of the present.
 */
export function countsOf(
  aggregate: Aggregate,
  organKeys: readonly string[],
  question: Omit<Question, 'most'>,
  state: RollupState | undefined,
): RawBuilder<unknown> {
  const { plan, years } = question;
  const areProvinces = plan.divisions?.place === 'province';
  const columns = organKeys.filter((key) => key !== 'organ').map((key) => sql`, ${sql.id(key)}`);
  const { used, reported } = scopesOf(question);
  const covered = (group: Parameters<typeof coveredIn>[0]) => coveredIn(group, organKeys, question);
  const entriesOf = (names: RawBuilder<unknown>, from: RawBuilder<unknown>, which: RawBuilder<SqlBool>) =>
    sql`select ${names}, year, gone, ${sql.ref(aggregate.edition)} as edition, amount, ${used} as is_used, ${reported} as is_reported,
        covers.elsewhere ${sql.join(columns, sql``)}
      from ${from} as entries join covers on covers.id = entries.cover
      where scope <> 'organ' and ${which}`;
  const organsOf = (from: RawBuilder<unknown>, which: RawBuilder<SqlBool>) =>
    sql`select year, amount from ${from} as entries
      where scope = 'organ' and ${matching(question, plan)} and ${which}`;
  // Its provinces are named once, or the planner takes what matches for next to nothing.
  const cells = entriesOf(
    sql`entries.id as entry, null::uuid as revision_id`,
    sql`rollup_cells`,
    sql`amount > 0 and ${within('entries', plan, years)} and ${matching(question, areProvinces ? { ...plan, divisions: undefined } : plan)}`,
  );
  const changes = entriesOf(
    sql`-entries.entry as entry, entries.revision_id`,
    sql`changed`,
    sql`year = any(${years}::int[]) and ${matching(question, plan)}`,
  );
  return sql`
    covers as materialized (
      select id, id not in (${covered('same')}) as usable, id in (${covered('any')}) as covered,
        id in (${covered('other')}) as elsewhere
      from rollup_covers
    ),
    changed as materialized (${changedEntries(state)}),
    entries as materialized (${cells} union all ${changes}),
    used as materialized (select * from entries where is_used),
    by_year as (
      select year, coalesce(sum(amount) filter (where is_used), 0) as reports,
        coalesce(sum(amount) filter (where is_used and not gone), 0) as organs_used,
        coalesce(sum(amount) filter (where is_reported and not gone), 0) as organs_reported,
        coalesce(sum(amount) filter (where is_used and elsewhere), 0) as overlapping
      from entries group by year
    ),
    organs_by_end as (
      select year, sum(amount) as amount from (
        ${organsOf(sql`rollup_cells`, sql`grain = ${plan.grainOfFilters} and year between 2019 and 9999`)}
        union all ${organsOf(sql`changed`, sql`true`)}
      ) as organs group by year
    ),
    editions as (select edition, sum(amount) as amount from used group by edition)`;
}

/** What `countsOf` has for an answer. */
export const countsIn = (): RawBuilder<unknown> => sql`
      ${byColumn('by_year', ['year', 'reports', 'organs_used', 'organs_reported', 'overlapping'])} as years,
      ${byColumn('organs_by_end', ['year', 'amount'])} as organs,
      ${byColumn('editions', ['edition', 'amount'])} as editions`;
