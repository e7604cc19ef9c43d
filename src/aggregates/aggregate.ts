import type { RawBuilder } from 'kysely';
import type { EditionKey, Unit } from '../editions/edition.ts';
import type { Table } from '../editions/figures.ts';

/** A cell of the form as an aggregate sees it: its keys, and what it may be added to. */
export interface FormFigure {
  /** Its own keys by name, e.g. row, group and applicant; null where it has no value for a key. */
  keys: Readonly<Record<string, string | null>>;
  /** Its row of the fact table as `/v1/meta` names measures: the values of the table's `rowKeys`, joined by dots. */
  row: string;
  /** The editions that print it. */
  editions: readonly EditionKey[];
  /** Figures of one kind may be added to each other; those of different kinds never. */
  kind: string;
  /** Whether it stands at a moment rather than happening in a year. Such a stock is never added over years. */
  stock: boolean;
  /** The unit in which sums of it are given. */
  unit: Unit;
}

/** Sums over one table of the form, across published reports. */
export interface Aggregate {
  table: Table;
  /** Last segment of the path, and the name of a downloaded file. */
  path: string;
  /** PascalCase: operation and component names end or begin with it. */
  name: string;
  summary: string;
  description: string;
  /** Its own keys in printed order. `group_by` takes them besides the keys that every aggregate has. */
  keys: Readonly<Record<string, { description: string; values: readonly string[] }>>;
  /** Every cell of every edition's form. */
  figures: readonly FormFigure[];
  /** Keys that name a row of the fact table. */
  rowKeys: readonly string[];
  /**
   * The key whose values are columns of the fact table. The printed `total` includes the other columns; it is
   * taken alone unless a query asks otherwise.
   */
  columnKey?: string;
  /** A coarser key over the values of a finer one, some of which belong to no value of the coarser. */
  coarser?: { key: string; finer: string };
  /** The keys that a refusal names when figures of different kinds would be added. */
  separates: readonly string[];
  /** Whether cells have units of their own, so that each row of an answer names its unit. */
  hasUnits: boolean;
  /** The column of `revisions` that holds the edition of this table. */
  edition: 'disclosure_edition' | 'request_edition';
  /**
   * SQL over `facts` and the `unit` of `chosen`: the cell in a column, with its number in that unit. The
   * column is null where the table has only one.
   */
  cell: (column: string | null) => AggregateCell;
  /** An example for the OpenAPI document: the keys of a query and the rows of its answer. */
  example: { group_by: string[]; data: Record<string, string | number | null>[] };
}

export interface AggregateCell {
  /** Null where there is no number to add. */
  value: RawBuilder<number | null>;
  blank: RawBuilder<boolean>;
  /** Whether there is a number whose unit is not known; only with `hasUnits`. */
  unit_unknown?: RawBuilder<boolean>;
}
