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

/** Of reports of a year, how many are on an edition of the table. */
export interface EditionCount {
  year: number;
  edition: string;
  reports: number;
}

export interface Summed {
  /** As `layoutOf` says. */
  rows: Columns;
  /** Reports added up. */
  reports: number;
  /** Organs that match and were there, each once for every year asked about or, without years, every year added up. */
  organs_expected: number;
  /** Of these, those that the consolidated report of an organ above stands for. */
  organs_covered: number;
  /** Of these, those that no report which matches stands for. */
  organs_missing: number;
  /** Reports used that are also part of a consolidated report used in another group. */
  overlapping: number;
  /** Years of the reports used. */
  years: number[];
  /** How many of them are on which edition of the table. */
  editions: readonly EditionCount[];
  as_of: string;
  /** Of filters with several codes, those that no report found is of; undefined where that was not looked for. */
  unseen?: Unseen[];
  /** Rows of the years before those asked for, which say what these have changed from. */
  before?: Columns;
  /** How many reports of those years are on which edition. */
  editionsBefore?: readonly EditionCount[];
  /** How many reports have any cell of each sum, whichever rows were made; and of those years. */
  captured: Captured;
  capturedBefore?: Captured;
  /** The rows of the answer, where there were too many to make them all: those that its refinement leaves, in order. */
  refined?: readonly Row[];
}

/** Which cells are added up of the reports that a query names. */
export interface Summing {
  aggregate: Aggregate;
  selection: Selection;
}

/** What else there is to know for adding up. */
export interface Besides {
  /** What is kept of earlier questions to the same database. */
  sums?: KeptSums | undefined;
  /** What to do where there are too many rows to send. */
  refining?: Refining | undefined;
  /** Years to be answered as well, to which those asked about are compared; not where rollups answer. */
  earlier?: readonly number[] | undefined;
}

/**
 * Adds up, so that sums and coverage are of one moment: from the rollups where they keep everything the query asks for,
 * otherwise from what reports say. Both give the same answer. Where there are `most` rows it gives up, or has them refined:
 * not from the rollups.
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
