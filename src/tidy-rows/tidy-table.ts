import { type RawBuilder, type SqlBool, sql } from 'kysely';
import { type TProperties, type TSchema, Type } from 'typebox';
import type { Label } from '../editions/edition.ts';
import type { Table } from '../editions/figures.ts';
import { kindKeys, levelKeys } from '../editions/vocabulary.ts';
import type { ColumnType, ParquetColumn } from '../formats/parquet.ts';
import { keys, nullable } from '../http/schema-parts.ts';
import { reportQuery } from '../reports/filters.ts';

/** A table of the form as rows across all published reports. */
export interface TidyTable {
  table: Table;
  /** Last segment of the path, and the name of a downloaded file. */
  path: string;
  /** PascalCase: operation and component names begin or end with it. */
  name: string;
  summary: string;
  description: string;
  /**
   * The columns in printed order: those that name a row within its report, then its figures. They are members
   * of the answer.
   */
  columns: TProperties;
  /** The labels of those columns that are columns of the printed form. */
  columnLabels: Readonly<Record<string, Label>>;
  /** Filters over the columns that name a row; each is a list of keys. */
  filters: TProperties;
  /** SQL for the printed place of a row in its report, over the fact table under the name `facts`. */
  position: RawBuilder<number>;
  /** Figures of one row, for the example. */
  example: Record<string, string | number | null>;
}

export const nullableCount = (description: string) => nullable<number>('integer', { description });

/** Members that every tidy row has before those of its table. */
export const reportColumns = {
  report_id: Type.String({ format: 'uuid', description: 'The report that states the figures.' }),
  revision: Type.Integer({ minimum: 1, description: 'Number of its effective revision.' }),
  organ_id: Type.String({ format: 'uuid' }),
  organ_name: Type.String(),
  level: keys(levelKeys, { description: 'Level of the organ.' }),
  kind: keys(kindKeys, { description: 'Kind of the organ.' }),
  division_code: nullable<string>('string', {
    description:
      'Division where the organ stood at the end of the year, its own or that of the nearest organ above with one: 6 digits, or 9 with the town.',
  }),
  year: Type.Integer({ description: 'Report year, 1 January to 31 December.' }),
  scope: keys(['own', 'consolidated']),
};

/** All query members of a table's tidy rows. */
export const queryOf = (table: TidyTable): TProperties => ({ ...reportQuery, ...table.filters });

/** The names of a row's members, in order. */
export const columnsOf = (table: TidyTable): string[] => [
  ...Object.keys(reportColumns),
  ...Object.keys(table.columns),
];

/**
 * Columns of small whole numbers: years and numbers of revisions. Every other whole number is a count of the
 * form.
 */
const smallIntegers = ['year', 'revision'];

/** The type of each column, told from its schema, for formats that have types. */
export const typesOf = (table: TidyTable): Record<string, ParquetColumn> =>
  Object.fromEntries(
    Object.entries<TSchema & { type?: string | string[] }>({ ...reportColumns, ...table.columns }).map(
      ([name, schema]) => {
        const types = [schema.type ?? []].flat();
        const type: ColumnType = types.includes('integer')
          ? smallIntegers.includes(name)
            ? 'integer'
            : 'count'
          : types.includes('number')
            ? 'decimal'
            : 'text';
        return [name, { type, nullable: types.includes('null') }];
      },
    ),
  );

/**
 * The condition that a table's own filters make, over `facts`. Names come from the table's definition; values
 * are bound.
 */
export function ownFilters(table: TidyTable, filters: Record<string, unknown>): RawBuilder<SqlBool> {
  const conditions = Object.keys(table.filters).flatMap((column) =>
    filters[column] === undefined
      ? []
      : [sql<SqlBool>`${sql.ref(`facts.${column}`)} = any(${filters[column]}::text[])`],
  );
  return conditions.length === 0 ? sql`true` : sql`(${sql.join(conditions, sql` and `)})`;
}
