import { sql } from 'kysely';
import { outcomeColumns } from '../editions/column-labels.ts';
import { outcomes } from '../editions/edition.ts';
import { proceedingKeys } from '../editions/vocabulary.ts';
import { keys, several } from '../http/schema-parts.ts';
import { nullableCount, type TidyTable } from './tidy-table.ts';

export const reviewLitigationCounts: TidyTable = {
  table: 'review_litigation_counts',
  path: 'review-litigation-counts',
  name: 'ReviewLitigationCounts',
  summary: 'Section four across reports: administrative review and litigation',
  description:
    'One row a proceeding of 政府信息公开行政复议、行政诉讼情况 with its five outcomes, in cases (件); the table is the same in every edition. Null is a cell printed blank; a proceeding that a report does not have is absent.',
  columns: {
    proceeding: keys(proceedingKeys),
    ...Object.fromEntries(
      outcomes.map(({ outcome, label }) => [outcome, nullableCount(`${label.zh} ${label.en}, 件.`)]),
    ),
  },
  columnLabels: outcomeColumns,
  filters: { proceeding: several(keys(proceedingKeys), 'These proceedings.') },
  position: sql`array_position(${[...proceedingKeys]}::text[], facts.proceeding)`,
  example: { proceeding: 'review', upheld: 5, corrected: null, other: null, pending: 2, total: 7 },
};
