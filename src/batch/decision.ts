import { Problem } from '../http/problem.ts';
import { nextNumber, type RevisionHead } from '../reports/queries.ts';
import type { FindingAnswer } from '../rules/schema.ts';

/** What the database holds of a report that a line is about. */
export interface Stored {
  id: string;
  revisions: readonly RevisionHead[];
  /** The highest number of a discarded draft. */
  discarded_revision: number;
  /**
   * Hashes by id of the revision: of the content of its open and its effective revision or, where it has neither, its
   * newest.
   */
  hashes: ReadonlyMap<string, string>;
  /** Answers to findings of the same revisions, by id of the revision and key of the finding. */
  answers: ReadonlyMap<string, ReadonlyMap<string, FindingAnswer>>;
}

export interface Wish {
  /** Whether what is filed shall be in effect at once. */
  publish: boolean;
  /** Why a published report changes. */
  reason: string | undefined;
}

/** What becomes of a line. `revision` is one that exists already. */
export type Decision =
  | { kind: 'create' }
  | { kind: 'replace'; revision: RevisionHead }
  | { kind: 'supersede'; number: number; reason: string; effective: RevisionHead | undefined }
  | { kind: 'publish'; revision: RevisionHead; effective: RevisionHead | undefined }
  | { kind: 'nothing'; revision: RevisionHead }
  | { kind: 'refuse'; problem: Problem; revision: RevisionHead };

/**
 * Decides what to do with a document, given what is stored. The same content is never written twice. What is
 * published changes only by a new revision with a reason. What people have submitted, or are preparing as a
 * correction, is never overwritten.
 */
export function decide(hash: string, stored: Stored | undefined, { publish, reason }: Wish): Decision {
  if (stored === undefined) return { kind: 'create' };
  const { revisions, hashes } = stored;
  const effective = revisions.find(({ state }) => state === 'published');
  const open = revisions.find(({ state }) => state === 'draft' || state === 'submitted');
  const latest = revisions.at(-1)!;
  const isSame = ({ id }: RevisionHead): boolean => hashes.get(id) === hash;

  if (effective && isSame(effective)) return { kind: 'nothing', revision: effective };
  if (open && isSame(open) && !publish) return { kind: 'nothing', revision: open };
  const refuse = (revision: RevisionHead, code: ConstructorParameters<typeof Problem>[0], detail: string) =>
    ({ kind: 'refuse', revision, problem: new Problem(code, { detail }) }) as const;
  if (open?.state === 'submitted') {
    if (publish && isSame(open)) return { kind: 'publish', revision: open, effective };
    return refuse(open, 'immutable', `revision ${open.number} is submitted: return it first`);
  }
  if (open !== undefined) {
    if (revisions.length > 1)
      return refuse(open, 'draft-exists', `revision ${open.number} is a correction under way`);
    return { kind: 'replace', revision: open };
  }
  if (!publish) {
    if (isSame(latest)) return { kind: 'nothing', revision: latest };
    return refuse(latest, 'report-exists', `revision ${latest.number} is ${latest.state}: open a correction`);
  }
  if (reason === undefined)
    return refuse(latest, 'report-exists', `revision ${latest.number} is ${latest.state}: give a reason`);
  return {
    kind: 'supersede',
    number: nextNumber(latest.number, stored.discarded_revision),
    reason,
    effective,
  };
}
