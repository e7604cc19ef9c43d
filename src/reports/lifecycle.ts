import { everyone, type Lineage, may, type Principal } from '../access/principal.ts';
import { Problem, type ProblemCode } from '../http/problem.ts';
import type { RevisionHead } from './queries.ts';
import { type ActionName, actionNames, type ReportAction } from './schema.ts';

/** What decides on actions: the revisions of a report, and how many error findings of the open one are unanswered. */
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

/** What stands against an action whoever takes it. */
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
 * Why the caller may not take an action whatever the state; undefined where the grants allow it. Who submitted a
 * revision and holds no supervisor grant for the organ is told that another person must publish it.
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

/** Every action with whether this caller may take it now: the answers list it and the routes are guarded by it. */
export function actionsOf(situation: Situation, principal: Principal, organ: Lineage): ReportAction[] {
  return actionNames.map((name) => {
    const refusal = refusalOf(name, situation, principal, organ);
    const reasons = refusal === undefined ? obstacles[name](situation) : [refusal];
    return { name, allowed: reasons.length === 0, reasons };
  });
}

/** Refuses an action that the caller's grants do not allow, whatever the state. */
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

/** Refuses an action that the state does not allow, with the first reason as the problem. */
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
