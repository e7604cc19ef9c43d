import type { FastifyRequest } from 'fastify';
import { v7 as uuidv7 } from 'uuid';
import { may } from '../access/principal.ts';
import type { AuditEvent } from '../audit/chain.ts';
import type { Trx } from '../db/database.ts';
import { taggedWith } from '../http/answers.ts';
import type { App } from '../http/app-type.ts';
import { Problem } from '../http/problem.ts';
import { asCaller } from '../http/transactions.ts';
import { type Content, contentHash, type NaturalKey, revisionHash } from '../reports/documents.ts';
import { lockYears } from '../reports/mutations.ts';
import { refreshNextYear } from '../reports/publication.ts';
import { getRevisions, listRevisionsOf, type RevisionHead } from '../reports/queries.ts';
import type { RevisionState } from '../reports/schema.ts';
import { publicAnswer } from '../reports/views.ts';
import { check, summarise } from '../rules/index.ts';
import type { Finding, FindingsSummary, Found } from '../rules/rule.ts';
import { type Decision, decide, type Stored, type Wish } from './decision.ts';
import { type Filing, keyOf } from './filings.ts';
import {
  findEffective,
  findOrgans,
  insertReports,
  insertRevisions,
  lockReports,
  moveRevisions,
  type OrganStanding,
  replaceContents,
  storeAnswers,
  storeSummaries,
  touchReports,
} from './storage.ts';

/** What became of a line; the shape of the answer is BatchResult. */
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

/** A line on its way: what it asks for, what will be done, and the ids of what it concerns. */
interface Step extends Filing {
  organ: OrganStanding;
  decision: Decision;
  report_id: string;
  revision_id: string;
}

const refusal = (line: number, problem: Problem): Outcome => ({
  line,
  status: 'refused',
  report_id: null,
  revision: null,
  state: null,
  problem,
});

/** Why the caller may not file for an organ at all. */
function refusalOf({ principal }: FastifyRequest, organ: OrganStanding | undefined): Problem | undefined {
  if (organ === undefined)
    return new Problem('invalid-request', {
      errors: [{ pointer: '/organ_id', code: 'unknown-organ', message: 'must be the id of an organ' }],
    });
  return may(principal, 'create', organ.lineage)
    ? undefined
    : new Problem('forbidden', { detail: 'no grant of the caller allows filing for this organ' });
}

const yearBefore = (key: NaturalKey): NaturalKey => ({ ...key, year: key.year - 1 });
const yearAfter = (key: NaturalKey): NaturalKey => ({ ...key, year: key.year + 1 });
const bare = ({ organ_id, year, scope }: NaturalKey): NaturalKey => ({ organ_id, year, scope });

/** What is stored of the reports of some keys, and the effective revisions of the year before each, by key. */
async function readStored(trx: Trx, keys: readonly NaturalKey[], publish: boolean) {
  const wanted = new Map(keys.map((key) => [keyOf(key), bare(key)]));
  // A publication works out the findings of the year after again, so those are locked with the others, in one order.
  if (publish) for (const key of keys) wanted.set(keyOf(yearAfter(key)), yearAfter(key));
  const reports = await lockReports(trx, [...wanted.values()]);
  const effectiveBefore = await findEffective(trx, keys.map(yearBefore));
  const mine = new Set(keys.map(keyOf));
  const found = reports.filter((report) => mine.has(keyOf(report)));
  const heads =
    found.length === 0
      ? []
      : await listRevisionsOf(
          trx,
          found.map(({ id }) => id),
        );
  const byReport = Map.groupBy(heads, ({ report_id }) => report_id);
  const compared = [...byReport.values()].flatMap((all) => {
    const current = all.filter(({ state }) => ['draft', 'submitted', 'published'].includes(state));
    return current.length > 0 ? current : all.slice(-1);
  });
  const contents = await getRevisions(
    trx,
    compared.map(({ id }) => id),
  );
  const hashes = new Map(compared.map(({ id }) => [id, contentHash(contents.get(id)!)]));
  const stored = new Map<string, Stored>(
    found.map((report) => [
      keyOf(report),
      {
        id: report.id,
        revisions: byReport.get(report.id) ?? [],
        discarded_revision: report.discarded_revision,
        hashes,
      },
    ]),
  );
  const before = new Map<string, Content>(
    effectiveBefore.map(({ content, ...key }) => [keyOf(key), content]),
  );
  const existing = new Map(reports.map((report) => [keyOf(report), report]));
  return { stored, before, existing };
}

const targetOf = (decision: Decision): string => ('revision' in decision ? decision.revision.id : uuidv7());

/** Writes lines with different natural keys as one transaction: all of them, or, when it throws, none. */
export function writeBatch(
  app: App,
  request: FastifyRequest,
  filings: readonly Filing[],
  wish: Wish,
): Promise<Outcome[]> {
  return asCaller(app, request, async (trx, audited) => {
    const { principal } = request;
    const outcomes: Outcome[] = [];
    const organs = await findOrgans(trx, [...new Set(filings.map(({ key }) => key.organ_id))]);
    const permitted = filings.filter(({ line, key }) => {
      const problem = refusalOf(request, organs.get(key.organ_id));
      if (problem) outcomes.push(refusal(line, problem));
      return problem === undefined;
    });
    if (permitted.length === 0) return outcomes;
    await lockYears(
      trx,
      permitted.map(({ key }) => key),
    );
    const { stored, before, existing } = await readStored(
      trx,
      permitted.map(({ key }) => key),
      wish.publish,
    );
    const steps = permitted.map((filing): Step => {
      const known = stored.get(keyOf(filing.key));
      const decision = decide(filing.hash, known, wish);
      return {
        ...filing,
        organ: organs.get(filing.key.organ_id)!,
        decision,
        report_id: known?.id ?? uuidv7(),
        revision_id: targetOf(decision),
      };
    });
    const writing = steps.filter(({ decision: { kind } }) => kind !== 'nothing' && kind !== 'refuse');
    // What this batch puts into effect is the year before of what it files for the next year.
    if (wish.publish) for (const step of writing) before.set(keyOf(step.key), step.content);
    const findingsOf = ({ key, content, organ }: Step): Found[] => {
      const { year, scope } = key;
      const previous = before.get(keyOf(yearBefore(key)));
      return check({
        figures: { ...content, year, scope },
        organ: { kind: organ.kind, level: organ.level },
        previous: previous ? { ...previous, year: year - 1, scope } : null,
      });
    };
    const summaries = new Map(writing.map((step) => [step, summarise(findingsOf(step))]));
    await store(trx, writing, summaries);
    if (wish.publish) await putIntoEffect(trx, writing, { stored, existing }, principal.id);
    for (const step of writing) audited.push(auditOf(step, stored.get(keyOf(step.key)), wish));
    outcomes.push(...steps.map((step) => outcomeOf(step, summaries.get(step), wish, findingsOf)));
    return outcomes;
  });
}

async function store(trx: Trx, steps: readonly Step[], summaries: ReadonlyMap<Step, FindingsSummary>) {
  const of = (...kinds: Decision['kind'][]) => steps.filter(({ decision }) => kinds.includes(decision.kind));
  await insertReports(
    trx,
    // In the order of the unique index, so that two batches never wait for each other.
    of('create')
      .map(({ key, report_id }) => ({ id: report_id, ...key }))
      .sort((a, b) => (keyOf(a) < keyOf(b) ? -1 : 1)),
  );
  await insertRevisions(
    trx,
    of('create', 'supersede').map((step) => ({
      id: step.revision_id,
      report_id: step.report_id,
      number: step.decision.kind === 'supersede' ? step.decision.number : 1,
      reason: step.decision.kind === 'supersede' ? step.decision.reason : null,
      content: step.content,
      summary: summaries.get(step)!,
    })),
  );
  await replaceContents(
    trx,
    of('replace').map((step) => ({
      id: step.revision_id,
      content: step.content,
      summary: summaries.get(step)!,
    })),
  );
  await storeSummaries(
    trx,
    of('publish').map((step) => ({ id: step.revision_id, summary: summaries.get(step)! })),
  );
  const touched = of('replace', 'supersede', 'publish').map(({ report_id }) => report_id);
  if (touched.length > 0) await touchReports(trx, touched);
}

/** Publishes what was written, renders what the public reads, and refreshes the years after that exist already. */
async function putIntoEffect(
  trx: Trx,
  steps: readonly Step[],
  { stored, existing }: { stored: ReadonlyMap<string, Stored>; existing: ReadonlyMap<string, unknown> },
  by: string,
) {
  if (steps.length === 0) return;
  const ended = steps.flatMap(({ decision }) =>
    'effective' in decision && decision.effective ? [decision.effective.id] : [],
  );
  const begun = await moveRevisions(trx, { ended, begun: steps.map(({ revision_id }) => revision_id) }, by);
  const heads = new Map(begun.map((head) => [head.id, head]));
  await storeAnswers(
    trx,
    steps.map(({ report_id, revision_id, key, content }) => {
      const head = heads.get(revision_id)!;
      const others = (stored.get(keyOf(key))?.revisions ?? []).filter(({ id }) => id !== revision_id);
      const revisions = others.map(
        (other): RevisionHead => (ended.includes(other.id) ? { ...other, state: 'superseded' } : other),
      );
      const body = JSON.stringify(
        publicAnswer({ id: report_id, ...key }, [...revisions, head], { ...head, ...content }),
      );
      return { report_id, revision_id, etag: taggedWith(body), body };
    }),
  );
  const written = new Set(steps.map(({ key }) => keyOf(key)));
  for (const { key } of steps) {
    const next = keyOf(yearAfter(key));
    if (existing.has(next) && !written.has(next)) await refreshNextYear(trx, key);
  }
}

const numberOf = ({ decision }: Step): number =>
  decision.kind === 'create' ? 1 : decision.kind === 'supersede' ? decision.number : decision.revision.number;

/** One entry a line: what the report was, and what the batch made of it. */
function auditOf(step: Step, stored: Stored | undefined, { publish }: Wish): AuditEvent {
  const { decision, report_id, hash } = step;
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
    before_hash: was ? revisionHash(was, stored?.hashes.get(was.id) ?? '') : null,
    after_hash: revisionHash({ ...remarks, number, state: publish ? 'published' : 'draft' }, hash),
  };
}

function outcomeOf(
  step: Step,
  summary: FindingsSummary | undefined,
  { publish }: Wish,
  findingsOf: (step: Step) => Found[],
): Outcome {
  const { line, report_id, decision } = step;
  const revision = numberOf(step);
  if (decision.kind === 'refuse') {
    const { state, number } = decision.revision;
    const { problem } = decision;
    return {
      line,
      status: 'refused',
      report_id,
      revision: number,
      state,
      problem,
      findings: findingsOf(step).map((found) => found.word()),
    };
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
    ...(summary && { findings_summary: summary }),
  };
}
