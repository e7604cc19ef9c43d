import { type RawBuilder, sql } from 'kysely';
import type { Table } from '../editions/figures.ts';
import { editions } from '../editions/index.ts';
import { rowsOfSomeEditions } from '../editions/request-groups.ts';
import { applicantKeys, outcomeKeys } from '../editions/vocabulary.ts';
import { moneyUnit } from '../rules/parts.ts';

/** SQL for what the parts of a consolidated report add up to. It reads a relation `used (revision_id)`. */

/** The sums of one row of the form over the parts. `key` names the row. */
export interface SummedRow {
  key: string;
  /** How many parts have the row. */
  reports: number;
  /** The sum of each column, as text so that none is rounded; null where no cell holds a number. */
  sums: (string | null)[];
  /** How many cells of each column hold a number. */
  numbers: number[];
  /** How many amounts of money are not added up because they name no unit. */
  unit_unknown: number;
  /** How many cells each column has, blank ones included. */
  cells: number;
}

interface SummedTable {
  table: Table;
  /** The columns of the fact table that are cells. Empty where each row of the table is one cell. */
  columns: readonly string[];
  rows: RawBuilder<unknown>;
}

/** The amounts of money for which the form names no unit, as `item.measure`. */
const amounts = editions.flatMap((edition) =>
  edition.disclosure_items.flatMap(({ item, measures }) =>
    measures.filter(({ unit }) => unit === null).map(({ measure }) => `${item}.${measure}`),
  ),
);
const itemKey = sql`facts.item || '.' || facts.measure`;
const isAmount = sql`${itemKey} = any(${amounts}::text[])`;
const valueInUnit = sql`case when not ${isAmount} or facts.unit = ${moneyUnit} or facts.value = 0 then facts.value
  when facts.unit = '万元' then facts.value * 10000 end`;

const columnsOf = (columns: readonly string[]) => columns.map((column) => sql.ref(`facts.${column}`));
const sumsOf = (values: readonly RawBuilder<unknown>[]) => sql`
  array[${sql.join(values.map((value) => sql`sum(${value})::text`))}] as sums`;
const numbersOf = (values: readonly RawBuilder<unknown>[]) => sql`
  array[${sql.join(values.map((value) => sql`count(${value})`))}] as numbers`;
const counts = sql`count(*) as cells, 0 as unit_unknown`;

const summed = (
  table: Table,
  columns: readonly string[],
  key: RawBuilder<unknown>,
  reports = sql`count(*)`,
  lines = sql``,
) => sql`
  select ${key} as key, ${reports} as reports, ${sumsOf(columnsOf(columns))}, ${numbersOf(columnsOf(columns))}, ${counts}
  from used join ${sql.table(table)} as facts using (revision_id) ${lines} group by 1`;

const groups = sql`join unnest(${rowsOfSomeEditions.map(({ row }) => row)}::text[],
  ${rowsOfSomeEditions.map(({ group }) => group)}::text[]) as lines ("row", "group") on lines."row" = facts."row"`;

export const summedTables: readonly SummedTable[] = [
  {
    table: 'disclosure_items',
    columns: [],
    rows: sql`select ${itemKey} as key, count(*) as reports, ${sumsOf([valueInUnit])},
        ${numbersOf([sql`facts.value`])}, count(*) as cells,
        count(*) filter (where ${isAmount} and facts.unit is null and facts.value <> 0) as unit_unknown
      from used join disclosure_items as facts using (revision_id) group by 1`,
  },
  {
    table: 'request_statistics',
    columns: applicantKeys,
    rows: summed('request_statistics', applicantKeys, sql`facts."row"`),
  },
  {
    // The same rows again by group, to compare reports on different editions.
    table: 'request_statistics',
    columns: applicantKeys,
    rows: summed(
      'request_statistics',
      applicantKeys,
      sql`lines."group"`,
      sql`count(distinct facts.revision_id)`,
      groups,
    ),
  },
  {
    table: 'review_litigation_counts',
    columns: outcomeKeys,
    rows: summed('review_litigation_counts', outcomeKeys, sql`facts.proceeding`),
  },
];
