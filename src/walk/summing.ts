import { mostCells, refuseCells, tooManyRows } from '../aggregates/cells.ts';
import { inTime } from '../aggregates/in-time.ts';
import type { AggregateQuery, Besides, Summed, Summing } from '../aggregates/queries.ts';
import { isRefinable, tableRefinementOf } from '../aggregates/refine.ts';
import type { Db } from '../db/database.ts';
import { onOneState } from '../rollups/maintenance.ts';
import { KeptRegister } from './kept-register.ts';
import { cellsIn, columnsOf, placesOf } from './rows.ts';
import { walk } from './walk.ts';

/** So many years of organs are looked up sooner than segments of their provinces are read. */
export const fewReports = 1_000;

/**
 * The same answers as reports give that are found and added up by the database. Where there are `most` rows, they are refined
 * as `refining` says.
 */
export const sumByWalking = (
  db: Db,
  summing: Summing,
  query: AggregateQuery,
  most: number,
  { sums: keptSums, refining, earlier = [], also, remembered }: Besides = {},
  few = fewReports,
): Promise<Summed> =>
  inTime(
    onOneState(db, async (state) => {
      const kept = keptSums?.register ?? new KeptRegister();
      const summings: [Summing, ...Summing[]] = also ? [summing, also] : [summing];
      const walked = await walk(state, { query, summings, earlier, kept, remembered, fewReports: few });
      const { register: _, groups, sums, editionsBefore, ...about } = walked;
      const [own, beside] = sums as [(typeof sums)[0], (typeof sums)[0]?];
      const year = earlier.length === 0 ? undefined : groups.at('year');
      const isEarlier = (group: number) => year !== undefined && earlier.includes(year(group) as number);
      const present = placesOf(own, groups.height, (group) => !isEarlier(group));
      const before = placesOf(own, groups.height, isEarlier);
      if (present.length >= most) {
        const { aggregate, selection } = summing;
        // Amounts without a unit are counted over all rows.
        const isMoney = selection.figures.some(({ unit }) => unit === '元' || unit === '万元');
        if (!refining || (aggregate.hasUnits && isMoney) || !isRefinable(refining)) refuseCells();
        const table = cellsIn(walked, own, summing, present);
        const { rows, computed } = tableRefinementOf(refining.refinement, refining.shape)(
          table,
          cellsIn(walked, own, summing, before),
        );
        if (rows.length > mostCells) refuseCells();
        return { ...about, rows: [], refined: await table.rows(state, rows, computed) };
      }
      const alsoPlaces = beside && placesOf(beside, groups.height, () => true);
      if (alsoPlaces && alsoPlaces.length >= tooManyRows(also!)) refuseCells();
      return {
        ...about,
        rows: await columnsOf(state, walked, own, summing, present),
        ...(earlier.length > 0 && {
          before: await columnsOf(state, walked, own, summing, before),
          editionsBefore,
        }),
        ...(alsoPlaces && { also: await columnsOf(state, walked, beside!, also!, alsoPlaces) }),
      };
    }),
  );
