import { organKeysOf } from '../aggregates/dimensions.ts';
import type { Value } from '../aggregates/table.ts';
import { absent } from './decimals.ts';
import type { Batch } from './entries.ts';
import { Groups, organGroups } from './groups.ts';
import type { Register } from './register.ts';
import { type Block, type Cell, isNumber } from './sums.ts';
import { numbersAt } from './used.ts';

/** Counts the reports of each code of a key, row by row of the form. */

/** By code, the most reports that are added up in one figure of it. */
export type ReportsByCode = Map<Value, number>;

/** What reports have of a row. */
const captured = 1;
const numbered = 2;

/** Of the reports of a block, what each has of a row's cells; undefined where none has anything. */
export function haveOf({ groups, figures }: Block, cells: readonly Cell[]): Uint8Array | undefined {
  const columns = cells.map(figures).filter((column) => column !== undefined);
  if (columns.length === 0) return undefined;
  const have = new Uint8Array(groups.length);
  for (const column of columns)
    for (let place = 0; place < have.length; place++) {
      const figure = column[place]!;
      if (isNumber(figure)) have[place] = numbered;
      else if (figure !== absent && have[place] === 0) have[place] = captured;
    }
  return have;
}

/** Counts by one key, or all reports together. */
export class CodeCounter {
  /** Those of this scope alone. */
  readonly scope: string | undefined;
  /** Which of them are used, by year: the same for keys that tell organs apart alike. */
  readonly cover: string;
  readonly groupsIn: ReturnType<typeof organGroups>;
  readonly #groups: Groups;
  readonly #valueAt: (group: number) => Value;
  readonly #rows: number;
  readonly #reports: Uint32Array;
  readonly #areNumbered: Uint8Array;
  /** Of each report of the year that is looked at, its group; -1 where it is not used. */
  #groupOf = new Int32Array();

  constructor(register: Register, rows: number, { key, scope }: { key?: string; scope?: string }) {
    const keys = key === undefined ? [] : [key];
    const organKeys = organKeysOf(keys);
    this.scope = scope;
    this.cover = [scope, ...organKeys].join(' ');
    this.groupsIn = organGroups(register, organKeys);
    this.#groups = new Groups(register, keys);
    this.#valueAt = key === undefined ? () => null : this.#groups.at(key);
    this.#rows = rows;
    this.#reports = new Uint32Array(rows * this.#groups.most);
    this.#areNumbered = new Uint8Array(rows * this.#groups.most);
  }

  /** Takes what is found of a year: the reports at some places of each batch, so many in all, in the order of their numbers. */
  take(
    batches: readonly Batch[],
    editions: readonly Int32Array[],
    places: readonly Int32Array[],
    areUsed: readonly Uint8Array[],
    amount: number,
  ): void {
    this.#groupOf = new Int32Array(amount).fill(-1);
    let report = 0;
    for (const [index, batch] of batches.entries()) {
      const at = places[index]!;
      const isUsed = areUsed[index]!;
      const groups = this.#groups.of({
        year: batch.year,
        organs: numbersAt(batch.organs, at),
        editions: numbersAt(editions[index]!, at),
      });
      for (let place = 0; place < at.length; place++) {
        if (isUsed[at[place]!] === 1) this.#groupOf[report] = groups[place]!;
        report++;
      }
    }
  }

  isUsed = (report: number): boolean => this.#groupOf[report]! >= 0;

  count({ groups: numbers }: Block, row: number, have: Uint8Array): void {
    const [groupOf, height, reports, areNumbered] = [
      this.#groupOf,
      this.#rows,
      this.#reports,
      this.#areNumbered,
    ];
    for (let place = 0; place < have.length; place++) {
      const group = groupOf[numbers[place]!]!;
      if (group < 0 || have[place] === 0) continue;
      const at = group * height + row;
      reports[at]!++;
      if (have[place] === numbered) areNumbered[at] = 1;
    }
  }

  /** How many have a row, in the first group. */
  reportsOf = (row: number): number => this.#reports[row]!;

  byCode(): ReportsByCode {
    const counts: ReportsByCode = new Map();
    for (let at = 0; at < this.#rows * this.#groups.height; at++) {
      if (this.#areNumbered[at] !== 1) continue;
      const code = this.#valueAt(Math.floor(at / this.#rows));
      counts.set(code, Math.max(counts.get(code) ?? 0, this.#reports[at]!));
    }
    return counts;
  }
}
