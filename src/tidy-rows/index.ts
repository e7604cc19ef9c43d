import { disclosureItems } from './disclosure-items.ts';
import { requestStatistics } from './request-statistics.ts';
import { reviewLitigationCounts } from './review-litigation-counts.ts';
import type { TidyTable } from './tidy-table.ts';

/** The tables of the form, in printed order. */
export const tidyTables: readonly TidyTable[] = [disclosureItems, requestStatistics, reviewLitigationCounts];
