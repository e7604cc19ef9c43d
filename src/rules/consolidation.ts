import { applicants } from '../editions/edition.ts';
import { editionKeys, editions } from '../editions/index.ts';
import { compare } from './comparison.ts';
import { figuresOf, requestRow, subjectOf } from './examples.ts';
import { notEvaluated } from './finding.ts';
import { isRequests, type Parts, placesOf } from './parts.ts';
import { cellOf, rowsOfRole } from './requests.ts';
import type { Found, Rule, RuleHead, RuleOperand } from './rule.ts';
import { formBasis, quoted } from './wording.ts';

/** Checks a consolidated report against the reports of the organs that it covers. */

const table = 'request_statistics';
const operand = (report: RuleOperand['report'], zh: string, en: string): RuleOperand => ({
  operand: table,
  table,
  report,
  label: { zh, en },
});

const { row } = rowsOfRole(editions.at(-1)!, 'received')[0]!;

/**
 * The sums of two parts whose requests came from natural persons. `total` is always 12, so that other numbers
 * break the rule at one place only.
 */
const partsOf = (requests: number): Parts => ({
  reports: 2,
  editions: ['2021'],
  sums: applicants.map(({ applicant }) => ({
    cell: cellOf(row, applicant),
    sum: applicant === 'natural_person' ? requests : applicant === 'total' ? 12 : 0,
    reports: 2,
    blank: 0,
    unit_unknown: 0,
  })),
});
const whole = {
  ...figuresOf(2023, '2021', { request_statistics: [requestRow(row, 12)] }),
  scope: 'consolidated' as const,
};

const head: RuleHead = {
  code: 'consolidation.parts',
  severity: 'warning',
  editions: editionKeys,
  expression: {
    zh: '每格：汇总报告的数 ≥ Σ 其各组成部分的数（下级汇总报告代替其以下各报告，各数只计一次；各组成部分的空白不计；表式版次不同的，“其他处理”各行合并比较）',
    en: 'per cell: the consolidated figure ≥ Σ its parts (a consolidated report below stands for everything beneath it, so that nothing counts twice; blanks of parts are passed over; rows that the editions do not share are compared as their group)',
  },
  operands: [
    operand('this', '汇总报告各格', 'Every cell of the consolidated report'),
    operand('parts', '各组成部分各格之和', 'The sum of its parts at the same cell'),
  ],
  legal_basis: formBasis(
    editions.map(({ source }) => source),
    table,
    '汇总数包括所属各机关的数',
  ),
  examples: {
    passing: subjectOf(whole, { parts: partsOf(12) }),
    failing: subjectOf(whole, { parts: partsOf(13) }),
  },
};

const partsName = { zh: '各组成部分之和', en: 'the sum of its parts' };

/** The finding that nothing can be evaluated: there is nothing to compare, or nothing to compare it with. */
const without = (what: string, zh: string, en: string): Found =>
  notEvaluated(head, { place: what, operands: [], message: () => ({ zh, en }) });

/** The finding for a year without a consolidated report. */
export const withoutWhole = (year: number): Found =>
  without(
    'whole',
    `没有 ${year} 年度的有效汇总报告，无法与各组成部分核对。`,
    `There is no effective consolidated report of ${year} to compare the parts with.`,
  );

/**
 * Checks only reports that come with their parts: the findings of one report depend on its own organ alone.
 * Some parts may be missing, so that parts may add up to less than the whole, but not to more.
 */
export const consolidationParts: Rule = {
  ...head,
  check: ({ report, parts }) => {
    if (parts === null) return [];
    if (parts.reports === 0)
      return [
        without(
          'parts',
          '各组成部分均无有效报告，无法核对。',
          'No part has an effective report, so this cannot be checked.',
        ),
      ];
    return placesOf(report, parts)
      .filter(isRequests)
      .flatMap((place) =>
        compare(head, {
          place: place.cell.slice(`${table}.`.length),
          where: quoted(place.label),
          actual: place.whole,
          relation: '>=',
          expected: [
            {
              cell: place.cell,
              label: place.label,
              name: partsName,
              value: place.parts.reports === 0 ? undefined : place.parts.sum,
              parts: place.parts.reports,
            },
          ],
        }),
      );
  },
};

export const consolidationRules: readonly Rule[] = [consolidationParts];
