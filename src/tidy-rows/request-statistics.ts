import { sql } from 'kysely';
import { applicantColumns } from '../editions/column-labels.ts';
import { applicants } from '../editions/edition.ts';
import { editionKeys, editions } from '../editions/index.ts';
import { rowKeys } from '../editions/vocabulary.ts';
import { keys, several } from '../http/schema-parts.ts';
import { nullableCount, type TidyTable } from './tidy-table.ts';

const printed = editions.flatMap((edition) =>
  edition.request_statistics.map((row) => `${edition.edition}/${row.row}`),
);

export const requestStatistics: TidyTable = {
  table: 'request_statistics',
  path: 'request-statistics',
  name: 'RequestStatistics',
  summary: 'Section three across reports: requests received and handled',
  description:
    'One row a printed row of 收到和处理政府信息公开申请情况 with its seven columns, in cases (件). Null is a cell printed blank; a row that a report does not have is absent.',
  columns: {
    edition: keys(editionKeys, { description: 'Edition of the table.' }),
    row: keys(rowKeys),
    ...Object.fromEntries(
      applicants.map(({ applicant, label }) => [applicant, nullableCount(`${label.zh} ${label.en}, 件.`)]),
    ),
  },
  columnLabels: applicantColumns,
  filters: { row: several(keys(rowKeys), 'These rows.') },
  position: sql`array_position(${printed}::text[], facts.edition || '/' || facts."row")`,
  example: {
    edition: '2019',
    row: 'granted',
    natural_person: 258,
    business: 12,
    research: null,
    public_interest: null,
    legal_service: 1,
    other: 1,
    total: 272,
  },
};
