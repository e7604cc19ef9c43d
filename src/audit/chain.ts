import { hash } from 'node:crypto';

/** The kinds of resource that the audit records. The check constraint of its table lists the same. */
export const auditedKinds = ['organ', 'report', 'api_key', 'grant'] as const;
type AuditedKind = (typeof auditedKinds)[number];

/** What an audit entry says, apart from its place in the chain. */
export interface AuditEvent {
  action: string;
  resource: AuditedKind;
  resource_id: string;
  /** The number of the report's revision; null for a resource without revisions. */
  revision: number | null;
  /** Hashes of the resource before and after; null where it did not exist. */
  before_hash: string | null;
  after_hash: string | null;
}

export interface AuditEntry extends AuditEvent {
  /** Its place in the chain: 1, 2, 3 … without gaps. */
  id: number;
  at: string;
  principal: string;
  request_id: string;
  /** The hash of the entry before; 64 zeros for the first. */
  previous_hash: string;
  hash: string;
}

export const genesis = '0'.repeat(64);

/** SHA-256 of a value's JSON, in hexadecimal; null for null and undefined. */
export const hashOf = (value: unknown): string | null =>
  value === null || value === undefined ? null : hash('sha256', JSON.stringify(value));

/**
 * The event of a change to a resource without revisions. `before` is null where it was created, `after` where it was
 * deleted.
 */
export const changeOf = <T extends { id: string }>(
  resource: Exclude<AuditedKind, 'report'>,
  action: string,
  before: T | null,
  after: T | null,
): AuditEvent => ({
  action,
  resource,
  resource_id: (after ?? before)!.id,
  revision: null,
  before_hash: hashOf(before),
  after_hash: hashOf(after),
});

/** The members that a seal covers, in the order in which they are hashed. */
export const sealed = [
  'id',
  'at',
  'principal',
  'action',
  'resource',
  'resource_id',
  'revision',
  'before_hash',
  'after_hash',
  'request_id',
  'previous_hash',
] as const;

/**
 * The seal of an entry: a hash over all its members. One of them is the seal of the entry before, so that no entry
 * changes unnoticed.
 */
export const sealOf = (entry: Omit<AuditEntry, 'hash'>): string =>
  hashOf(sealed.map((member) => entry[member]))!;

/** The last entry that is known to be whole. Before the first entry it is number 0 with the seal `genesis`. */
export interface End {
  id: number;
  hash: string;
}

/**
 * Checks the entries that come after `end`, as far as the chain is whole. Returns the last whole entry and, as
 * `fault`, the first thing wrong, or null.
 */
export function follow(entries: readonly AuditEntry[], end: End): { end: End; fault: string | null } {
  let { id, hash } = end;
  for (const entry of entries) {
    const whole = { id, hash };
    if (entry.id !== id + 1) return { end: whole, fault: `entry ${id + 1} is missing` };
    if (entry.previous_hash !== hash)
      return { end: whole, fault: `entry ${entry.id} does not follow entry ${id}: one of them was replaced` };
    if (sealOf(entry) !== entry.hash) return { end: whole, fault: `entry ${entry.id} was changed` };
    ({ id, hash } = entry);
  }
  return { end: { id, hash }, fault: null };
}
