import { type RawBuilder, sql } from 'kysely';
import type { Trx } from '../db/database.ts';
import type { OrganKind, OrganLevel } from '../editions/vocabulary.ts';
import type { Content, NaturalKey } from '../reports/documents.ts';
import type { FindingsSummary } from '../rules/rule.ts';

/** Statements over many reports at once: one a table, whatever the number of rows. */

/** Types whose values need no quotes in an array's text, which takes most of the time of making it. */
const plain = ['uuid', 'integer', 'bigint', 'numeric', 'date'];

/** Rows as a table of the columns given, each with its PostgreSQL type. */
function tableOf<T extends object>(columns: Record<string, string>, rows: readonly T[]): RawBuilder<unknown> {
  const arrays = Object.entries(columns).map(([name, type]) => {
    const values = rows.map((row) => row[name as keyof T] ?? null);
    const array = plain.includes(type) ? `{${values.map((value) => value ?? 'null').join(',')}}` : values;
    return sql`${array}::${sql.raw(type)}[]`;
  });
  return sql`unnest(${sql.join(arrays)}) as given (${sql.join(Object.keys(columns).map((name) => sql.ref(name)))})`;
}

async function insertRows<T extends object>(
  trx: Trx,
  table: string,
  columns: Record<string, string>,
  rows: readonly T[],
): Promise<void> {
  if (rows.length === 0) return;
  const names = sql.join(Object.keys(columns).map((name) => sql.ref(name)));
  // json has no array constructor of its own kind in a parameter, so it travels as text.
  const values = sql.join(
    Object.entries(columns).map(([name, type]) =>
      name === 'findings_summary' ? sql`${sql.ref(name)}::json` : sql`${sql.ref(name)}::${sql.raw(type)}`,
    ),
  );
  await sql`insert into ${sql.table(table)} (${names}) select ${values} from ${tableOf(columns, rows)}`.execute(
    trx,
  );
}

const keyColumns = { organ_id: 'uuid', year: 'integer', scope: 'text' };

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
    select reports.id, organ_id, year, scope, discarded_revision from reports join ${tableOf(keyColumns, keys)} using (organ_id, year, scope)
    order by reports.id for update of reports`.execute(trx);
  return rows;
}

/** The ids of the effective revisions of these keys. */
export async function findEffective(
  trx: Trx,
  keys: readonly NaturalKey[],
): Promise<(NaturalKey & { revision_id: string })[]> {
  const { rows } = await sql<NaturalKey & { revision_id: string }>`
    select revisions.id as revision_id, organ_id, year, scope
    from reports join ${tableOf(keyColumns, keys)} using (organ_id, year, scope)
    join revisions on revisions.report_id = reports.id and revisions.state = 'published'`.execute(trx);
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
  disclosure_edition: 'text',
  request_edition: 'text',
  findings_summary: 'text',
};

const rowOf = ({ content, summary, ...rest }: RevisionContent) => ({
  ...rest,
  ...content,
  disclosure_edition: content.editions.disclosure_items,
  request_edition: content.editions.request_statistics,
  findings_summary: JSON.stringify(summary),
});

/** Opens revisions as drafts with their content. */
export async function insertRevisions(trx: Trx, revisions: readonly NewRevision[]): Promise<void> {
  const head = { id: 'uuid', report_id: 'uuid', number: 'integer', reason: 'text' };
  await insertRows(trx, 'revisions', { ...head, ...textTypes }, revisions.map(rowOf));
  await insertTables(trx, revisions);
}

/** Replaces the whole content of drafts. */
export async function replaceContents(trx: Trx, revisions: readonly RevisionContent[]): Promise<void> {
  if (revisions.length === 0) return;
  const ids = revisions.map(({ id }) => id);
  for (const table of ['disclosure_items', 'request_statistics', 'review_litigation_counts', 'cell_notes'])
    await sql`delete from ${sql.table(table)} where revision_id = any(${ids}::uuid[])`.execute(trx);
  const assignments = Object.keys(textTypes).map((name) =>
    name === 'findings_summary'
      ? sql`${sql.ref(name)} = ${sql.ref(`given.${name}`)}::json`
      : sql`${sql.ref(name)} = ${sql.ref(`given.${name}`)}`,
  );
  await sql`update revisions set ${sql.join(assignments)}, updated_at = now()
    from ${tableOf({ id: 'uuid', ...textTypes }, revisions.map(rowOf))} where revisions.id = given.id`.execute(
    trx,
  );
  await insertTables(trx, revisions);
}

const counts = (names: readonly string[]) => Object.fromEntries(names.map((name) => [name, 'bigint']));

async function insertTables(trx: Trx, revisions: readonly RevisionContent[]): Promise<void> {
  const rowsOf = <T extends object>(rows: (content: Content) => T[]) =>
    revisions.flatMap(({ id, content }) => rows(content).map((row) => ({ ...row, revision_id: id })));
  await insertRows(
    trx,
    'disclosure_items',
    { revision_id: 'uuid', edition: 'text', item: 'text', measure: 'text', value: 'numeric', unit: 'text' },
    rowsOf(({ disclosure_items, editions: { disclosure_items: edition } }) =>
      disclosure_items.map((cell) => ({ ...cell, edition })),
    ),
  );
  const applicants = counts([
    'natural_person',
    'business',
    'research',
    'public_interest',
    'legal_service',
    'other',
    'total',
  ]);
  await insertRows(
    trx,
    'request_statistics',
    { revision_id: 'uuid', edition: 'text', row: 'text', ...applicants },
    rowsOf(({ request_statistics, editions: { request_statistics: edition } }) =>
      request_statistics.map((row) => ({ ...row, edition })),
    ),
  );
  await insertRows(
    trx,
    'review_litigation_counts',
    {
      revision_id: 'uuid',
      proceeding: 'text',
      ...counts(['upheld', 'corrected', 'other', 'pending', 'total']),
    },
    rowsOf(({ review_litigation_counts }) => review_litigation_counts),
  );
  await insertRows(
    trx,
    'cell_notes',
    { revision_id: 'uuid', position: 'integer', cell: 'text', raw: 'text', note: 'text' },
    rowsOf(({ cell_notes }) => cell_notes.map((note, position) => ({ ...note, position }))),
  );
}

export interface Move {
  /** Revisions whose publication ends. */
  ended: readonly string[];
  /** Revisions that become effective: drafts, and submitted ones. */
  begun: readonly string[];
}

/** Supersedes, submits and publishes, each transition as the lifecycle has it. */
export async function moveRevisions(trx: Trx, { ended, begun }: Move, by: string): Promise<void> {
  if (begun.length === 0) return;
  await sql`update revisions set state = 'superseded', ended_at = now(), updated_at = now()
    where id = any(${ended}::uuid[])`.execute(trx);
  await sql`update revisions set state = 'submitted', submitted_at = now(), submitted_by = ${by}
    where id = any(${begun}::uuid[]) and state = 'draft'`.execute(trx);
  await sql`update revisions set state = 'published', effective_at = now(), effective_by = ${by}, updated_at = now()
    where id = any(${begun}::uuid[])`.execute(trx);
}

/** Records what the rules say now. */
export async function storeSummaries(
  trx: Trx,
  revisions: readonly { id: string; summary: FindingsSummary }[],
): Promise<void> {
  if (revisions.length === 0) return;
  const rows = revisions.map(({ id, summary }) => ({ id, summary: JSON.stringify(summary) }));
  await sql`update revisions set findings_summary = given.summary::json
    from ${tableOf({ id: 'uuid', summary: 'text' }, rows)} where revisions.id = given.id`.execute(trx);
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
    from ${tableOf({ report_id: 'uuid', revision_id: 'uuid', etag: 'text', body: 'text' }, answers)}
    on conflict (report_id) do update
    set revision_id = excluded.revision_id, etag = excluded.etag, body = excluded.body`.execute(trx);
