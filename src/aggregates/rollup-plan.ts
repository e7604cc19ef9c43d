import { firstReportYear } from '../editions/index.ts';
import { lastYearOwed, yearInShanghai } from '../http/calendar.ts';
import { divisionPrefix, yearsOf } from '../reports/filters.ts';
import type { AggregateQuery } from './queries.ts';
import type { Selection } from './selection.ts';

/** Chooses which rollups a query reads, and which of their cells it takes. */

const places = ['province', 'city', 'county'] as const;
type Place = (typeof places)[number];

/** What a query asks of reports and their organs, besides place and year. */
export type PlacelessFilters = {
  [Key in 'basis' | 'scope' | 'level' | 'kind']?: AggregateQuery[Key] | undefined;
};

export interface RollupPlan {
  /** The grain whose cells hold all that is asked for. */
  grain: string;
  /** The grain whose cells tell apart just what the filters do. Organs are counted by it. */
  grainOfFilters: string;
  /** Divisions of one level in which the organs must be; undefined where any will do. */
  divisions: { place: Place; codes: string[] } | undefined;
}

/** The level of an area that is a division itself; undefined for others, such as groups of GB/T 2260 like 4290. */
export function levelOfArea(prefix: string): Place | undefined {
  const isGroup =
    prefix.length === 4 &&
    (['11', '12', '31', '50'].includes(prefix.slice(0, 2)) || Number(prefix.slice(2)) >= 90);
  return isGroup ? undefined : ({ 2: 'province', 4: 'city', 6: 'county' } as const)[prefix.length];
}

/**
 * The areas of a filter, by level, without those inside others; undefined where some have no level, such as
 * towns.
 */
function areasOf(filter: readonly string[]): Partial<Record<Place, string[]>> | undefined {
  const prefixes = [...new Set(filter.map(divisionPrefix))];
  const widest = prefixes.filter((one) => !prefixes.some((other) => other !== one && one.startsWith(other)));
  const { none, ...areas } = Object.groupBy(widest, (prefix) => levelOfArea(prefix) ?? 'none');
  if (none) return undefined;
  const codesOf = (area: string[] = []) => area.map((prefix) => prefix.padEnd(6, '0'));
  return Object.fromEntries(Object.entries(areas).map(([place, area]) => [place, codesOf(area)]));
}

/** The areas of a filter, if they are all of one level. */
function divisionsOf(filter: readonly string[]): RollupPlan['divisions'] | undefined {
  const [area, ...others] = Object.entries(areasOf(filter) ?? {}) as [Place, string[]][];
  return area && others.length === 0 ? { place: area[0], codes: area[1] } : undefined;
}

/** The name of the grain with this place, by level and kind or not. There is none by county and kind. */
const grainOf = (place: Place | undefined, byKind: boolean): string | undefined =>
  byKind && place === 'county' ? undefined : `${place ?? 'nation'}${byKind ? '/kind' : ''}`;

/**
 * Which cells hold all that a query asks for; undefined where only reports do. Only reports tell of single
 * organs and what is below them, of texts and days of publication, and of sums that depend on other figures
 * of a report (`given`).
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

/**
 * The years that a query is about, and those for which organs owe reports. Without years in the query `owed`
 * is undefined: it means every year that has ended and of which a report is used.
 */
export function yearsAsked({ year }: AggregateQuery): { years: number[]; owed: number[] | undefined } {
  const asked = yearsOf(year);
  const thisYear = yearInShanghai();
  return {
    years:
      asked ?? Array.from({ length: thisYear + 2 - firstReportYear }, (_, index) => firstReportYear + index),
    owed: asked?.filter((each) => each <= lastYearOwed()),
  };
}

/** The codes of the provinces that these divisions are in. */
export const provincesIn = (codes: readonly string[]): string[] => [
  ...new Set(codes.map((code) => code.slice(0, 2).padEnd(6, '0'))),
];

/** The provinces of a plan's divisions; undefined where any will do. */
export const provincesOf = ({ divisions }: RollupPlan): string[] | undefined =>
  divisions && provincesIn(divisions.codes);

/** Whether a question takes own reports, and whether it takes consolidated ones. */
export function scopesTaken({ basis = 'auto', scope }: PlacelessFilters) {
  const wants = (each: 'own' | 'consolidated') =>
    (basis === 'auto' || basis === each) && (scope === undefined || scope.includes(each));
  return { takesOwn: wants('own'), takesConsolidated: wants('consolidated') };
}
