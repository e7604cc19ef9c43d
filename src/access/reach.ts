import type { Db } from '../db/database.ts';
import { Problem, type RequestFault } from '../http/problem.ts';
import type { Grant } from './principal.ts';
import type { Reach } from './schema.ts';

const fault = (pointer: string, code: string, message: string): RequestFault => ({ pointer, code, message });

/**
 * The grants that a body asks for, completed; Problem `invalid-request` with every fault at once. `at` is the pointer
 * of the first, `/grants/` for a list.
 */
export async function checkReaches(
  db: Db,
  reaches: readonly Reach[],
  pointerOf: (index: number) => string,
): Promise<Grant[]> {
  const grants = reaches.map(({ role, organ_id = null, include_subtree = false }) => ({
    role,
    organ_id: organ_id?.toLowerCase() ?? null,
    include_subtree: organ_id === null || include_subtree,
  }));
  const wanted = grants.flatMap(({ organ_id }) => organ_id ?? []);
  const known =
    wanted.length === 0 ? [] : await db.selectFrom('organs').select('id').where('id', 'in', wanted).execute();
  const ids = new Set(known.map(({ id }) => id));
  const errors = grants.flatMap(({ role, organ_id }, index) => {
    const at = pointerOf(index);
    const first = grants.findIndex((each) => each.role === role && each.organ_id === organ_id);
    return [
      ...(role === 'admin' && organ_id !== null
        ? [fault(`${at}/organ_id`, 'reach', 'must be null: an administrator reaches everything')]
        : []),
      ...((role === 'preparer' || role === 'supervisor') && organ_id === null
        ? [fault(`${at}/organ_id`, 'reach', `must name an organ for a ${role}`)]
        : []),
      ...(organ_id !== null && !ids.has(organ_id)
        ? [fault(`${at}/organ_id`, 'unknown-organ', 'must be the id of an organ')]
        : []),
      ...(first < index ? [fault(at, 'repeated', `repeats the role and organ of ${pointerOf(first)}`)] : []),
    ];
  });
  if (errors.length > 0) throw new Problem('invalid-request', { errors });
  return grants;
}
