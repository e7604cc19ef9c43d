import type { Db } from '../db/database.ts';
import type { Row } from '../formats/format.ts';
import { yearsOf } from '../reports/filters.ts';
import type { KeptSums } from '../rollups/reader.ts';
import { warnOfAbsentCells } from './absent-cells.ts';
import type { Aggregate } from './aggregate.ts';
import { cellsOf, refuseCells, shapeOf, tooManyRows } from './cells.ts';
import { heightOf } from './columns.ts';
import { areShared, checkEditions, checkRanked } from './comparable.ts';
import { dimensions } from './dimensions.ts';
import { inKeptState } from './from-rollups.ts';
import { layoutOf } from './layout.ts';
import { unseenCodes, warnOfUnknown, warnOfUnseen } from './missing-codes.ts';
import { type AggregateQuery, type Basis, type Besides, type Summed, sumReports } from './queries.ts';
import { type Refinement, refinementOf } from './refine.ts';
import { refuseFor } from './refusal.ts';
import { planOf } from './rollup-plan.ts';
import { type Selection, select, wholesOf } from './selection.ts';
import { counted, editionsOf, rowsLeftOut, unitsDiffer, type Warning, warningsOf } from './warnings.ts';
import { withYears, yearsBefore } from './years.ts';

/** Everything that can be asked of an aggregate. */
export type AnalystQuery = AggregateQuery & Refinement;

/** How much of what was asked for the sums cover: see `Summed`. */
export type Coverage = Pick<Summed, 'reports' | 'organs_expected' | 'organs_covered' | 'organs_missing'>;

export interface AggregateAnswer {
  data: readonly Row[];
  basis: Basis;
  coverage: Coverage;
  warnings: Warning[];
  data_as_of: string;
}

export interface Sums extends Omit<Summed, 'rows' | 'before'> {
  cells: readonly Row[];
  /** Cells of the years before, with which `compute=change` compares. */
  before: readonly Row[];
}

/** Adds up what is selected and makes cells of the sums. Problem `too-many-cells` (422). */
export async function sumCells(
  db: Db,
  aggregate: Aggregate,
  query: AggregateQuery,
  selection: Selection,
  besides: Besides,
): Promise<Sums> {
  const most = tooManyRows({ aggregate, selection });
  const summed = await sumReports(db, aggregate, query, selection, most, besides);
  const { rows, before = [], ...rest } = summed;
  if (heightOf(rows) >= most) refuseCells();
  return {
    ...rest,
    cells: cellsOf(aggregate, selection, rows),
    before: cellsOf(aggregate, selection, before),
  };
}

/** What an answer says besides its rows. */
export async function aboutSums(
  db: Db,
  aggregate: Aggregate,
  query: AggregateQuery,
  selection: Selection,
  sums: Omit<Sums, 'captured'>,
  kept: KeptSums | undefined,
): Promise<Omit<AggregateAnswer, 'data'>> {
  const { cells, reports, organs_expected, organs_covered, organs_missing, as_of, unseen } = sums;
  return {
    basis: query.basis ?? 'auto',
    coverage: { reports, organs_expected, organs_covered, organs_missing },
    warnings: [
      ...(await warnOfUnknown(db, query)),
      ...(reports > 0 ? warnOfUnseen(unseen ?? (await unseenCodes(db, query, selection.groupBy, kept))) : []),
      ...warningsOf(aggregate, query, selection, sums, cells),
    ],
    data_as_of: as_of,
  };
}

/**
 * Refuses shares over a key of organs if its groups have reports in common through consolidated ones. Only
 * the reports tell whether they do. Problem `not-additive` (422).
 */
function refuseShareOfOverlapping(key: string, { overlapping }: Sums): void {
  if (overlapping > 0 && dimensions[key]?.ofOrgan)
    refuseFor([
      {
        code: 'not-additive',
        members: ['compute'],
        reason: `A share over \`${key}\` is of the sum over it, and ${counted(overlapping, 'report is', 'reports are')} part of more than one group through consolidated reports`,
        advice: 'Choose `basis=own`, or filter so that the groups are apart.',
      },
    ]);
}

/**
 * The answer to a query. Problem `invalid-request` (400). Problems `not-additive`, `not-comparable` and
 * `too-many-cells` (422).
 */
export async function aggregateReports(
  db: Db,
  aggregate: Aggregate,
  asked: AnalystQuery,
  given?: KeptSums,
): Promise<AggregateAnswer> {
  const { compute = [] } = asked;
  const shape = shapeOf(aggregate, [...new Set(asked.group_by)]);
  const refine = refinementOf(asked, shape);
  const selection = select(aggregate, asked);
  const { groupBy } = selection;
  const shareOver = compute.includes('share') ? groupBy.at(-1)! : undefined;
  const wholes = shareOver === undefined ? [] : wholesOf(aggregate, asked, selection, shareOver);
  const query = await withYears(db, asked);
  // `withYears` read which years are the last after `given` was read, so the sums need a later state.
  const present = query === asked ? given : await given?.later();
  const earlier = compute.includes('change') ? yearsBefore(query.year) : [];
  const summed = await (async (): Promise<Sums> => {
    if (!planOf(query, selection)) {
      const refining = { refinement: asked, shape };
      return sumCells(db, aggregate, query, selection, {
        sums: present,
        refining,
        earlier: yearsOf(earlier),
      });
    }
    return inKeptState(db, present, async (state, sums) => {
      const present = await sumCells(state, aggregate, query, selection, { sums });
      if (earlier.length === 0) return present;
      const before = await sumCells(state, aggregate, { ...query, year: earlier }, selection, { sums });
      const { cells, editions: editionsBefore, captured: capturedBefore } = before;
      return { ...present, before: cells, editionsBefore, capturedBefore };
    });
  })();
  const editions = editionsOf(summed);
  checkEditions(aggregate, selection.sums, editions);
  checkEditions(aggregate, wholes, editions, shareOver);
  if (compute.includes('rank')) checkRanked(selection, editions);
  if (shareOver !== undefined) refuseShareOfOverlapping(shareOver, summed);
  const about = await aboutSums(db, aggregate, query, selection, summed, present);
  return {
    data:
      summed.refined ??
      refine(
        summed.cells,
        summed.before,
        compute.includes('change') ? areShared(aggregate, selection, summed) : undefined,
      ),
    ...about,
    warnings: [
      ...about.warnings,
      ...warnOfAbsentCells(layoutOf(aggregate, selection), selection, summed),
      ...(compute.includes('share') ? rowsLeftOut(aggregate, asked, selection) : []),
      ...unitsDiffer(asked, selection, editions),
    ],
  };
}
