import type { Table } from '../editions/figures.ts';
import { editions } from '../editions/index.ts';
import { consolidationRules } from './consolidation.ts';
import { disclosureRules } from './disclosure.ts';
import { reportRules } from './report.ts';
import { requestRules } from './requests.ts';
import { reviewLitigationRules } from './review-litigation.ts';
import type { Finding, FindingsSummary, Found, Rule, Subject } from './rule.ts';
import { viewOf } from './view.ts';
import { yearRules } from './years.ts';

/** Every rule, in the order of the catalogue. A new rule is one entry in the list of its section. */
export const rules: readonly Rule[] = [
  ...requestRules,
  ...reviewLitigationRules,
  ...disclosureRules,
  ...reportRules,
  ...yearRules,
  ...consolidationRules,
];

const ofYearBefore = (table: Table) =>
  rules.flatMap(({ operands }) =>
    operands
      .filter((each) => each.report === 'previous' && each.table === table)
      .map(({ operand }) => operand),
  );
const rolesBefore = ofYearBefore('request_statistics');

/** All that rules read of the effective report of the year before. `Subject.previous` need hold nothing else. */
export const readOfYearBefore = {
  /** Measures of section two. */
  measures: [...new Set(ofYearBefore('disclosure_items'))],
  /** Rows of section three. */
  rows: [
    ...new Set(
      editions
        .flatMap((edition) => edition.request_statistics)
        .filter(({ role }) => rolesBefore.includes(role))
        .map(({ row }) => row),
    ),
  ],
};

/**
 * Runs all rules in one pass over figures that fit the form (`formFaults` finds none). Findings come in the
 * order of the catalogue, those of one rule in the order of the form. The same figures give the same
 * findings, in whatever order a document lists them.
 */
export function check(subject: Subject): Found[] {
  const view = viewOf(subject);
  return rules.flatMap((rule) => rule.check(view));
}

/** The same findings, put into words. */
export const evaluate = (subject: Subject): Finding[] => check(subject).map((found) => found.word());

/** Counts failed findings by severity, and those not evaluated by themselves. */
export function summarise(findings: readonly Pick<Finding, 'status' | 'severity'>[]): FindingsSummary {
  const summary: FindingsSummary = { error: 0, warning: 0, info: 0, not_evaluated: 0 };
  for (const { status, severity } of findings) summary[status === 'failed' ? severity : status]++;
  return summary;
}
