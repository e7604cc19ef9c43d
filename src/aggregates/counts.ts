import { type RawBuilder, type SqlBool, sql } from 'kysely';
import { every } from '../reports/filters.ts';
import type { Aggregate } from './aggregate.ts';
import { byColumn } from './chosen.ts';
import {
  changedEntries,
  isCandidate,
  matching,
  type PlacelessFilters,
  provincesOf,
  type RollupPlan,
  scopesOf,
  within,
} from './rollup-plan.ts';

/** Which reports an answer adds up, and how many they and their organs are: the same from whatever they are counted. */

/** What the sums of a selection depend on besides the data. */
export interface Question extends PlacelessFilters {
  plan: RollupPlan;
  years: readonly number[];
  /** Gives up after so many groups, of what is folded and what is not each. */
  most: number;
}

/**
 * What is counted: cells of the rollups with what is not folded yet, what changed after a generation, or every organ's
 * year.
 */
type Counted = 'cells' | 'changes' | 'organ years';

/** An entry for each organ's year: of the report that a query with these filters takes, where it takes any. */
function organYears({ edition }: Aggregate, filters: PlacelessFilters): RawBuilder<unknown> {
  const { takesOwn, takesConsolidated } = scopesOf(filters);
  return sql`(
    select *, coalesce(gone_in < year, false) as gone, 1 as amount, null as ${sql.id(edition)}, case
      ${takesConsolidated ? sql`when consolidated_revision is not null then 'consolidated'` : sql``}
      ${takesOwn ? sql`when own_revision is not null then 'own'` : sql``}
      when true then 'none' end as scope
    from rollup_organ_years)`;
}

/**
 * Which reports are added up, as CTEs: all entries that match, those of them that are `used`, and counts for `counts`; of
 * organs' years not the editions. Within groups of `organKeys` a consolidated report stands for what is below it.
 */
export function countsOf(
  aggregate: Aggregate,
  organKeys: readonly string[],
  question: Omit<Question, 'most'>,
  counted: Counted,
): RawBuilder<unknown> {
  const { plan, years } = question;
  // No organ has another one of the same group above it.
  const sameGroup = organKeys.includes('organ')
    ? sql<SqlBool>`false`
    : every(organKeys.map((key) => sql`${sql.ref(`signatures.same_${key}`)}`));
  const columns = organKeys.filter((key) => key !== 'organ').map((key) => sql`, ${sql.id(key)}`);
  // Without consolidated reports nothing stands for anything else.
  const { used, reported, takesConsolidated } = scopesOf(question);
  const candidate = takesConsolidated ? isCandidate(question, plan) : sql`false`;
  const isThere = (which: RawBuilder<SqlBool>) =>
    sql`exists (select from rollup_cover_signatures as signatures
      where signatures.cover = rollup_covers.id and ${candidate} and ${which})`;
  const entriesOf = (names: RawBuilder<unknown>, from: RawBuilder<unknown>, which: RawBuilder<SqlBool>) =>
    sql`select ${names}, year, gone, ${sql.ref(aggregate.edition)} as edition, amount, ${used} as is_used, ${reported} as is_reported,
        covers.elsewhere ${sql.join(columns, sql``)}
      from ${from} as entries join covers on covers.id = entries.cover
      where scope <> 'organ' and ${matching(question, plan)} and ${which}`;
  const organsOf = (isPending: RawBuilder<unknown>, from: RawBuilder<unknown>, which: RawBuilder<SqlBool>) =>
    sql`select ${isPending} as is_pending, year, amount from ${from} as entries
      where scope = 'organ' and ${matching(question, plan)} and ${which}`;
  const provinces = provincesOf(plan);
  const inYears = sql<SqlBool>`year = any(${years}::int[])`;
  const changes = entriesOf(
    sql`-entries.entry as entry, entries.revision_id, entries.is_pending`,
    sql`changed`,
    inYears,
  );
  const entries = {
    changes,
    cells: sql`
      ${entriesOf(sql`entries.id as entry, null::uuid as revision_id, false as is_pending`, sql`rollup_cells`, sql`amount > 0 and ${within('entries', plan, years)}`)}
      union all ${changes}`,
    'organ years': entriesOf(
      sql`organ_id, false as is_pending`,
      organYears(aggregate, question),
      every([inYears, ...(provinces ? [sql<SqlBool>`entries.province = any(${provinces}::text[])`] : [])]),
    ),
  }[counted];
  const organs = sql.join(
    [
      ...(counted === 'changes'
        ? []
        : [
            organsOf(
              sql`false`,
              sql`rollup_cells`,
              sql`grain = ${plan.grainOfFilters} and year between 2019 and 9999`,
            ),
          ]),
      organsOf(sql`is_pending`, sql`changed`, sql`true`),
    ],
    sql` union all `,
  );
  return sql`
    covers as materialized (
      select id, not ${isThere(sameGroup)} as usable, ${isThere(sql`true`)} as covered,
        ${isThere(sql`not ${sameGroup}`)} as elsewhere
      from rollup_covers
    ),
    changed as materialized (${changedEntries(counted === 'changes')}),
    entries as materialized (${entries}),
    used as ${counted === 'organ years' ? sql`not materialized` : sql`materialized`} (select * from entries where is_used),
    by_year as (
      select is_pending, year, coalesce(sum(amount) filter (where is_used), 0) as reports,
        coalesce(sum(amount) filter (where is_used and not gone), 0) as organs_used,
        coalesce(sum(amount) filter (where is_reported and not gone), 0) as organs_reported,
        coalesce(sum(amount) filter (where is_used and elsewhere), 0) as overlapping
      from entries group by is_pending, year
    ),
    organs_by_end as (
      select is_pending, year, sum(amount) as amount from (${organs}) as organs group by is_pending, year
    )${
      counted === 'organ years'
        ? sql``
        : sql`,
    editions as (select is_pending, edition, sum(amount) as amount from used group by is_pending, edition)`
    }`;
}

/** What `countsOf` has for an answer. */
export const counts = sql`${byColumn('by_year', ['is_pending', 'year', 'reports', 'organs_used', 'organs_reported', 'overlapping'])} as years,
      ${byColumn('organs_by_end', ['is_pending', 'year', 'amount'])} as organs,
      ${byColumn('editions', ['is_pending', 'edition', 'amount'])} as editions`;
