import type { Fault } from '../editions/form-faults.ts';
import type { StoredOrgan } from './queries.ts';
import type { OrganPatch } from './schema.ts';

/**
 * Whether a change with `valid_from` begins a new period. The period before keeps the values that the change
 * replaces.
 */
export const beginsPeriod = (patch: OrganPatch): boolean =>
  patch.name !== undefined || patch.parent_id !== undefined || patch.division_code !== undefined;

/** The fault of a first day that is in the future. */
export const beginningFaults = (valid_from: string | undefined, today: string): Fault[] =>
  valid_from === undefined || valid_from <= today
    ? []
    : [
        {
          pointer: '/valid_from',
          code: 'future',
          message: `must not be after today, ${today}: tell the change when it has happened`,
        },
      ];

/**
 * The faults of the days and the successor in a change. A period begins after the one before, and none begins in the
 * future. The organ does not end before its present period began. A successor is another organ, and needs that end.
 */
export function periodFaults(before: StoredOrgan, patch: OrganPatch, today: string): Fault[] {
  const errors = beginningFaults(patch.valid_from, today);
  const fault = (member: string, code: string, message: string) =>
    errors.push({ pointer: `/${member}`, code, message });
  const { valid_from } = patch;
  if (valid_from && beginsPeriod(patch) && before.valid_from && valid_from <= before.valid_from)
    fault('valid_from', 'too-early', `must be after ${before.valid_from}, when the present period began`);
  const after = { ...before, ...patch };
  if (after.abolished_on && after.valid_from && after.abolished_on < after.valid_from)
    fault(
      'abolished_on',
      'too-early',
      `must not be before ${after.valid_from}, when the present period began`,
    );
  if (after.successor_id && !after.abolished_on) fault('successor_id', 'needs-end', 'needs abolished_on');
  if (after.successor_id?.toLowerCase() === before.id)
    fault('successor_id', 'own-successor', 'must be another organ');
  return errors;
}
