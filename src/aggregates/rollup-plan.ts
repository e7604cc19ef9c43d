import { type RawBuilder, type SqlBool, sql } from 'kysely';
import { lastYearOwed, yearInShanghai } from '../http/calendar.ts';
import { divisionPrefix, every, yearsOf } from '../reports/filters.ts';
import type { RollupState } from '../rollups/state.ts';
import type { AggregateQuery } from './queries.ts';
import type { Selection } from './selection.ts';

/** Which of the rollups a query reads, and which of their cells it takes. */

const places = ['province', 'city', 'county'] as const;
type Place = (typeof places)[number];

const changed = sql`year, province, city, county, level, kind, gone_in, cover, own_revision, consolidated_revision`;

/**
 * Changes as cells of a report or an organ each, with its place among them as `entry`: what cells lack to be of a state,
 * or without one of the present. That is what is logged and not folded yet, but what the state does not see; and what was
 * folded since that it does not see, taken away.
 */
export const changedEntries = (state?: Pick<RollupState, 'generation' | 'snapshot'>): RawBuilder<unknown> => {
  const isSeen = sql<SqlBool>`pg_visible_in_snapshot(transaction, ${state?.snapshot}::pg_snapshot)`;
  return sql`select row_number() over () as entry, changed.*,
    coalesce(revisions.disclosure_edition, '') as disclosure_edition,
    coalesce(revisions.request_edition, '') as request_edition
  from (
    select entry_year as year, scope, gone, changes.cover, province, city, county, level, kind, revision_id,
      sum(sign * entries.amount)::int as amount
    from (
      select sign, ${changed} from rollup_changes ${state ? sql`where ${isSeen}` : sql``}
      ${state ? sql`union all select -sign, ${changed} from rollup_folded_changes where generation > ${state.generation} and not ${isSeen}` : sql``}
    ) as changes, rollup_entries(changes.year, gone_in, cover, own_revision, consolidated_revision) as entries
    group by entry_year, scope, gone, changes.cover, province, city, county, level, kind, revision_id
    having sum(sign * entries.amount) <> 0
  ) as changed left join revisions on revisions.id = changed.revision_id`;
};

/** What a query asks of reports and their organs, besides place and year. */
export type PlacelessFilters = {
  [Key in 'basis' | 'scope' | 'level' | 'kind']?: AggregateQuery[Key] | undefined;
};

export interface RollupPlan {
  /** Whose cells hold what is asked for. */
  grain: string;
  /** Whose cells hold as much as the filters tell apart. */
  grainOfFilters: string;
  /** Divisions of one level that organs are in; undefined where any will do. */
  divisions: { place: Place; codes: string[] } | undefined;
}

/** The level of an area that is a division by itself; groups of GB/T 2260, such as 4290, are none. */
function placeOf(prefix: string): Place | undefined {
  const isGroup =
    prefix.length === 4 &&
    (['11', '12', '31', '50'].includes(prefix.slice(0, 2)) || Number(prefix.slice(2)) >= 90);
  return isGroup ? undefined : ({ 2: 'province', 4: 'city', 6: 'county' } as const)[prefix.length];
}

/** The areas of a filter, by level, without those inside others; undefined where some are of none, as of towns. */
function areasOf(filter: readonly string[]): Partial<Record<Place, string[]>> | undefined {
  const prefixes = [...new Set(filter.map(divisionPrefix))];
  const widest = prefixes.filter((one) => !prefixes.some((other) => other !== one && one.startsWith(other)));
  const { none, ...areas } = Object.groupBy(widest, (prefix) => placeOf(prefix) ?? 'none');
  if (none) return undefined;
  const codesOf = (area: string[] = []) => area.map((prefix) => prefix.padEnd(6, '0'));
  return Object.fromEntries(Object.entries(areas).map(([place, area]) => [place, codesOf(area)]));
}

/** The same, where they are of one level. */
function divisionsOf(filter: readonly string[]): RollupPlan['divisions'] | undefined {
  const [area, ...others] = Object.entries(areasOf(filter) ?? {}) as [Place, string[]][];
  return area && others.length === 0 ? { place: area[0], codes: area[1] } : undefined;
}

/** None are of a county and of a kind. */
const grainOf = (place: Place | undefined, byKind: boolean): string | undefined =>
  byKind && place === 'county' ? undefined : `${place ?? 'nation'}${byKind ? '/kind' : ''}`;

/**
 * Which cells hold all that a query asks for; undefined where only reports do: single organs, what they are found by, and
 * sums that depend on other figures of a report.
 */
export function planOf(
  query: AggregateQuery,
  { groupBy, given }: { groupBy: readonly string[]; given?: Selection['given'] },
): RollupPlan | undefined {
  const { organ_id, under, published_since, q, division, level, kind } = query;
  if (organ_id ?? under ?? published_since ?? q ?? given) return undefined;
  const divisions = division && divisionsOf(division);
  if ((division && !divisions) || groupBy.includes('organ')) return undefined;
  const byKind = level !== undefined || kind !== undefined;
  const grainOfFilters = grainOf(divisions?.place, byKind);
  const place = places.findLast((each) => groupBy.includes(each) || divisions?.place === each);
  const grain = grainOf(place, byKind || groupBy.includes('level') || groupBy.includes('kind'));
  return grain && grainOfFilters ? { grain, grainOfFilters, divisions } : undefined;
}

const firstYear = 2019;

/** Years a query is about, and those that organs owe reports of: undefined for all that have ended and of which any is used. */
export function yearsAsked({ year, owed }: AggregateQuery): { years: number[]; owed: number[] | undefined } {
  const asked = yearsOf(year);
  const thisYear = yearInShanghai();
  return {
    years: asked ?? Array.from({ length: thisYear + 2 - firstYear }, (_, index) => firstYear + index),
    owed: owed === 'used' ? undefined : asked?.filter((each) => each <= lastYearOwed()),
  };
}

/** The provinces that divisions are in. */
export const provincesIn = (codes: readonly string[]): string[] => [
  ...new Set(codes.map((code) => code.slice(0, 2).padEnd(6, '0'))),
];

/** Of the divisions of a plan; undefined where any will do. */
export const provincesOf = ({ divisions }: RollupPlan): string[] | undefined =>
  divisions && provincesIn(divisions.codes);

/** Of the cells of a plan, or of sums that hang on them: those that it may take, as the order of their keys finds them. */
export function within(table: string, plan: RollupPlan, years: readonly number[]): RawBuilder<SqlBool> {
  const provinces = provincesOf(plan);
  return every([
    sql`${sql.ref(`${table}.grain`)} = ${plan.grain} and ${sql.ref(`${table}.year`)} = any(${years}::int[])`,
    ...(provinces ? [sql<SqlBool>`${sql.ref(`${table}.province`)} = any(${provinces}::text[])`] : []),
  ]);
}

/** Whether an organ above matches the filters, over its `signatures` as seen from one below that does. */
export function isCandidate(
  { level, kind }: PlacelessFilters,
  { divisions }: RollupPlan,
): RawBuilder<SqlBool> {
  const conditions: RawBuilder<SqlBool>[] = [];
  if (level) conditions.push(sql`signatures.level = any(${level}::text[])`);
  if (kind) conditions.push(sql`signatures.kind = any(${kind}::text[])`);
  if (divisions) {
    const { place, codes } = divisions;
    const [same, foreign] = [sql.ref(`signatures.same_${place}`), sql.ref(`signatures.foreign_${place}`)];
    conditions.push(sql`(${same} or ${foreign} = any(${codes}::text[]))`);
  }
  return every(conditions);
}

/** Organs and reports that match, whatever their scope: over `entries`, cells or changes. */
export function matching({ level, kind }: PlacelessFilters, { divisions }: RollupPlan): RawBuilder<SqlBool> {
  const conditions: RawBuilder<SqlBool>[] = [];
  if (divisions)
    conditions.push(sql`${sql.ref(`entries.${divisions.place}`)} = any(${divisions.codes}::text[])`);
  if (level) conditions.push(sql`entries.level = any(${level}::text[])`);
  if (kind) conditions.push(sql`entries.kind = any(${kind}::text[])`);
  return every(conditions);
}

/** Which reports a question takes. */
export function scopesTaken({ basis = 'auto', scope }: PlacelessFilters) {
  const wants = (each: 'own' | 'consolidated') =>
    (basis === 'auto' || basis === each) && (scope === undefined || scope.includes(each));
  return { takesOwn: wants('own'), takesConsolidated: wants('consolidated') };
}

/**
 * Which entries are added up, and which stand for an organ that has reported. An organ's own report beside its
 * consolidated one is `replaced`, and the consolidated one stands for the organ.
 */
export function scopesOf(filters: PlacelessFilters) {
  const { takesOwn, takesConsolidated } = scopesTaken(filters);
  if (takesOwn && takesConsolidated)
    return {
      takesOwn,
      takesConsolidated,
      used: sql`entries.scope in ('own', 'consolidated') and covers.usable`,
      reported: sql`(entries.scope in ('own', 'consolidated') or entries.scope = 'none' and covers.covered)`,
    };
  if (takesOwn) {
    const own = sql`entries.scope in ('own', 'replaced')`;
    return { takesOwn, takesConsolidated, used: own, reported: own };
  }
  if (takesConsolidated)
    return {
      takesOwn,
      takesConsolidated,
      used: sql`entries.scope = 'consolidated' and covers.usable`,
      reported: sql`(entries.scope = 'consolidated' or entries.scope in ('own', 'none') and covers.covered)`,
    };
  return { takesOwn, takesConsolidated, used: sql`false`, reported: sql`false` };
}
