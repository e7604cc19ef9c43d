import { outcomes, proceedings } from '../editions/edition.ts';
import { addressOf } from '../editions/figures.ts';
import { editionKeys, editions } from '../editions/index.ts';
import { outcomeKeys, outcomeParts } from '../editions/vocabulary.ts';
import { comparisonRule } from './comparison.ts';
import { figuresOf, proceedingRow, subjectOf } from './examples.ts';
import { failed } from './finding.ts';
import type { Rule, RuleHead, RuleOperand } from './rule.ts';
import { type Operand, operandAt, type ReportCells } from './view.ts';
import { formBasis, quoted } from './wording.ts';

/** Section four, 政府信息公开行政复议、行政诉讼情况: the same table in every edition. */

const table = 'review_litigation_counts';
const operands: readonly RuleOperand[] = outcomes.map(({ outcome, label }) => ({
  operand: outcome,
  table,
  report: 'this',
  label,
}));
const basis = (reason: string) =>
  formBasis(
    editions.map(({ source }) => source),
    table,
    reason,
  );

/** The cells of one proceeding, the printed total last. */
const cellsOf = (report: ReportCells, proceeding: string): Operand[] =>
  outcomes.map(({ outcome, label }) => operandAt(report, addressOf(table, proceeding, outcome), label));

const review = (row: ReturnType<typeof proceedingRow>) =>
  subjectOf(figuresOf(2023, '2021', { review_litigation_counts: [row] }));

const total = comparisonRule(
  {
    code: 'review_litigation.total',
    severity: 'error',
    editions: editionKeys,
    expression: {
      zh: '每类案件：结果维持 + 结果纠正 + 其他结果 + 尚未审结 = 总计',
      en: `per proceeding: ${outcomeParts.join(' + ')} = total`,
    },
    operands,
    legal_basis: basis('表内勾稽关系'),
    examples: {
      passing: review(proceedingRow('review', 11)),
      failing: review(proceedingRow('review', 11, 0)),
    },
  },
  function* (report) {
    for (const { proceeding, label } of proceedings) {
      const cells = cellsOf(report, proceeding);
      yield {
        place: proceeding,
        where: quoted(label),
        actual: cells.slice(-1),
        relation: '=',
        expected: cells.slice(0, -1),
      };
    }
  },
);

const blankHead: RuleHead = {
  code: 'review_litigation.blank',
  severity: 'warning',
  editions: editionKeys,
  expression: {
    zh: '每类案件：五格不得全部空白（没有案件的填 0）',
    en: 'per proceeding: not all five cells are blank (no cases are written 0)',
  },
  operands,
  legal_basis: basis('各栏应当填写'),
  examples: { passing: review(proceedingRow('review', 0)), failing: review(proceedingRow('review', null)) },
};

const blank: Rule = {
  ...blankHead,
  check: ({ report }) =>
    proceedings.flatMap(({ proceeding, label }) => {
      if (outcomeKeys.some((outcome) => report.values.get(addressOf(table, proceeding, outcome)) !== null))
        return [];
      const cells = cellsOf(report, proceeding);
      const { zh, en } = quoted(label);
      return failed(blankHead, {
        place: proceeding,
        operands: cells,
        message: () => ({
          zh: `${zh}：${cells.length} 格全部空白；没有案件的应填 0。`,
          en: `${en}: all ${cells.length} cells are blank; where there were no cases they should say 0.`,
        }),
      });
    }),
};

export const reviewLitigationRules: readonly Rule[] = [total, blank];
