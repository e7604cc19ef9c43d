import type { AuditEvent } from '../audit/chain.ts';
import type { Problem } from '../http/problem.ts';
import { revisionHash } from '../reports/documents.ts';
import type { RevisionState } from '../reports/schema.ts';
import type { Finding, FindingsSummary } from '../rules/rule.ts';
import type { Wish } from './decision.ts';
import type { Step } from './steps.ts';

/** What is told of lines, to the caller and to the audit. */

/** What became of a line. BatchResults describes how it is answered. */
export interface Outcome {
  line: number;
  status: 'created' | 'updated' | 'unchanged' | 'refused';
  report_id: string | null;
  revision: number | null;
  state: RevisionState | null;
  findings_summary?: FindingsSummary;
  problem?: Problem;
  findings?: Finding[];
}

/** The outcome of a line that is refused without a report to name. */
export const refused = ({ line }: { line: number }, problem: Problem): Outcome => ({
  line,
  status: 'refused',
  report_id: null,
  revision: null,
  state: null,
  problem,
});

const numberOf = ({ decision }: Step): number =>
  decision.kind === 'create' ? 1 : decision.kind === 'supersede' ? decision.number : decision.revision.number;

/** The audit entry of a line: what the report was, and what the batch made of it. */
export function auditOf(step: Step, { publish }: Wish): AuditEvent {
  const { decision, stored, report_id, revision_id, hash } = step;
  const was =
    'revision' in decision
      ? decision.revision
      : decision.kind === 'supersede'
        ? (decision.effective ?? stored?.revisions.at(-1))
        : undefined;
  const number = numberOf(step);
  const none = { reason: null, return_reason: null, withdraw_reason: null };
  const remarks =
    'revision' in decision
      ? decision.revision
      : { ...none, reason: decision.kind === 'supersede' ? decision.reason : null };
  return {
    action: publish ? 'load' : decision.kind === 'create' ? 'create' : 'edit',
    resource: 'report',
    resource_id: report_id,
    revision: number,
    before_hash: was ? revisionHash(was, stored!.hashes.get(was.id)!, stored!.answers.get(was.id)) : null,
    after_hash: revisionHash(
      { ...remarks, number, state: publish ? 'published' : 'draft' },
      hash,
      stored?.answers.get(revision_id),
    ),
  };
}

/** The result of a line. */
export function outcomeOf(step: Step, { publish }: Wish): Outcome {
  const { line, report_id, decision, summary, findings } = step;
  const revision = numberOf(step);
  if (decision.kind === 'refuse') {
    const { state } = decision.revision;
    return { line, status: 'refused', report_id, revision, state, problem: decision.problem, findings };
  }
  if (decision.kind === 'nothing') {
    const { state, findings_summary } = decision.revision;
    return { line, status: 'unchanged', report_id, revision, state, findings_summary };
  }
  return {
    line,
    status: decision.kind === 'create' ? 'created' : 'updated',
    report_id,
    revision,
    state: publish ? 'published' : 'draft',
    findings_summary: summary,
  };
}
