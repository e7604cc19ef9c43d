import { idSize } from './copied.ts';
import type { Batch, SegmentKey } from './entries.ts';

/** The numbers at these places. */
export function numbersAt(numbers: Int32Array, places: Int32Array): Int32Array {
  const taken = new Int32Array(places.length);
  for (let index = 0; index < places.length; index++) taken[index] = numbers[places[index]!]!;
  return taken;
}

/** Reports of one year and scope that are added up, each with its group. */
export interface Used {
  year: number;
  isConsolidated: boolean;
  organs: Int32Array;
  groups: Int32Array;
  at: { segment: SegmentKey; places: Int32Array } | { revisions: Buffer };
}

/** The ids at these places. */
function idsAt(ids: Buffer, places: Int32Array): Buffer {
  const taken = Buffer.alloc(idSize * places.length);
  for (const [index, place] of places.entries())
    ids.copy(taken, idSize * index, idSize * place, idSize * (place + 1));
  return taken;
}

/** The places at which flags are 1. */
export function flagged(flags: Uint8Array): Int32Array {
  let amount = 0;
  for (const flag of flags) amount += flag;
  const places = new Int32Array(amount);
  let index = 0;
  for (let place = 0; place < flags.length; place++) if (flags[place] === 1) places[index++] = place;
  return places;
}

/** The reports of a batch at these places, with these groups. */
export const usedAt = (
  { year, isConsolidated, organs, at }: Batch,
  places: Int32Array,
  groups: Int32Array,
): Used => ({
  year,
  isConsolidated,
  organs: numbersAt(organs, places),
  groups,
  at:
    'revisions' in at
      ? { revisions: idsAt(at.revisions, places) }
      : { segment: at.segment, places: numbersAt(at.places, places) },
});
