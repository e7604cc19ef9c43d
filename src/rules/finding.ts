import { hash } from 'node:crypto';
import type { Label } from '../editions/edition.ts';
import type { Finding, Found, RuleHead } from './rule.ts';
import type { Operand } from './view.ts';

interface Failure {
  /**
   * Where it is: a column, a row, a proceeding, an item or a table. Unique within the rule, and part of the
   * finding's key.
   */
  place: string;
  operands: readonly Operand[];
  message: () => Label;
  expected?: number | null;
  actual?: number | null;
  delta?: number | null;
  /** Given where the source is that of one edition, not all sources of the rule. */
  legal_basis?: string;
}

const stateOf = ({ value }: Operand) => (value === undefined ? 'absent' : value);

/**
 * The key of a finding. A blank cell and an absent one give different keys, since capturing a cell changes
 * the report.
 */
function findingKey({ code }: RuleHead, place: string, operands: readonly Operand[]): string {
  const content = JSON.stringify(operands.map((each) => [each.year ?? null, each.cell, stateOf(each)]));
  return `${code}:${place}:${hash('sha256', content, 'hex').slice(0, 16)}`;
}

const cellOf = ({ cell, label, value, year, parts }: Operand) => ({
  cell,
  label,
  value: value ?? null,
  ...(year === undefined ? {} : { year }),
  ...(parts === undefined ? {} : { parts }),
});

const found = (
  rule: RuleHead,
  status: Finding['status'],
  failure: Failure,
  shown: readonly Operand[],
): Found => ({
  severity: rule.severity,
  status,
  word: () => ({
    code: rule.code,
    severity: rule.severity,
    status,
    cells: shown.map(cellOf),
    expected: failure.expected ?? null,
    actual: failure.actual ?? null,
    delta: failure.delta ?? null,
    message: failure.message(),
    legal_basis: failure.legal_basis ?? rule.legal_basis,
    finding_key: findingKey(rule, failure.place, failure.operands),
  }),
});

/** Whether an operand holds a figure: it is captured, and not blank. */
export const isFigure = ({ value }: Operand): boolean => value !== undefined && value !== null;

/** The finding that a rule is broken at a place. */
export const failed = (rule: RuleHead, failure: Failure): Found =>
  found(rule, 'failed', failure, failure.operands);

/**
 * The finding that a rule cannot be evaluated at a place, for the reason in `message`. Its `cells` are the
 * operands that hold no figure.
 */
export const notEvaluated = (rule: RuleHead, failure: Failure): Found =>
  found(
    rule,
    'not_evaluated',
    failure,
    failure.operands.filter((operand) => !isFigure(operand)),
  );
