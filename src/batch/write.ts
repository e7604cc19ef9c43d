import type { FastifyRequest } from 'fastify';
import type { Trx } from '../db/database.ts';
import { taggedWith } from '../http/answers.ts';
import type { App } from '../http/app-type.ts';
import { asCaller } from '../http/transactions.ts';
import {
  insertRevisions,
  lockYears,
  moveRevisions,
  replaceContents,
  storePublicAnswers,
  storeSummaries,
  touchReports,
} from '../reports/mutations.ts';
import { refreshNextYear } from '../reports/publication.ts';
import type { RevisionHead } from '../reports/queries.ts';
import { publicAnswer } from '../reports/views.ts';
import type { Decision, Wish } from './decision.ts';
import { type Filing, keyOf } from './filings.ts';
import { auditOf, type Outcome, outcomeOf, refused } from './outcomes.ts';
import { planSteps, refusalOf, type Step, writes, yearAfter } from './steps.ts';
import { findOrgans, insertReports } from './storage.ts';

/** Writes lines with different natural keys as one transaction: all of them, or, when it throws, none. */
export function writeBatch(
  app: App,
  request: FastifyRequest,
  filings: readonly Filing[],
  wish: Wish,
): Promise<Outcome[]> {
  return asCaller(app, request, async (trx, audited) => {
    // From here on the organs stay where they are, so what is allowed now is allowed until the end.
    await lockYears(
      trx,
      filings.map(({ key }) => key),
    );
    const organs = await findOrgans(trx, [...new Set(filings.map(({ key }) => key.organ_id))]);
    const outcomes: Outcome[] = [];
    const permitted = filings.filter((filing) => {
      const problem = refusalOf(request, organs.get(filing.key.organ_id));
      if (problem) outcomes.push(refused(filing, problem));
      return problem === undefined;
    });
    if (permitted.length === 0) return outcomes;
    const steps = await planSteps(trx, permitted, organs, wish);
    const writing = steps.filter(writes);
    await store(trx, writing);
    if (wish.publish) await putIntoEffect(trx, writing, request.principal.id);
    for (const step of writing) audited.push(auditOf(step, wish));
    for (const step of steps) outcomes.push(outcomeOf(step, wish));
    return outcomes;
  });
}

async function store(trx: Trx, steps: readonly Step[]) {
  const of = (...kinds: Decision['kind'][]) => steps.filter(({ decision }) => kinds.includes(decision.kind));
  const written = ({ revision_id: id, content, summary }: Step) => ({ id, content, summary });
  await insertReports(
    trx,
    // In the order of the unique index, so that two batches cannot deadlock.
    of('create')
      .map(({ key, report_id }) => ({ id: report_id, ...key }))
      .sort((a, b) => (keyOf(a) < keyOf(b) ? -1 : 1)),
  );
  await insertRevisions(
    trx,
    of('create', 'supersede').map((step) => ({
      ...written(step),
      report_id: step.report_id,
      number: step.decision.kind === 'supersede' ? step.decision.number : 1,
      reason: step.decision.kind === 'supersede' ? step.decision.reason : null,
    })),
  );
  await replaceContents(trx, of('replace').map(written));
  await storeSummaries(trx, of('publish').map(written));
  const touched = of('replace', 'supersede', 'publish').map(({ report_id }) => report_id);
  if (touched.length > 0) await touchReports(trx, touched);
}

/**
 * Publishes what was written, stores the answers that the public reads, and refreshes the findings of the years after
 * that exist already.
 */
async function putIntoEffect(trx: Trx, steps: readonly Step[], by: string) {
  if (steps.length === 0) return;
  const ended = steps.flatMap(({ decision }) =>
    'effective' in decision && decision.effective ? [decision.effective.id] : [],
  );
  const begun = await moveRevisions(trx, { ended, begun: steps.map(({ revision_id }) => revision_id) }, by);
  const heads = new Map(begun.map((head) => [head.id, head]));
  await storePublicAnswers(
    trx,
    steps.map(({ report_id, revision_id, key, content, stored }) => {
      const head = heads.get(revision_id)!;
      const others = (stored?.revisions ?? []).filter(({ id }) => id !== revision_id);
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
  for (const { key, hasNext } of steps)
    if (hasNext && !written.has(keyOf(yearAfter(key)))) await refreshNextYear(trx, key);
}
