import { type TProperties, Type } from 'typebox';
import { keys, nullable, ref, several } from '../http/schema-parts.ts';
import { reportQuery } from '../reports/filters.ts';
import type { Aggregate } from './aggregate.ts';
import type { Coverage } from './answer.ts';
import { computationsOf } from './computations.ts';
import { dimensions } from './dimensions.ts';
import { bases } from './queries.ts';
import { refinementQuery } from './refine.ts';
import type { Warning } from './warnings.ts';
import { yearQuery } from './years.ts';

export const AggregateWarning = Type.Object(
  {
    code: Type.String({
      description:
        'Permanent: `groups-overlap` (reports are part of several groups), `rows-differ` (not every edition prints these rows), `cells-absent` (reports that are used did not capture what is asked for), `rows-left-out` (a share is of rows that are in a group only), `states-left-out` (only published reports are counted), `unit-unknown` (amounts without a unit were not added), `units-differ` (values of several units are compared), `sides-incomplete` (an indicator’s reports lack cells of a side), `code-without-data`, `unknown-code`. More may follow.',
    }),
    message: Type.String(),
  },
  {
    $id: 'AggregateWarning',
    description: 'Something to know before the sums are used; they are right as far as they go.',
  },
);

export const AggregateCoverage = Type.Object(
  {
    reports: Type.Integer({
      description:
        'Reports that are used. What they lack of the cells asked for is told by the warning `cells-absent`.',
    }),
    organs_expected: Type.Integer({
      description:
        'Reports that organs which match the filters owe: one for each of the years asked about in which the organ was there (from the first day of its first period, where that is known, to its last) or, without `year`, of the years that are added up; of years that have not ended none. With `q`, an organ of another name counts in the years of which its report matches. For one year this is the number of organs.',
    }),
    organs_covered: Type.Integer({
      description:
        'Of these, those that the consolidated report of an organ above stands for; their own, if any, are not added.',
    }),
    organs_missing: Type.Integer({
      description:
        'Of these, those that no report stands for: the organ has none that matches, and stands below no consolidated one that does. `/v1/coverage` names them.',
    }),
  },
  { $id: 'AggregateCoverage', description: 'How much of what was asked for the sums hold.' },
);

/** The query member `group_by` over these keys. */
export const groupByQuery = (names: readonly string[], example: readonly string[]) =>
  Type.Optional(
    Type.Array(keys(names), {
      minItems: 1,
      maxItems: 20,
      description:
        'What to divide by; each key becomes a member of every row, and rows come in its order. Without it there is one row, or none where no report has any of the cells.',
      examples: [[...example]],
    }),
  );

export const basisQuery = Type.Optional(
  keys(bases, {
    default: 'auto',
    description:
      'Which reports to add: `auto` takes, from the top down, an organ’s consolidated report where there is one and otherwise its own and those below it; `own` only reports of own figures; `consolidated` only consolidated ones, the topmost first. No figure counts twice.',
  }),
);

/** Filters by the aggregate's own keys. */
const keyFilters = (aggregate: Aggregate): TProperties =>
  Object.fromEntries(
    Object.entries(aggregate.keys).map(([key, { description, values }]) => [
      key,
      several(keys(values), description),
    ]),
  );

/** Query members of an aggregate. */
export const queryOf = (aggregate: Aggregate): TProperties => ({
  group_by: groupByQuery(groupKeysOf(aggregate), aggregate.example.group_by),
  basis: basisQuery,
  ...reportQuery,
  year: yearQuery,
  ...keyFilters(aggregate),
  ...refinementQuery(),
});

/** What an aggregate can be grouped by. */
export const groupKeysOf = (aggregate: Aggregate): string[] => [
  ...Object.keys(dimensions),
  ...Object.keys(aggregate.keys),
];

/** Members of a row that `compute` adds. */
export const computedSchema = (names?: readonly string[]): TProperties =>
  Object.fromEntries(
    computationsOf(names)
      .flatMap(({ name, members }) => Object.entries(members).map((member) => [name, ...member] as const))
      .map(([name, member, { type, description }]) => [
        member,
        Type.Optional(nullable<number>(type, { description: `With \`compute=${name}\`: ${description}` })),
      ]),
  );

/** Members of a row for the keys that every aggregate has, and `organ_name`, which stands beside `organ`. */
export const dimensionMembers: TProperties = {
  ...Object.fromEntries(Object.entries(dimensions).map(([key, { schema }]) => [key, Type.Optional(schema)])),
  organ_name: Type.Optional(Type.String({ description: 'Beside `organ`.' })),
};

/** Members of an answer over published reports, besides its rows. */
export const answerMembers = {
  basis: keys(bases),
  coverage: ref<Coverage>('AggregateCoverage'),
  warnings: Type.Array(ref<Warning>('AggregateWarning')),
  data_as_of: Type.String({
    format: 'date-time',
    description:
      'The moment that the answer is of: whatever was published before is in it. An answer given again has its earlier moment, since nothing that it is about has changed since.',
  }),
};

/** Values of the same members, for examples. */
export const exampleMembers = {
  basis: 'auto',
  coverage: { reports: 12, organs_expected: 18, organs_covered: 4, organs_missing: 2 },
  warnings: [],
  data_as_of: '2024-04-01T08:00:00.000Z',
};

/** A row of an aggregate: the keys it is grouped by, and the sum. */
export function cellSchema(aggregate: Aggregate) {
  const members = {
    ...dimensionMembers,
    ...Object.fromEntries(
      Object.entries(aggregate.keys).map(([key, { description, values }]) => [
        key,
        Type.Optional(
          aggregate.coarser?.key === key
            ? nullable<string>('string', {
                description: `${description} One of ${values.map((value) => `\`${value}\``).join(', ')}, or null.`,
              })
            : keys(values, { description }),
        ),
      ]),
    ),
  };
  const unit = {
    unit: nullable<string>('string', {
      description: 'Of `value`: 件, 项, 元 or 万元; null where there is none.',
    }),
  };
  return Type.Object(
    {
      ...members,
      value: nullable<number>('number', {
        description: 'The exact sum of the cells that hold a number; null where none does.',
      }),
      ...(aggregate.hasUnits ? unit : {}),
      reports: Type.Integer({ description: 'Reports that have any of these cells, blank or not.' }),
      blank: Type.Integer({ description: 'Blank cells that the sum passes over; they are not zeros.' }),
      ...(aggregate.hasUnits
        ? {
            unit_unknown: Type.Integer({
              description: 'Amounts that were not added because they name no unit.',
            }),
          }
        : {}),
      ...computedSchema(),
    },
    {
      $id: `${aggregate.name}AggregateCell`,
      description: 'One sum. It has the members it is grouped by, and no others of these keys.',
      examples: aggregate.example.data,
    },
  );
}

export function answerSchema(aggregate: Aggregate) {
  return Type.Object(
    {
      data: Type.Array(ref<Record<string, unknown>>(`${aggregate.name}AggregateCell`)),
      ...answerMembers,
    },
    {
      $id: `${aggregate.name}Aggregate`,
      description: aggregate.summary,
      examples: [{ data: aggregate.example.data, ...exampleMembers }],
    },
  );
}
