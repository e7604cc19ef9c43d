import type { Db } from '../db/database.ts';
import type { Row } from '../formats/format.ts';
import type { ReportFilters } from '../reports/filters.ts';
import type { KeptSums } from '../rollups/reader.ts';
import { sumByWalking } from '../walk/summing.ts';
import type { Unseen } from '../walk/unseen.ts';
import type { Captured } from './absent-cells.ts';
import type { Aggregate } from './aggregate.ts';
import type { Columns } from './columns.ts';
import { sumFromRollups } from './from-rollups.ts';
import type { Refining } from './refine.ts';
import { planOf } from './rollup-plan.ts';
import type { Selection } from './selection.ts';

/**
 * Which reports an answer adds up.
 *
 * Candidates are the effective reports that match the filters, in the scope that `basis` names: `own`,
 * `consolidated`, or either (`auto`). Groups are what the answer's place, level, kind and organ keys divide organs
 * into; without such a key there is one. Within each group a candidate is used if and only if
 * 1. no organ above its own, in the tree as it was on the last day of that year, has a consolidated candidate of the
 *    same year in the same group, and
 * 2. it is consolidated, or its own organ has no consolidated candidate of that year.
 *
 * So the topmost consolidated report stands for everything below it and no figure counts twice within a group: with
 * one organ and everything under it as the filter, the sum is that organ's subtree value. Year, edition and the keys
 * of cells only divide what is used. A report that a filter leaves out covers nothing.
 * Between groups reports may overlap (a city's consolidated report has no county, its counties' reports have): the
 * warning `groups-overlap` says so.
 */
export const bases = ['auto', 'own', 'consolidated'] as const;
export type Basis = (typeof bases)[number];

export interface AggregateQuery extends ReportFilters {
  basis?: Basis;
  group_by?: string[];
  [key: string]: unknown;
}

/** How many reports of a year are on an edition of the table. */
export interface EditionCount {
  year: number;
  edition: string;
  reports: number;
}

export interface Summed {
  /** The sums; the columns stand as `layoutOf` says. */
  rows: Columns;
  /** Reports added up. */
  reports: number;
  /** Organs that match and existed, each once for every year asked about or, without years, every year added up. */
  organs_expected: number;
  /** Those of the expected ones that the consolidated report of an organ above stands for. */
  organs_covered: number;
  /** Those of the expected ones that no matching report stands for. */
  organs_missing: number;
  /** Reports used that are also part of a consolidated report used in another group. */
  overlapping: number;
  /** Years of the reports used. */
  years: number[];
  /** How many of the reports used are on which edition of the table, by year. */
  editions: readonly EditionCount[];
  as_of: string;
  /**
   * Filters with several codes, and those of their codes that no report found has; undefined where that was
   * not looked for.
   */
  unseen?: Unseen[];
  /** Sums of the years before, with which the years asked about are compared. */
  before?: Columns;
  /** How many reports of the years before are on which edition. */
  editionsBefore?: readonly EditionCount[];
  /** How many reports have any cell of each sum, whichever rows were made; then the same for the years before. */
  captured: Captured;
  capturedBefore?: Captured;
  /** The rows of the answer after refinement, in order, where there were too many to make them all. */
  refined?: readonly Row[];
}

/** Which cells of the reports are added up. */
export interface Summing {
  aggregate: Aggregate;
  selection: Selection;
}

/** What adding up can use besides the query. */
export interface Besides {
  /** What is kept of earlier questions to the same database. */
  sums?: KeptSums | undefined;
  /** How rows are refined where there are too many to make them all. */
  refining?: Refining | undefined;
  /** Years to add up as well, with which those asked about are compared. Not used where rollups answer. */
  earlier?: readonly number[] | undefined;
}

/**
 * Adds up, so that sums and coverage are of one moment: from the rollups where they keep everything the query
 * asks for, otherwise from what reports say. Both give the same answer. Where there are `most` rows or more
 * it gives up, unless the sums come from reports and can be refined.
 */
export function sumReports(
  db: Db,
  aggregate: Aggregate,
  query: AggregateQuery,
  selection: Selection,
  most: number,
  besides: Besides,
): Promise<Summed> {
  const plan = planOf(query, selection);
  return plan
    ? sumFromRollups(db, aggregate, query, selection, plan, most, besides.sums)
    : sumByWalking(db, { aggregate, selection }, query, most, besides);
}
