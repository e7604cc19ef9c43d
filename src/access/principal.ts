/** Who is calling and what their grants let them do. Nothing here asks the database. */

export const roles = ['preparer', 'supervisor', 'auditor', 'admin'] as const;
type Role = (typeof roles)[number];

/** A role, and the organs it reaches. */
export interface Grant {
  role: Role;
  /** Null means every organ. It is always null for an admin, and never for a preparer or a supervisor. */
  organ_id: string | null;
  include_subtree: boolean;
}

export interface Principal {
  /**
   * Stored with whatever the caller does: `admin`, `key:<id>`, `oidc:<issuer>#<subject>`, or `public` without a
   * token.
   */
  id: string;
  grants: readonly Grant[];
}

/** A caller without a token. */
export const everyone: Principal = { id: 'public', grants: [] };
/** The holder of the service's own administrator token. */
export const administrator: Principal = {
  id: 'admin',
  grants: [{ role: 'admin', organ_id: null, include_subtree: true }],
};

/** The id of an organ, followed by the ids of the organs above it: its parent first, the top of the tree last. */
export type Lineage = readonly string[];

/**
 * Whether a grant reaches an organ.
 *
 * Preparers and auditors reach the organ of their grant. With `include_subtree` they also reach everything below it.
 * The grant of a supervisor names the organ that stands above those supervised. Without `include_subtree` it reaches
 * only the organs directly below. With it, it reaches the whole subtree, including the organ itself. So nobody
 * supervises their own reports unless the grant says so expressly.
 */
function reaches({ role, organ_id, include_subtree }: Grant, organ: Lineage): boolean {
  if (organ_id === null) return true;
  if (include_subtree) return organ.includes(organ_id);
  return organ[role === 'supervisor' ? 1 : 0] === organ_id;
}

/**
 * The actions on an organ and its reports, each with the roles that may take it. An admin may take all of them.
 * `register` means creating the organ itself.
 */
const holders = {
  read: ['preparer', 'supervisor', 'auditor'],
  create: ['preparer'],
  edit: ['preparer'],
  answer: ['preparer'],
  submit: ['preparer'],
  correct: ['preparer'],
  delete: ['preparer'],
  return: ['supervisor'],
  publish: ['supervisor'],
  withdraw: ['supervisor'],
  register: ['supervisor'],
} as const satisfies Record<string, readonly Role[]>;
type Action = keyof typeof holders;

/**
 * Whether a caller may take an action on an organ's reports, whatever their state. All other code asks this function.
 * `read` means seeing what is not public, because it was never published or was withdrawn. What is published everyone
 * may see. Without a grant that allows the action the answer is no.
 */
export function may({ grants }: Principal, action: Action, organ: Lineage): boolean {
  const allowed: readonly Role[] = holders[action];
  return grants.some(
    (grant) => grant.role === 'admin' || (allowed.includes(grant.role) && reaches(grant, organ)),
  );
}

/**
 * Whether what the caller may do depends on where an organ stands in the tree. For administrators and the public it
 * does not.
 */
export const dependsOnOrgans = ({ grants }: Principal): boolean =>
  grants.some(({ organ_id }) => organ_id !== null);

/** Whether the caller may see an organ's drafts. */
export const mayRead = (principal: Principal, organ: Lineage): boolean => may(principal, 'read', organ);

/** Whether the caller may change anything about an organ's reports. `may` tells for a single action. */
export const mayChange = ({ grants }: Principal, organ: Lineage): boolean =>
  grants.some((grant) => grant.role !== 'auditor' && reaches(grant, organ));

/** Whether the caller may do everything. */
export const isAdmin = ({ grants }: Principal): boolean => grants.some(({ role }) => role === 'admin');

/** Whether the caller may read the whole audit. Administrators and auditors of every organ may. */
export const mayAudit = ({ grants }: Principal): boolean =>
  grants.some(({ role, organ_id }) => role === 'admin' || (role === 'auditor' && organ_id === null));

/**
 * The organs whose drafts a caller may read, or where the caller may write anything, as marks that the database
 * compares with: `*` for all organs, `organ:<id>` for one, `below:<id>` for those directly below it, `under:<id>` for
 * it and everything below it.
 */
export function reachOf({ grants }: Principal, access: 'reads' | 'writes'): string[] {
  const marks = grants
    .filter(({ role }) => access === 'reads' || role !== 'auditor')
    .map(({ role, organ_id, include_subtree }) => {
      if (organ_id === null) return '*';
      if (include_subtree) return `under:${organ_id}`;
      return `${role === 'supervisor' ? 'below' : 'organ'}:${organ_id}`;
    });
  return marks.includes('*') ? ['*'] : [...new Set(marks)];
}
