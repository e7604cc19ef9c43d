import type { Aggregate } from '../aggregates/aggregate.ts';
import type { Label } from '../editions/edition.ts';

/** Cells of one table that may be added up, chosen by filters of its aggregate. */
export interface Term {
  of: Aggregate;
  cells: Readonly<Record<string, readonly string[]>>;
}

/** A quotient of two sums over the same reports. */
export interface Indicator {
  /** It never changes. */
  code: string;
  label: Label;
  definition: Label;
  /**
   * The terms that each side adds up. All are of tables with the same column for their edition (`Aggregate.edition`).
   */
  numerator: readonly Term[];
  denominator: readonly Term[];
  /** What the quotient is multiplied by. */
  scale: 1 | 1000;
  unit: Label;
  /** Where the law says what is counted. */
  legal_source: string;
}
