import type { Aggregate } from '../aggregates/aggregate.ts';
import type { Label } from '../editions/edition.ts';

/** Cells of one table that may be added up, by the filters of its aggregate. */
export interface Term {
  of: Aggregate;
  cells: Readonly<Record<string, readonly string[]>>;
}

/** A quotient of two sums over the reports of one cover. */
export interface Indicator {
  /** Permanent. */
  code: string;
  label: Label;
  definition: Label;
  /** Sums that are added, of each side; both sides are of tables with one edition. */
  numerator: readonly Term[];
  denominator: readonly Term[];
  /** What the quotient is multiplied by. */
  scale: 1 | 1000;
  unit: Label;
  /** Where the law says what is counted. */
  legal_source: string;
}
