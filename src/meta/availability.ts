import type { Aggregate } from '../aggregates/aggregate.ts';
import { onOneState } from '../aggregates/answer.ts';
import { heightOf } from '../aggregates/columns.ts';
import { dimensions } from '../aggregates/dimensions.ts';
import {
  type AggregateQuery,
  type Layout,
  layoutOf,
  type Summed,
  sumAt,
  sumReports,
} from '../aggregates/queries.ts';
import { choose } from '../aggregates/selection.ts';
import type { Db } from '../db/database.ts';
import { scopes } from '../editions/vocabulary.ts';
import type { KeptSums } from '../rollups/reader.ts';

/** For a query that is being put together: which codes still have a figure, in how many reports. */

type Code = string | number | null;

interface Available {
  key: string;
  codes: { code: string | null; reports: number }[];
}

export interface Availability {
  of: string;
  reports: number;
  dimensions: Available[];
  data_as_of: string;
}

/** More groups than there are of any key and every row of the form. */
const mostGroups = 1_000_000;

/** Adds up what the filters choose; only whether there are numbers is looked at, so that nothing is refused. */
async function look(db: Db, aggregate: Aggregate, query: AggregateQuery, group_by: string[], kept: KeptSums) {
  const selection = choose(aggregate, { ...query, group_by });
  const summed = await sumReports(db, aggregate, query, selection, mostGroups, kept);
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

/** In the order of answers: that of the form or the vocabulary, otherwise of the codes; null last. */
function inOrder(
  key: string,
  counts: ReadonlyMap<Code, number>,
  values: readonly string[] | undefined,
): Available {
  const place = (code: Code) => (values ? values.indexOf(String(code)) : code!);
  const codes = [...counts].sort(([a], [b]) => {
    if (a === null || b === null) return a === null ? 1 : -1;
    return place(a) < place(b) ? -1 : 1;
  });
  return {
    key,
    codes: codes.map(([code, reports]) => ({ code: code === null ? null : `${code}`, reports })),
  };
}

/** Organs are too many to list. */
const reportKeys = Object.keys(dimensions).filter((key) => key !== 'organ');

/** What an answer grouped by each key alone would hold. On one state of the database. */
export const availabilityOf = (
  db: Db,
  aggregate: Aggregate,
  query: AggregateQuery,
  kept: KeptSums,
): Promise<Availability> =>
  onOneState(db, async (state) => {
    const { keys, rowKeys } = aggregate;
    const all = await look(state, aggregate, query, Object.keys(keys), kept);
    const available: Available[] = [];
    for (const key of reportKeys) {
      const counts = countsOf(aggregate, key, await look(state, aggregate, query, [key, ...rowKeys], kept));
      available.push(inOrder(key, counts, dimensions[key]!.values));
    }
    const ofScopes = new Map<Code, number>();
    for (const { scope } of scopes) {
      if (query.scope && !query.scope.includes(scope)) continue;
      const looked = await look(state, aggregate, { ...query, scope: [scope] }, [...rowKeys], kept);
      const [most] = [...countsOf(aggregate, '', looked).values()];
      if (most !== undefined) ofScopes.set(scope, most);
    }
    available.push(
      inOrder(
        'scope',
        ofScopes,
        scopes.map(({ scope }) => scope),
      ),
    );
    for (const [key, { values }] of Object.entries(keys)) {
      const counts = countsOf(aggregate, key, all);
      // Values in no coarser one, such as rows in no group, are nothing to choose.
      counts.delete(null);
      available.push(inOrder(key, counts, values));
    }
    return { of: aggregate.path, reports: all.reports, dimensions: available, data_as_of: all.as_of };
  });
