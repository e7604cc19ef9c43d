import { sql } from 'kysely';
import { editionKeys } from '../editions/index.ts';
import { scopeKeys } from '../editions/vocabulary.ts';
import { keys, nullable } from '../http/schema-parts.ts';
import { type Dimension, dimensions } from './dimensions.ts';

/** The keys by which reports are counted, and the states that reports have. */

export const reportStates = ['draft', 'submitted', 'published', 'withdrawn'] as const;
export type ReportState = (typeof reportStates)[number];

/** The states asked for; `published` alone where none is. */
export const statesOf = (asked: unknown) => (asked ?? ['published']) as readonly ReportState[];
export const arePublished = (states: readonly ReportState[]): boolean =>
  states.every((state) => state === 'published');

/** What reports are counted by: members of the report, of its organ and of the revision that says its state. */
export const reportKeys: Readonly<Record<string, Omit<Dimension, 'ofOrgan'>>> = {
  ...Object.fromEntries(
    ['year', 'province', 'city', 'county', 'level', 'kind'].map((key) => [key, dimensions[key]!]),
  ),
  scope: {
    schema: keys(scopeKeys, { description: 'Whose figures the report holds.' }),
    expression: sql`reports.scope`,
    values: scopeKeys,
  },
  state: {
    schema: keys(reportStates, { description: 'State of the report.' }),
    expression: sql`revisions.state`,
    values: reportStates,
  },
  disclosure_edition: {
    schema: keys(editionKeys, { description: 'Edition of section two as printed.' }),
    expression: sql`revisions.disclosure_edition`,
    values: editionKeys,
  },
  request_edition: {
    schema: keys(editionKeys, { description: 'Edition of section three as printed.' }),
    expression: sql`revisions.request_edition`,
    values: editionKeys,
  },
  published_month: {
    schema: nullable<string>('string', {
      description: 'Month of `published_on`, YYYY-MM; null where that is not known.',
    }),
    expression: sql`to_char(revisions.published_on, 'YYYY-MM')`,
  },
};
