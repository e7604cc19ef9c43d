import type { RawBuilder } from 'kysely';
import type { EditionKey, Unit } from '../editions/edition.ts';
import type { Table } from '../editions/figures.ts';

/** A cell of the form as an aggregate sees it: what names it, and what it may be added to. */
export interface FormFigure {
  /** Its own keys by name, e.g. row, group and applicant; null where it has none of a kind. */
  keys: Readonly<Record<string, string | null>>;
  /** The row of the fact table that it is in, as `/v1/meta` names measures: the values of the table's `rowKeys`. */
  row: string;
  /** The editions that print it. */
  editions: readonly EditionKey[];
  /** Figures of one kind may be added to each other; those of different kinds never. */
  kind: string;
  /** What stands at a moment rather than happening in a year: never added over years. */
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
  /** Its own keys in printed order: what `group_by` takes besides what every aggregate takes. */
  keys: Readonly<Record<string, { description: string; values: readonly string[] }>>;
  /** Every cell of every edition's form. */
  figures: readonly FormFigure[];
  /** Keys that name a row of the fact table. */
  rowKeys: readonly string[];
  /** The key that is a column of the fact table; its printed `total` holds the others and is taken alone unless asked otherwise. */
  columnKey?: string;
  /** A coarser key over a finer one, where some values of the finer have none of the coarser. */
  coarser?: { key: string; finer: string };
  /** Which keys to name when figures of different kinds would be added. */
  separates: readonly string[];
  /** Whether cells may come in a unit of their own, so that each answer names its unit. */
  hasUnits: boolean;
  /** The column of `revisions` with the edition of the table. */
  edition: 'disclosure_edition' | 'request_edition';
  /** SQL over `facts` and the `unit` that `chosen` asks for: the cell in a column, its number in that unit. */
  cell: (column: string | null) => AggregateCell;
  /** For the OpenAPI document: a query's keys and answer. */
  example: { group_by: string[]; data: Record<string, string | number | null>[] };
}

export interface AggregateCell {
  /** Null where there is no number to add. */
  value: RawBuilder<number | null>;
  blank: RawBuilder<boolean>;
  /** Whether a number is there whose unit is not known; only with `hasUnits`. */
  unit_unknown?: RawBuilder<boolean>;
}
