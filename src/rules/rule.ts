import type { Label } from '../editions/edition.ts';
import type { Figures } from '../editions/figures.ts';
import type { OrganKind, OrganLevel } from '../editions/vocabulary.ts';

/** `error`: arithmetic or legal, answered before submission; `warning`: plausibility; `info`: worth knowing. */
export const severities = ['error', 'warning', 'info'] as const;
export type Severity = (typeof severities)[number];

/** What the rules look at: a report, who files it, and the effective report of the year before, if any. */
export interface Subject {
  figures: Figures;
  /** null where the organ is not known: rules that need it are not evaluated. */
  organ: { kind: OrganKind; level: OrganLevel } | null;
  /** The effective figures of the same organ and scope a year earlier; null where there are none. */
  previous: Figures | null;
}

/** One operand of a finding. `year` is given where the cell is another year's. */
export interface FindingCell {
  cell: string;
  label: Label;
  value: number | null;
  year?: number;
}

/** A rule that failed at one place, or could not be evaluated there. */
export interface Finding {
  code: string;
  severity: Severity;
  status: 'failed' | 'not_evaluated';
  /** failed: every operand with its value; not_evaluated: the cells that are blank or not captured. */
  cells: FindingCell[];
  /** What the rule makes of the operands, what is there, and actual − expected; null where the rule is no equation. */
  expected: number | null;
  actual: number | null;
  delta: number | null;
  message: Label;
  legal_basis: string;
  /** Bound to the rule, the place and the operands' values: changes when any of them does. */
  finding_key: string;
}

export interface FindingsSummary {
  error: number;
  warning: number;
  info: number;
  not_evaluated: number;
}
