import type { Db } from '../db/database.ts';
import { type ChangedRows, changedRows, columnsOfTable } from '../rollups/changed-rows.ts';
import type { Path } from '../rollups/state.ts';
import type { Aggregate } from './aggregate.ts';
import { organsIn, type Question, unused, useCells } from './cell-use.ts';
import type { Columns } from './columns.ts';
import { dimensions } from './dimensions.ts';
import { plus } from './exact.ts';
import { layoutOf } from './layout.ts';
import { mergeRows, noSums, type PartialSums } from './partial-sums.ts';
import type { Selection } from './selection.ts';
import type { Value } from './table.ts';

/** Works out what changes add to the sums of a question. */

/** Adds up a table: rows with the same keys become one. The first `keys` columns are the keys. */
class Tally {
  readonly columns: Columns;
  readonly #keys: number;
  readonly #places = new Map<string, number>();

  constructor(keys: number, width: number) {
    this.#keys = keys;
    this.columns = Array.from({ length: width }, () => []);
  }

  add(row: readonly Value[]): void {
    const name = row.slice(0, this.#keys).join(' ');
    const place = this.#places.get(name);
    if (place === undefined) {
      this.#places.set(name, this.columns[0]!.length);
      for (const [index, value] of row.entries()) this.columns[index]!.push(value);
      return;
    }
    for (let index = this.#keys; index < row.length; index++) {
      const column = this.columns[index]!;
      const value = row[index]!;
      column[place] =
        typeof value === 'number' ? (column[place] as number) + value : plus(column[place] as string, value);
    }
  }
}

/** A number as text, `amount` times. */
function times(value: string, amount: number): string {
  let product = value;
  for (let count = 1; count < Math.abs(amount); count++) product = plus(product, value)!;
  if (amount > 0 || Number(product) === 0) return product;
  return product.startsWith('-') ? product.slice(1) : `-${product}`;
}

/** A chosen row of the form: its name in the fact table, and the keys of the sum that it is part of. */
interface ChosenRow {
  name: string;
  keys: Value[];
}

export function chosenRows({ figures }: Selection, ownKeys: readonly string[]): ChosenRow[] {
  const rows = new Map<string, ChosenRow>();
  for (const { keys, row } of figures)
    rows.set(row, { name: row, keys: ownKeys.map((key) => keys[key] ?? null) });
  return [...rows.values()];
}

/**
 * What the changes from one moment to the next add to the sums of a question; with `back`, what they take
 * away. Without a database, which is needed to look up what reports say, there are only counts and no rows.
 */
export async function changedSums(
  db: Db | undefined,
  aggregate: Aggregate,
  selection: Selection,
  question: Question,
  { changes, back }: Path,
): Promise<PartialSums> {
  if (changes.length === 0) return noSums;
  const { columns, rowsAreReports } = selection;
  const { hasUnits } = aggregate;
  const layout = layoutOf(aggregate, selection);
  const chosen = chosenRows(
    selection,
    layout.keys.filter((key) => !(key in dimensions)),
  );
  const captures = rowsAreReports ? [] : [...Map.groupBy(chosen, ({ keys }) => keys.join(' ')).values()];
  const ofTable = columnsOfTable(aggregate);
  const cells = columns.map((column) => ofTable.indexOf(column));
  const none = cells.flatMap((): Value[] => (hasUnits ? ['0', 0, 0] : ['0', 0]));

  const rows = new Tally(layout.keys.length, layout.organName);
  const add = (keys: readonly Value[], amount: number, said: ChangedRows) => {
    for (const { name, keys: own } of chosen) {
      const row = said.get(name);
      if (row === undefined) continue;
      const figures = cells.flatMap((place): Value[] => {
        const cell = row[place]!;
        const sum = typeof cell === 'number' || typeof cell === 'string' ? times(String(cell), amount) : '0';
        const blank = cell === null ? amount : 0;
        return hasUnits ? [sum, blank, cell === true ? amount : 0] : [sum, blank];
      });
      rows.add([...keys, ...own, amount, rowsAreReports ? amount : 0, ...figures]);
    }
    // Where a sum is over several rows, a report that captured any of them counts once.
    for (const together of captures)
      if (together.some(({ name }) => said.has(name)))
        rows.add([...keys, ...together[0]!.keys, 0, amount, ...none]);
  };
  const sign = back ? -1 : 1;
  const used = changes.map(({ cells }) => useCells(aggregate, selection, question, cells, sign));
  let whole: Omit<PartialSums, 'rows'> = noSums;
  for (const [index, { years, editions }] of used.entries())
    whole = {
      years: mergeRows(1, whole.years, years),
      organs: mergeRows(1, whole.organs, organsIn(question, changes[index]!.cells, sign)),
      editions: mergeRows(2, whole.editions, editions),
    };
  if (!db) return { ...whole, rows: [] };
  const places = used.keys().filter((index) => used[index]!.groupOf.some((group) => group !== unused));
  const relevant = [...places];
  const said = await changedRows(
    db,
    aggregate,
    relevant.map((index) => changes[index]!),
  );
  for (const [turn, index] of relevant.entries()) {
    const { cells: changed, revisions } = changes[index]!;
    const { groupOf, groups } = used[index]!;
    for (const [place, group] of groupOf.entries())
      if (group !== unused)
        add(groups[group]!, sign * changed.amount[place]!, said[turn]!.get(revisions[place]!)!);
  }
  return { ...whole, rows: rows.columns };
}
