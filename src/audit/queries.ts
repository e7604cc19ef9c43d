import { sql } from 'kysely';
import type { Db, Trx } from '../db/database.ts';
import { type GivenType, givenRows } from '../db/given-rows.ts';
import { refs } from '../db/refs.ts';
import { type AuditEntry, type AuditEvent, type End, follow, genesis, sealed, sealOf } from './chain.ts';

const columns = [...sealed, 'hash'] as const;

const given: Record<(typeof columns)[number], GivenType> = {
  id: 'bigint',
  at: 'timestamptz',
  principal: 'text',
  action: 'word',
  resource: 'word',
  resource_id: 'uuid',
  revision: 'integer',
  before_hash: 'word',
  after_hash: 'word',
  request_id: 'uuid',
  previous_hash: 'word',
  hash: 'word',
};

/**
 * Appends events. This must be the last statement of their transaction: the chain has only one end, so writers queue
 * here, but only for as long as it takes to append and commit.
 */
export async function appendAudit(
  trx: Trx,
  by: { principal: string; request_id: string },
  events: readonly AuditEvent[],
): Promise<void> {
  if (events.length === 0) return;
  const { rows } = await sql<End>`select id, hash from lock_audit_end()`.execute(trx);
  const at = new Date().toISOString();
  let { id, hash } = rows[0] ?? { id: 0, hash: genesis };
  const entries = events.map((event): AuditEntry => {
    const entry = { ...event, id: id + 1, at, ...by, previous_hash: hash };
    ({ id, hash } = { id: entry.id, hash: sealOf(entry) });
    return { ...entry, hash };
  });
  const names = refs(columns);
  await sql`insert into audit_entries (${names}) select ${names} from ${givenRows(given, entries)}`.execute(
    trx,
  );
}

interface AuditFilters {
  principal?: string | undefined;
  action?: string | undefined;
  resource?: string | undefined;
  resource_id?: string | undefined;
  since?: string | undefined;
  until?: string | undefined;
}

/**
 * The lowest id among the entries of a time or later, from which a list is read. Clocks differ, so the entry with
 * this id need not have the earliest time.
 */
const firstSince = (time: string) =>
  sql<number>`(select min(id) from (select id from audit_entries where at >= ${time}::timestamptz offset 0) as later)`;

/** Up to `limit` entries that match, oldest first, that come after the id in `after`. */
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
  if (since !== undefined) {
    query = query.where('at', '>=', since);
    if (after === undefined) query = query.where('id', '>=', firstSince(since));
  }
  if (until !== undefined) query = query.where('at', '<', until);
  if (after !== undefined) query = query.where('id', '>', after);
  return query.execute() as Promise<unknown> as Promise<AuditEntry[]>;
}

interface AuditVerification {
  entries: number;
  /** The seal of the last whole entry. Kept elsewhere, it proves later that the end was not cut off. */
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
