import { sql } from 'kysely';
import { v7 as uuidv7 } from 'uuid';
import type { Trx } from '../db/database.ts';
import { applicantKeys, outcomeKeys } from '../editions/vocabulary.ts';
import { Problem } from '../http/problem.ts';
import type { FindingsSummary } from '../rules/rule.ts';
import type { Content, NaturalKey } from './documents.ts';
import { reportColumns, type StoredReport } from './queries.ts';

/** What changes reports and revisions; each belongs in the transaction of a route. */

/**
 * Lets only one transaction at a time create, publish or withdraw reports of an organ and scope: the findings of a year
 * compare with the year before, and a report being created is not yet there to be compared again. Taken before any
 * row is locked, always in the same order. The tree of organs stays as it is meanwhile.
 */
export async function lockYears(
  trx: Trx,
  keys: readonly Pick<NaturalKey, 'organ_id' | 'scope'>[],
): Promise<void> {
  const names = keys.map(({ organ_id, scope }) => `${organ_id.toLowerCase()}/${scope}`);
  await sql`select lock_publication(${names}::text[])`.execute(trx);
}

/** The same for the organ and scope of a report. */
export const lockYearsOf = (trx: Trx, report_id: string) =>
  sql`select lock_publication(array[organ_id || '/' || scope]) from reports where id = ${report_id}`.execute(
    trx,
  );

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
  const rows = tableRows(id, content);
  for (const table of tables) await insertRows(trx, table, rows[table]);
  return id;
}

/** Replaces the content of a draft; tables that stay as they are are not written. */
export async function replaceContent(
  trx: Trx,
  id: string,
  before: Content,
  content: Content,
  findings_summary: FindingsSummary,
): Promise<void> {
  const [were, are] = [tableRows(id, before), tableRows(id, content)];
  const changed = tables.filter((table) => JSON.stringify(were[table]) !== JSON.stringify(are[table]));
  for (const table of changed) await trx.deleteFrom(table).where('revision_id', '=', id).execute();
  await trx
    .updateTable('revisions')
    .set({
      ...textColumns(content),
      findings_summary: JSON.stringify(findings_summary),
      updated_at: sql<string>`now()`,
    })
    .where('id', '=', id)
    .execute();
  for (const table of changed) await insertRows(trx, table, are[table]);
}

const tables = ['disclosure_items', 'request_statistics', 'review_litigation_counts', 'cell_notes'] as const;

/** The rows that a revision's content has in each table. */
const tableRows = (revision_id: string, content: Content) => ({
  disclosure_items: content.disclosure_items.map(({ item, measure, value, unit }) => ({
    revision_id,
    edition: content.editions.disclosure_items,
    item,
    measure,
    value,
    unit,
  })),
  request_statistics: content.request_statistics.map((row) => ({
    revision_id,
    edition: content.editions.request_statistics,
    row: row.row,
    ...Object.fromEntries(applicantKeys.map((applicant) => [applicant, row[applicant]])),
  })),
  review_litigation_counts: content.review_litigation_counts.map((row) => ({
    revision_id,
    proceeding: row.proceeding,
    ...Object.fromEntries(outcomeKeys.map((outcome) => [outcome, row[outcome]])),
  })),
  cell_notes: content.cell_notes.map(({ cell, raw, note }, position) => ({
    revision_id,
    position,
    cell,
    raw,
    note,
  })),
});

const insertRows = async (trx: Trx, table: (typeof tables)[number], rows: object[]): Promise<void> => {
  if (rows.length > 0)
    await trx
      .insertInto(table)
      .values(rows as never)
      .execute();
};

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
