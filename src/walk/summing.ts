import { mostCells, refuseAmounts, refuseCells } from '../aggregates/cells.ts';
import { areShared } from '../aggregates/comparable.ts';
import { inTime } from '../aggregates/in-time.ts';
import type { AggregateQuery, Besides, Summed, Summing } from '../aggregates/queries.ts';
import { isRefinable, tableRefinementOf } from '../aggregates/refine.ts';
import { namesKeys } from '../aggregates/warnings.ts';
import type { Db } from '../db/database.ts';
import { KeptRegister } from './kept-register.ts';
import { capturedAt, cellsIn, columnsOf, placesOf } from './rows.ts';
import type { GroupSums } from './sums.ts';
import { fewReports, onWalkedState } from './turns.ts';
import { type Walked, walk } from './walk.ts';

/** From this many rows on, only the rows are made that the refinement leaves. */
export const manyRows = 1_000;

/**
 * Adds up reports by walking the segments of the years asked about. Where there are many rows, only those are made
 * that `refining` leaves. `most` rows or more that cannot be refined are refused. Problems `too-many-cells` (422) and
 * `unavailable` (503).
 */
export const sumByWalking = (
  db: Db,
  summing: Summing,
  query: AggregateQuery,
  most: number,
  { sums: keptSums, refining, earlier = [] }: Besides,
  few = fewReports,
): Promise<Summed> => {
  const kept = keptSums?.register ?? new KeptRegister();
  const walking = { query, summings: [summing] as const, earlier, kept, fewReports: few };
  const make = async (state: Db, walked: Walked): Promise<Summed> => {
    const { register: _, groups, sums, editionsBefore, ...counted } = walked;
    const about = { ...counted, ...(earlier.length > 0 && { editionsBefore }) };
    const [own] = sums as [GroupSums];
    const year = earlier.length === 0 ? undefined : groups.at('year');
    const isEarlier = (group: number) => year !== undefined && earlier.includes(year(group) as number);
    const present = placesOf(own, groups.height, (group) => !isEarlier(group));
    const before = placesOf(own, groups.height, isEarlier);
    const { aggregate, selection } = summing;
    const captured = {
      captured: capturedAt(own, summing, present),
      ...(earlier.length > 0 && { capturedBefore: capturedAt(own, summing, before) }),
    };
    // Amounts without a unit are counted over all rows, so where there is money all rows must be made.
    const isMoney = selection.figures.some(({ unit }) => unit === '元' || unit === '万元');
    const mayRefine = refining !== undefined && !(aggregate.hasUnits && isMoney) && isRefinable(refining);
    if (present.length >= most && !mayRefine) {
      if (aggregate.hasUnits && isMoney && refining && isRefinable(refining)) refuseAmounts();
      refuseCells();
    }
    // Rows that are left out need not be made, unless warnings tell what they have.
    const enough = namesKeys(query, selection.groupBy) ? most : Math.min(most, manyRows);
    if (mayRefine && Math.max(present.length, before.length) >= enough) {
      const table = cellsIn(walked, own, summing, present);
      const refine = tableRefinementOf(refining.refinement, refining.shape);
      const { rows, computed } = refine(
        table,
        cellsIn(walked, own, summing, before),
        mostCells,
        areShared(aggregate, selection, about),
      );
      if (rows.length > mostCells) refuseCells();
      return { ...about, ...captured, rows: [], refined: await table.rows(state, rows, computed) };
    }
    return {
      ...about,
      ...captured,
      rows: await columnsOf(state, walked, own, summing, present),
      ...(earlier.length > 0 && { before: await columnsOf(state, walked, own, summing, before) }),
    };
  };
  const read = (state: Db) => walk(state, walking, (walked) => make(state, walked));
  return inTime(onWalkedState(db, query, read, earlier));
};
