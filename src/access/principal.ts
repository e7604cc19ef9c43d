/** Who is calling and what their grants let them do. Nothing here asks the database. */

export const roles = ['preparer', 'supervisor', 'auditor', 'admin'] as const;
type Role = (typeof roles)[number];

/** A role, and the organs it reaches. */
export interface Grant {
  role: Role;
  /** Null is every organ: always of an admin, never of a preparer or supervisor. */
  organ_id: string | null;
  include_subtree: boolean;
}

export interface Principal {
  /** Stored with whatever the caller does: `admin`, `key:<id>`, `oidc:<issuer>#<subject>`; `public` without a token. */
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

/** An organ by its id, followed by the ids of what it lies below: its parent first, the top of the tree last. */
export type Lineage = readonly string[];

/**
 * Whether a grant reaches an organ.
 *
 * Preparers and auditors reach the organ of their grant, and with `include_subtree` also everything below it. A
 * supervisor stands above what is supervised: without `include_subtree` that is the organs directly below, and not the
 * organ itself; with it the whole subtree, whose root the organ is. So nobody supervises their own reports unless the
 * grant says so expressly.
 */
function reaches({ role, organ_id, include_subtree }: Grant, organ: Lineage): boolean {
  if (organ_id === null) return true;
  if (include_subtree) return organ.includes(organ_id);
  return organ[role === 'supervisor' ? 1 : 0] === organ_id;
}

/**
 * What can be done with an organ and its reports, and the roles that may; an admin may do everything. `register` is
 * bringing the organ itself into being.
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
 * The one answer to whether a caller may do something with an organ's reports, whatever their state. `read` is seeing
 * what is not public, never published or withdrawn; what is published everyone may see. Without a grant that says so the
 * answer is no.
 */
export function may({ grants }: Principal, action: Action, organ: Lineage): boolean {
  const allowed: readonly Role[] = holders[action];
  return grants.some(
    (grant) => grant.role === 'admin' || (allowed.includes(grant.role) && reaches(grant, organ)),
  );
}

/** Whether what the caller may do depends on where an organ stands: it does not for administrators and the public. */
export const dependsOnOrgans = ({ grants }: Principal): boolean =>
  grants.some(({ organ_id }) => organ_id !== null);

/** Whether the caller may see an organ's drafts. */
export const mayRead = (principal: Principal, organ: Lineage): boolean => may(principal, 'read', organ);

/** Whether the caller may change anything of an organ's reports; which action, `may` tells. */
export const mayChange = ({ grants }: Principal, organ: Lineage): boolean =>
  grants.some((grant) => grant.role !== 'auditor' && reaches(grant, organ));

/** Whether the caller may do everything. */
export const isAdmin = ({ grants }: Principal): boolean => grants.some(({ role }) => role === 'admin');

/** Whether the caller may read the record of everything that was done. */
export const mayAudit = ({ grants }: Principal): boolean =>
  grants.some(({ role, organ_id }) => role === 'admin' || (role === 'auditor' && organ_id === null));

/**
 * The organs in which a caller may read drafts, or write anything, as the marks that the database compares with:
 * `*` for all, `organ:<id>` for one, `below:<id>` for those directly below it, `under:<id>` for it and all below it.
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
