import { Problem } from '../http/problem.ts';

/** Why a query asks for what is no sum, compares what cannot be, or is too much. */
export interface Refusal {
  code: 'not-additive' | 'not-comparable' | 'too-many-cells';
  /** The query members that it is of, given or not. */
  members: readonly string[];
  reason: string;
  advice: string;
  /** What is not comparable, as `/v1/meta` names it. */
  measures?: readonly string[];
}

/** Refuses a query for all of these, if there are any: with a problem (422) that is what the first of them is. */
export function refuseFor(refusals: readonly Refusal[]): void {
  const [first] = refusals;
  if (first === undefined) return;
  const faults = refusals.map(({ reason, advice, ...rest }) => ({
    ...rest,
    message: `${reason}. ${advice}`,
  }));
  const measures = [...new Set(refusals.flatMap((refusal) => refusal.measures ?? []))];
  throw new Problem(first.code, {
    detail: faults.map(({ message }) => message).join(' '),
    errors: faults.flatMap(({ code, members, message }) =>
      members.map((member) => ({ in: 'query' as const, pointer: `/${member}`, code, message })),
    ),
    ...(measures.length > 0 && { members: { measures } }),
  });
}
