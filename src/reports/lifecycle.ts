import { everyone, type Lineage, may, type Principal } from '../access/principal.ts';
import { Problem, type ProblemCode } from '../http/problem.ts';
import type { RevisionHead } from './queries.ts';
import { type ActionName, actionNames, type ReportAction } from './schema.ts';

/**
 * What decides which actions are possible: the revisions of a report, and how many error findings of the open
 * revision are unanswered.
 */
export interface Situation {
  /** The published revision, if any. */
  effective: RevisionHead | undefined;
  /** The revision being prepared (draft or submitted), if any. */
  open: RevisionHead | undefined;
  /** The newest revision of all. */
  latest: RevisionHead;
  wasPublished: boolean;
  unansweredErrors: number;
}

export function situationOf(revisions: readonly RevisionHead[], unansweredErrors = 0): Situation {
  return {
    effective: revisions.find((revision) => revision.state === 'published'),
    open: revisions.find((revision) => revision.state === 'draft' || revision.state === 'submitted'),
    latest: revisions.at(-1)!,
    wasPublished: revisions.some((revision) => revision.effective_at !== null),
    unansweredErrors,
  };
}

/** What stands against an action, whoever takes it. */
const obstacles: Record<ActionName, (situation: Situation) => ProblemCode[]> = {
  edit: ({ open }) => (open === undefined ? ['no-draft'] : open.state === 'draft' ? [] : ['immutable']),
  answer: ({ open }) => (open === undefined ? ['no-draft'] : open.state === 'draft' ? [] : ['immutable']),
  submit: ({ open, unansweredErrors }) => [
    ...(open?.state === 'draft' ? [] : (['wrong-state'] as const)),
    ...(open?.state === 'draft' && unansweredErrors > 0 ? (['findings-unanswered'] as const) : []),
  ],
  return: ({ open }) => (open?.state === 'submitted' ? [] : ['wrong-state']),
  publish: ({ open }) => (open?.state === 'submitted' ? [] : ['wrong-state']),
  correct: ({ open, wasPublished }) => (open ? ['draft-exists'] : wasPublished ? [] : ['wrong-state']),
  withdraw: ({ effective }) => (effective ? [] : ['wrong-state']),
  delete: ({ wasPublished }) => (wasPublished ? ['published-once'] : []),
};

/**
 * Why the caller may not take an action, whatever the state; undefined where the grants allow it. A preparer who
 * submitted the revision and may not publish it is told that another person must.
 */
function refusalOf(
  name: ActionName,
  { open }: Situation,
  principal: Principal,
  organ: Lineage,
): ProblemCode | undefined {
  if (may(principal, name, organ)) return undefined;
  if (principal === everyone) return 'unauthorized';
  const isOwn = open?.state === 'submitted' && open.submitted_by === principal.id;
  return name === 'publish' && isOwn && may(principal, 'submit', organ) ? 'same-person' : 'forbidden';
}

/**
 * Every action, and whether this caller may take it now. Answers list this. The routes are guarded by the same
 * checks.
 */
export function actionsOf(situation: Situation, principal: Principal, organ: Lineage): ReportAction[] {
  return actionNames.map((name) => {
    const refusal = refusalOf(name, situation, principal, organ);
    const reasons = refusal === undefined ? obstacles[name](situation) : [refusal];
    return { name, allowed: reasons.length === 0, reasons };
  });
}

/**
 * Refuses an action that the caller's grants do not allow, whatever the state. Problems `unauthorized` (401),
 * `forbidden` and `same-person` (403).
 */
export function guardPermission(
  name: ActionName,
  situation: Situation,
  principal: Principal,
  organ: Lineage,
): void {
  const refusal = refusalOf(name, situation, principal, organ);
  if (refusal === undefined) return;
  throw new Problem(refusal, {
    detail:
      refusal === 'same-person'
        ? 'somebody other than who submitted it must publish it'
        : `no grant of the caller allows ${name} for this organ`,
  });
}

/** Refuses an action that the state does not allow. The first obstacle is the code of the Problem. */
export function guardState(
  name: ActionName,
  situation: Situation,
  unanswered: readonly { finding_key: string; message: { en: string } }[] = [],
): void {
  const reason = obstacles[name](situation)[0];
  if (reason === undefined) return;
  const { number, state } = situation.open ?? situation.latest;
  throw new Problem(reason, {
    detail:
      reason === 'findings-unanswered'
        ? `errors without an answer: ${unanswered.length}. Answer each (POST …/answers) or mend the figures`
        : `${name} is not possible: revision ${number} is ${state}`,
    ...(reason === 'findings-unanswered' && {
      errors: unanswered.map((finding) => ({
        pointer: '',
        code: 'unanswered-finding',
        message: finding.message.en,
      })),
      members: { findings: unanswered },
    }),
  });
}
