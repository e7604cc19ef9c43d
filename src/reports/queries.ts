import { sql } from 'kysely';
import { jsonArrayFrom } from 'kysely/helpers/postgres';
import type { Db, Trx } from '../db/database.ts';
import { type GivenColumns, givenRows } from '../db/given-rows.ts';
import { refs } from '../db/refs.ts';
import type { EditionKey } from '../editions/edition.ts';
import { type Figures, inFormOrder } from '../editions/figures.ts';
import { applicantKeys, outcomeKeys } from '../editions/vocabulary.ts';
import { readOfYearBefore } from '../rules/index.ts';
import type { FindingsSummary } from '../rules/rule.ts';
import type { FindingAnswer } from '../rules/schema.ts';
import type { Content, NaturalKey } from './documents.ts';
import type { RevisionState } from './schema.ts';

/** A report without any content; `version` counts its writes. */
export interface StoredReport extends NaturalKey {
  id: string;
  version: number;
  /** The highest number of a discarded draft. Numbers are never used again. */
  discarded_revision: number;
}

/** A revision without its tables. */
export interface RevisionHead {
  id: string;
  report_id: string;
  number: number;
  state: RevisionState;
  reason: string | null;
  return_reason: string | null;
  withdraw_reason: string | null;
  title: string | null;
  published_on: string | null;
  findings_summary: FindingsSummary;
  created_at: string;
  updated_at: string;
  submitted_at: string | null;
  submitted_by: string | null;
  effective_at: string | null;
  ended_at: string | null;
}

export interface Revision extends RevisionHead, Content {}

export const headColumns = [
  'id',
  'report_id',
  'number',
  'state',
  'reason',
  'return_reason',
  'withdraw_reason',
  'title',
  'published_on',
  'findings_summary',
  'created_at',
  'updated_at',
  'submitted_at',
  'submitted_by',
  'effective_at',
  'ended_at',
] as const;

/** The columns of natural keys that are given to a statement as rows. */
export const keyColumns = {
  organ_id: 'uuid',
  year: 'integer',
  scope: 'word',
} as const satisfies GivenColumns;

export const reportColumns = ['id', 'organ_id', 'year', 'scope', 'version', 'discarded_revision'] as const;

export const findReport = (db: Db, id: string) =>
  db.selectFrom('reports').select(reportColumns).where('id', '=', id).executeTakeFirst() as Promise<
    StoredReport | undefined
  >;

/** The report, locked against other writers until the transaction ends. Every write to a report begins here. */
export const lockReport = (trx: Trx, id: string) =>
  trx
    .selectFrom('reports')
    .select(reportColumns)
    .where('id', '=', id)
    .forUpdate()
    .executeTakeFirst() as Promise<StoredReport | undefined>;

/** The heads of all revisions of a report, oldest first. */
export const listRevisions = (db: Db, report_id: string) =>
  db
    .selectFrom('revisions')
    .select(headColumns)
    .where('report_id', '=', report_id)
    .orderBy('number')
    .execute() as Promise<unknown> as Promise<RevisionHead[]>;

/** The heads of all revisions of some reports. Those of one report stand together, oldest first. */
export const listRevisionsOf = (db: Db, report_ids: readonly string[]) =>
  db
    .selectFrom('revisions')
    .select(headColumns)
    .where('report_id', '=', sql<string>`any(${report_ids}::uuid[])`)
    .orderBy('report_id')
    .orderBy('number')
    .execute() as Promise<unknown> as Promise<RevisionHead[]>;

/** Selects revisions with their whole content. `toRevision` puts their rows in printed order. */
const selectRevisions = (db: Db) =>
  db
    .selectFrom('revisions')
    .select([
      ...headColumns,
      'source_url',
      'overview',
      'problems',
      'other_matters',
      'disclosure_edition',
      'request_edition',
    ])
    .select((eb) => [
      jsonArrayFrom(
        eb
          .selectFrom('disclosure_items')
          .select(['item', 'measure', 'value', 'unit'])
          .whereRef('revision_id', '=', 'revisions.id'),
      ).as('disclosure_items'),
      jsonArrayFrom(
        eb
          .selectFrom('request_statistics')
          .select(['row', ...applicantKeys])
          .whereRef('revision_id', '=', 'revisions.id'),
      ).as('request_statistics'),
      jsonArrayFrom(
        eb
          .selectFrom('review_litigation_counts')
          .select(['proceeding', ...outcomeKeys])
          .whereRef('revision_id', '=', 'revisions.id'),
      ).as('review_litigation_counts'),
      jsonArrayFrom(
        eb
          .selectFrom('cell_notes')
          .select(['cell', 'raw', 'note'])
          .whereRef('revision_id', '=', 'revisions.id')
          .orderBy('position'),
      ).as('cell_notes'),
    ]);

function toRevision(row: { disclosure_edition: string; request_edition: string }): Revision {
  const { disclosure_edition, request_edition, ...rest } = row;
  return inFormOrder({
    ...rest,
    editions: { disclosure_items: disclosure_edition, request_statistics: request_edition },
  } as unknown as Revision);
}

/** A revision with its whole content, rows in printed order, in one statement. */
export const getRevision = async (db: Db, id: string): Promise<Revision> =>
  toRevision(await selectRevisions(db).where('id', '=', id).executeTakeFirstOrThrow());

/** The same for several revisions, by id. */
export async function getRevisions(db: Db, ids: readonly string[]): Promise<Map<string, Revision>> {
  if (ids.length === 0) return new Map();
  const rows = await selectRevisions(db).where('id', '=', sql<string>`any(${ids}::uuid[])`).execute();
  return new Map(rows.map((row) => [row.id, toRevision(row)]));
}

/**
 * The effective figures of the reports with these keys, as far as rules compare the year after with them. These are a
 * few rows of two tables, so that a year can be filed without reading all of the year before. The other tables are
 * empty.
 */
export async function findFiguresBefore(
  db: Db,
  keys: readonly NaturalKey[],
): Promise<(NaturalKey & Figures)[]> {
  type Row = NaturalKey & Pick<Figures, 'disclosure_items' | 'request_statistics'>;
  const { rows } = await sql<Row & { disclosure_edition: EditionKey; request_edition: EditionKey }>`
    select organ_id, year, scope, disclosure_edition, request_edition,
      (select coalesce(json_agg(cells), '[]') from (
        select item, measure, value, unit from disclosure_items
        where revision_id = revisions.id and measure = any(${readOfYearBefore.measures})) as cells) as disclosure_items,
      (select coalesce(json_agg(lines), '[]') from (
        select ${refs(['row', ...applicantKeys])} from request_statistics
        where revision_id = revisions.id and "row" = any(${readOfYearBefore.rows})) as lines) as request_statistics
    from reports join ${givenRows(keyColumns, keys)} using (organ_id, year, scope)
    join revisions on revisions.report_id = reports.id and revisions.state = 'published'`.execute(db);
  return rows.map(({ disclosure_edition, request_edition, ...rest }) => ({
    ...rest,
    editions: { disclosure_items: disclosure_edition, request_statistics: request_edition },
    review_litigation_counts: [],
    cell_notes: [],
  }));
}

type Answers = Map<string, FindingAnswer>;

/** The answers to the findings of a revision, by key of the finding. */
export const listFindingAnswers = async (db: Db, revision_id: string): Promise<Answers> =>
  (await listFindingAnswersOf(db, [revision_id])).get(revision_id)!;

/** The same for several revisions, by id of the revision. */
export async function listFindingAnswersOf(
  db: Db,
  revision_ids: readonly string[],
): Promise<Map<string, Answers>> {
  const found = new Map(revision_ids.map((id): [string, Answers] => [id, new Map()]));
  if (found.size === 0) return found;
  const rows = await db
    .selectFrom('finding_answers')
    .select(['revision_id', 'finding_key', 'text', 'answered_at', 'answered_by'])
    .where('revision_id', '=', sql<string>`any(${revision_ids}::uuid[])`)
    .execute();
  for (const { revision_id, finding_key, ...answer } of rows)
    found.get(revision_id)!.set(finding_key, answer);
  return found;
}

/**
 * The number of the next revision of a report. `newest` is the number of its newest revision, `discarded` the highest
 * number of a discarded draft.
 */
export const nextNumber = (newest: number, discarded: number): number => Math.max(newest, discarded) + 1;
