import { type Static, Type } from 'typebox';
import type { EditionKey } from '../editions/edition.ts';
import type { Figures } from '../editions/figures.ts';
import { labelled } from '../editions/schema.ts';
import { kindKeys, levelKeys, type OrganKind, type OrganLevel } from '../editions/vocabulary.ts';
import { pageSchema } from '../http/lists.ts';
import { count, keys, nullable, ref } from '../http/schema-parts.ts';
import { type CatalogueExample, catalogueEntry } from './catalogue.ts';
import { rules } from './index.ts';
import type { Parts } from './parts.ts';
import { severity } from './schema.ts';

/**
 * The schemas of the rule catalogue. `EditionName` is a component of the editions, `ReportDocument` one of
 * the reports.
 */

const example = catalogueEntry(rules.find(({ code }) => code === 'review_litigation.total')!);

const RuleOperand = Type.Object(
  {
    operand: Type.String({
      description: 'Its part in the rule: a role of a row, a measure, a column or an attribute.',
    }),
    table: keys(['disclosure_items', 'request_statistics', 'review_litigation_counts', 'editions', 'organ'], {
      description: 'Where it stands: a table, the declared editions, or the organ that reports.',
    }),
    report: keys(['this', 'previous', 'parts'], {
      description:
        'The report itself, the effective one of the same organ and scope a year earlier, or the parts of a consolidated one together.',
    }),
    label: labelled('What it is.'),
  },
  {
    $id: 'RuleOperand',
    description: 'Something a rule reads, named by the part it plays.',
    examples: [
      {
        operand: 'carried_in',
        table: 'request_statistics',
        report: 'this',
        label: { zh: '二、上年结转政府信息公开申请数量', en: 'Requests carried in from last year' },
      },
    ],
  },
);

const RuleExampleOrgan = Type.Object(
  {
    kind: keys(kindKeys, { description: 'What kind of organ reports.' }),
    level: keys(levelKeys, { description: 'Its level.' }),
  },
  {
    $id: 'RuleExampleOrgan',
    description: 'What a rule may need to know of the organ.',
    examples: [{ kind: 'government', level: 'city' }],
  },
);

const PartSum = Type.Object(
  {
    cell: Type.String({ description: 'Address of the cell, as in findings.' }),
    sum: nullable<number>('number', {
      description: 'Of the cells that hold a number; null where none does.',
    }),
    reports: count('How many parts have the cell, blank or not.'),
    blank: count('How many blank cells the sum passes over.'),
    unit_unknown: count('How many amounts were not added because they name no unit.'),
  },
  {
    $id: 'PartSum',
    description: 'What the parts of a consolidated report add up to at one cell.',
    examples: [{ cell: 'request_statistics.granted.total', sum: 5, reports: 2, blank: 0, unit_unknown: 0 }],
  },
);

const RuleExampleParts = Type.Object(
  {
    reports: count('How many parts there are.'),
    editions: Type.Array(ref<EditionKey>('EditionName'), {
      description: 'The editions of their tables of requests.',
    }),
    sums: Type.Array(ref<Static<typeof PartSum>>('PartSum')),
  },
  {
    $id: 'RuleExampleParts',
    description: 'The parts of a consolidated report, added up.',
    examples: [
      {
        reports: 2,
        editions: ['2021'],
        sums: [{ cell: 'request_statistics.granted.total', sum: 5, reports: 2, blank: 0, unit_unknown: 0 }],
      },
    ],
  },
);

const RuleExample = Type.Object(
  {
    organ: Type.Optional(
      ref<{ kind: OrganKind; level: OrganLevel }>('RuleExampleOrgan', {
        description: 'Given where the rule depends on it.',
      }),
    ),
    report: ref<Partial<Figures>>('ReportDocument', {
      description: 'A report document; `POST /v1/validations` takes it as it is.',
    }),
    previous: Type.Optional(
      ref<Partial<Figures>>('ReportDocument', {
        description: 'The effective report of the year before, for rules that compare two years.',
      }),
    ),
    parts: Type.Optional(
      ref<Parts>('RuleExampleParts', {
        description: 'For rules that compare a consolidated report with its parts.',
      }),
    ),
  },
  {
    $id: 'RuleExample',
    description: 'A small report that keeps or breaks a rule; tables the rule does not read are left out.',
    examples: [example.examples.failing],
  },
);

const Rule = Type.Object(
  {
    code: Type.String({ description: 'Permanent name of the rule.' }),
    severity,
    editions: Type.Array(ref<EditionKey>('EditionName'), {
      description: 'The editions of the table it reads; tables printed in others are not its business.',
    }),
    expression: labelled('What holds.'),
    operands: Type.Array(ref<Static<typeof RuleOperand>>('RuleOperand'), {
      description: 'What it reads.',
    }),
    legal_basis: Type.String({ description: 'Where it comes from, in Chinese.' }),
    examples: Type.Object(
      {
        passing: ref<CatalogueExample>('RuleExample', { description: 'Keeps the rule.' }),
        failing: ref<CatalogueExample>('RuleExample', { description: 'Breaks it at exactly one place.' }),
      },
      { description: 'Both are run by the tests of the service.' },
    ),
  },
  {
    $id: 'Rule',
    description: 'A rule that every report is checked against.',
    examples: [example],
  },
);

export const RulePage = pageSchema(Rule, 'RulePage', {
  description: 'Rules in the order in which findings are listed.',
  examples: [{ items: [example], next_cursor: null }],
});

/** The components, to be registered with `app.addSchema`. */
export const ruleComponents = [
  RuleOperand,
  RuleExampleOrgan,
  PartSum,
  RuleExampleParts,
  RuleExample,
  Rule,
  RulePage,
];
