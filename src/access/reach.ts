import type { Db } from '../db/database.ts';
import { type RequestFault, unknownOrgan } from '../http/problem.ts';
import type { Grant } from './principal.ts';
import type { Reach } from './schema.ts';

const fault = (pointer: string, code: string, message: string): RequestFault => ({ pointer, code, message });

/** The grants that a body asks for, with defaults filled in. A grant for every organ always includes the subtree. */
export const completed = (reaches: readonly Reach[]): Grant[] =>
  reaches.map(({ role, organ_id = null, include_subtree = false }) => ({
    role,
    organ_id: organ_id?.toLowerCase() ?? null,
    include_subtree: organ_id === null || include_subtree,
  }));

/** All faults of completed grants. `pointerOf` gives the JSON pointer of a grant in the body. */
export async function reachFaults(
  db: Db,
  grants: readonly Grant[],
  pointerOf: (index: number) => string,
): Promise<RequestFault[]> {
  const wanted = grants.flatMap(({ organ_id }) => organ_id ?? []);
  const known =
    wanted.length === 0 ? [] : await db.selectFrom('organs').select('id').where('id', 'in', wanted).execute();
  const ids = new Set(known.map(({ id }) => id));
  return grants.flatMap(({ role, organ_id }, index) => {
    const at = pointerOf(index);
    const first = grants.findIndex((each) => each.role === role && each.organ_id === organ_id);
    return [
      ...(role === 'admin' && organ_id !== null
        ? [fault(`${at}/organ_id`, 'reach', 'must be null: an administrator reaches everything')]
        : []),
      ...((role === 'preparer' || role === 'supervisor') && organ_id === null
        ? [fault(`${at}/organ_id`, 'reach', `must name an organ for a ${role}`)]
        : []),
      ...(organ_id !== null && !ids.has(organ_id) ? [unknownOrgan(`${at}/organ_id`)] : []),
      ...(first < index ? [fault(at, 'repeated', `repeats the role and organ of ${pointerOf(first)}`)] : []),
    ];
  });
}
