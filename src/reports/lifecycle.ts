import { mayWrite, type Principal } from '../http/auth.ts';
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

export function situationOf(revisions: readonly RevisionHead[], unansweredErrors: number): Situation {
  return {
    effective: revisions.find((revision) => revision.state === 'published'),
    open: revisions.find((revision) => revision.state === 'draft' || revision.state === 'submitted'),
    latest: revisions.at(-1)!,
    wasPublished: revisions.some((revision) => revision.effective_at !== null),
    unansweredErrors,
  };
}

/** What stands against an action whoever takes it. */
const obstacles: Record<ActionName, (situation: Situation, principal: Principal) => ProblemCode[]> = {
  edit: ({ open }) => (open === undefined ? ['no-draft'] : open.state === 'draft' ? [] : ['immutable']),
  answer: ({ open }) => (open === undefined ? ['no-draft'] : open.state === 'draft' ? [] : ['immutable']),
  submit: ({ open, unansweredErrors }) => [
    ...(open?.state === 'draft' ? [] : (['wrong-state'] as const)),
    ...(open?.state === 'draft' && unansweredErrors > 0 ? (['findings-unanswered'] as const) : []),
  ],
  return: ({ open }) => (open?.state === 'submitted' ? [] : ['wrong-state']),
  publish: ({ open }, principal) => {
    if (open?.state !== 'submitted') return ['wrong-state'];
    return open.submitted_by === principal.id && principal.role !== 'admin' ? ['same-person'] : [];
  },
  correct: ({ open, wasPublished }) => (open ? ['draft-exists'] : wasPublished ? [] : ['wrong-state']),
  withdraw: ({ effective }) => (effective ? [] : ['wrong-state']),
  delete: ({ wasPublished }) => (wasPublished ? ['published-once'] : []),
};

/** Every action with whether this caller may take it now: the answers list it and the routes are guarded by it. */
export function actionsOf(situation: Situation, principal: Principal): ReportAction[] {
  return actionNames.map((name) => {
    const reasons: ProblemCode[] = mayWrite(principal)
      ? obstacles[name](situation, principal)
      : [principal.role === 'public' ? 'unauthorized' : 'forbidden'];
    return { name, allowed: reasons.length === 0, reasons };
  });
}

/** Refuses an action the caller may not take now, with the first reason as the problem. */
export function guard(
  name: ActionName,
  situation: Situation,
  principal: Principal,
  unanswered: readonly { finding_key: string; message: { en: string } }[] = [],
): void {
  const reason = actionsOf(situation, principal).find((action) => action.name === name)?.reasons[0];
  if (reason === undefined) return;
  const { number, state } = situation.open ?? situation.latest;
  throw new Problem(reason as ProblemCode, {
    detail:
      reason === 'findings-unanswered'
        ? `${unanswered.length} errors need an answer (POST …/answers) or other figures`
        : `${name} is not possible: revision ${number} is ${state}`,
    ...(reason === 'findings-unanswered' && {
      errors: unanswered.map((finding) => ({
        pointer: '',
        code: finding.finding_key,
        message: finding.message.en,
      })),
      members: { findings: unanswered },
    }),
  });
}
