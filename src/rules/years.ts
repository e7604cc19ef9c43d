import { applicants, type Label } from '../editions/edition.ts';
import { editionKeys, editions, firstReportYear } from '../editions/index.ts';
import { type Comparison, compareAt, type Term } from './comparison.ts';
import { figuresOf, itemCells, requestRows, subjectOf } from './examples.ts';
import { notEvaluated } from './finding.ts';
import { at, editionsWith, itemCell, itemsWith, labelIn, measureOperand } from './measures.ts';
import { cellOf, columnLabel, roleOperand, rowsOfRole } from './requests.ts';
import type { Found, Rule, RuleHead } from './rule.ts';
import { oncePerForms, operandAt, type ReportCells } from './view.ts';
import { formBasis, quoted } from './wording.ts';

/** Rules over adjacent years: the report against the effective one of the same organ and scope a year earlier. */

/**
 * A rule over two years. Where there is no effective report of the year before, or its form has nothing to
 * compare with, one finding says so, not one for each place. The first report year has no year before and no
 * finding.
 */
function yearsRule(
  head: RuleHead,
  pairs: (report: ReportCells, previous: ReportCells) => Comparison[],
  /** Labels of what a form without any pair lacks, for the message. */
  lacking: readonly Label[] = [],
): Rule {
  const pairsOf = oncePerForms(pairs);
  return {
    ...head,
    check: ({ report, previous }): Found[] => {
      const year = report.figures.year - 1;
      if (year < firstReportYear || !head.editions.includes(report.disclosure.edition)) return [];
      const unknown = (message: () => Label) => [
        notEvaluated(head, { place: String(year), operands: [], message }),
      ];
      if (previous === null)
        return unknown(() => ({
          zh: `没有 ${year} 年度的有效报告，无法与上年核对。`,
          en: `There is no effective report of ${year} to compare with.`,
        }));
      const places = pairsOf(report, previous);
      if (places.length > 0) return compareAt(head, places, { report, previous });
      const { edition } = previous.disclosure;
      return unknown(() => ({
        zh: `${year} 年度报告用的是 ${edition} 年版表式，没有${lacking.map(({ zh }) => zh).join('、')}，无法与上年核对。`,
        en: `The report of ${year} is on edition ${edition}, which has no ${lacking.map(({ en }) => en).join(', ')}, so there is nothing to compare with.`,
      }));
    },
  };
}

/** A cell in the report of the year before. */
const before = (previous: ReportCells, cell: string, name: Label): Term => ({
  ...operandAt(previous, cell, name),
  previous: true,
});

const carried = yearsRule(
  {
    code: 'years.carried',
    severity: 'warning',
    editions: editionKeys,
    expression: {
      zh: '每列：上年度报告的结转下年度继续办理 = 本年度报告的上年结转',
      en: 'per column: carried_out of the year before = carried_in',
    },
    operands: [roleOperand('carried_out', 'previous'), roleOperand('carried_in')],
    legal_basis: formBasis(
      editions.map(({ source }) => source),
      'request_statistics',
      '“上年结转”即上年度报告的“结转下年度继续办理”',
    ),
    examples: {
      passing: subjectOf(
        figuresOf(2023, '2021', { request_statistics: requestRows('2021', { carried_in: 0 }) }),
        {
          previous: figuresOf(2022, '2021', { request_statistics: requestRows('2021', { carried_out: 0 }) }),
        },
      ),
      failing: subjectOf(
        figuresOf(2023, '2021', { request_statistics: requestRows('2021', { carried_in: 0 }) }),
        {
          previous: figuresOf(2022, '2021', {
            request_statistics: requestRows('2021', { carried_out: 0 }).map((row) => ({ ...row, total: 3 })),
          }),
        },
      ),
    },
  },
  (report, previous) =>
    applicants.map(({ applicant, label }) => ({
      place: applicant,
      where: columnLabel(label),
      expected: rowsOfRole(previous.requests, 'carried_out').map((row) =>
        before(previous, cellOf(row.row, applicant), quoted(row.label)),
      ),
      relation: '=',
      actual: rowsOfRole(report.requests, 'carried_in').map((row) =>
        operandAt(report, cellOf(row.row, applicant), quoted(row.label)),
      ),
    })),
);

/**
 * Pairs each item that has the measures `ours` with the same item a year earlier, which must have `theirs`.
 * The labels of `theirs` come with it: a form without a pair lacks these.
 */
const itemPairs = (
  [ours, theirs]: [readonly string[], readonly string[]],
  sides: (
    own: (measure: string) => Term,
    previously: (measure: string) => Term,
  ) => Pick<Comparison, 'actual' | 'relation' | 'expected'>,
): [(report: ReportCells, previous: ReportCells) => Comparison[], Label[]] => [
  (report, previous) => {
    const items = itemsWith(previous.disclosure, theirs);
    return itemsWith(report.disclosure, ours).flatMap((item) => {
      const same = items.find((each) => each.item === item.item);
      if (same === undefined) return [];
      return {
        place: item.item,
        where: quoted(item.label),
        ...sides(
          (measure) => at(report, item, measure),
          (measure) => before(previous, itemCell(same, measure), labelIn(same, measure)),
        ),
      };
    });
  },
  theirs.map((measure) => quoted(measureOperand(measure).label)),
];

const documents = (year: number, values: Record<string, number>) =>
  figuresOf(year, '2021', { disclosure_items: itemCells('2021', { normative_documents: values }) });

const inForce = yearsRule(
  {
    code: 'years.in_force',
    severity: 'warning',
    editions: editionsWith(['in_force', 'issued', 'repealed']).map((each) => each.edition),
    expression: {
      zh: '现行有效件数 = 上年度报告的现行有效件数 + 本年制发件数 − 本年废止件数',
      en: 'in_force = in_force of the year before + issued − repealed',
    },
    operands: [
      measureOperand('in_force', 'previous'),
      measureOperand('issued'),
      measureOperand('repealed'),
      measureOperand('in_force'),
    ],
    legal_basis: formBasis(
      editionsWith(['in_force', 'issued', 'repealed']).map(({ source }) => source),
      'disclosure_items',
      '现行有效件数是年末存量，随本年制发、废止增减',
    ),
    examples: {
      passing: subjectOf(documents(2023, { issued: 4, repealed: 1, in_force: 33 }), {
        previous: documents(2022, { issued: 2, repealed: 0, in_force: 30 }),
      }),
      failing: subjectOf(documents(2023, { issued: 4, repealed: 1, in_force: 34 }), {
        previous: documents(2022, { issued: 2, repealed: 0, in_force: 30 }),
      }),
    },
  },
  ...itemPairs([['in_force', 'issued', 'repealed'], ['in_force']], (own, previously) => ({
    expected: [previously('in_force'), own('issued'), { ...own('repealed'), minus: true }],
    relation: '=',
    actual: [own('in_force')],
  })),
);

const matters = (year: number, values: Record<string, number>) =>
  figuresOf(year, '2019', { disclosure_items: itemCells('2019', { licensing: values }) });

const items = yearsRule(
  {
    code: 'years.items',
    severity: 'info',
    editions: editionsWith(['prior_items', 'items_change']).map((each) => each.edition),
    expression: {
      zh: '上一年项目数量 = 上年度报告的上一年项目数量 + 上年度报告的本年增/减',
      en: 'prior_items = prior_items + items_change of the year before',
    },
    operands: [
      measureOperand('prior_items', 'previous'),
      measureOperand('items_change', 'previous'),
      measureOperand('prior_items'),
    ],
    legal_basis: formBasis(
      editionsWith(['prior_items', 'items_change']).map(({ source }) => source),
      'disclosure_items',
      '“上一年项目数量”即上年度报告的项目数量经本年增/减后的数量',
    ),
    examples: {
      passing: subjectOf(matters(2020, { prior_items: 59, items_change: 0, decisions: 812 }), {
        previous: matters(2019, { prior_items: 61, items_change: -2, decisions: 790 }),
      }),
      failing: subjectOf(matters(2020, { prior_items: 61, items_change: 0, decisions: 812 }), {
        previous: matters(2019, { prior_items: 61, items_change: -2, decisions: 790 }),
      }),
    },
  },
  ...itemPairs([['prior_items'], ['prior_items', 'items_change']], (own, previously) => ({
    expected: [previously('prior_items'), previously('items_change')],
    relation: '=',
    actual: [own('prior_items')],
  })),
);

export const yearRules: readonly Rule[] = [carried, inForce, items];
