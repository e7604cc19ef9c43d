import { type Static, Type } from 'typebox';
import { labelled } from '../editions/schema.ts';
import { count, nullable, ref } from '../http/schema-parts.ts';
import type { AnsweredFinding } from '../rules/schema.ts';

export const ConsolidationWhole = Type.Object(
  {
    report_id: Type.String({ format: 'uuid', description: 'The consolidated report.' }),
    revision: Type.Integer({ minimum: 1, description: 'Number of its effective revision.' }),
  },
  {
    $id: 'ConsolidationWhole',
    description: 'The consolidated report that is compared.',
    examples: [{ report_id: '018d5f2e-7c00-7000-8000-000000000001', revision: 1 }],
  },
);

export const ConsolidationCoverage = Type.Object(
  {
    parts: count('Organs below, and the organ itself where it has a report of its own figures.'),
    used: count('Of these, those whose report is added up.'),
    covered: count('Those that a consolidated report among the used ones stands for.'),
    missing: count('Those that have neither, in a year that has ended.'),
    not_due: count('Those that have neither, in a year that has not.'),
  },
  {
    $id: 'ConsolidationCoverage',
    description: 'How many parts there are; `GET /v1/coverage?parts_of=…` names them.',
    examples: [{ parts: 12, used: 10, covered: 1, missing: 1, not_due: 0 }],
  },
);

const cellExample = {
  cell: 'request_statistics.granted.total',
  label: { zh: '（一）予以公开 · 总计', en: 'Granted · Total' },
  unit: '件',
  whole: 272,
  parts: 260,
  reports: 10,
  blank: 1,
  unit_unknown: 0,
  delta: 12,
  holds: true,
};
export const ConsolidationCell = Type.Object(
  {
    cell: Type.String({
      description:
        'Address of the cell on the form of the consolidated report. Where parts are on an edition that prints other rows, the group that compares them stands for the row: `request_statistics.other_handling.total`.',
    }),
    label: labelled('What the form prints for it.'),
    unit: nullable<string>('string', {
      description: 'Of the figures: 件, 项, 元 or 万元. Procurement amounts are given in 元.',
    }),
    whole: nullable<number>('number', {
      description: 'The consolidated figure; null where blank, not captured, or of unknown unit.',
    }),
    parts: nullable<number>('number', {
      description: 'The exact sum of the parts’ cells that hold a number; null where none does.',
    }),
    reports: count('Parts that have the cell, blank or not.'),
    blank: count('Blank cells that the sum passes over; they are not zeros.'),
    unit_unknown: count('Amounts that were not added because they name no unit.'),
    delta: nullable<number>('number', {
      description: 'whole − parts. With `complete`, anything but 0 is a difference to be explained.',
    }),
    holds: nullable<boolean>('boolean', {
      description:
        'Whether `consolidation.parts` holds: the parts are not more than the whole. null where it is not evaluated, and outside section three, of which it does not speak.',
    }),
  },
  {
    $id: 'ConsolidationCell',
    description: 'A cell of a consolidated report beside the sum of its parts.',
    examples: [cellExample],
  },
);

export const Consolidation = Type.Object(
  {
    organ_id: Type.String({ format: 'uuid' }),
    year: Type.Integer({ description: 'Report year.' }),
    whole: Type.Unsafe<Static<typeof ConsolidationWhole> | null>({
      anyOf: [{ $ref: 'ConsolidationWhole' }, { type: 'null' }],
      description: 'null where the organ has no effective consolidated report of the year.',
    }),
    coverage: ref<Static<typeof ConsolidationCoverage>>('ConsolidationCoverage'),
    complete: Type.Boolean({
      description:
        'Whether every part is there, used or covered: only then must the parts be as much as the whole.',
    }),
    cells: Type.Array(ref<Static<typeof ConsolidationCell>>('ConsolidationCell'), {
      description: 'In printed order.',
    }),
    findings: Type.Array(ref<AnsweredFinding>('Finding'), {
      description: 'Where the rule failed or could not be evaluated.',
    }),
  },
  {
    $id: 'Consolidation',
    description: 'A consolidated report of a year beside its parts, cell by cell.',
    examples: [
      {
        organ_id: '018d5f2e-7c00-7000-8000-0000000000a0',
        year: 2023,
        whole: { report_id: '018d5f2e-7c00-7000-8000-000000000001', revision: 1 },
        coverage: { parts: 12, used: 10, covered: 1, missing: 1, not_due: 0 },
        complete: false,
        cells: [cellExample],
        findings: [],
      },
    ],
  },
);
