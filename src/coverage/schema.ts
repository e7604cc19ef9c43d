import { Type } from 'typebox';
import { bases } from '../aggregates/queries.ts';
import type { Warning } from '../aggregates/warnings.ts';
import { kindKeys, levelKeys, type Scope, scopeKeys } from '../editions/vocabulary.ts';
import { pageSchema } from '../http/lists.ts';
import { keys, nullable, ref } from '../http/schema-parts.ts';
import { organQuery, reportQuery } from '../reports/filters.ts';
import { statuses } from './queries.ts';

const statusKeys = statuses.map(({ status }) => status);
const idOrNull = (description: string) => nullable<string>('string', { format: 'uuid', description });

export const yearQuery = Type.Integer({
  minimum: 2019,
  maximum: 2100,
  description: 'One report year.',
  examples: [2023],
});

export const coverageQuery = {
  year: yearQuery,
  ...organQuery,
  scope: reportQuery.scope,
  published_since: reportQuery.published_since,
  q: reportQuery.q,
  parts_of: Type.Optional(
    Type.String({
      format: 'uuid',
      description:
        'The parts of this organ’s consolidated report: the organ’s own report, if any, and whatever is below it, as though it had no consolidated one.',
    }),
  ),
  basis: Type.Optional(
    keys(bases, {
      default: 'auto',
      description: 'Which reports may be in the sum, as in the aggregates.',
    }),
  ),
  status: Type.Optional(
    Type.Array(keys(statusKeys, { description: 'A status.' }), {
      minItems: 1,
      maxItems: statusKeys.length,
      description: 'Only organs of these statuses.',
      examples: [['missing']],
    }),
  ),
};

const example = {
  organ_id: '018d5f2e-7c00-7000-8000-0000000000a1',
  organ_name: '宿迁市宿城区人民政府',
  level: 'county',
  kind: 'government',
  division_code: '321302',
  year: 2023,
  status: 'covered',
  expected: true,
  report_id: '018d5f2e-7c00-7000-8000-000000000002',
  revision: 1,
  scope: 'consolidated',
  covered_by_organ_id: '018d5f2e-7c00-7000-8000-0000000000a0',
  covered_by_report_id: '018d5f2e-7c00-7000-8000-000000000001',
};

export const OrganCoverage = Type.Object(
  {
    organ_id: Type.String({ format: 'uuid' }),
    organ_name: Type.String({ description: 'Its present name.' }),
    level: keys(levelKeys, { description: 'Level of the organ.' }),
    kind: keys(kindKeys, { description: 'Kind of the organ.' }),
    division_code: nullable<string>('string', {
      description:
        'Division where the organ stood at the end of the year, its own or that of the nearest organ above with one: 6 digits, or 9 with the town.',
    }),
    year: Type.Integer({ description: 'Report year.' }),
    status: keys(statusKeys, {
      description:
        '`used`: its report is in the sum; `covered`: it stands below a consolidated report that is; `missing`: neither; `not_due`: neither, and the year has not ended.',
    }),
    expected: Type.Boolean({
      description:
        'Whether it is one of `organs_expected`; false in a year that has not ended, for an organ that was abolished before the year or began after it and has a report all the same, and with `parts_of` for the organ itself.',
    }),
    report_id: idOrNull('Its effective report of the year, the consolidated one first; null without one.'),
    revision: nullable<number>('integer', { description: 'Number of its effective revision.' }),
    scope: nullable<Scope>('string', {
      description: `Its scope: ${scopeKeys.map((scope) => `\`${scope}\``).join(' or ')}.`,
    }),
    covered_by_organ_id: idOrNull(
      'With `covered`: the topmost organ above it that has a consolidated report.',
    ),
    covered_by_report_id: idOrNull('With `covered`: that report.'),
  },
  {
    $id: 'OrganCoverage',
    description: 'How an organ stands in a sum over one year.',
    examples: [example],
  },
);

const page = pageSchema(OrganCoverage, 'OrganCoveragePage');

export const OrganCoveragePage = Type.Object(
  {
    ...page.properties,
    warnings: Type.Array(ref<Warning>('AggregateWarning'), {
      description: '`unknown-code`: filters by places or organs that there are none of.',
    }),
  },
  {
    $id: 'OrganCoveragePage',
    description: 'A page of the list, where the next one begins, and what to know of what was asked.',
    examples: [{ items: [example], next_cursor: null, warnings: [] }],
  },
);
