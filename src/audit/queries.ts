import { sql } from 'kysely';
import type { Db, Trx } from '../db/database.ts';
import { type AuditEntry, type AuditEvent, follow, genesis, sealed, sealOf } from './chain.ts';

const columns = [...sealed, 'hash'] as const;

/**
 * Appends events as the last thing their transaction does. Chains have one end, so writers queue here, but only for
 * as long as it takes to append and commit.
 */
export async function appendAudit(
  trx: Trx,
  by: { principal: string; request_id: string },
  events: readonly AuditEvent[],
): Promise<void> {
  if (events.length === 0) return;
  await sql`select pg_advisory_xact_lock(hashtext('gongkai.audit'))`.execute(trx);
  const end = await trx
    .selectFrom('audit_entries')
    .select(['id', 'hash'])
    .orderBy('id', 'desc')
    .limit(1)
    .executeTakeFirst();
  const at = new Date().toISOString();
  let { id, hash } = end ?? { id: 0, hash: genesis };
  const entries = events.map((event): AuditEntry => {
    const entry = { ...event, id: id + 1, at, ...by, previous_hash: hash };
    ({ id, hash } = { id: entry.id, hash: sealOf(entry) });
    return { ...entry, hash };
  });
  // A statement has at most 65,535 parameters.
  for (let start = 0; start < entries.length; start += 1000)
    await trx
      .insertInto('audit_entries')
      .values(entries.slice(start, start + 1000))
      .execute();
}

export interface AuditFilters {
  principal?: string | undefined;
  action?: string | undefined;
  resource?: string | undefined;
  resource_id?: string | undefined;
  since?: string | undefined;
  until?: string | undefined;
}

/** Entries oldest first, after the key of the page before. */
export function listAudit(
  db: Db,
  filters: AuditFilters,
  after: number | undefined,
  limit: number,
): Promise<AuditEntry[]> {
  const { since, until, ...equal } = filters;
  let query = db.selectFrom('audit_entries').select(columns).orderBy('id').limit(limit);
  for (const [column, value] of Object.entries(equal))
    if (value !== undefined) query = query.where(column as 'principal', '=', value);
  if (since !== undefined) query = query.where('at', '>=', since);
  if (until !== undefined) query = query.where('at', '<', until);
  if (after !== undefined) query = query.where('id', '>', after);
  return query.execute() as Promise<unknown> as Promise<AuditEntry[]>;
}

export interface AuditVerification {
  entries: number;
  /** The seal of the last entry: kept elsewhere, it proves later that no end was cut off. */
  head: string;
  /** The first thing wrong; null where the chain is whole. */
  fault: string | null;
}

/** Reads the whole chain, a thousand entries at a time, and stops at the first fault. */
export async function verifyAudit(db: Db): Promise<AuditVerification> {
  let end = { id: 0, hash: genesis };
  for (;;) {
    const entries = await listAudit(db, {}, end.id, 1000);
    const followed = follow(entries, end);
    end = followed.end;
    if (followed.fault !== null || entries.length === 0)
      return { entries: end.id, head: end.hash, fault: followed.fault };
  }
}
