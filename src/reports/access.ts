import type { FastifyReply, FastifyRequest } from 'fastify';
import { Type } from 'typebox';
import { type Lineage, mayChange, mayRead } from '../access/principal.ts';
import { lineageOf, lineageOfReport } from '../access/row-security.ts';
import type { Db, Trx } from '../db/database.ts';
import { resource } from '../http/answers.ts';
import { requireMatch } from '../http/etag.ts';
import { Problem } from '../http/problem.ts';
import { contentHash, revisionHash } from './documents.ts';
import { listUnansweredErrors } from './findings.ts';
import { guardPermission, guardState, type Situation, situationOf } from './lifecycle.ts';
import { lockYears, touchReport } from './mutations.ts';
import {
  findReport,
  getRevision,
  listAnswers,
  listRevisions,
  lockReport,
  type Revision,
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
  organ: Lineage;
  /** Whether the caller may see what was never published. */
  readsDrafts: boolean;
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
  const { principal } = request;
  // Without grants nothing depends on where the organ stands.
  const organ = principal.grants.length === 0 ? [report.organ_id] : await lineageOf(db, report.organ_id);
  const readsDrafts = mayRead(principal, organ);
  request.permitted = true;
  const all = await listRevisions(db, report_id);
  const effective = all.find((revision) => revision.state === 'published');
  if (!readsDrafts && !effective) throw noReport(report_id);
  const revisions = readsDrafts ? all : all.filter((revision) => revision.effective_at !== null);
  const shown = effective ?? revisions.at(-1);
  if (!shown) throw noReport(report_id);
  return { report, organ, readsDrafts, revisions, shown };
}

/** The answer of a report showing one of its revisions. */
export async function answerWith(
  db: Db,
  request: FastifyRequest,
  visible: VisibleReport,
  shown: RevisionHead,
): Promise<Report> {
  const { report, organ, readsDrafts, revisions } = visible;
  const open = situationOf(revisions, 0).open;
  const unanswered = readsDrafts ? await listUnansweredErrors(db, report, open) : [];
  return reportAnswer(
    report,
    revisions,
    await getRevision(db, shown.id),
    request.principal,
    organ,
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
  return resource(request, reply, answer, visible.readsDrafts ? visible.report.version : undefined);
}

/** What a write left: the report with its new version, and the revision it was about, null where that is gone. */
export interface Written {
  report: StoredReport;
  revision: Revision | null;
}

/** A change of a report: answers the id of the revision it leaves, or null where it removed it. */
export type Change = (
  trx: Trx,
  report: StoredReport,
  situation: Situation,
  /** The revision acted on: the effective one for its withdrawal, otherwise the newest. */
  subject: Revision,
) => Promise<string | null>;

export interface WriteOptions {
  /** How If-Match is looked at; it is needed unless said otherwise. */
  check?: (request: FastifyRequest, version: number) => void;
  /** What the audit calls it, where that is not the action. */
  recordedAs?: string;
}

/**
 * The one way to write to a report: locks it, compares If-Match, guards the action, runs the change, counts the version
 * and has the audit keep it, in the request's transaction: of many writers with the same tag exactly one succeeds. An
 * answer to a finding counts no version, so that a client may answer all of them and submit with the tag it has.
 */
export async function writeReport(
  request: FastifyRequest,
  report_id: string,
  action: ActionName,
  change: Change,
  { check = requireMatch, recordedAs = action }: WriteOptions = {},
): Promise<Written> {
  const { trx, principal } = request;
  const organ = await lineageOfReport(trx, report_id);
  if (!mayChange(principal, organ)) throw await unchangeable(request, report_id, organ);
  if (action === 'publish' || action === 'withdraw') {
    const key = await findReport(trx, report_id);
    if (key) await lockYears(trx, [key]);
  }
  const report = await lockReport(trx, report_id);
  if (!report) throw noReport(report_id);
  const revisions = await listRevisions(trx, report_id);
  guardPermission(action, situationOf(revisions, 0), principal, organ);
  request.permitted = true;
  check(request, report.version);
  const open = situationOf(revisions, 0).open;
  const unanswered = action === 'submit' ? await listUnansweredErrors(trx, report, open) : [];
  const situation = situationOf(revisions, unanswered.length);
  guardState(action, situation, unanswered);
  const subject = await getRevision(
    trx,
    (action === 'withdraw' ? situation.effective! : situation.latest).id,
  );
  const before_hash = await hashOfRevision(trx, subject);
  const left = await change(trx, report, situation, subject);
  const revision = left === null ? null : await getRevision(trx, left);
  request.audited.push({
    action: recordedAs,
    resource: 'report',
    resource_id: report_id,
    revision: (revision ?? subject).number,
    before_hash: action === 'correct' ? null : before_hash,
    after_hash: revision && (await hashOfRevision(trx, revision)),
  });
  const isGone = left === null && !situation.wasPublished;
  const version = isGone || action === 'answer' ? report.version : await touchReport(trx, report_id);
  return { report: { ...report, version }, revision };
}

/** What to answer where the caller may change nothing: 403 where there is something to see, 404 otherwise. */
async function unchangeable(
  { trx, principal }: FastifyRequest,
  id: string,
  organ: Lineage,
): Promise<Problem> {
  const isSeen =
    mayRead(principal, organ) || (await listRevisions(trx, id)).some(({ state }) => state === 'published');
  return isSeen ? new Problem('forbidden') : noReport(id);
}

/** What the audit keeps of a revision: a hash over its head, its content and its answers. */
const hashOfRevision = async (db: Db, revision: Revision): Promise<string> =>
  revisionHash(revision, contentHash(revision), await listAnswers(db, revision.id));
