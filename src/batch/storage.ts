import { sql } from 'kysely';
import type { Trx } from '../db/database.ts';
import { type GivenColumns, givenRows } from '../db/given-rows.ts';
import { applicantKeys, type OrganKind, type OrganLevel, outcomeKeys } from '../editions/vocabulary.ts';
import type { Content, NaturalKey } from '../reports/documents.ts';
import { headColumns, keyColumns, type RevisionHead } from '../reports/queries.ts';
import type { FindingsSummary } from '../rules/rule.ts';

/** Statements over many reports at once: one a table, whatever the number of rows. */

async function insertRows<T extends object>(
  trx: Trx,
  table: string,
  columns: GivenColumns,
  rows: readonly T[],
  valueIn?: (row: T, name: string) => unknown,
): Promise<void> {
  if (rows.length === 0) return;
  const names = sql.join(Object.keys(columns).map((name) => sql.ref(name)));
  await sql`insert into ${sql.table(table)} (${names})
    select ${names} from ${givenRows(columns, rows, valueIn)}`.execute(trx);
}

export interface OrganStanding {
  kind: OrganKind;
  level: OrganLevel;
  /** Its id and those of what it lies below, nearest first. */
  lineage: string[];
}

/** Organs by id, with where they stand in the tree. */
export async function findOrgans(trx: Trx, ids: readonly string[]): Promise<Map<string, OrganStanding>> {
  const { rows } = await sql<OrganStanding & { id: string }>`
    with recursive above as (
      select id as organ_id, id, parent_id, 0 as depth from organs where id = any(${ids}::uuid[])
      union all
      select above.organ_id, organs.id, organs.parent_id, depth + 1
      from organs join above on organs.id = above.parent_id where depth < 64
    )
    select organs.id, kind, level, lineage
    from organs join (
      select organ_id, array_agg(id::text order by depth) as lineage from above group by organ_id
    ) as lineages on lineages.organ_id = organs.id`.execute(trx);
  return new Map(rows.map(({ id, ...organ }) => [id, organ]));
}

/** The reports of these keys that exist, locked in one order for all writers until the transaction ends. */
export async function lockReports(
  trx: Trx,
  keys: readonly NaturalKey[],
): Promise<(NaturalKey & { id: string; discarded_revision: number })[]> {
  const { rows } = await sql<NaturalKey & { id: string; discarded_revision: number }>`
    select reports.id, organ_id, year, scope, discarded_revision from reports join ${givenRows(keyColumns, keys)} using (organ_id, year, scope)
    order by reports.id for update of reports`.execute(trx);
  return rows;
}

export const insertReports = (trx: Trx, reports: readonly (NaturalKey & { id: string })[]) =>
  insertRows(trx, 'reports', { id: 'uuid', ...keyColumns }, reports);

/** A revision to be written: opened where `report_id` is given, otherwise one whose content is replaced. */
export interface RevisionContent {
  id: string;
  content: Content;
  summary: FindingsSummary;
}
export interface NewRevision extends RevisionContent {
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
  ...rest,
  ...content,
  disclosure_edition: content.editions.disclosure_items,
  request_edition: content.editions.request_statistics,
  findings_summary: JSON.stringify(summary),
});

/** Opens revisions as drafts with their content. */
export async function insertRevisions(trx: Trx, revisions: readonly NewRevision[]): Promise<void> {
  const head = { id: 'uuid', report_id: 'uuid', number: 'integer', reason: 'text' } as const;
  await insertRows(trx, 'revisions', { ...head, ...textTypes }, revisions.map(rowOf));
  await insertTables(trx, revisions);
}

/** Replaces the whole content of drafts. */
export async function replaceContents(trx: Trx, revisions: readonly RevisionContent[]): Promise<void> {
  if (revisions.length === 0) return;
  const ids = revisions.map(({ id }) => id);
  for (const { table } of tables)
    await sql`delete from ${sql.table(table)} where revision_id = any(${ids}::uuid[])`.execute(trx);
  const assignments = Object.keys(textTypes).map(
    (name) => sql`${sql.ref(name)} = ${sql.ref(`given.${name}`)}`,
  );
  await sql`update revisions set ${sql.join(assignments)}, updated_at = now()
    from ${givenRows({ id: 'uuid', ...textTypes }, revisions.map(rowOf))} where revisions.id = given.id`.execute(
    trx,
  );
  await insertTables(trx, revisions);
}

const counts = (names: readonly string[]): GivenColumns =>
  Object.fromEntries(names.map((name) => [name, 'bigint']));

/** The tables of a revision: their columns, and what of the content they hold. */
const tables: readonly {
  table: string;
  columns: GivenColumns;
  edition?: keyof Content['editions'];
  rows: (content: Content) => readonly object[];
}[] = [
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

async function insertTables(trx: Trx, revisions: readonly RevisionContent[]): Promise<void> {
  for (const { table, columns, edition, rows } of tables) {
    const all = revisions.flatMap(({ id, content }) => {
      const printed = edition && content.editions[edition];
      return rows(content).map((row) => ({ id, printed, row: row as Record<string, unknown> }));
    });
    await insertRows(trx, table, { revision_id: 'uuid', ...columns }, all, ({ id, printed, row }, name) =>
      name === 'revision_id' ? id : name === 'edition' ? printed : row[name],
    );
  }
}

export interface Move {
  /** Revisions whose publication ends. */
  ended: readonly string[];
  /** Revisions that become effective: drafts, and submitted ones. */
  begun: readonly string[];
}

/** Supersedes, and publishes: drafts are submitted in the same step. Answers what became effective. */
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
    returning ${sql.join(headColumns.map((name) => sql.ref(name)))}`.execute(trx);
  return rows;
}

/** Records what the rules say now. */
export async function storeSummaries(
  trx: Trx,
  revisions: readonly { id: string; summary: FindingsSummary }[],
): Promise<void> {
  if (revisions.length === 0) return;
  const rows = revisions.map(({ id, summary }) => ({ id, summary: JSON.stringify(summary) }));
  await sql`update revisions set findings_summary = given.summary
    from ${givenRows({ id: 'uuid', summary: 'json' }, rows)} where revisions.id = given.id`.execute(trx);
}

/** Counts a write to each of the reports. */
export const touchReports = (trx: Trx, ids: readonly string[]) =>
  sql`update reports set version = version + 1, updated_at = now() where id = any(${ids}::uuid[])`.execute(
    trx,
  );

/** Stores rendered public answers. */
export const storeAnswers = (
  trx: Trx,
  answers: readonly { report_id: string; revision_id: string; etag: string; body: string }[],
) =>
  sql`insert into effective_answers (report_id, revision_id, etag, body)
    select report_id, revision_id, etag, body
    from ${givenRows({ report_id: 'uuid', revision_id: 'uuid', etag: 'text', body: 'text' }, answers)}
    on conflict (report_id) do update
    set revision_id = excluded.revision_id, etag = excluded.etag, body = excluded.body`.execute(trx);
