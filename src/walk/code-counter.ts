import { organKeysOf } from '../aggregates/dimensions.ts';
import type { Value } from '../aggregates/table.ts';
import { absent } from './decimals.ts';
import type { Batch } from './entries.ts';
import { Groups, organGroups } from './groups.ts';
import type { Register } from './register.ts';
import { type Block, type Cell, isNumber } from './sums.ts';
import { numbersAt } from './used.ts';

/** Counts, for each row of the form, how many reports of each code of a key have it. */

/** For each code that has data, the largest number of reports that one row of the form has for it. */
export type ReportsByCode = Map<Value, number>;

/**
 * What a report has of a row: 0 is nothing, `captured` only cells without a number, `numbered` at least one number.
 */
const captured = 1;
const numbered = 2;

/** What each report of a block has of a row's cells; undefined where no report has any of them. */
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

/** Counts by one key or, without a key, all reports together. */
export class CodeCounter {
  /** Only reports of this scope are counted; undefined for both scopes. */
  readonly scope: string | undefined;
  /** Names the choice of used reports: counters with the same name use the same reports. */
  readonly cover: string;
  readonly groupsIn: ReturnType<typeof organGroups>;
  readonly #groups: Groups;
  readonly #valueAt: (group: number) => Value;
  readonly #rows: number;
  readonly #reports: Uint32Array;
  readonly #areNumbered: Uint8Array;
  /** The group of each report of the current year; -1 for a report that is not used. */
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

  /**
   * Begins a year: takes the reports at these places of each batch, `amount` in all. They are numbered in this order
   * from 0 on, and `isUsed` and `count` know them by these numbers.
   */
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

  /** How many reports of the first group have a row. A counter without a key has no other group. */
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
