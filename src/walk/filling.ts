import { arrayAt } from './copied.ts';
import { absent, blank, type Figures, mostExact, tenThousandths } from './decimals.ts';
import type { Block, Cell } from './sums.ts';

/** Figures of a block of reports, taken from what is sent. */

const nameOf = ({ table, row, column }: Cell): string => `${table} ${row} ${column}`;

/** Figures of a block as they come in, by cell. */
export class Filling implements Block {
  readonly groups: Int32Array;
  readonly #columns = new Map<string, Figures>();
  readonly #large = new Map<string, Map<number, bigint>>();

  constructor(groups: Int32Array) {
    this.groups = groups;
  }

  figures = (cell: Cell): Figures | undefined => this.#columns.get(nameOf(cell));
  large = (cell: Cell): ReadonlyMap<number, bigint> | undefined => this.#large.get(nameOf(cell));

  /** The figures of a cell, to be filled in: so far nobody captured it. */
  column(name: string): Figures {
    const known = this.#columns.get(name);
    if (known) return known;
    const column = new Float64Array(this.groups.length).fill(absent);
    this.#columns.set(name, column);
    return column;
  }

  setLarge(name: string, place: number, units: bigint): number {
    const ofCell = this.#large.get(name) ?? new Map();
    this.#large.set(name, ofCell.set(place, units));
    return 0;
  }

  /** A number as the column holds it, or remembered beside. */
  exact(name: string, place: number, value: bigint): number {
    if (value <= BigInt(mostExact)) return Number(value);
    return this.setLarge(name, place, value);
  }
}

/** Counts of a segment at some places: see migrations/0024-what-is-walked.sql. */
export function unpack(data: Buffer, at: number, places: Int32Array, filling: Filling, name: string): void {
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

/** Amounts of a segment at some places, which are in order. */
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
