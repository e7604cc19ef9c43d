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
  /** Null where the organ is not known: what depends on it is not evaluated then. */
  organ: { kind: OrganKind; level: OrganLevel } | null;
  /**
   * The effective figures of the same organ and scope a year earlier, at least those that operands name; null
   * where there is no such report.
   */
  previous: Figures | null;
  /** What the parts of a consolidated report add up to; left out where only the report itself is checked. */
  parts?: Parts;
}

/**
 * Something that a rule reads, named by its part in the rule: a role, a measure or a column, never a row of
 * one edition.
 */
export interface RuleOperand {
  operand: string;
  /** Where it is. `editions` and `organ` are attributes of the report, not cells. */
  table: Table | 'editions' | 'organ';
  /**
   * Whose it is: of the report itself, of the effective report of the year before, or of the report's parts
   * together.
   */
  report: 'this' | 'previous' | 'parts';
  label: Label;
}

/** All about a rule except what it does. Codes are permanent. */
export interface RuleHead {
  code: string;
  severity: Severity;
  /** The editions of the table that it reads. It says nothing about tables printed in others. */
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
 * One operand of a finding. `year` is given where the cell is in the report of another year, `parts` where
 * the value is a sum: the number of reports added up.
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
  /** Of a failed rule every operand with its value; of one not evaluated the cells that are blank or not captured. */
  cells: FindingCell[];
  /**
   * What the rule makes of the operands (of an inequality: the bound), what is there, and actual − expected.
   * Null where the rule compares nothing, and where a number passes 2^53 and would not be exact.
   */
  expected: number | null;
  actual: number | null;
  delta: number | null;
  message: Label;
  legal_basis: string;
  /**
   * `code:place:hash`, where the hash is of the operands' cells and values. It changes when the rule, the
   * place or any value does.
   */
  finding_key: string;
}

/** A finding that is not yet put into words: most are only counted. */
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
