import type { Edition } from '../editions/edition.ts';
import { editions } from '../editions/index.ts';
import { figuresOf, itemCells, subjectOf } from './examples.ts';
import { failed, isFigure, notEvaluated } from './finding.ts';
import { at, labelIn, table } from './measures.ts';
import type { Rule, RuleHead } from './rule.ts';
import { formBasis, missingMessage, prefixed, quoted } from './wording.ts';

/** The measures for which the form prints no unit, so that the report must name one. */
const unitlessMeasures = (edition: Edition) =>
  edition.disclosure_items.flatMap((item) =>
    item.measures.filter(({ unit }) => unit === null).map(({ measure }) => ({ item, measure })),
  );
const editionsWithout = editions.filter((edition) => unitlessMeasures(edition).length > 0);

const procurement = (unit: '元' | null) =>
  subjectOf(
    figuresOf(2020, '2019', {
      disclosure_items: itemCells('2019', { procurement: { projects: 1, amount: 8040 } }).map((cell) =>
        cell.measure === 'amount' ? { ...cell, unit } : cell,
      ),
    }),
  );

const amountUnitHead: RuleHead = {
  code: 'disclosure.amount_unit',
  severity: 'warning',
  editions: editionsWithout.map((edition) => edition.edition),
  expression: {
    zh: '采购总金额大于 0 的，注明单位（元或万元）',
    en: 'amount > 0 carries a unit (元 or 万元)',
  },
  operands: editionsWithout.flatMap((edition) =>
    unitlessMeasures(edition).map(({ item, measure }) => ({
      operand: measure,
      table,
      report: 'this' as const,
      label: prefixed(item.label, prefixed({ zh: ' · ', en: ' · ' }, labelIn(item, measure))),
    })),
  ),
  legal_basis: formBasis(
    editionsWithout.map(({ source }) => source),
    table,
    '表头未印采购总金额的单位，由填报机关注明',
  ),
  examples: { passing: procurement('元'), failing: procurement(null) },
};

/** Warns of an amount without a unit. An amount of 0 needs none. */
export const amountUnit: Rule = {
  ...amountUnitHead,
  check: ({ report }) =>
    unitlessMeasures(report.disclosure).flatMap(({ item, measure }) => {
      const operand = at(report, item, measure);
      const place = item.item;
      const where = quoted(item.label);
      const operands = [operand];
      if (!isFigure(operand))
        return notEvaluated(amountUnitHead, {
          place,
          operands,
          message: () => missingMessage(where, operands),
        });
      const { name, value } = operand;
      const printed = report.figures.disclosure_items.find(
        (each) => each.item === item.item && each.measure === measure,
      );
      if (value! <= 0 || (printed?.unit ?? null) !== null) return [];
      return failed(amountUnitHead, {
        place,
        operands,
        message: () => ({
          zh: `${where.zh}：${name.zh} ${value} 未注明单位，应注明元或万元。`,
          en: `${where.en}: ${name.en} ${value} has no unit; it should say 元 or 万元.`,
        }),
      });
    }),
};
