import type { Aggregate } from '../aggregates/aggregate.ts';
import { addressOf } from '../aggregates/given.ts';
import type { Selection } from '../aggregates/selection.ts';
import { absent, type Figures, mostExact, unknown, withDecimals } from './decimals.ts';

/** Adds up cells of the form by group, one block of reports after the other. */

/** A cell of the form, in any of its tables. */
export interface Cell {
  table: string;
  row: string;
  column: string;
}

/** Some reports, each with its group, and what they say. */
export interface Block {
  groups: Int32Array;
  /** What each report says in a cell; undefined where none captured the row. */
  figures: (cell: Cell) => Figures | undefined;
  /** The numbers, by place, that are too large for the figures, which have 0 in their place. */
  large: (cell: Cell) => ReadonlyMap<number, bigint> | undefined;
}

/** A combination of values of the aggregate's own keys, and the rows of the form that are added up for it. */
interface OwnSum {
  keys: Readonly<Record<string, string | null>>;
  rows: readonly string[];
}

/** Whether a figure is a number, rather than `blank`, `absent` or `unknown`. */
export const isNumber = (figure: number): boolean => figure - figure === 0;

function ownSums(
  aggregate: Aggregate,
  { figures, groupBy }: Pick<Selection, 'figures' | 'groupBy'>,
): OwnSum[] {
  const own = Object.keys(aggregate.keys).filter(
    (key) => key !== aggregate.columnKey && groupBy.includes(key),
  );
  const groups = Map.groupBy(figures, ({ keys }) => JSON.stringify(own.map((key) => keys[key] ?? null)));
  return [...groups.values()].map((ofSum) => ({
    keys: ofSum[0]!.keys,
    rows: [...new Set(ofSum.map((figure) => addressOf(aggregate, figure).row))],
  }));
}

/** What is added up in one column of the fact table. Each array has an element for every sum of every group. */
interface Column {
  name: string | null;
  sums: Float64Array;
  /** What the sums lack that grew beyond what a double holds exactly, in units. */
  carried: Map<number, bigint>;
  /** How many numbers are added up; undefined where all numbers are. */
  numbers: Uint32Array | undefined;
  blanks: Uint32Array;
  unknowns: Uint32Array;
}

/** Whether every sum is of one row, so that a sum has as many rows as reports. */
const areRowsReports = (own: readonly OwnSum[]): boolean => own.every(({ rows }) => rows.length === 1);

/** Bytes of memory that the sums of each group take. */
export function sizeOfGroup(aggregate: Aggregate, selection: Selection): number {
  const own = ownSums(aggregate, selection);
  const ofColumn = 12 + (selection.given ? 4 : 0) + (aggregate.hasUnits ? 4 : 0);
  return own.length * ((areRowsReports(own) ? 4 : 8) + selection.columns.length * ofColumn);
}

export class GroupSums {
  readonly own: readonly OwnSum[];
  readonly columns: readonly Column[];
  readonly #aggregate: Aggregate;
  readonly #sides: readonly (readonly Cell[])[];
  readonly #rows: Uint32Array;
  readonly #reports: Uint32Array;
  /** For each group, the number of reports that have a number on every side that is asked for (`selection.given`). */
  readonly #common: Uint32Array;

  constructor(aggregate: Aggregate, selection: Selection, groups: number) {
    this.#aggregate = aggregate;
    this.own = ownSums(aggregate, selection);
    const height = groups * this.own.length;
    this.#rows = new Uint32Array(height);
    this.#reports = areRowsReports(this.own) ? this.#rows : new Uint32Array(height);
    this.columns = selection.columns.map((name) => ({
      name,
      sums: new Float64Array(height),
      carried: new Map(),
      numbers: selection.given && new Uint32Array(height),
      blanks: new Uint32Array(height),
      unknowns: new Uint32Array(aggregate.hasUnits ? height : 0),
    }));
    this.#common = new Uint32Array(selection.given ? groups : 0);
    this.#sides = (selection.given ?? []).map(({ of, figures }) =>
      figures.map((figure) => ({ table: of.table, ...addressOf(of, figure) })),
    );
  }

  #cell(row: string, { name }: Column): Cell {
    return { table: this.#aggregate.table, row, column: name ?? 'value' };
  }

  /** All cells that `add` looks at. */
  get cells(): Cell[] {
    const rows = new Set(this.own.flatMap((sum) => sum.rows));
    return [
      ...[...rows].flatMap((row) => this.columns.map((column) => this.#cell(row, column))),
      ...this.#sides.flat(),
    ];
  }

  /**
   * Flags the reports of a block that have a number in some cell of each side; undefined where no sides are asked
   * for. An amount without a unit is a number here.
   */
  #counting({ groups, figures }: Block): Uint8Array | undefined {
    if (this.#sides.length === 0) return undefined;
    const counting = new Uint8Array(groups.length).fill(1);
    for (const cells of this.#sides) {
      const columns = cells.map(figures).filter((column) => column !== undefined);
      for (let place = 0; place < groups.length; place++)
        if (!columns.some((column) => column[place] === unknown || isNumber(column[place]!)))
          counting[place] = 0;
    }
    return counting;
  }

  add(block: Block): void {
    const { groups } = block;
    const width = this.own.length;
    const counting = this.#counting(block);
    if (counting)
      for (let place = 0; place < groups.length; place++) this.#common[groups[place]!]! += counting[place]!;
    for (const [sum, { rows }] of this.own.entries()) {
      const isCaptured = rows.length > 1 ? new Uint8Array(groups.length) : undefined;
      for (const row of rows)
        for (const column of this.columns) this.#addCell(block, row, column, sum, isCaptured, counting);
      if (isCaptured === undefined) continue;
      const reports = this.#reports;
      for (let place = 0; place < groups.length; place++)
        if (isCaptured[place] === 1) reports[groups[place]! * width + sum]!++;
    }
  }

  /**
   * Adds up a cell. With the first column it also counts the rows and, where the sum is of one row, the reports.
   * Where the sum is of several rows it flags the reports in `isCaptured`.
   */
  #addCell(
    { groups, figures, large }: Block,
    row: string,
    column: Column,
    sum: number,
    isCaptured: Uint8Array | undefined,
    counting: Uint8Array | undefined,
  ): void {
    const cell = this.#cell(row, column);
    const found = figures(cell);
    if (found === undefined) return;
    const { sums, carried, numbers, blanks, unknowns } = column;
    const width = this.own.length;
    const isFirst = column === this.columns[0];
    const [rows, reports] = [this.#rows, this.#reports];
    const carry = (at: number, units: bigint) => carried.set(at, (carried.get(at) ?? 0n) + units);
    for (let place = 0; place < groups.length; place++) {
      const figure = found[place]!;
      if (figure === absent) continue;
      const at = groups[place]! * width + sum;
      if (isFirst) {
        rows[at]!++;
        if (isCaptured !== undefined) isCaptured[place] = 1;
        else if (reports !== rows) reports[at]!++;
      }
      if (figure === unknown) unknowns[at]!++;
      else if (Number.isNaN(figure)) blanks[at]!++;
      else if (counting === undefined || counting[place] === 1) {
        if (numbers !== undefined) numbers[at]!++;
        const added = sums[at]! + figure;
        if (added > mostExact || added < -mostExact) {
          carry(at, BigInt(added));
          sums[at] = 0;
        } else sums[at] = added;
      }
    }
    for (const [place, units] of large(cell) ?? [])
      if (counting === undefined || counting[place] === 1) carry(groups[place]! * width + sum, units);
  }

  #at = (group: number, sum: number): number => group * this.own.length + sum;

  /**
   * How many rows a sum of a group adds up, of how many reports; and how many figures are blank, or amounts without a
   * unit.
   */
  rowsOf = (group: number, sum: number): number => this.#rows[this.#at(group, sum)]!;
  reportsOf = (group: number, sum: number): number => this.#reports[this.#at(group, sum)]!;
  blanksOf = (group: number, sum: number, { blanks }: Column): number => blanks[this.#at(group, sum)]!;
  unknownsOf = (group: number, sum: number, { unknowns }: Column): number =>
    unknowns[this.#at(group, sum)] ?? 0;

  commonOf = (group: number): number => this.#common[group]!;

  #hasNumber(at: number, { numbers, blanks, unknowns }: Column): boolean {
    return (numbers?.[at] ?? this.#rows[at]! - blanks[at]! - (unknowns[at] ?? 0)) > 0;
  }

  /** The exact sum as text; null where no number was added. */
  textOf(group: number, sum: number, column: Column): string | null {
    const at = this.#at(group, sum);
    const { sums, carried } = column;
    if (!this.#hasNumber(at, column)) return null;
    const units = (carried.get(at) ?? 0n) + BigInt(sums[at]!);
    return this.#aggregate.hasUnits ? withDecimals(units) : String(units);
  }

  /** The sum of some columns, null where no number was added; undefined where only `textOf` gives it exactly. */
  numberOf(group: number, sum: number, columns: readonly Column[]): number | null | undefined {
    if (this.#aggregate.hasUnits) return undefined;
    const at = this.#at(group, sum);
    let all: number | null = null;
    for (const column of columns) {
      const { sums, carried } = column;
      if (carried.size > 0 && carried.has(at)) return undefined;
      if (this.#hasNumber(at, column)) all = (all ?? 0) + sums[at]!;
    }
    return Math.abs(all ?? 0) <= Number.MAX_SAFE_INTEGER ? all : undefined;
  }
}
