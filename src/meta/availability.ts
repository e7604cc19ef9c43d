import type { Aggregate } from '../aggregates/aggregate.ts';
import { heightOf } from '../aggregates/columns.ts';
import type { Counted } from '../aggregates/counted-reports.ts';
import { dimensions } from '../aggregates/dimensions.ts';
import { inKeptState } from '../aggregates/from-rollups.ts';
import { type Layout, layoutOf, sumAt } from '../aggregates/layout.ts';
import { warnOfCodes, warnOfUnknown } from '../aggregates/missing-codes.ts';
import { type AggregateQuery, type Summed, sumReports } from '../aggregates/queries.ts';
import { arePublished, reportKeys, reportStates, statesOf } from '../aggregates/report-keys.ts';
import { planOf } from '../aggregates/rollup-plan.ts';
import { choose } from '../aggregates/selection.ts';
import { byPlace } from '../aggregates/sort.ts';
import type { Value } from '../aggregates/table.ts';
import { nothingMatches, type Warning } from '../aggregates/warnings.ts';
import type { Db } from '../db/database.ts';
import { divisionNames } from '../divisions/queries.ts';
import { codeLabel } from '../editions/cell-labels.ts';
import { columnLabels } from '../editions/column-labels.ts';
import type { Label } from '../editions/edition.ts';
import { scopeKeys, scopes } from '../editions/vocabulary.ts';
import type { KeptSums } from '../rollups/reader.ts';
import type { ReportsByCode } from '../walk/code-counter.ts';
import { type CodesFound, codesByWalking } from '../walk/codes.ts';
import { onWalkedState } from '../walk/turns.ts';

/** Tells, for a query that is being put together, which codes still have data, and in how many reports. */

/** The codes of a key with the reports of each, and their order where that is not the natural one. */
interface OfKey {
  key: string;
  counts: ReportsByCode;
  values: readonly string[] | undefined;
}

interface Found {
  reports: number;
  counts: OfKey[];
  as_of: string;
}

interface AvailableCode {
  code: string | null;
  label: Label | null;
  reports: number;
}

interface Availability {
  of: string;
  reports: number;
  dimensions: { key: string; label: Label; codes: AvailableCode[] }[];
  warnings: Warning[];
  data_as_of: string;
}

/** Above the number of groups by any key together with every row of the form. */
const mostGroups = 1_000_000;

/**
 * Adds up what the filters choose. Only whether there are numbers matters, so sums that mean nothing are not
 * refused.
 */
async function look(
  db: Db,
  aggregate: Aggregate,
  query: AggregateQuery,
  group_by: string[],
  sums: KeptSums | undefined,
) {
  const selection = choose(aggregate, { ...query, group_by });
  const summed = await sumReports(db, aggregate, query, selection, mostGroups, { sums });
  return { ...summed, layout: layoutOf(aggregate, selection) };
}
type Looked = Summed & { layout: Layout };

/**
 * For each code of a key, the most reports that one figure of it is of. Codes without a number in any report
 * are absent.
 */
function countsOf({ columnKey }: Aggregate, key: string, { rows, layout }: Looked): ReportsByCode {
  const counts: ReportsByCode = new Map();
  const place = layout.keys.indexOf(key);
  for (let row = 0; row < heightOf(rows); row++)
    for (const column of layout.columns) {
      if (sumAt(rows, row, layout, column) === null) continue;
      const code = key === columnKey ? column.column : ((rows[place]?.[row] as Value | undefined) ?? null);
      counts.set(code, Math.max(counts.get(code) ?? 0, rows[layout.reports]![row] as number));
    }
  return counts;
}

/** The keys of reports and organs, without `organ`: organs are too many to list. */
const keysOfReports = Object.keys(dimensions).filter((key) => key !== 'organ');

/** What sums grouped by each of these keys alone would hold, where rollups keep all that is asked for. */
async function codesInRollups(
  state: Db,
  aggregate: Aggregate,
  query: AggregateQuery,
  keys: readonly string[],
  kept: KeptSums | undefined,
): Promise<CodesFound> {
  const { keys: own, rowKeys } = aggregate;
  const whole = await look(state, aggregate, query, Object.keys(own), kept);
  const codesOf = async (key: string): Promise<ReportsByCode> => {
    if (key in dimensions)
      return countsOf(aggregate, key, await look(state, aggregate, query, [key, ...rowKeys], kept));
    const codes: ReportsByCode = key in own ? countsOf(aggregate, key, whole) : new Map();
    // A null stands for values that belong to no coarser one, such as rows in no group. It is nothing to
    // choose.
    codes.delete(null);
    if (key !== 'scope') return codes;
    for (const { scope } of scopes) {
      if (query.scope && !query.scope.includes(scope)) continue;
      const looked = await look(state, aggregate, { ...query, scope: [scope] }, [...rowKeys], kept);
      for (const most of countsOf(aggregate, '', looked).values()) codes.set(scope, most);
    }
    return codes;
  };
  const counts: CodesFound['counts'] = new Map();
  for (const key of keys) counts.set(key, await codesOf(key));
  return { reports: whole.reports, counts, as_of: whole.as_of };
}

/**
 * What sums grouped by each key alone would hold, all read on one state of the database. Where rollups keep
 * any of the keys, they also keep `scope` and the aggregate's own keys, because these divide no organs.
 */
export async function inSums(
  db: Db,
  aggregate: Aggregate,
  query: AggregateQuery,
  kept: KeptSums | undefined,
): Promise<Found> {
  const orders: Readonly<Record<string, readonly string[] | undefined>> = {
    ...Object.fromEntries(keysOfReports.map((key) => [key, dimensions[key]!.values])),
    scope: scopeKeys,
    ...Object.fromEntries(Object.entries(aggregate.keys).map(([key, { values }]) => [key, values])),
  };
  const keys = Object.keys(orders);
  const isKept = (key: string) => planOf(query, { groupBy: key in dimensions ? [key] : [] }) !== undefined;
  const [inRollups, others] = [keys.filter(isKept), keys.filter((key) => !isKept(key))];
  const walked = (state: Db) => codesByWalking(state, aggregate, query, others, kept?.register);
  const inRollupsOf = (state: Db, sums: KeptSums | undefined) =>
    codesInRollups(state, aggregate, query, inRollups, sums);
  const answer = () => {
    if (inRollups.length === 0) return walked(db);
    if (others.length === 0) return inKeptState(db, kept, inRollupsOf);
    // What is walked and what comes from the rollups must be of one state of the database.
    return onWalkedState(db, query, async (state) => {
      const found = await inRollupsOf(state, await kept?.within(state));
      for (const [key, codes] of (await walked(state)).counts) found.counts.set(key, codes);
      return found;
    });
  };
  const { reports, counts, as_of } = await answer();
  return {
    reports,
    counts: keys.map((key) => ({ key, counts: counts.get(key)!, values: orders[key] })),
    as_of,
  };
}

/** Counts reports by each of several combinations of keys, as far as the caller may see them. */
export type Count = (query: AggregateQuery, groupings: readonly (readonly string[])[]) => Promise<Counted[]>;

/** What counts of reports by each key alone would hold. Where no state is asked for, every state is looked at. */
export async function inCounts(count: Count, query: AggregateQuery): Promise<Found> {
  const keys = Object.keys(reportKeys).filter((key) => key !== 'state');
  const [whole, ...ofKeys] = await count(query, [[], ...keys.map((key) => [key])]);
  const reports = whole!.rows[0]!.value as number;
  const countsIn = (key: string, { rows }: Counted): ReportsByCode =>
    new Map(rows.map((row) => [row[key] as Value, row.value as number]));
  const counts = new Map(keys.map((key, place) => [key, countsIn(key, ofKeys[place]!)]));
  // If no state is asked for, or only the published one, all that was counted is published. The other states
  // are counted one by one, which is quicker.
  const isCounted = arePublished(statesOf(query.state));
  const ofStates: ReportsByCode = new Map(isCounted && reports > 0 ? [['published', reports]] : []);
  for (const state of (query.state as string[] | undefined) ?? reportStates) {
    if (isCounted && state === 'published') continue;
    const [counted] = await count({ ...query, state: [state] }, [['state']]);
    for (const [code, amount] of countsIn('state', counted!)) ofStates.set(code, amount);
  }
  counts.set('state', ofStates);
  return {
    reports,
    counts: Object.entries(reportKeys).map(([key, { values }]) => ({
      key,
      counts: counts.get(key)!,
      values,
    })),
    as_of: whole!.as_of,
  };
}

/** The codes of a key in the order of answers. */
const inOrder = ({ key, counts, values }: OfKey, places: ReadonlyMap<string, string>): AvailableCode[] => {
  const compare = byPlace(values);
  return [...counts]
    .sort(([a], [b]) => compare(a, b))
    .map(([given, reports]) => {
      const code = given === null ? null : `${given}`;
      const name = ['province', 'city', 'county'].includes(key) ? places.get(String(code)) : undefined;
      const label = name === undefined ? codeLabel(key, code) : { zh: name, en: name };
      return { code, label: label ?? null, reports };
    });
};

/** What was found, as it is answered. */
export async function available(
  db: Db,
  of: string,
  query: AggregateQuery,
  found: Found,
): Promise<Availability> {
  const places = await divisionNames(db);
  return {
    of,
    reports: found.reports,
    dimensions: found.counts.map((each) => ({
      key: each.key,
      label: columnLabels[each.key]!,
      codes: inOrder(each, places),
    })),
    warnings: [
      ...(await warnOfUnknown(db, query)),
      ...(found.reports === 0
        ? nothingMatches(query)
        : warnOfCodes(query, new Map(found.counts.map(({ key, counts }) => [key, new Set(counts.keys())])))),
    ],
    data_as_of: found.as_of,
  };
}
