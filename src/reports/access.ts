import type { FastifyReply, FastifyRequest } from 'fastify';
import { Type } from 'typebox';
import { hashOf } from '../audit/chain.ts';
import type { Db, Trx } from '../db/database.ts';
import { resource } from '../http/answers.ts';
import { mayWrite } from '../http/auth.ts';
import { requireMatch } from '../http/etag.ts';
import { Problem } from '../http/problem.ts';
import { contentHash } from './documents.ts';
import { listUnansweredErrors } from './findings.ts';
import { guard, type Situation, situationOf } from './lifecycle.ts';
import {
  findReport,
  getRevision,
  listRevisions,
  lockReport,
  type RevisionHead,
  type StoredReport,
} from './queries.ts';
import type { ActionName, Report } from './schema.ts';
import { reportAnswer } from './views.ts';

/** How routes reach a report: what the caller may see of it, and the one way to write to it. */

export const reportParams = Type.Object({
  report_id: Type.String({ format: 'uuid', description: 'The id of a report.' }),
});

/** To a caller who may not see it, a report that is not published does not exist. */
export const noReport = (id: string) => new Problem('not-found', { detail: `there is no report ${id}` });

export interface VisibleReport {
  report: StoredReport;
  /** All revisions for those who may see drafts; otherwise those that have been effective. */
  revisions: RevisionHead[];
  /** The revision that the report answers with: the effective one, else the one being prepared, else the newest. */
  shown: RevisionHead;
}

/** The report as far as the caller may see it; Problem `not-found` otherwise. */
export async function findVisible(
  db: Db,
  request: FastifyRequest,
  report_id: string,
): Promise<VisibleReport> {
  const report = await findReport(db, report_id);
  if (!report) throw noReport(report_id);
  const all = await listRevisions(db, report_id);
  const effective = all.find((revision) => revision.state === 'published');
  if (!mayWrite(request.principal) && !effective) throw noReport(report_id);
  const revisions = mayWrite(request.principal)
    ? all
    : all.filter((revision) => revision.effective_at !== null);
  const shown = effective ?? revisions.at(-1);
  if (!shown) throw noReport(report_id);
  return { report, revisions, shown };
}

/** The answer of a report showing one of its revisions. */
export async function answerWith(
  db: Db,
  request: FastifyRequest,
  visible: VisibleReport,
  shown: RevisionHead,
): Promise<Report> {
  const { report, revisions } = visible;
  const open = situationOf(revisions, 0).open;
  const unanswered = mayWrite(request.principal) ? await listUnansweredErrors(db, report, open) : [];
  return reportAnswer(
    report,
    revisions,
    await getRevision(db, shown.id),
    request.principal,
    unanswered.length,
  );
}

/** Sends a report showing its open revision if `open`, otherwise what it answers with. */
export async function sendReport(
  db: Db,
  request: FastifyRequest,
  reply: FastifyReply,
  report_id: string,
  open = false,
) {
  const visible = await findVisible(db, request, report_id);
  const shown = open ? (situationOf(visible.revisions, 0).open ?? visible.shown) : visible.shown;
  const answer = await answerWith(db, request, visible, shown);
  return resource(request, reply, answer, mayWrite(request.principal) ? visible.report.version : undefined);
}

/**
 * The one way to write to a report: locks it, compares If-Match, guards the action, and runs the change in the
 * request's transaction, so that of many writers with the same tag exactly one succeeds. `matched: false` leaves If-Match optional.
 */
export async function writeReport<T>(
  request: FastifyRequest,
  report_id: string,
  action: ActionName,
  change: (trx: Trx, report: StoredReport, situation: Situation, revisions: RevisionHead[]) => Promise<T>,
  check: (request: FastifyRequest, version: number) => void = requireMatch,
): Promise<T> {
  const { trx } = request;
  const report = await lockReport(trx, report_id);
  if (!report) throw noReport(report_id);
  check(request, report.version);
  const revisions = await listRevisions(trx, report_id);
  const open = situationOf(revisions, 0).open;
  const unanswered = action === 'submit' ? await listUnansweredErrors(trx, report, open) : [];
  const situation = situationOf(revisions, unanswered.length);
  guard(action, situation, request.principal, unanswered);
  const before = action === 'withdraw' ? situation.effective! : situation.latest;
  const before_hash = await hashRevision(trx, before);
  const result = await change(trx, report, situation, revisions);
  const left = await listRevisions(trx, report_id);
  const after = action === 'withdraw' ? left.find(({ id }) => id === before.id) : left.at(-1);
  request.audited.push({
    action,
    resource: 'report',
    resource_id: report_id,
    revision: (after ?? before).number,
    before_hash: action === 'correct' ? null : before_hash,
    after_hash: after ? await hashRevision(trx, after) : null,
  });
  return result;
}

/** SHA-256 of a revision's number, state and whole content: what the audit keeps of it. */
const hashRevision = async (db: Db, { id, number, state }: RevisionHead): Promise<string | null> =>
  hashOf([number, state, contentHash(await getRevision(db, id))]);
