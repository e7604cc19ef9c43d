import { Problem } from '../http/problem.ts';

/** Why a query is refused: it asks for what is no sum, compares what cannot be compared, or asks for too much. */
export interface Refusal {
  code: 'not-additive' | 'not-comparable' | 'too-many-cells';
  /** The query members that the refusal is about, given or not. */
  members: readonly string[];
  reason: string;
  advice: string;
  /** What is not comparable, as `/v1/meta` names measures. */
  measures?: readonly string[];
}

/** Refuses a query for all of these reasons, if there are any. The problem (422) has the code of the first. */
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
