import { type Static, Type } from 'typebox';
import type { EditionKey, Label } from '../editions/edition.ts';
import type { Figures, Table } from '../editions/figures.ts';
import { type OrganKind, type OrganLevel, organKinds, organLevels } from '../editions/vocabulary.ts';
import { pageSchema } from '../http/lists.ts';
import { type Severity, severities } from './rule.ts';

/** Findings and the rule catalogue on the wire. `Label` and `EditionName` are components of the editions. */

const keys = <T extends string>(values: readonly string[], options: object) =>
  Type.Unsafe<T>({ type: 'string', enum: [...values], ...options });
const nullableNumber = (description: string) =>
  Type.Unsafe<number | null>({ type: ['number', 'null'], description });
const labelled = (description: string) => Type.Unsafe<Label>({ ...Type.Ref('Label'), description });

const severity = keys<Severity>(severities, {
  description:
    '`error`: arithmetic or legal, to be answered before submission; `warning`: plausibility; `info`: worth knowing.',
});

const totalPrinted = {
  cell: 'review_litigation_counts.review.total',
  label: { zh: '行政复议 · 总计', en: 'Administrative review · Total' },
  value: 0,
};

export const FindingCell = Type.Object(
  {
    cell: Type.String({
      description:
        'Address of the cell: `disclosure_items.{item}.{measure}`, `request_statistics.{row}.{applicant}` or `review_litigation_counts.{proceeding}.{outcome}`; `editions.{table}` for the declared edition of a table.',
    }),
    label: labelled('What the form prints for the cell.'),
    value: nullableNumber('What is there; null where the cell is blank or not captured.'),
    year: Type.Optional(
      Type.Integer({
        description:
          'Given where the cell is in the effective report of another year of the same organ and scope.',
      }),
    ),
  },
  { $id: 'FindingCell', description: 'One operand of a finding.', examples: [totalPrinted] },
);

const answerExample = {
  text: '公布的原件即为如此，已向该机关核实。',
  answered_at: '2024-01-30T02:00:00.000Z',
  answered_by: 'admin',
};
export const FindingAnswer = Type.Object(
  {
    text: Type.String({ description: 'Why the figures stand although the rule fails.' }),
    answered_at: Type.String({ format: 'date-time', description: 'When it was given.' }),
    answered_by: Type.String({ description: 'Who gave it.' }),
  },
  {
    $id: 'FindingAnswer',
    description:
      'The answer to a finding. It belongs to the `finding_key`, so it lapses when one of the figures changes.',
    examples: [answerExample],
  },
);
export type FindingAnswer = Static<typeof FindingAnswer>;

export const Finding = Type.Object(
  {
    code: Type.String({ description: 'The rule; permanent. `GET /v1/rules` explains it.' }),
    severity,
    status: keys<'failed' | 'not_evaluated'>(['failed', 'not_evaluated'], {
      description: '`not_evaluated`: operands are blank or not captured, which is no pass.',
    }),
    cells: Type.Array(Type.Unsafe<Static<typeof FindingCell>>(Type.Ref('FindingCell')), {
      description:
        'Failed: every operand with its value. Not evaluated: the cells that are blank or not captured.',
    }),
    expected: nullableNumber(
      'What the rule makes of the operands; of an inequality, the bound. Null where the rule compares nothing, and where it would pass 2^53.',
    ),
    actual: nullableNumber('What is there instead.'),
    delta: nullableNumber('actual − expected.'),
    message: labelled('One sentence with the numbers, saying what would be right.'),
    legal_basis: Type.String({ description: 'Where the rule comes from, in Chinese; may be empty.' }),
    finding_key: Type.String({
      description: 'Rule, place and a hash of the operands’ values: it changes when any of them does.',
    }),
    answer: Type.Unsafe<FindingAnswer | null>({
      anyOf: [{ $ref: 'FindingAnswer' }, { type: 'null' }],
      description: 'The answer that stands for exactly these figures; null while there is none.',
    }),
  },
  {
    $id: 'Finding',
    description: 'A rule that failed at one place, or could not be evaluated there.',
    examples: [
      {
        code: 'review_litigation.total',
        severity: 'error',
        status: 'failed',
        cells: [
          {
            cell: 'review_litigation_counts.review.upheld',
            label: { zh: '行政复议 · 结果维持', en: 'Administrative review · Upheld' },
            value: 10,
          },
          {
            cell: 'review_litigation_counts.review.corrected',
            label: { zh: '行政复议 · 结果纠正', en: 'Administrative review · Corrected' },
            value: 1,
          },
          {
            cell: 'review_litigation_counts.review.other',
            label: { zh: '行政复议 · 其他结果', en: 'Administrative review · Other result' },
            value: 0,
          },
          {
            cell: 'review_litigation_counts.review.pending',
            label: { zh: '行政复议 · 尚未审结', en: 'Administrative review · Pending' },
            value: 0,
          },
          totalPrinted,
        ],
        expected: 11,
        actual: 0,
        delta: -11,
        message: {
          zh: '“行政复议”：结果维持 10 + 结果纠正 1 = 11，但总计为 0，应为 11。',
          en: '“Administrative review”: Upheld 10 + Corrected 1 = 11, but Total is 0; it should be 11.',
        },
        legal_basis: '国办公开办函〔2021〕30号附表“四、政府信息公开行政复议、行政诉讼情况”表内勾稽关系',
        finding_key: 'review_litigation.total:review:0f3a9c1d5b7e2468',
        answer: null,
      },
    ],
  },
);
/** A finding as it is answered: what the rules found, and what was said to it. */
export type AnsweredFinding = Static<typeof Finding>;

const counted = (description: string) => Type.Integer({ minimum: 0, description });
export const FindingsSummary = Type.Object(
  {
    error: counted('Failed rules of severity `error`.'),
    warning: counted('Failed rules of severity `warning`.'),
    info: counted('Failed rules of severity `info`.'),
    not_evaluated: counted('Rules that could not be evaluated at a place, of any severity.'),
  },
  {
    $id: 'FindingsSummary',
    description: 'How many findings there are; a rule counts once for every place.',
    examples: [{ error: 1, warning: 2, info: 0, not_evaluated: 31 }],
  },
);

export const RuleOperand = Type.Object(
  {
    operand: Type.String({
      description: 'Its part in the rule: a role of a row, a measure, a column or an attribute.',
    }),
    table: keys<Table | 'editions' | 'organ'>(
      ['disclosure_items', 'request_statistics', 'review_litigation_counts', 'editions', 'organ'],
      { description: 'Where it stands: a table, the declared editions, or the organ that reports.' },
    ),
    report: keys<'this' | 'previous'>(['this', 'previous'], {
      description: 'The report itself, or the effective one of the same organ and scope a year earlier.',
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

export const RuleExampleOrgan = Type.Object(
  {
    kind: keys<OrganKind>(
      organKinds.map((entry) => entry.kind),
      { description: 'What kind of organ reports.' },
    ),
    level: keys<OrganLevel>(
      organLevels.map((entry) => entry.level),
      { description: 'Its level.' },
    ),
  },
  { $id: 'RuleExampleOrgan', description: 'What a rule may need to know of the organ.' },
);

export interface RuleExampleDocument {
  organ?: { kind: OrganKind; level: OrganLevel };
  report: Partial<Figures>;
  previous?: Partial<Figures>;
}
export const RuleExample = Type.Object(
  {
    organ: Type.Optional(
      Type.Unsafe<{ kind: OrganKind; level: OrganLevel }>({
        ...Type.Ref('RuleExampleOrgan'),
        description: 'Given where the rule depends on it.',
      }),
    ),
    report: Type.Unsafe<Partial<Figures>>({
      ...Type.Ref('ReportDocument'),
      description: 'A report document; `POST /v1/validations` takes it as it is.',
    }),
    previous: Type.Optional(
      Type.Unsafe<Partial<Figures>>({
        ...Type.Ref('ReportDocument'),
        description: 'The effective report of the year before, for rules that compare two years.',
      }),
    ),
  },
  {
    $id: 'RuleExample',
    description: 'A small report that keeps or breaks a rule; tables the rule does not read are left out.',
    examples: [
      {
        report: {
          year: 2023,
          scope: 'own',
          editions: { disclosure_items: '2021', request_statistics: '2021' },
          review_litigation_counts: [
            { proceeding: 'review', upheld: 10, corrected: 1, other: 0, pending: 0, total: 0 },
          ],
        },
      },
    ],
  },
);

export const Rule = Type.Object(
  {
    code: Type.String({ description: 'Permanent name of the rule.' }),
    severity,
    editions: Type.Array(Type.Unsafe<EditionKey>(Type.Ref('EditionName')), {
      description: 'The editions of the table it reads; tables printed in others are not its business.',
    }),
    expression: labelled('What holds.'),
    operands: Type.Array(Type.Unsafe<Static<typeof RuleOperand>>(Type.Ref('RuleOperand')), {
      description: 'What it reads.',
    }),
    legal_basis: Type.String({ description: 'Where it comes from, in Chinese.' }),
    examples: Type.Object(
      {
        passing: Type.Unsafe<RuleExampleDocument>({
          ...Type.Ref('RuleExample'),
          description: 'Keeps the rule.',
        }),
        failing: Type.Unsafe<RuleExampleDocument>({
          ...Type.Ref('RuleExample'),
          description: 'Breaks it at exactly one place.',
        }),
      },
      { description: 'Both are run by the tests of the service.' },
    ),
  },
  {
    $id: 'Rule',
    description: 'A rule that every report is checked against.',
    examples: [
      {
        code: 'review_litigation.total',
        severity: 'error',
        editions: ['2019', '2021'],
        expression: {
          zh: '每类案件：结果维持 + 结果纠正 + 其他结果 + 尚未审结 = 总计',
          en: 'per proceeding: upheld + corrected + other + pending = total',
        },
        operands: [
          {
            operand: 'total',
            table: 'review_litigation_counts',
            report: 'this',
            label: { zh: '总计', en: 'Total' },
          },
        ],
        legal_basis: '国办公开办函〔2021〕30号附表“四、政府信息公开行政复议、行政诉讼情况”表内勾稽关系',
        examples: {
          passing: {
            report: {
              year: 2023,
              scope: 'own',
              review_litigation_counts: [
                { proceeding: 'review', upheld: 10, corrected: 1, other: 0, pending: 0, total: 11 },
              ],
            },
          },
          failing: {
            report: {
              year: 2023,
              scope: 'own',
              review_litigation_counts: [
                { proceeding: 'review', upheld: 10, corrected: 1, other: 0, pending: 0, total: 0 },
              ],
            },
          },
        },
      },
    ],
  },
);

export const RulePage = pageSchema(Rule, 'RulePage', {
  description: 'Rules in the order in which findings are listed.',
});

/** Findings as every resource that answers with them needs them, for `app.addSchema`. */
export const findingComponents = [FindingCell, FindingAnswer, Finding, FindingsSummary];
export const ruleComponents = [RuleOperand, RuleExampleOrgan, RuleExample, Rule, RulePage];
