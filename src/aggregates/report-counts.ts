import { Type } from 'typebox';
import type { Principal } from '../access/principal.ts';
import type { Db } from '../db/database.ts';
import { keys, ref, several } from '../http/schema-parts.ts';
import { reportQuery } from '../reports/filters.ts';
import type { KeptSums } from '../rollups/reader.ts';
import { onWalkedState } from '../walk/turns.ts';
import type { AnalystQuery } from './answer.ts';
import { countBy } from './counted-reports.ts';
import { difference } from './exact.ts';
import { keysOfSeveral, warnOfCodes, warnOfUnknown } from './missing-codes.ts';
import { refinementOf, refinementQuery, type Shape } from './refine.ts';
import { arePublished, reportKeys, reportStates, statesOf } from './report-keys.ts';
import { computedSchema, groupByQuery } from './schema.ts';
import { byKeys } from './sort.ts';
import type { AggregateSource, Answer } from './source.ts';
import { nothingMatches, type Warning } from './warnings.ts';
import { withYears, yearQuery, yearsBefore } from './years.ts';

/** How many reports there are: each counts once, whatever stands above it. */

const shapeOf = (groupBy: readonly string[]): Shape => ({
  groupBy,
  columns: [...groupBy, 'value'],
  numbers: ['value'],
  places: (member) => reportKeys[member]?.values,
  minus: difference,
});

const statesLeftOut: Warning = {
  code: 'states-left-out',
  message: `Only published reports are counted; state=${reportStates.join(',')} counts all.`,
};

/** Counts reports; drafts in the name of the caller, in their transaction. Problem `too-many-cells` (422). */
async function countReports(
  db: Db,
  asked: AnalystQuery,
  principal: Principal,
  kept?: KeptSums,
): Promise<Answer> {
  const groupBy = [...new Set(asked.group_by)];
  const shape = shapeOf(groupBy);
  const refine = refinementOf(asked, shape);
  const query = await withYears(db, asked);
  const earlier = query.compute?.includes('change') ? yearsBefore(query.year) : [];
  const present = query === asked ? kept : await kept?.later();
  // A count over several codes does not show whether each of them has reports.
  const several = keysOfSeveral(query, Object.keys(reportKeys)).filter((key) => !groupBy.includes(key));
  const count = (of: Db, counted: AnalystQuery, keys: readonly string[], sums = present) =>
    countBy(of, principal, counted, [groupBy, ...keys.map((key) => [key])], sums);
  const [counted, before] =
    earlier.length === 0
      ? [await count(db, query, several), []]
      : await onWalkedState(db, query, async (state) => {
          const sums = await present?.within(state);
          return [
            await count(state, query, several, sums),
            (await count(state, { ...query, year: earlier }, [], sums))[0]!.rows,
          ];
        });
  const { rows, as_of } = counted[0]!;
  const codesOf = (key: string) => new Set(counted[several.indexOf(key) + 1]!.rows.map((row) => row[key]));
  const ordered = rows.toSorted(byKeys(groupBy, shape.places));
  const isEmpty = rows.every(({ value }) => value === 0);
  const warnings = [
    ...(groupBy.includes('state') && query.state === undefined ? [statesLeftOut] : []),
    ...(await warnOfUnknown(db, query)),
    ...(isEmpty
      ? nothingMatches(query)
      : warnOfCodes(query, new Map([...groupBy, ...several].map((key) => [key, codesOf(key)])))),
  ];
  return { data: refine(ordered, before), warnings, data_as_of: as_of };
}

const example = { group_by: ['year', 'scope'], data: [{ year: 2023, scope: 'own', value: 12 }] };

const cell = Type.Object(
  {
    ...Object.fromEntries(
      Object.entries(reportKeys).map(([key, { schema }]) => [key, Type.Optional(schema)]),
    ),
    value: Type.Integer({ description: 'Reports.' }),
    ...computedSchema(),
  },
  {
    $id: 'ReportsAggregateCell',
    description: 'One count. It has the members it is grouped by, and no others of these keys.',
    examples: example.data,
  },
);

const answer = Type.Object(
  {
    data: Type.Array(ref<Record<string, unknown>>('ReportsAggregateCell')),
    warnings: Type.Array(ref<Warning>('AggregateWarning')),
    data_as_of: Type.String({ format: 'date-time', description: 'The moment that the answer is of.' }),
  },
  {
    $id: 'ReportsAggregate',
    description: 'Counts of reports.',
    examples: [{ data: example.data, warnings: [], data_as_of: '2024-04-01T08:00:00.000Z' }],
  },
);

export const reportCounts: AggregateSource = {
  path: 'reports',
  name: 'Reports',
  summary: 'Counts of reports',
  description:
    'How many reports there are; `value` is their number. Nothing covers anything here: each report counts once, in one state. Without `state` those that are published count. `withdrawn` is a report whose publication ended and of which nothing is effective; its title and `published_on` match and group only for callers who may read it. Reports that are only `draft` or `submitted` are counted for callers who may read them, and for nobody else.',
  label: { zh: '年度报告数量', en: 'Numbers of reports' },
  unit: { zh: '份', en: 'reports' },
  decimals: 0,
  keys: Object.keys(reportKeys),
  query: {
    group_by: groupByQuery(Object.keys(reportKeys), example.group_by),
    ...reportQuery,
    year: yearQuery,
    state: several(keys(reportStates), 'Reports in these states; without it, published ones.'),
    ...refinementQuery(),
  },
  schemas: [cell, answer],
  asCaller: ({ state }) => !arePublished(statesOf(state)),
  shape: shapeOf,
  answer: countReports,
};
