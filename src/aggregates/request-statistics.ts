import { sql } from 'kysely';
import { editions } from '../editions/index.ts';
import { groupOf } from '../editions/request-groups.ts';
import { applicantKeys, groupKeys, rowKeys } from '../editions/vocabulary.ts';
import type { Aggregate, FormFigure } from './aggregate.ts';

function figures(): FormFigure[] {
  return rowKeys.flatMap((key) => {
    const printing = editions.filter((e) => e.request_statistics.some(({ row }) => row === key));
    const row = printing[0]!.request_statistics.find((candidate) => candidate.row === key)!;
    return applicantKeys.map((applicant) => ({
      keys: { row: key, group: groupOf(row)?.group ?? null, applicant },
      row: key,
      editions: printing.map((edition) => edition.edition),
      kind: row.role,
      stock: row.role === 'carried_in' || row.role === 'carried_out',
      unit: '件' as const,
    }));
  });
}

export const requestStatistics: Aggregate = {
  table: 'request_statistics',
  path: 'request-statistics',
  name: 'RequestStatistics',
  summary: 'Sums of section three: requests received and handled',
  description: `Cases (件). Without \`applicant\` the sums are over the printed \`total\` column, and it is never added to its parts. Rows of results add up with each other; every other row (received, carried in or out, the printed total of results) only with itself: choose with \`row\` or \`group\`, or group by them. Requests carried in or out are stocks.

\`group\` is the printed group of result rows: refused, unavailable, not_handled and other_handling, which is edition 2019's row \`other\` and the three rows \`other_…\` of 2021: compare editions by it, since \`row\` gives the rows as printed. Grouped by \`group\` alone, rows in no group are left out; with \`row\` grouped or chosen besides, they have \`group: null\`.`,
  keys: {
    row: { description: 'Printed row.', values: rowKeys },
    group: {
      description: 'Printed group of result rows; null for rows in none.',
      values: groupKeys,
    },
    applicant: { description: 'Column: who asked.', values: applicantKeys },
  },
  figures: figures(),
  rowKeys: ['row'],
  columnKey: 'applicant',
  coarser: { key: 'group', finer: 'row' },
  separates: ['row', 'group'],
  hasUnits: false,
  edition: 'request_edition',
  cell: (column) => ({
    value: sql`${sql.ref(`facts.${column}`)}`,
    blank: sql`${sql.ref(`facts.${column}`)} is null`,
  }),
  example: {
    group_by: ['year', 'row'],
    data: [{ year: 2023, row: 'granted', value: 5548, reports: 12, blank: 3 }],
  },
};
