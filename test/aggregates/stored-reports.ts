import { sql } from 'kysely';
import { v7 as uuid } from 'uuid';
import type { Db } from '../../src/db/database.ts';
import type { Figures } from '../../src/editions/figures.ts';
import type { OrganKind, OrganLevel } from '../../src/editions/vocabulary.ts';
import { realReports as fixtureReports } from '../support/reports.ts';

/** Organs and reports put straight into the tables, for tests of what is read across many of them. */

export interface StoredOrgan {
  id: string;
  name: string;
  kind: OrganKind;
  level: OrganLevel;
  division_code: string | null;
  parent_id: string | null;
  /** Where it stood until the end of 2022, if elsewhere. */
  until2022?: Pick<StoredOrgan, 'division_code' | 'parent_id'>;
}

export interface StoredReport extends Omit<Figures, 'cell_notes'> {
  id: string;
  organ_id: string;
  title: string | null;
  published_on: string | null;
  state: 'draft' | 'submitted' | 'published' | 'withdrawn';
}

export const organ = (members: Partial<StoredOrgan> = {}): StoredOrgan => ({
  id: uuid(),
  name: '某某县人民政府',
  kind: 'government',
  level: 'county',
  division_code: null,
  parent_id: null,
  ...members,
});

export const report = (members: Partial<StoredReport> & { organ_id: string }): StoredReport => ({
  id: uuid(),
  year: 2023,
  scope: 'own',
  editions: { disclosure_items: '2021', request_statistics: '2021' },
  disclosure_items: [],
  request_statistics: [],
  review_litigation_counts: [],
  title: null,
  published_on: '2024-01-31',
  state: 'published',
  ...members,
});

/** A report's figures: so many requests newly received. */
export const received = (natural_person: number | null, total: number | null) => ({
  request_statistics: [
    {
      row: 'new_received',
      natural_person,
      business: 0,
      research: 0,
      public_interest: 0,
      legal_service: 0,
      other: 0,
      total,
    } as const,
  ],
});

/** Stores organs (in any order) and reports, each report with one revision in its state. */
export async function store(
  db: Db,
  organs: readonly StoredOrgan[],
  reports: readonly StoredReport[],
): Promise<void> {
  const revisions = reports.map((each) => ({
    ...each,
    revision_id: uuid(),
    disclosure_edition: each.editions.disclosure_items,
    request_edition: each.editions.request_statistics,
  }));
  const write = async (trx: Db) => {
    await sql`insert into organs (id, name, kind, level, division_code, parent_id)
      select id, name, kind, level, division_code, parent_id from jsonb_to_recordset(${JSON.stringify(organs)}::jsonb)
        as given (id uuid, name text, kind text, level text, division_code text, parent_id uuid)`.execute(
      trx,
    );
    const moved = organs.flatMap(({ id, name, until2022 }) =>
      until2022 === undefined ? [] : [{ organ_id: id, name, ...until2022, valid_to: '2022-12-31' }],
    );
    if (moved.length > 0) {
      await sql`update organs set valid_from = '2023-01-01' where id = any(${moved.map(({ organ_id }) => organ_id)}::uuid[])`.execute(
        trx,
      );
      await sql`insert into organ_history select (jsonb_populate_recordset(null::organ_history, ${JSON.stringify(moved)}::jsonb)).*`.execute(
        trx,
      );
    }
    const given = JSON.stringify(revisions);
    await sql`insert into reports (id, organ_id, year, scope)
      select id, organ_id, year, scope from jsonb_to_recordset(${given}::jsonb)
        as given (id uuid, organ_id uuid, year int, scope text)`.execute(trx);
    await sql`insert into revisions (id, report_id, number, title, published_on, disclosure_edition, request_edition)
      select revision_id, id, 1, title, published_on, disclosure_edition, request_edition
      from jsonb_to_recordset(${given}::jsonb) as given (revision_id uuid, id uuid, title text, published_on date,
        disclosure_edition text, request_edition text)`.execute(trx);
    for (const table of ['disclosure_items', 'request_statistics', 'review_litigation_counts'] as const) {
      const facts = revisions.flatMap(
        ({ revision_id, [table]: rows, disclosure_edition, request_edition }) => {
          const edition = table === 'disclosure_items' ? disclosure_edition : request_edition;
          return rows.map((row) => ({ ...row, revision_id, edition }));
        },
      );
      await sql`insert into ${sql.table(table)}
        select (jsonb_populate_recordset(null::${sql.table(table)}, ${JSON.stringify(facts)}::jsonb)).*`.execute(
        trx,
      );
    }
    const idsOf = (...states: StoredReport['state'][]) =>
      reports.filter((each) => states.includes(each.state)).map((each) => each.id);
    await sql`update revisions set state = 'submitted', submitted_at = now()
      where report_id = any(${idsOf('submitted', 'published', 'withdrawn')}::uuid[])`.execute(trx);
    await sql`update revisions set state = 'published', effective_at = now()
      where report_id = any(${idsOf('published', 'withdrawn')}::uuid[])`.execute(trx);
    await sql`update revisions set state = 'withdrawn', withdraw_reason = 'wrong', ended_at = now()
      where report_id = any(${idsOf('withdrawn')}::uuid[])`.execute(trx);
  };
  await (db.isTransaction ? write(db) : db.transaction().execute(write));
}

/** The 25 real reports, organs of the same name being one. None has a parent. */
export function realReports(): { organs: StoredOrgan[]; reports: StoredReport[] } {
  const organs = new Map<string, StoredOrgan>();
  const reports = fixtureReports.map(({ organ: { name, kind, level, division_code }, report: figures }) => {
    const stored = organs.get(name) ?? organ({ name, kind, level, division_code } as Partial<StoredOrgan>);
    organs.set(name, stored);
    return report({ ...figures, organ_id: stored.id });
  });
  return { organs: [...organs.values()], reports };
}
