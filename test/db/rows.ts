import { v7 as uuid } from 'uuid';
import type { Db } from '../../src/db/database.ts';

/** Valid rows straight in the tables, for tests of what the database itself refuses. */

export async function insertReport(db: Db): Promise<string> {
  const organ_id = uuid();
  const id = uuid();
  await db
    .insertInto('organs')
    .values({ id: organ_id, name: '某县财政局', kind: 'department', level: 'county' })
    .execute();
  await db.insertInto('reports').values({ id, organ_id, year: 2023, scope: 'own' }).execute();
  return id;
}

/** A draft of a new report. */
export async function insertDraft(db: Db): Promise<{ report_id: string; id: string }> {
  const report_id = await insertReport(db);
  const id = uuid();
  await db
    .insertInto('revisions')
    .values({ id, report_id, number: 1, disclosure_edition: '2021', request_edition: '2021' })
    .execute();
  return { report_id, id };
}

export const instant = '2024-01-31T02:00:00.000Z';
const steps = {
  submitted: { state: 'submitted', submitted_at: instant, submitted_by: 'preparer' },
  published: { state: 'published', effective_at: instant, effective_by: 'supervisor' },
  superseded: { state: 'superseded', ended_at: instant },
  withdrawn: { state: 'withdrawn', ended_at: instant, withdraw_reason: '数据有误' },
};
export type Step = keyof typeof steps;

/** Moves a revision one step on. */
export const move = (db: Db, id: string, to: Step) =>
  db.updateTable('revisions').set(steps[to]).where('id', '=', id).execute();

/** The steps that lead from a draft to each state. */
export const ways: Record<'draft' | Step, Step[]> = {
  draft: [],
  submitted: ['submitted'],
  published: ['submitted', 'published'],
  superseded: ['submitted', 'published', 'superseded'],
  withdrawn: ['submitted', 'published', 'withdrawn'],
};

/** A revision in a state, with one cell of each table and a note. */
export async function insertRevision(
  db: Db,
  state: keyof typeof ways,
): Promise<{ report_id: string; id: string }> {
  const revision = await insertDraft(db);
  const revision_id = revision.id;
  const cell = { item: 'regulations', measure: 'issued', unit: '件' };
  await db
    .insertInto('disclosure_items')
    .values({ revision_id, edition: '2021', ...cell, value: 3 })
    .execute();
  await db
    .insertInto('request_statistics')
    .values({ revision_id, edition: '2021', row: 'granted' })
    .execute();
  await db.insertInto('review_litigation_counts').values({ revision_id, proceeding: 'review' }).execute();
  await db
    .insertInto('cell_notes')
    .values({ revision_id, position: 0, cell: 'disclosure_items.regulations.issued', raw: '3（新制定）' })
    .execute();
  for (const step of ways[state]) await move(db, revision_id, step);
  return revision;
}
