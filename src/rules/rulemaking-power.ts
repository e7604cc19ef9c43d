import type { Edition } from '../editions/edition.ts';
import { editions } from '../editions/index.ts';
import { figuresOf, itemCells, subjectOf } from './examples.ts';
import { failed, notEvaluated } from './finding.ts';
import { at, table } from './measures.ts';
import type { Rule, RuleHead } from './rule.ts';
import type { View } from './view.ts';
import { missingMessage, quoted } from './wording.ts';

/** The item whose measures all count rules of government (规章), which only some organs may make. */
const rulemakingItem = 'regulations';
const rulemakingMeasures = (edition: Edition) =>
  edition.disclosure_items.filter((item) => item.item === rulemakingItem);

const mayMakeRules = ({ kind, level }: NonNullable<View['organ']>) =>
  level === 'national' ||
  ((kind === 'government' || kind === 'general_office') && (level === 'province' || level === 'city'));

const rulesOf = (values: Record<string, number>, organ: View['organ']) =>
  subjectOf(figuresOf(2023, '2021', { disclosure_items: itemCells('2021', { [rulemakingItem]: values }) }), {
    organ,
  });

const rulemakingHead: RuleHead = {
  code: 'disclosure.rulemaking_power',
  severity: 'error',
  editions: editions
    .filter((edition) => rulemakingMeasures(edition).length > 0)
    .map((edition) => edition.edition),
  expression: {
    zh: '“规章”各格为 0 或空白，除非报告机关为国家级机关，或省级、设区的市（自治州）级人民政府及其办公厅（室）',
    en: 'every measure of regulations is 0 or blank, unless the organ is national, or a government or its general office at province or city level',
  },
  operands: [
    {
      operand: rulemakingItem,
      table,
      report: 'this',
      label: rulemakingMeasures(editions.at(-1)!)[0]!.label,
    },
    { operand: 'kind', table: 'organ', report: 'this', label: { zh: '机关类别', en: 'Kind of organ' } },
    { operand: 'level', table: 'organ', report: 'this', label: { zh: '机关层级', en: 'Level of organ' } },
  ],
  legal_basis:
    '《立法法》关于部门规章、地方政府规章制定权限的规定（国务院部门，省、自治区、直辖市和设区的市、自治州的人民政府）',
  examples: {
    passing: rulesOf({ issued: 1, repealed: 1, in_force: 21 }, { kind: 'government', level: 'city' }),
    failing: rulesOf({ issued: 1, repealed: 1, in_force: 1 }, { kind: 'government', level: 'town' }),
  },
};

/**
 * A blank is as good as 0 here: neither claims a rule. A cell that is not captured may claim one, so the rule
 * is not evaluated then. Nor is it where rules are claimed and the organ is not known.
 */
export const rulemakingPower: Rule = {
  ...rulemakingHead,
  check: ({ report, organ }) => {
    if (organ !== null && mayMakeRules(organ)) return [];
    return rulemakingMeasures(report.disclosure).flatMap((item) => {
      const where = quoted(item.label);
      const measures = item.measures.map(({ measure }) => at(report, item, measure));
      const operands = measures.filter(({ value }) => typeof value === 'number' && value > 0);
      if (operands.length === 0) {
        const absent = measures.filter(({ value }) => value === undefined);
        return absent.length === 0
          ? []
          : notEvaluated(rulemakingHead, {
              place: item.item,
              operands: absent,
              message: () => missingMessage(where, absent),
            });
      }
      const claimed = {
        zh: operands.map(({ name, value }) => `${name.zh} ${value}`).join('，'),
        en: operands.map(({ name, value }) => `${name.en} ${value}`).join(', '),
      };
      if (organ === null)
        return notEvaluated(rulemakingHead, {
          place: item.item,
          operands,
          message: () => ({
            zh: `${where.zh}：${claimed.zh}；报告机关不明，无法核对其有无规章制定权。`,
            en: `${where.en}: ${claimed.en}; the organ is not known, so its power to make rules cannot be checked.`,
          }),
        });
      return failed(rulemakingHead, {
        place: item.item,
        operands,
        message: () => ({
          zh: `${where.zh}：${claimed.zh}；该机关无规章制定权，应为 0。`,
          en: `${where.en}: ${claimed.en}; this organ has no power to make rules, so they should be 0.`,
        }),
      });
    });
  },
};
