import type { Aggregate } from './aggregate.ts';
import { disclosureItems } from './disclosure-items.ts';
import { requestStatistics } from './request-statistics.ts';
import { reviewLitigationCounts } from './review-litigation-counts.ts';

/** Every aggregate. A new one is one file and one line here. */
export const aggregates: readonly Aggregate[] = [disclosureItems, requestStatistics, reviewLitigationCounts];
