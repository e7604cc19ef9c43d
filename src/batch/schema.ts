import { type Static, Type } from 'typebox';
import { reason } from '../reports/schema.ts';
import { longestLine } from './filings.ts';

/**
 * The schemas of a batch. Each line of its body is a NewReport. What a line of its answer holds is described here.
 */

export const BatchQuery = Type.Object({
  publish: Type.Optional(
    Type.Boolean({
      default: false,
      description:
        'Load published history: what is filed is in effect at once, and findings are recorded without standing in the way. For administrators.',
    }),
  ),
  reason: Type.Optional(
    reason(
      'With `publish=true`: why reports that are published already change. Without it a line that differs from what is published is refused.',
    ),
  ),
});
export type BatchQuery = Static<typeof BatchQuery>;

const exampleLine =
  '{"organ_id":"01938c5e-7b1a-7c3e-9a51-2f1de0a4c001","year":2023,"scope":"own","request_statistics":[]}';
export const BatchLines = Type.String({
  description: `One report document (NewReport) a line, in UTF-8, each at most ${longestLine / 1024 / 1024} MiB; blank lines are skipped. However many.`,
  examples: [`${exampleLine}\n`],
});

const exampleResults = [
  {
    line: 1,
    status: 'created',
    report_id: '01938c5e-8c1b-7d2e-8b11-5a0de0b7f002',
    revision: 1,
    state: 'draft',
    findings_summary: { error: 0, warning: 0, info: 0, not_evaluated: 31 },
  },
  {
    line: 2,
    status: 'refused',
    report_id: null,
    revision: null,
    state: null,
    problem: {
      type: 'urn:gongkai:problem:malformed-json',
      title: 'Not valid JSON',
      status: 400,
      instance: '/v1/reports/batch',
      code: 'malformed-json',
      request_id: '5d0d3f0e-6b0c-4f4a-9c55-0f7a3f1d2b61',
    },
  },
];
export const BatchResults = Type.String({
  description:
    'One result a line, in the order of the lines sent: `line`, its number from 1; `status`: `created`, `updated`, `unchanged` or `refused`; `report_id`, `revision` and `state`, null where there is none; `findings_summary` of what is stored; and of a refused line `problem`, the problem details with every fault, and `findings` where its document fits the form.',
  examples: [exampleResults.map((result) => `${JSON.stringify(result)}\n`).join('')],
});
