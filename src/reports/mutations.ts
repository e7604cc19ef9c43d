import { sql } from 'kysely';
import { v7 as uuidv7 } from 'uuid';
import type { Trx } from '../db/database.ts';
import { type GivenColumns, givenRows } from '../db/given-rows.ts';
import { refs } from '../db/refs.ts';
import { applicantKeys, outcomeKeys } from '../editions/vocabulary.ts';
import { Problem } from '../http/problem.ts';
import type { FindingsSummary } from '../rules/rule.ts';
import type { Content, NaturalKey } from './documents.ts';
import { headColumns, type RevisionHead, reportColumns, type StoredReport } from './queries.ts';

/**
 * Statements that change reports and revisions, each in the transaction of a route or a batch. There is one statement
 * for each table, whatever the number of rows.
 */

/**
 * Lets only one transaction at a time create, publish or withdraw reports of an organ and scope. The findings of a
 * year compare with the year before. A report that another transaction is creating is not there yet, so its findings
 * could not be worked out again. These locks must be taken before any row is locked. They are taken in a fixed order.
 * Meanwhile the tree of organs does not change.
 */
export async function lockYears(
  trx: Trx,
  keys: readonly Pick<NaturalKey, 'organ_id' | 'scope'>[],
): Promise<void> {
  const names = keys.map(({ organ_id, scope }) => `${organ_id.toLowerCase()}/${scope}`);
  await sql`select lock_publication(${names}::text[])`.execute(trx);
}

/** Lets no organ move until the transaction ends. This lock too must be taken before any row is locked. */
export const holdTree = (trx: Trx) => sql`select rollup_lock_tree(false)`.execute(trx);

/** The same as `lockYears` for the organ and scope of one report. */
export const lockYearsOf = (trx: Trx, report_id: string) =>
  sql`select lock_publication(array[organ_id || '/' || scope]) from reports where id = ${report_id}`.execute(
    trx,
  );

/**
 * Creates a report. Problem `report-exists` (409), with the id of the report that this organ has for the year and
 * scope.
 */
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

/**
 * Inserts rows with these columns. `valueIn` gives the value of a column where that is not the row's member of that
 * name.
 */
export async function insertRows<T extends object>(
  trx: Trx,
  table: string,
  columns: GivenColumns,
  rows: readonly T[],
  valueIn?: (row: T, name: string) => unknown,
): Promise<void> {
  if (rows.length === 0) return;
  const names = refs(Object.keys(columns));
  await sql`insert into ${sql.table(table)} (${names})
    select ${names} from ${givenRows(columns, rows, valueIn)}`.execute(trx);
}

/**
 * The content of a revision that is written. One with a `report_id` (`NewRevision`) is opened; otherwise the content
 * of an existing revision is replaced.
 */
interface RevisionContent {
  id: string;
  content: Content;
  summary: FindingsSummary;
}
interface NewRevision extends RevisionContent {
  report_id: string;
  number: number;
  reason: string | null;
}

const textTypes = {
  title: 'text',
  published_on: 'date',
  source_url: 'text',
  overview: 'text',
  problems: 'text',
  other_matters: 'text',
  disclosure_edition: 'word',
  request_edition: 'word',
  findings_summary: 'json',
} as const satisfies GivenColumns;

const rowOf = ({ content, summary, ...rest }: RevisionContent) => ({
  ...content,
  ...rest,
  disclosure_edition: content.editions.disclosure_items,
  request_edition: content.editions.request_statistics,
  findings_summary: JSON.stringify(summary),
});

/** Opens revisions as drafts with their content. */
export async function insertRevisions(trx: Trx, revisions: readonly NewRevision[]): Promise<void> {
  const head = { id: 'uuid', report_id: 'uuid', number: 'integer', reason: 'text' } as const;
  await insertRows(trx, 'revisions', { ...head, ...textTypes }, revisions.map(rowOf));
  for (const table of tables) await insertTable(trx, table, revisions);
}

/** Replaces the content of drafts. Tables that are as they were in `before` are not written. */
export async function replaceContents(
  trx: Trx,
  revisions: readonly (RevisionContent & { before?: Content })[],
): Promise<void> {
  if (revisions.length === 0) return;
  const assignments = Object.keys(textTypes).map(
    (name) => sql`${sql.ref(name)} = ${sql.ref(`given.${name}`)}`,
  );
  const changed = tables.map((each) => ({
    ...each,
    of: revisions.filter(({ before, content }) => !before || textOf(before, each) !== textOf(content, each)),
  }));
  for (const { table, of } of changed)
    if (of.length > 0)
      await sql`delete from ${sql.table(table)} where revision_id = any(${of.map(({ id }) => id)}::uuid[])`.execute(
        trx,
      );
  await sql`update revisions set ${sql.join(assignments)}, updated_at = now()
    from ${givenRows({ id: 'uuid', ...textTypes }, revisions.map(rowOf))} where revisions.id = given.id`.execute(
    trx,
  );
  for (const { of, ...each } of changed) await insertTable(trx, each, of);
}

const counts = (names: readonly string[]): GivenColumns =>
  Object.fromEntries(names.map((name) => [name, 'bigint']));

/** A table with a part of a revision's content: its columns, and the rows that the content has for it. */
interface ContentTable {
  table: string;
  columns: GivenColumns;
  edition?: keyof Content['editions'];
  rows: (content: Content) => readonly object[];
}

const tables: readonly ContentTable[] = [
  {
    table: 'disclosure_items',
    columns: { edition: 'word', item: 'word', measure: 'word', value: 'numeric', unit: 'word' },
    edition: 'disclosure_items',
    rows: ({ disclosure_items }) => disclosure_items,
  },
  {
    table: 'request_statistics',
    columns: { edition: 'word', row: 'word', ...counts(applicantKeys) },
    edition: 'request_statistics',
    rows: ({ request_statistics }) => request_statistics,
  },
  {
    table: 'review_litigation_counts',
    columns: { proceeding: 'word', ...counts(outcomeKeys) },
    rows: ({ review_litigation_counts }) => review_litigation_counts,
  },
  {
    table: 'cell_notes',
    columns: { position: 'integer', cell: 'text', raw: 'text', note: 'text' },
    rows: ({ cell_notes }) => cell_notes.map((note, position) => ({ ...note, position })),
  },
];

/** The rows that a content has in a table, as text to compare. The members of a row may be in any order. */
const textOf = (content: Content, { columns, edition, rows }: ContentTable): string =>
  JSON.stringify([
    edition && content.editions[edition],
    rows(content).map((row) => Object.keys(columns).map((name) => row[name as keyof object])),
  ]);

const insertTable = (
  trx: Trx,
  { table, columns, edition, rows }: ContentTable,
  revisions: readonly RevisionContent[],
) => {
  const all = revisions.flatMap(({ id, content }) => {
    const printed = edition && content.editions[edition];
    return rows(content).map((row) => ({ id, printed, row: row as Record<string, unknown> }));
  });
  return insertRows(trx, table, { revision_id: 'uuid', ...columns }, all, ({ id, printed, row }, name) =>
    name === 'revision_id' ? id : name === 'edition' ? printed : row[name],
  );
};

interface Move {
  /** Revisions whose publication ends. */
  ended: readonly string[];
  /** Revisions that become effective: drafts, and submitted ones. */
  begun: readonly string[];
}

/**
 * Makes the revisions in `begun` effective and those in `ended` superseded. Drafts are submitted in the same step.
 * Does nothing where `begun` is empty. Returns the heads of the revisions that became effective.
 */
export async function moveRevisions(trx: Trx, { ended, begun }: Move, by: string): Promise<RevisionHead[]> {
  if (begun.length === 0) return [];
  if (ended.length > 0)
    await sql`update revisions set state = 'superseded', ended_at = now(), updated_at = now()
      where id = any(${ended}::uuid[])`.execute(trx);
  const { rows } = await sql<RevisionHead>`
    update revisions set state = 'published', effective_at = now(), effective_by = ${by}, updated_at = now(),
      submitted_at = case state when 'draft' then now() else submitted_at end,
      submitted_by = case state when 'draft' then ${by} else submitted_by end
    where id = any(${begun}::uuid[])
    returning ${refs(headColumns)}`.execute(trx);
  return rows;
}

/** Stores what the rules say now of each revision. */
export async function storeSummaries(
  trx: Trx,
  revisions: readonly { id: string; summary: FindingsSummary }[],
): Promise<void> {
  if (revisions.length === 0) return;
  const rows = revisions.map(({ id, summary }) => ({ id, summary: JSON.stringify(summary) }));
  await sql`update revisions set findings_summary = given.summary
    from ${givenRows({ id: 'uuid', summary: 'json' }, rows)} where revisions.id = given.id`.execute(trx);
}

/**
 * Raises the version of each of the reports, and notes the number of a draft that was discarded. Returns their new
 * versions. A report is updated only once in a transaction: at a second time PostgreSQL looks at its organ again, and
 * would wait for whoever changes the organ, who may be waiting for the report.
 */
export async function touchReports(trx: Trx, ids: readonly string[], discarded = 0): Promise<number[]> {
  const { rows } = await sql<{ version: number }>`
    update reports set version = version + 1, updated_at = now(),
      discarded_revision = greatest(discarded_revision, ${discarded})
    where id = any(${ids}::uuid[]) returning version`.execute(trx);
  return rows.map(({ version }) => version);
}

/** Stores rendered public answers. */
export const storePublicAnswers = (
  trx: Trx,
  answers: readonly { report_id: string; revision_id: string; etag: string; body: string }[],
) =>
  sql`insert into effective_answers (report_id, revision_id, etag, body)
    select report_id, revision_id, etag, body
    from ${givenRows({ report_id: 'uuid', revision_id: 'uuid', etag: 'text', body: 'text' }, answers)}
    on conflict (report_id) do update
    set revision_id = excluded.revision_id, etag = excluded.etag, body = excluded.body`.execute(trx);
