import type { Aggregate } from './aggregate.ts';
import { disclosureItems } from './disclosure-items.ts';
import { requestStatistics } from './request-statistics.ts';
import { reviewLitigationCounts } from './review-litigation-counts.ts';

/** Every aggregate. A new one needs a file, a line here and, in a migration, its table in the rollups. */
export const aggregates: readonly Aggregate[] = [disclosureItems, requestStatistics, reviewLitigationCounts];
