import type { Aggregate } from '../aggregates/aggregate.ts';
import { heightOf } from '../aggregates/columns.ts';
import { dimensions } from '../aggregates/dimensions.ts';
import { warnOfUnknown } from '../aggregates/missing-codes.ts';
import {
  type AggregateQuery,
  type Besides,
  type Layout,
  layoutOf,
  type Summed,
  sumAt,
  sumReports,
} from '../aggregates/queries.ts';
import { type Counted, reportKeys, reportStates } from '../aggregates/report-counts.ts';
import { planOf } from '../aggregates/rollup-plan.ts';
import { choose } from '../aggregates/selection.ts';
import { byPlace } from '../aggregates/sort.ts';
import type { Warning } from '../aggregates/warnings.ts';
import type { Db } from '../db/database.ts';
import { divisionNames } from '../divisions/queries.ts';
import { cellLabel } from '../editions/cell-labels.ts';
import { columnLabels } from '../editions/column-labels.ts';
import type { Label } from '../editions/edition.ts';
import { scopes } from '../editions/vocabulary.ts';
import { onOneState } from '../rollups/maintenance.ts';
import type { KeptSums } from '../rollups/reader.ts';
import { onWalkedState } from '../walk/turns.ts';

/** For a query that is being put together: which codes still have data, in how many reports. */

type Code = string | number | null;
type Counts = ReadonlyMap<Code, number>;

interface Found {
  reports: number;
  counts: { key: string; counts: Counts; values: readonly string[] | undefined }[];
  as_of: string;
}

interface AvailableCode {
  code: string | null;
  label: Label | null;
  reports: number;
}

export interface Availability {
  of: string;
  reports: number;
  dimensions: { key: string; label: Label; codes: AvailableCode[] }[];
  warnings: Warning[];
  data_as_of: string;
}

/** More groups than there are of any key and every row of the form. */
const mostGroups = 1_000_000;

/** Adds up what the filters choose; only whether there are numbers is looked at, so that nothing is refused. */
async function look(
  db: Db,
  aggregate: Aggregate,
  query: AggregateQuery,
  group_by: string[],
  besides: Pick<Besides, 'sums' | 'remembered'>,
) {
  const selection = choose(aggregate, { ...query, group_by });
  const summed = await sumReports(db, aggregate, query, selection, mostGroups, besides);
  return { ...summed, layout: layoutOf(aggregate, selection) };
}
type Looked = Summed & { layout: Layout };

/** For each code of a key the most reports that have one figure of it; none where no report has a number. */
function countsOf({ columnKey }: Aggregate, key: string, { rows, layout }: Looked): Map<Code, number> {
  const counts = new Map<Code, number>();
  const place = layout.keys.indexOf(key);
  for (let row = 0; row < heightOf(rows); row++)
    for (const column of layout.columns) {
      if (sumAt(rows, row, layout, column) === null) continue;
      const code = key === columnKey ? column.column : ((rows[place]?.[row] as Code | undefined) ?? null);
      counts.set(code, Math.max(counts.get(code) ?? 0, rows[layout.reports]![row] as number));
    }
  return counts;
}

/** Counts reports by keys in the name of the caller. */
export type Count = (query: AggregateQuery, groupBy: readonly string[]) => Promise<Counted>;

/** Organs are too many to list. */
const keysOfReports = Object.keys(dimensions).filter((key) => key !== 'organ');

/** What an answer of sums grouped by each key alone would hold. On one state of the database. */
export const inSums = (
  db: Db,
  aggregate: Aggregate,
  query: AggregateQuery,
  kept: KeptSums,
): Promise<Found> => {
  const lookAtEach = async (state: Db): Promise<Found> => {
    const { keys, rowKeys } = aggregate;
    const besides = { sums: kept, remembered: new Map() };
    const { reports, as_of, ...all } = await look(state, aggregate, query, Object.keys(keys), besides);
    const counts: Found['counts'] = [];
    for (const key of keysOfReports) {
      const looked = await look(state, aggregate, query, [key, ...rowKeys], besides);
      counts.push({ key, counts: countsOf(aggregate, key, looked), values: dimensions[key]!.values });
    }
    const ofScopes = new Map<Code, number>();
    for (const { scope } of scopes) {
      if (query.scope && !query.scope.includes(scope)) continue;
      const looked = await look(state, aggregate, { ...query, scope: [scope] }, [...rowKeys], besides);
      const [most] = [...countsOf(aggregate, '', looked).values()];
      if (most !== undefined) ofScopes.set(scope, most);
    }
    counts.push({ key: 'scope', counts: ofScopes, values: scopes.map(({ scope }) => scope) });
    for (const [key, { values }] of Object.entries(keys)) {
      const ofKey = countsOf(aggregate, key, { ...all, reports, as_of });
      // Values in no coarser one, such as rows in no group, are nothing to choose.
      ofKey.delete(null);
      counts.push({ key, counts: ofKey, values });
    }
    return { reports, counts, as_of };
  };
  const isKept = planOf(query, { groupBy: [] }) !== undefined;
  return isKept ? onOneState(db, lookAtEach) : onWalkedState(db, query, lookAtEach);
};

/** What counts of reports by each key alone would hold; of states all there are, unless some are asked for. */
export async function inCounts(count: Count, query: AggregateQuery): Promise<Found> {
  const { rows, as_of } = await count(query, []);
  const counts: Found['counts'] = [];
  for (const [key, { values }] of Object.entries(reportKeys)) {
    const ofKey = new Map<Code, number>();
    // One state after the other: those that are published are counted from what is added up already.
    const states = key === 'state' ? ((query.state as string[] | undefined) ?? reportStates) : [undefined];
    for (const state of states) {
      const asked = state === undefined ? query : { ...query, state: [state] };
      for (const row of (await count(asked, [key])).rows) ofKey.set(row[key] as Code, row.value as number);
    }
    counts.push({ key, counts: ofKey, values });
  }
  return { reports: rows[0]!.value as number, counts, as_of };
}

/** In the order of answers. */
const inOrder = (
  { key, counts, values }: Found['counts'][number],
  places: ReadonlyMap<string, string>,
): AvailableCode[] => {
  const compare = byPlace(values);
  return [...counts]
    .sort(([a], [b]) => compare(a, b))
    .map(([given, reports]) => {
      const code = given === null ? null : `${given}`;
      const name = ['province', 'city', 'county'].includes(key) ? places.get(String(code)) : undefined;
      const label = name === undefined ? cellLabel(key, code, {}) : { zh: name, en: name };
      return { code, label: label ?? null, reports };
    });
};

/** What was found as it is answered. */
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
    warnings: await warnOfUnknown(db, query),
    data_as_of: found.as_of,
  };
}
