import { hash } from 'node:crypto';
import type { Label } from '../editions/edition.ts';
import type { Finding, RuleHead } from './rule.ts';
import type { Operand } from './view.ts';

interface Failure {
  /** Where: a column, a row, a proceeding, an item, a table. Unique within the rule; part of the finding's key. */
  place: string;
  operands: readonly Operand[];
  message: Label;
  expected?: number | null;
  actual?: number | null;
  delta?: number | null;
  /** Where one edition's source is meant rather than all of the rule's. */
  legal_basis?: string;
}

const stateOf = ({ value }: Operand) => (value === undefined ? 'absent' : value);

/** A blank and an absent cell differ, too: to capture one changes the report. */
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

/** The rule is broken at a place. */
export function failed(rule: RuleHead, failure: Failure): Finding {
  const { place, operands, message, expected = null, actual = null, delta = null } = failure;
  return {
    code: rule.code,
    severity: rule.severity,
    status: 'failed',
    cells: operands.map(cellOf),
    expected,
    actual,
    delta,
    message,
    legal_basis: failure.legal_basis ?? rule.legal_basis,
    finding_key: findingKey(rule, place, operands),
  };
}

/** The rule cannot be evaluated at a place, for the reason in `message`; `cells` are the operands that are missing. */
export function notEvaluated(rule: RuleHead, failure: Failure): Finding {
  const missing = failure.operands.filter(({ value }) => value === undefined || value === null);
  return { ...failed(rule, failure), status: 'not_evaluated', cells: missing.map(cellOf) };
}
