import { hash } from 'node:crypto';

/** What the audit keeps a record of, as the check of its table has it. */
export const auditedKinds = ['organ', 'report', 'api_key', 'grant'] as const;
type AuditedKind = (typeof auditedKinds)[number];

/** What an audit entry says, apart from its place in the chain. */
export interface AuditEvent {
  action: string;
  resource: AuditedKind;
  resource_id: string;
  /** Of a report; null for what has none. */
  revision: number | null;
  /** Hashes of what the resource was and became; null where it did not exist. */
  before_hash: string | null;
  after_hash: string | null;
}

export interface AuditEntry extends AuditEvent {
  /** Its place: 1, 2, 3 … without gaps. */
  id: number;
  at: string;
  principal: string;
  request_id: string;
  /** The hash of the entry before; 64 zeros for the first. */
  previous_hash: string;
  hash: string;
}

export const genesis = '0'.repeat(64);

/** SHA-256 of a value's JSON, in hexadecimal; null of nothing. */
export const hashOf = (value: unknown): string | null =>
  value === null || value === undefined ? null : hash('sha256', JSON.stringify(value));

/** What became of something that has no revisions; null where it did not exist, or is gone. */
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

/** What a seal covers, in the order it is hashed. */
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

/** The seal of an entry: a hash over all it says and over the entry before, so that none changes unnoticed. */
export const sealOf = (entry: Omit<AuditEntry, 'hash'>): string =>
  hashOf(sealed.map((member) => entry[member]))!;

/** The last entry known to be whole; number 0 and the seal `genesis` before the first. */
export interface End {
  id: number;
  hash: string;
}

/** Follows a stretch of the chain after `end` for as long as it is whole; `fault` is the first thing wrong, if any. */
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
