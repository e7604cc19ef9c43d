import { type Static, Type } from 'typebox';
import { type RevisionState, revisionStates as states } from '../editions/vocabulary.ts';
import { keys, nullable, ref } from '../http/schema-parts.ts';
import type { FindingsSummary } from '../rules/rule.ts';
import { exampleDocument, tables, text } from './document-schemas.ts';
import { organ_id, type ReportEditions, scope, year } from './schema-parts.ts';

/** What a report, its revisions and its lifecycle look like in answers, and the bodies that move it on. */

const dateTime = (description: string) => nullable<string>('string', { format: 'date-time', description });

export type { RevisionState };
export const revisionStates = states.map(({ state }) => state);
const state = keys(revisionStates, {
  description:
    '`draft` is written to; `submitted` waits for publication; `published` is in effect; `superseded` was, until a correction; `withdrawn` was, until its publication ended.',
});

export const actionNames = [
  'edit',
  'answer',
  'submit',
  'return',
  'publish',
  'correct',
  'withdraw',
  'delete',
] as const;
export type ActionName = (typeof actionNames)[number];
export const ReportAction = Type.Object(
  {
    name: keys(actionNames, { description: 'What could be done with the report.' }),
    allowed: Type.Boolean({ description: 'Whether this caller may do it now.' }),
    reasons: Type.Array(Type.String(), {
      description: 'Codes of the problems that stand against it; empty when allowed.',
    }),
  },
  {
    $id: 'ReportAction',
    description: 'An action and whether the caller may take it.',
    examples: [{ name: 'submit', allowed: true, reasons: [] }],
  },
);
export type ReportAction = Static<typeof ReportAction>;

const revisionHead = {
  state,
  revision: Type.Integer({ minimum: 1, description: 'The number of the revision shown.' }),
};
const times = {
  created_at: Type.String({ format: 'date-time', description: 'When the revision was opened.' }),
  updated_at: Type.String({ format: 'date-time', description: 'When its content or state last changed.' }),
  submitted_at: dateTime('When it was last submitted, also where it was returned since.'),
  effective_at: dateTime('When it was published and became effective.'),
};

export const Report = Type.Object(
  {
    id: Type.String({ format: 'uuid', description: 'UUIDv7 of the report, the same for all its revisions.' }),
    organ_id,
    year,
    scope,
    ...revisionHead,
    effective_revision: nullable<number>('integer', {
      description: 'The number of the published revision; null while there is none.',
    }),
    has_draft: Type.Boolean({ description: 'Whether a revision is being prepared that the caller may see.' }),
    reason: nullable<string>('string', {
      description: 'Why this revision corrects the one before; null for the first.',
    }),
    return_reason: nullable<string>('string', { description: 'Why it was last returned to its preparer.' }),
    withdraw_reason: nullable<string>('string', { description: 'Why its publication ended.' }),
    ...text,
    editions: ref<ReportEditions>('ReportEditions'),
    ...tables,
    ...times,
    findings_summary: ref<FindingsSummary>('FindingsSummary'),
    actions: Type.Array(ref<ReportAction>('ReportAction'), {
      description: 'What the caller may do with the report now, and why not.',
    }),
  },
  {
    $id: 'Report',
    description: 'A report with the content of one of its revisions, rows in the order of the form.',
    examples: [
      {
        id: '01938c5e-8c1b-7d2e-8b11-5a0de0b7f002',
        ...exampleDocument,
        state: 'published',
        revision: 1,
        effective_revision: 1,
        has_draft: false,
        reason: null,
        return_reason: null,
        withdraw_reason: null,
        source_url: null,
        overview: '2023年，全市……',
        problems: null,
        other_matters: '收取信息处理费0元。',
        cell_notes: [],
        created_at: '2024-01-20T02:00:00.000Z',
        updated_at: '2024-01-31T02:00:00.000Z',
        submitted_at: '2024-01-30T02:00:00.000Z',
        effective_at: '2024-01-31T02:00:00.000Z',
        findings_summary: { error: 0, warning: 2, info: 0, not_evaluated: 31 },
        actions: [{ name: 'correct', allowed: false, reasons: ['unauthorized'] }],
      },
    ],
  },
);
export type Report = Static<typeof Report>;

export const ReportSummary = Type.Object(
  {
    id: Type.String({ format: 'uuid', description: 'The report.' }),
    organ_id,
    organ_name: Type.String({ description: 'The organ’s name now.' }),
    year,
    scope,
    ...revisionHead,
    title: text.title,
    published_on: text.published_on,
    source_url: text.source_url,
    editions: ref<ReportEditions>('ReportEditions'),
    ...times,
    findings_summary: ref<FindingsSummary>('FindingsSummary'),
  },
  {
    $id: 'ReportSummary',
    description: 'A report without its narrative and figures.',
    examples: [
      {
        id: '01938c5e-8c1b-7d2e-8b11-5a0de0b7f002',
        organ_id: '01938c5e-7b1a-7c3e-9a51-2f1de0a4c001',
        organ_name: '宿迁市人民政府',
        year: 2023,
        scope: 'consolidated',
        state: 'published',
        revision: 1,
        title: '宿迁市2023年政府信息公开工作年度报告',
        published_on: '2024-01-31',
        source_url: null,
        editions: { disclosure_items: '2021', request_statistics: '2021' },
        created_at: '2024-01-20T02:00:00.000Z',
        updated_at: '2024-01-31T02:00:00.000Z',
        submitted_at: '2024-01-30T02:00:00.000Z',
        effective_at: '2024-01-31T02:00:00.000Z',
        findings_summary: { error: 0, warning: 2, info: 0, not_evaluated: 31 },
      },
    ],
  },
);
export type ReportSummary = Static<typeof ReportSummary>;

export const RevisionSummary = Type.Object(
  {
    ...revisionHead,
    reason: Report.properties.reason,
    return_reason: Report.properties.return_reason,
    withdraw_reason: Report.properties.withdraw_reason,
    title: text.title,
    published_on: text.published_on,
    ...times,
    ended_at: dateTime('When a later revision or a withdrawal ended its effect.'),
    findings_summary: ref<FindingsSummary>('FindingsSummary'),
  },
  {
    $id: 'RevisionSummary',
    description: 'One revision of a report, without its content.',
    examples: [
      {
        state: 'superseded',
        revision: 1,
        reason: null,
        return_reason: null,
        withdraw_reason: null,
        title: null,
        published_on: '2024-01-31',
        created_at: '2024-01-20T02:00:00.000Z',
        updated_at: '2024-03-02T02:00:00.000Z',
        submitted_at: '2024-01-30T02:00:00.000Z',
        effective_at: '2024-01-31T02:00:00.000Z',
        ended_at: '2024-03-02T02:00:00.000Z',
        findings_summary: { error: 0, warning: 2, info: 0, not_evaluated: 31 },
      },
    ],
  },
);

/** The schema of a text that says why something is done. It must not be blank. */
export const reason = (description: string) =>
  Type.String({ minLength: 1, maxLength: 2000, pattern: '\\S', description });
export type RevisionSummary = Static<typeof RevisionSummary>;

export const Reason = Type.Object(
  { reason: reason('Text that says why; kept with the revision.') },
  { $id: 'Reason', description: 'A mandatory reason.', examples: [{ reason: '复议总计漏计一件' }] },
);
export const NewAnswer = Type.Object(
  {
    finding_key: Type.String({
      minLength: 1,
      maxLength: 300,
      description: 'The key of a failed finding of the draft.',
    }),
    text: reason('Text that says why the figures stand although the rule fails.'),
  },
  {
    $id: 'NewAnswer',
    description: 'An answer to a finding. It lapses when the figures change, because the key does.',
    examples: [
      {
        finding_key: 'review_litigation.total:review:0f3a9c1d5b7e2468',
        text: '原件即如此公布，已向该机关核实。',
      },
    ],
  },
);
