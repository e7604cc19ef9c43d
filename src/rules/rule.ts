import type { EditionKey, Label } from '../editions/edition.ts';
import type { Figures, Table } from '../editions/figures.ts';
import type { OrganKind, OrganLevel } from '../editions/vocabulary.ts';
import type { Parts } from './parts.ts';
import type { View } from './view.ts';

/** `error`: arithmetic or legal, answered before submission; `warning`: plausibility; `info`: worth knowing. */
export const severities = ['error', 'warning', 'info'] as const;
export type Severity = (typeof severities)[number];

/** What the rules look at: a report, who files it, and the effective report of the year before, if any. */
export interface Subject {
  figures: Figures;
  /** null where the organ is not known: rules that need it are not evaluated. */
  organ: { kind: OrganKind; level: OrganLevel } | null;
  /** The effective figures of the same organ and scope a year earlier, at least those named in operands; null without a report. */
  previous: Figures | null;
  /** What the parts of a consolidated report add up to; left out where only the report itself is checked. */
  parts?: Parts;
}

/** Something a rule reads, named by the part it plays: a role, a measure, a column; never one row of one edition. */
export interface RuleOperand {
  operand: string;
  /** Where it stands; `editions` and `organ` are attributes of the report, not cells. */
  table: Table | 'editions' | 'organ';
  /** Whose it is: the report's own, the effective report's of the year before, or that of its parts together. */
  report: 'this' | 'previous' | 'parts';
  label: Label;
}

/** What is said of a rule, apart from what it does. Codes are permanent. */
export interface RuleHead {
  code: string;
  severity: Severity;
  /** The editions of the table it reads; it says nothing about tables printed in others. */
  editions: readonly EditionKey[];
  /** What holds, as a formula over the operands. */
  expression: Label;
  operands: readonly RuleOperand[];
  legal_basis: string;
  /** One report that keeps the rule and one that breaks it at exactly one place. The tests run both. */
  examples: { passing: Subject; failing: Subject };
}

export interface Rule extends RuleHead {
  /** Every place where the rule fails or cannot be evaluated, in the order of the form. */
  check(view: View): Found[];
}

/**
 * One operand of a finding. `year` is given where the cell is another year's, `parts` where it is a sum: of how many
 * reports.
 */
export interface FindingCell {
  cell: string;
  label: Label;
  value: number | null;
  year?: number;
  parts?: number;
}

/** A rule that failed at one place, or could not be evaluated there. */
export interface Finding {
  code: string;
  severity: Severity;
  status: 'failed' | 'not_evaluated';
  /** failed: every operand with its value; not_evaluated: the cells that are blank or not captured. */
  cells: FindingCell[];
  /**
   * What the rule makes of the operands (of an inequality: the bound), what is there, and actual − expected.
   * null where the rule compares nothing, and where a sum passes 2^53 and would not be exact.
   */
  expected: number | null;
  actual: number | null;
  delta: number | null;
  message: Label;
  legal_basis: string;
  /** code:place:hash, bound to the rule, the place and the operands' values: changes when any of them does. */
  finding_key: string;
}

/** A finding not yet put into words: most of them are only counted. */
export interface Found extends Pick<Finding, 'severity' | 'status'> {
  word(): Finding;
}

/** How many findings failed, by severity, and how many could not be evaluated. */
export interface FindingsSummary {
  error: number;
  warning: number;
  info: number;
  not_evaluated: number;
}
