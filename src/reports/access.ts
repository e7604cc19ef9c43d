import type { FastifyReply, FastifyRequest } from 'fastify';
import { Type } from 'typebox';
import { dependsOnOrgans, type Lineage, mayChange, mayRead } from '../access/principal.ts';
import { lineageOf, lineageOfReport } from '../access/row-security.ts';
import type { Db, Trx } from '../db/database.ts';
import { resource } from '../http/answers.ts';
import { requireMatch } from '../http/etag.ts';
import { Problem } from '../http/problem.ts';
import { contentHash, revisionHash } from './documents.ts';
import { listUnansweredErrors } from './findings.ts';
import { guardPermission, guardState, type Situation, situationOf } from './lifecycle.ts';
import { holdTree, lockYearsOf, touchReports } from './mutations.ts';
import {
  findReport,
  getRevision,
  listFindingAnswers,
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

/** Problem `not-found` (404). To a caller who may not see it, a report that is not published does not exist. */
export const noReport = (id: string) => new Problem('not-found', { detail: `there is no report ${id}` });

export interface VisibleReport {
  report: StoredReport;
  organ: Lineage;
  /** Whether the caller may see what is not public. */
  readsDrafts: boolean;
  /** All revisions for those who may see drafts; otherwise those that were published and not withdrawn. */
  revisions: RevisionHead[];
  /**
   * The revision that the report is answered with: the effective one, else the newest. A revision that is being
   * prepared is always the newest.
   */
  shown: RevisionHead;
}

/** What the caller may see of a report with these revisions. Problem `not-found` (404) where that is nothing. */
function visibleTo(
  { principal }: FastifyRequest,
  report: StoredReport,
  organ: Lineage,
  all: RevisionHead[],
): VisibleReport {
  const readsDrafts = mayRead(principal, organ);
  const effective = all.find((revision) => revision.state === 'published');
  const revisions = readsDrafts
    ? all
    : all.filter(({ state }) => state === 'published' || state === 'superseded');
  const shown = effective ?? (readsDrafts ? revisions.at(-1) : undefined);
  if (!shown) throw noReport(report.id);
  return { report, organ, readsDrafts, revisions, shown };
}

/** Reads a report as far as the caller may see it. Problem `not-found` (404) where that is nothing. */
export async function findVisible(
  db: Db,
  request: FastifyRequest,
  report_id: string,
): Promise<VisibleReport> {
  const report = await findReport(db, report_id);
  if (!report) throw noReport(report_id);
  const organ = dependsOnOrgans(request.principal) ? await lineageOf(db, report.organ_id) : [report.organ_id];
  request.permitted = true;
  return visibleTo(request, report, organ, await listRevisions(db, report_id));
}

/** The answer for a report that shows one of its revisions. */
export async function answerWith(
  db: Db,
  request: FastifyRequest,
  visible: VisibleReport,
  shown: RevisionHead,
  /** The shown revision, where it was read already. */
  known?: Revision | null,
): Promise<Report> {
  const { report, organ, readsDrafts, revisions } = visible;
  const open = situationOf(revisions).open;
  const unanswered = readsDrafts ? await listUnansweredErrors(db, report, open) : [];
  return reportAnswer(
    report,
    revisions,
    known?.id === shown.id ? { ...known, ...shown } : await getRevision(db, shown.id),
    request.principal,
    organ,
    unanswered.length,
  );
}

/** Sends a report. With `open` it shows the revision being prepared, if any; otherwise `shown` of the report. */
export async function sendReport(
  db: Db,
  request: FastifyRequest,
  reply: FastifyReply,
  report_id: string,
  open = false,
) {
  return sendVisible(db, request, reply, await findVisible(db, request, report_id), open);
}

async function sendVisible(
  db: Db,
  request: FastifyRequest,
  reply: FastifyReply,
  visible: VisibleReport,
  open: boolean,
  known?: Revision | null,
) {
  const shown = open ? (situationOf(visible.revisions).open ?? visible.shown) : visible.shown;
  const answer = await answerWith(db, request, visible, shown, known);
  return resource(request, reply, answer, visible.readsDrafts ? visible.report.version : undefined);
}

/**
 * What a write left: the report with its new version, and the revision that was written, null where it was removed.
 */
export interface Written {
  report: StoredReport;
  revision: Revision | null;
}

/** The same, with everything else that an answer shows. */
interface WrittenWhole extends Written {
  organ: Lineage;
  revisions: RevisionHead[];
}

/** Sends a report as a write left it, without reading it again. */
export const sendWritten = (
  request: FastifyRequest,
  reply: FastifyReply,
  { report, organ, revisions, revision }: WrittenWhole,
  open: boolean,
) => sendVisible(request.trx, request, reply, visibleTo(request, report, organ, revisions), open, revision);

/** A change of a report. Returns the id of the revision that it leaves, or null where it removed the revision. */
export type Change = (
  trx: Trx,
  report: StoredReport,
  situation: Situation,
  /** The revision that the action is about: the effective one for a withdrawal, otherwise the newest. */
  subject: Revision,
) => Promise<string | null>;

interface WriteOptions {
  /** Compares If-Match with the version of the report. Unless given, If-Match is required. */
  check?: (request: FastifyRequest, version: number) => void;
  /** The name of the action in the audit, where it is another one. */
  recordedAs?: string;
}

/** The actions that change the state of a revision and nothing that it says. */
const transitions: readonly ActionName[] = ['submit', 'return', 'publish', 'withdraw'];

/**
 * The one way to write to a report, in the transaction of the request. It locks the report, compares If-Match,
 * refuses actions that are not allowed, runs the change, raises the version and has the audit record the change. Of
 * many writers with the same tag exactly one succeeds. An answer to a finding does not raise the version, so that a
 * client can answer all findings and then submit with the tag that it has.
 */
export async function writeReport(
  request: FastifyRequest,
  report_id: string,
  action: ActionName,
  change: Change,
  { check = requireMatch, recordedAs = action }: WriteOptions = {},
): Promise<WrittenWhole> {
  const { trx, principal } = request;
  // Were the organ moved out of the caller's reach meanwhile, the database would pass over what the change writes.
  if (action === 'publish' || action === 'withdraw') await lockYearsOf(trx, report_id);
  else if (dependsOnOrgans(principal)) await holdTree(trx);
  const organ = dependsOnOrgans(principal) ? await lineageOfReport(trx, report_id) : [];
  if (!mayChange(principal, organ)) throw await unchangeable(request, report_id, organ);
  const report = await lockReport(trx, report_id);
  if (!report) throw noReport(report_id);
  const situation = situationOf(await listRevisions(trx, report_id));
  guardPermission(action, situation, principal, organ);
  request.permitted = true;
  check(request, report.version);
  const unanswered = action === 'submit' ? await listUnansweredErrors(trx, report, situation.open) : [];
  guardState(action, { ...situation, unansweredErrors: unanswered.length }, unanswered);
  const { id } = action === 'withdraw' ? situation.effective! : situation.latest;
  const subject = await getRevision(trx, id);
  const said = await saidOf(trx, subject);
  const left = await change(trx, report, situation, subject);
  const isGone = left === null && !situation.wasPublished;
  const isCounted = !isGone && action !== 'answer';
  const discarded = left === null ? subject.number : 0;
  const [version = report.version] = isCounted ? await touchReports(trx, [report_id], discarded) : [];
  const revisions = await listRevisions(trx, report_id);
  const head = revisions.find(({ id }) => id === left);
  const isSaid = transitions.includes(action);
  const revision = head ? { ...(isSaid ? subject : await getRevision(trx, head.id)), ...head } : null;
  request.audited.push({
    action: recordedAs,
    resource: 'report',
    resource_id: report_id,
    revision: (revision ?? subject).number,
    before_hash: action === 'correct' ? null : revisionHash(subject, ...said),
    after_hash: revision && revisionHash(revision, ...(isSaid ? said : await saidOf(trx, revision))),
  });
  return { report: { ...report, version }, revision, organ, revisions };
}

/**
 * The refusal for a caller who may change nothing: Problem `forbidden` (403) where there is something to see, Problem
 * `not-found` (404) otherwise.
 */
async function unchangeable(
  { trx, principal }: FastifyRequest,
  id: string,
  organ: Lineage,
): Promise<Problem> {
  const isSeen =
    mayRead(principal, organ) || (await listRevisions(trx, id)).some(({ state }) => state === 'published');
  return isSeen
    ? new Problem('forbidden', { detail: 'no grant of the caller allows this with the report' })
    : noReport(id);
}

/** What the audit hashes of a revision besides its head: the hash of its content, and its answers to findings. */
const saidOf = async (db: Db, revision: Revision) =>
  [contentHash(revision), await listFindingAnswers(db, revision.id)] as const;
