import type { Trx } from '../db/database.ts';
import { taggedWith } from '../http/answers.ts';
import { summarise } from '../rules/index.ts';
import type { NaturalKey } from './documents.ts';
import { checker } from './findings.ts';
import { storePublicAnswers, storeSummaries } from './mutations.ts';
import { getRevision, getRevisions, listRevisions, type Revision } from './queries.ts';
import { publicAnswer } from './views.ts';

/**
 * Renders the public answer of a report again, or removes it where nothing is effective. It belongs in the
 * transaction of whatever changed the answer: a new effective revision, its end, or a change of the year before that
 * changed its findings.
 */
export async function renderPublicAnswer(
  trx: Trx,
  report: NaturalKey & { id: string },
  /** Its effective revision, where it was read already. */
  known?: Revision,
): Promise<void> {
  const report_id = report.id;
  const revisions = await listRevisions(trx, report_id);
  const effective = revisions.find((revision) => revision.state === 'published');
  if (!effective) {
    await trx.deleteFrom('effective_answers').where('report_id', '=', report_id).execute();
    return;
  }
  const shown =
    known?.id === effective.id ? { ...known, ...effective } : await getRevision(trx, effective.id);
  const body = JSON.stringify(publicAnswer(report, revisions, shown));
  await storePublicAnswers(trx, [{ report_id, revision_id: effective.id, etag: taggedWith(body), body }]);
}

/** Works out the findings of every revision of a report again, because something that they depend on has changed. */
async function refreshFindings(trx: Trx, report: NaturalKey & { id: string }): Promise<void> {
  const ids = (await listRevisions(trx, report.id)).map(({ id }) => id);
  const revisions = [...(await getRevisions(trx, ids)).values()];
  const check = await checker(trx, report);
  await storeSummaries(
    trx,
    revisions.map((revision) => ({ id: revision.id, summary: summarise(check(revision)) })),
  );
  const effective = revisions.find(({ state }) => state === 'published');
  await renderPublicAnswer(trx, report, effective);
}

/**
 * To be called after the effective revision of a year changed. The findings of the year after compare with it, so
 * they are worked out again.
 */
export async function refreshNextYear(trx: Trx, key: NaturalKey): Promise<void> {
  const next = await trx
    .selectFrom('reports')
    .select(['id', 'organ_id', 'year', 'scope'])
    .where('organ_id', '=', key.organ_id)
    .where('year', '=', key.year + 1)
    .where('scope', '=', key.scope)
    .forUpdate()
    .executeTakeFirst();
  if (next) await refreshFindings(trx, next as NaturalKey & { id: string });
}

/**
 * To be called after an organ's kind or level changed. Rules look at them, so the findings of all its reports are
 * worked out again.
 */
export async function refreshOrganFindings(trx: Trx, organ_id: string): Promise<void> {
  const reports = await trx
    .selectFrom('reports')
    .select(['id', 'organ_id', 'year', 'scope'])
    .where('organ_id', '=', organ_id)
    .orderBy('year')
    .forUpdate()
    .execute();
  for (const report of reports) await refreshFindings(trx, report as NaturalKey & { id: string });
}
