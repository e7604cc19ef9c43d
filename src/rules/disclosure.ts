import type { Label } from '../editions/edition.ts';
import { amountUnit } from './amount-unit.ts';
import { type Comparison, comparisonRule } from './comparison.ts';
import { figuresOf, itemCells, subjectOf } from './examples.ts';
import { failed, notEvaluated } from './finding.ts';
import { at, headOf, itemsWith } from './measures.ts';
import type { Rule } from './rule.ts';
import { rulemakingPower } from './rulemaking-power.ts';
import type { Operand } from './view.ts';
import { missingMessage, quoted } from './wording.ts';

/** Section two, 主动公开政府信息情况. */

/** A rule that compares measures within each item that has them. */
const within = (
  measures: readonly string[],
  head: Parameters<typeof headOf>[1],
  sides: (cell: (measure: string) => Operand) => Pick<Comparison, 'actual' | 'relation' | 'expected'>,
): Rule =>
  comparisonRule(headOf(measures, head), (report) =>
    itemsWith(report.disclosure, measures).map((item) => ({
      place: item.item,
      where: quoted(item.label),
      ...sides((measure) => at(report, item, measure)),
    })),
  );

const example2021 = (values: Parameters<typeof itemCells>[1]) =>
  subjectOf(figuresOf(2023, '2021', { disclosure_items: itemCells('2021', values) }));
const example2019 = (values: Parameters<typeof itemCells>[1]) =>
  subjectOf(figuresOf(2020, '2019', { disclosure_items: itemCells('2019', values) }));

const inForce = within(
  ['issued', 'repealed', 'in_force'],
  {
    code: 'disclosure.in_force',
    severity: 'warning',
    expression: {
      zh: '本年制发件数 ≤ 现行有效件数 + 本年废止件数',
      en: 'issued ≤ in_force + repealed',
    },
    reason: '本年制发的，年末或者现行有效，或者已经废止',
    examples: {
      passing: example2021({ normative_documents: { issued: 4, repealed: 1, in_force: 30 } }),
      failing: example2021({ normative_documents: { issued: 4, repealed: 1, in_force: 2 } }),
    },
  },
  (cell) => ({
    actual: [cell('issued')],
    relation: '<=',
    expected: [cell('in_force'), cell('repealed')],
  }),
);

const disclosedTotal = within(
  ['disclosed', 'disclosed_total'],
  {
    code: 'disclosure.disclosed_total',
    severity: 'warning',
    expression: { zh: '本年新公开数量 ≤ 对外公开总数量', en: 'disclosed ≤ disclosed_total' },
    reason: '本年新公开的计入对外公开总数量',
    examples: {
      passing: example2019({ normative_documents: { made: 4, disclosed: 4, disclosed_total: 12 } }),
      failing: example2019({ normative_documents: { made: 4, disclosed: 4, disclosed_total: 0 } }),
    },
  },
  (cell) => ({ actual: [cell('disclosed')], relation: '<=', expected: [cell('disclosed_total')] }),
);

const notDisclosed = within(
  ['made', 'disclosed'],
  {
    code: 'disclosure.not_disclosed',
    severity: 'info',
    expression: { zh: '本年新公开数量 ≥ 本年新制作数量', en: 'disclosed ≥ made' },
    reason: '规章和规范性文件属于《政府信息公开条例》第二十条第（一）项主动公开的内容',
    examples: {
      passing: example2019({ normative_documents: { made: 34, disclosed: 34, disclosed_total: 60 } }),
      failing: example2019({ normative_documents: { made: 34, disclosed: 4, disclosed_total: 60 } }),
    },
  },
  (cell) => ({ actual: [cell('disclosed')], relation: '>=', expected: [cell('made')] }),
);

const caseMeasures = ['prior_items', 'items_change', 'decisions'];
const itemsAsCasesHead = headOf(caseMeasures, {
  code: 'disclosure.items_as_cases',
  severity: 'warning',
  expression: {
    zh: '处理决定数量大于 0 的，不恰好等于上一年项目数量 + 本年增/减（前者是件数，后者是事项数）',
    en: 'decisions = 0 or decisions ≠ prior_items + items_change (cases are not matters)',
  },
  reason: '处理决定数量按件统计，项目数量按事项统计',
  examples: {
    passing: example2019({ licensing: { prior_items: 61, items_change: 36, decisions: 1204 } }),
    failing: example2019({ licensing: { prior_items: 61, items_change: 36, decisions: 97 } }),
  },
});

/** Here the equation itself is suspicious, so no value is expected. */
const itemsAsCases: Rule = {
  ...itemsAsCasesHead,
  check: ({ report }) =>
    itemsWith(report.disclosure, caseMeasures).flatMap((item) => {
      const operands = caseMeasures.map((measure) => at(report, item, measure));
      const where = quoted(item.label);
      const missing = operands.filter(({ value }) => value === undefined || value === null);
      if (missing.length > 0)
        return notEvaluated(itemsAsCasesHead, {
          place: item.item,
          operands,
          message: () => missingMessage(where, missing),
        });
      const [prior, change, decisions] = operands.map(({ value }) => BigInt(value!)) as [
        bigint,
        bigint,
        bigint,
      ];
      if (decisions <= 0n || decisions !== prior + change) return [];
      const [p, c, d] = operands.map(({ name }) => name) as [Label, Label, Label];
      const sum = `${prior} + ${change < 0n ? `(${change})` : change}`;
      return failed(itemsAsCasesHead, {
        place: item.item,
        operands,
        message: () => ({
          zh: `${where.zh}：${d.zh} ${decisions} 恰好等于${p.zh}与${c.zh}之和 ${sum}，疑将事项数填作件数；应填写本年作出处理决定的件数。`,
          en: `${where.en}: ${d.en} ${decisions} is exactly ${p.en} and ${c.en}, ${sum}: matters seem to be counted as cases; it should be the number of decisions made this year.`,
        }),
      });
    }),
};

export const disclosureRules: readonly Rule[] = [
  inForce,
  disclosedTotal,
  notDisclosed,
  itemsAsCases,
  rulemakingPower,
  amountUnit,
];
