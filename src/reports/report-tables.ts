import type { TSchema } from 'typebox';
import { editionByKey } from '../editions/index.ts';
import { proceedingKeys } from '../editions/vocabulary.ts';
import type { Content } from './documents.ts';
import {
  DisclosureItemCell,
  DisclosureItemCellInput,
  DisclosureItemCellPatch,
  RequestStatisticsRow,
  RequestStatisticsRowInput,
  RequestStatisticsRowPatch,
  ReviewLitigationCountsRow,
  ReviewLitigationCountsRowInput,
  ReviewLitigationCountsRowPatch,
} from './figure-schemas.ts';

/** A row of any of the tables. */
export type Row = Record<string, unknown>;

/** A table of a report: how paths name its rows, and how rows are checked. */
export interface ReportTable {
  path: string;
  member: 'disclosure_items' | 'request_statistics' | 'review_litigation_counts';
  /** The members of a row that name it, in the order of the path. */
  keys: readonly string[];
  /** The keys of every row that the table's edition prints. */
  keysOnForm: (content: Content) => string[][];
  /** What a row is called, with its section. */
  what: string;
  section: string;
  /** Ends the operation ids of one row: getDraft…, replaceDraft…, patchDraft…, deleteDraft…. */
  noun: string;
  /** Ends the operation ids of the table: listReport…, listDraft…, replaceDraft…, deleteDraft…. */
  plural: string;
  row: TSchema & { $id?: string; examples?: unknown[] };
  page: string;
  input: TSchema & { $id?: string };
  patch: TSchema & { $id?: string };
}

/** The three tables of a report. The routes for published tables and for those of drafts are made from these. */
export const reportTables: readonly ReportTable[] = [
  {
    path: 'disclosure-items',
    member: 'disclosure_items',
    keys: ['item', 'measure'],
    keysOnForm: ({ editions }) =>
      editionByKey(editions.disclosure_items).disclosure_items.flatMap((item) =>
        item.measures.map((measure) => [item.item, measure.measure]),
      ),
    what: 'cell of section two',
    section: 'section two',
    noun: 'DisclosureItem',
    plural: 'DisclosureItems',
    row: DisclosureItemCell,
    page: 'DisclosureItemCellPage',
    input: DisclosureItemCellInput,
    patch: DisclosureItemCellPatch,
  },
  {
    path: 'request-statistics',
    member: 'request_statistics',
    keys: ['row'],
    keysOnForm: ({ editions }) =>
      editionByKey(editions.request_statistics).request_statistics.map((row) => [row.row]),
    what: 'row of section three',
    section: 'section three',
    noun: 'RequestStatisticsRow',
    plural: 'RequestStatistics',
    row: RequestStatisticsRow,
    page: 'RequestStatisticsRowPage',
    input: RequestStatisticsRowInput,
    patch: RequestStatisticsRowPatch,
  },
  {
    path: 'review-litigation-counts',
    member: 'review_litigation_counts',
    keys: ['proceeding'],
    keysOnForm: () => proceedingKeys.map((key) => [key]),
    what: 'proceeding of section four',
    section: 'section four',
    noun: 'ReviewLitigationCountsRow',
    plural: 'ReviewLitigationCounts',
    row: ReviewLitigationCountsRow,
    page: 'ReviewLitigationCountsRowPage',
    input: ReviewLitigationCountsRowInput,
    patch: ReviewLitigationCountsRowPatch,
  },
];
