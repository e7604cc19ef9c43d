import { arrayAt } from './copied.ts';
import {
  absent,
  blank,
  type Figures,
  mostExact,
  tenThousandths,
  unitsOfAmount,
  unknown,
} from './decimals.ts';
import type { Block, Cell } from './sums.ts';

/** Decodes the figures of a block of reports from what the database sends. */

const nameOf = ({ table, row, column }: Cell): string => `${table} ${row} ${column}`;

/**
 * Columns that nobody uses any more, by size, to be filled again. Allocating new ones would slow a walk, as they
 * would be collected while it goes on.
 */
export class Spare {
  readonly #columns = new Map<number, Figures[]>();

  #of(size: number): Figures[] {
    const found = this.#columns.get(size) ?? [];
    this.#columns.set(size, found);
    return found;
  }

  take(length: number): Figures {
    const size = 2 ** Math.ceil(Math.log2(Math.max(1, length)));
    const column = this.#of(size).pop() ?? new Float64Array(size);
    return column.subarray(0, length);
  }

  give({ buffer }: Figures): void {
    const column = new Float64Array(buffer);
    this.#of(column.length).push(column);
  }
}

/** The figures of a block by cell, filled in as they arrive. */
export class Filling implements Block {
  readonly groups: Int32Array;
  readonly #spare: Spare;
  readonly #columns = new Map<string, Figures>();
  readonly #large = new Map<string, Map<number, bigint>>();

  constructor(groups: Int32Array, spare: Spare) {
    this.groups = groups;
    this.#spare = spare;
  }

  /** Gives its columns back to be filled again. Nobody may look at them after this. */
  end(): void {
    for (const column of this.#columns.values()) this.#spare.give(column);
    this.#columns.clear();
  }

  figures = (cell: Cell): Figures | undefined => this.#columns.get(nameOf(cell));
  large = (cell: Cell): ReadonlyMap<number, bigint> | undefined => this.#large.get(nameOf(cell));

  /** The figures of a cell, to be filled in. A new column holds `absent` for every report. */
  column(name: string): Figures {
    const known = this.#columns.get(name);
    if (known) return known;
    const column = this.#spare.take(this.groups.length).fill(absent);
    this.#columns.set(name, column);
    return column;
  }

  setLarge(name: string, place: number, units: bigint): number {
    const ofCell = this.#large.get(name) ?? new Map();
    this.#large.set(name, ofCell.set(place, units));
    return 0;
  }

  /** The number to put into the column. A number too large for that is remembered in `large`, and 0 is returned. */
  exact(name: string, place: number, value: bigint): number {
    if (value <= BigInt(mostExact) && value >= -BigInt(mostExact)) return Number(value);
    return this.setLarge(name, place, value);
  }
}

/** Reads packed figures of a segment at some places. For counts see migrations/0024-what-is-walked.sql. */
export function unpack(data: Buffer, at: number, places: Int32Array, filling: Filling, name: string): void {
  if (data[at]! >= 128) {
    unpackAmounts(data, at, places, filling, name);
    return;
  }
  const column = filling.column(name);
  const width = data[at]!;
  const first = at + 1;
  for (let index = 0; index < places.length; index++) {
    const place = first + width * places[index]!;
    const count =
      width === 2
        ? data.readInt16BE(place)
        : width === 4
          ? data.readInt32BE(place)
          : filling.exact(name, index, data.readBigInt64BE(place));
    column[index] = count >= 0 ? count : count === -1 ? absent : blank;
  }
}

/** Reads packed figures of the table with units, as ten-thousandths: see migrations/0025-sent-as-bytes.sql. */
function unpackAmounts(data: Buffer, at: number, places: Int32Array, filling: Filling, name: string): void {
  const column = filling.column(name);
  const width = data[at]! & 15;
  const unit = (data[at]! & 64) === 0 ? unitsOfAmount : 1;
  const first = at + 1;
  for (let index = 0; index < places.length; index++) {
    const place = first + width * places[index]!;
    if (width === 8) {
      const number = data.readBigInt64BE(place);
      const other = others[Number(greatestOfAll - number)];
      column[index] = other ?? filling.exact(name, index, number * BigInt(unit));
    } else {
      const number = width === 2 ? data.readInt16BE(place) : data.readInt32BE(place);
      const left = (width === 2 ? 32_767 : 2_147_483_647) - number;
      column[index] = left < others.length ? others[left]! : number * unit;
    }
  }
}

/** What the greatest numbers of a width stand for: first the greatest, then the one below it, then the next. */
const others = [absent, blank, unknown];
const greatestOfAll = 2n ** 63n - 1n;

/** Reads figures of a segment that come as an array of `numeric`, at some places in ascending order. */
export function takeAmounts(
  data: Buffer,
  at: number,
  places: Int32Array,
  filling: Filling,
  name: string,
): void {
  const column = filling.column(name);
  let place = arrayAt(data, at).first;
  let member = 0;
  for (let index = 0; index < places.length; index++) {
    for (; member < places[index]!; member++) place += 4 + Math.max(0, data.readInt32BE(place));
    column[index] =
      data.readInt32BE(place) < 0
        ? blank
        : tenThousandths(data, place + 4, (units) => filling.setLarge(name, index, units));
  }
}
