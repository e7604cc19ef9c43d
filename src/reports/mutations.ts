import { sql } from 'kysely';
import { v7 as uuidv7 } from 'uuid';
import type { Trx } from '../db/database.ts';
import { Problem } from '../http/problem.ts';
import type { FindingsSummary } from '../rules/rule.ts';
import type { Content, NaturalKey } from './documents.ts';
import { reportColumns, type StoredReport } from './queries.ts';

/** What changes reports and revisions; each belongs in the transaction of a route. */

/** Creates a report; Problem `report-exists` with the id of the one that has its organ, year and scope. */
export async function insertReport(trx: Trx, key: NaturalKey): Promise<StoredReport> {
  const inserted = await trx
    .insertInto('reports')
    .values({ id: uuidv7(), organ_id: key.organ_id, year: key.year, scope: key.scope })
    .onConflict((conflict) => conflict.constraint('reports_natural_key').doNothing())
    .returning(reportColumns)
    .executeTakeFirst();
  if (inserted) return inserted as StoredReport;
  const existing = await trx
    .selectFrom('reports')
    .select('id')
    .where('organ_id', '=', key.organ_id)
    .where('year', '=', key.year)
    .where('scope', '=', key.scope)
    .executeTakeFirst();
  throw new Problem('report-exists', {
    ...(existing && {
      detail: `correct or continue the report ${existing.id} instead`,
      members: { report_id: existing.id },
      headers: { location: `/v1/reports/${existing.id}` },
    }),
  });
}

const textColumns = (content: Content) => ({
  title: content.title,
  published_on: content.published_on,
  source_url: content.source_url,
  overview: content.overview,
  problems: content.problems,
  other_matters: content.other_matters,
  disclosure_edition: content.editions.disclosure_items,
  request_edition: content.editions.request_statistics,
});

/** Opens a revision in state draft with the content given. */
export async function insertRevision(
  trx: Trx,
  report_id: string,
  number: number,
  reason: string | null,
  content: Content,
  findings_summary: FindingsSummary,
): Promise<string> {
  const id = uuidv7();
  await trx
    .insertInto('revisions')
    .values({
      id,
      report_id,
      number,
      reason,
      ...textColumns(content),
      findings_summary: JSON.stringify(findings_summary),
    })
    .execute();
  await insertTables(trx, id, content);
  return id;
}

/** Replaces the whole content of a draft. */
export async function replaceContent(
  trx: Trx,
  id: string,
  content: Content,
  findings_summary: FindingsSummary,
): Promise<void> {
  for (const table of [
    'disclosure_items',
    'request_statistics',
    'review_litigation_counts',
    'cell_notes',
  ] as const)
    await trx.deleteFrom(table).where('revision_id', '=', id).execute();
  await trx
    .updateTable('revisions')
    .set({
      ...textColumns(content),
      findings_summary: JSON.stringify(findings_summary),
      updated_at: sql<string>`now()`,
    })
    .where('id', '=', id)
    .execute();
  await insertTables(trx, id, content);
}

async function insertTables(trx: Trx, revision_id: string, content: Content): Promise<void> {
  const { editions } = content;
  if (content.disclosure_items.length > 0)
    await trx
      .insertInto('disclosure_items')
      .values(
        content.disclosure_items.map((cell) => ({
          ...cell,
          revision_id,
          edition: editions.disclosure_items,
        })),
      )
      .execute();
  if (content.request_statistics.length > 0)
    await trx
      .insertInto('request_statistics')
      .values(
        content.request_statistics.map((row) => ({
          ...row,
          revision_id,
          edition: editions.request_statistics,
        })),
      )
      .execute();
  if (content.review_litigation_counts.length > 0)
    await trx
      .insertInto('review_litigation_counts')
      .values(content.review_litigation_counts.map((row) => ({ ...row, revision_id })))
      .execute();
  if (content.cell_notes.length > 0)
    await trx
      .insertInto('cell_notes')
      .values(content.cell_notes.map((note, position) => ({ ...note, revision_id, position })))
      .execute();
}

/** Counts a write to the report and returns its new version. */
export async function touchReport(trx: Trx, id: string): Promise<number> {
  const { version } = await trx
    .updateTable('reports')
    .set((eb) => ({ version: eb('version', '+', 1), updated_at: sql<string>`now()` }))
    .where('id', '=', id)
    .returning('version')
    .executeTakeFirstOrThrow();
  return version;
}
