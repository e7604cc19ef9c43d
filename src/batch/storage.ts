import { sql } from 'kysely';
import { lineages } from '../access/row-security.ts';
import type { Trx } from '../db/database.ts';
import { givenRows } from '../db/given-rows.ts';
import type { OrganKind, OrganLevel } from '../editions/vocabulary.ts';
import type { NaturalKey } from '../reports/documents.ts';
import { insertRows } from '../reports/mutations.ts';
import { keyColumns } from '../reports/queries.ts';

/** Reads and writes the organs and reports of many lines at once. */

export interface OrganStanding {
  kind: OrganKind;
  level: OrganLevel;
  /** Its own id and those of the organs above it, nearest first. */
  lineage: string[];
}

/** Organs by id, with where they stand in the tree. */
export async function findOrgans(trx: Trx, ids: readonly string[]): Promise<Map<string, OrganStanding>> {
  const { rows } = await sql<OrganStanding & { id: string }>`
    with recursive ${lineages(sql`id = any(${ids}::uuid[])`)}
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
