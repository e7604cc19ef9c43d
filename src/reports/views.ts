import { everyone, type Lineage, mayRead, type Principal } from '../access/principal.ts';
import type { NaturalKey } from './documents.ts';
import { actionsOf, situationOf } from './lifecycle.ts';
import type { Revision, RevisionHead } from './queries.ts';
import type { Report, RevisionSummary } from './schema.ts';

/** Makes answers from stored rows. */

/**
 * A report that shows one revision, as one caller sees it. `organ` is the lineage of its organ. `unansweredErrors` is
 * the number of unanswered errors of the open revision.
 */
export function reportAnswer(
  report: NaturalKey & { id: string },
  revisions: readonly RevisionHead[],
  shown: Revision,
  principal: Principal,
  organ: Lineage,
  unansweredErrors: number,
): Report {
  const situation = situationOf(revisions, unansweredErrors);
  return {
    id: report.id,
    organ_id: report.organ_id,
    year: report.year,
    scope: report.scope,
    state: shown.state,
    revision: shown.number,
    effective_revision: situation.effective?.number ?? null,
    has_draft: mayRead(principal, organ) && situation.open !== undefined,
    reason: shown.reason,
    return_reason: mayRead(principal, organ) ? shown.return_reason : null,
    withdraw_reason: shown.withdraw_reason,
    title: shown.title,
    published_on: shown.published_on,
    source_url: shown.source_url,
    editions: shown.editions,
    overview: shown.overview,
    problems: shown.problems,
    other_matters: shown.other_matters,
    disclosure_items: shown.disclosure_items,
    request_statistics: shown.request_statistics,
    review_litigation_counts: shown.review_litigation_counts,
    cell_notes: shown.cell_notes,
    created_at: shown.created_at,
    updated_at: shown.updated_at,
    submitted_at: shown.submitted_at,
    effective_at: shown.effective_at,
    findings_summary: shown.findings_summary,
    actions: actionsOf(situation, principal, organ),
  };
}

export const publicAnswer = (
  report: NaturalKey & { id: string },
  revisions: readonly RevisionHead[],
  effective: Revision,
): Report => reportAnswer(report, revisions, effective, everyone, [report.organ_id], 0);

/** A revision without its content. The reason why it was returned is only for callers who may see drafts. */
export function revisionSummary(head: RevisionHead, readsDrafts: boolean): RevisionSummary {
  return {
    state: head.state,
    revision: head.number,
    reason: head.reason,
    return_reason: readsDrafts ? head.return_reason : null,
    withdraw_reason: head.withdraw_reason,
    title: head.title,
    published_on: head.published_on,
    created_at: head.created_at,
    updated_at: head.updated_at,
    submitted_at: head.submitted_at,
    effective_at: head.effective_at,
    ended_at: head.ended_at,
    findings_summary: head.findings_summary,
  };
}
