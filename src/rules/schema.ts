import { type Static, Type } from 'typebox';
import { labelled } from '../editions/schema.ts';
import { count, keys, nullable, ref } from '../http/schema-parts.ts';
import { rules } from './index.ts';
import { severities } from './rule.ts';
import { viewOf } from './view.ts';

/** The schemas of findings. `Label` is a component of the editions. */

export const severity = keys(severities, {
  description:
    '`error`: arithmetic or legal, to be answered before submission; `warning`: plausibility; `info`: worth knowing.',
});

/** For a real example of a finding: what the failing example of a rule gives. */
const exampleRule = rules.find(({ code }) => code === 'review_litigation.total')!;
const example = exampleRule
  .check(viewOf(exampleRule.examples.failing))
  .find(({ status }) => status === 'failed')!
  .word();

const FindingCell = Type.Object(
  {
    cell: Type.String({
      description:
        'Address of the cell: `disclosure_items.{item}.{measure}`, `request_statistics.{row}.{applicant}` or `review_litigation_counts.{proceeding}.{outcome}`; `editions.{table}` for the declared edition of a table. Where editions print different rows, the group that compares them stands for the row: `request_statistics.other_handling.total`.',
    }),
    label: labelled('What the form prints for the cell.'),
    value: nullable<number>('number', {
      description: 'What is there; null where the cell is blank or not captured.',
    }),
    year: Type.Optional(
      Type.Integer({
        description:
          'Given where the cell is in the effective report of another year of the same organ and scope.',
      }),
    ),
    parts: Type.Optional(
      count(
        'Given where the value is what the parts of a consolidated report add up to: how many of them have the cell.',
      ),
    ),
  },
  { $id: 'FindingCell', description: 'One operand of a finding.', examples: example.cells.slice(-1) },
);

const answerExample = {
  text: '公布的原件即为如此，已向该机关核实。',
  answered_at: '2024-01-30T02:00:00.000Z',
  answered_by: 'admin',
};
const FindingAnswer = Type.Object(
  {
    text: Type.String({ description: 'Why the figures stand although the rule fails.' }),
    answered_at: Type.String({ format: 'date-time', description: 'When it was given.' }),
    answered_by: nullable<string>('string', {
      description: 'Who gave it; null for callers who may not see drafts.',
    }),
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
    status: keys(['failed', 'not_evaluated'], {
      description: '`not_evaluated`: operands are blank or not captured, which is no pass.',
    }),
    cells: Type.Array(ref<Static<typeof FindingCell>>('FindingCell'), {
      description:
        'Failed: every operand with its value. Not evaluated: the cells that are blank or not captured.',
    }),
    expected: nullable<number>('number', {
      description:
        'What the rule makes of the operands; of an inequality, the bound. Null where the rule compares nothing, and where it would pass 2^53.',
    }),
    actual: nullable<number>('number', { description: 'What is there instead.' }),
    delta: nullable<number>('number', { description: 'actual − expected.' }),
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
    examples: [{ ...example, answer: null }],
  },
);
/** A finding in an answer: what the rules found, and the answer that was given to it. */
export type AnsweredFinding = Static<typeof Finding>;

const FindingsSummary = Type.Object(
  {
    error: count('Failed rules of severity `error`.'),
    warning: count('Failed rules of severity `warning`.'),
    info: count('Failed rules of severity `info`.'),
    not_evaluated: count('Rules that could not be evaluated at a place, of any severity.'),
  },
  {
    $id: 'FindingsSummary',
    description: 'How many findings there are; a rule counts once for every place.',
    examples: [{ error: 1, warning: 2, info: 0, not_evaluated: 31 }],
  },
);

/** The components, to be registered with `app.addSchema`. */
export const findingComponents = [FindingCell, FindingAnswer, Finding, FindingsSummary];
