import { sql } from 'kysely';
import { editionKeys } from '../editions/index.ts';
import { outcomeKeys, proceedingKeys } from '../editions/vocabulary.ts';
import type { Aggregate } from './aggregate.ts';

export const reviewLitigationCounts: Aggregate = {
  table: 'review_litigation_counts',
  path: 'review-litigation-counts',
  name: 'ReviewLitigationCounts',
  summary: 'Sums of section four: administrative review and litigation',
  description:
    'Cases (件). Without `outcome` the sums are over the printed `total` column, and it is never added to its parts. The two kinds of litigation may be added, review and litigation never: the same dispute appears in both. Nothing here is added over years, since pending cases reappear. The table is the same in every edition; `edition` is that of section three of the report.',
  keys: {
    proceeding: { description: 'Review or litigation.', values: proceedingKeys },
    outcome: { description: 'Column: how it ended.', values: outcomeKeys },
  },
  figures: proceedingKeys.flatMap((proceeding) =>
    outcomeKeys.map((outcome) => ({
      keys: { proceeding, outcome },
      row: proceeding,
      editions: editionKeys,
      kind: proceeding.startsWith('litigation_') ? 'litigation' : proceeding,
      stock: true,
      unit: '件' as const,
    })),
  ),
  rowKeys: ['proceeding'],
  columnKey: 'outcome',
  separates: ['proceeding'],
  hasUnits: false,
  edition: 'request_edition',
  cell: (column) => ({
    value: sql`${sql.ref(`facts.${column}`)}`,
    blank: sql`${sql.ref(`facts.${column}`)} is null`,
  }),
  example: {
    group_by: ['year', 'proceeding'],
    data: [{ year: 2023, proceeding: 'review', value: 457, reports: 6, blank: 0 }],
  },
};
