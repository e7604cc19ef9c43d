import { sql } from 'kysely';
import pLimit from 'p-limit';
import type { Db } from '../db/database.ts';
import { editionKeys } from '../editions/index.ts';
import { eachCopied } from '../walk/copied.ts';
import { kinds, levels } from '../walk/register.ts';
import { type Changes, type CoverSignature, lackingIn, scopesOfEntries } from './changes.ts';
import type { Path, RollupState } from './state.ts';

/** The cells of the rollups without their sums: how many reports and organs are where. Some megabytes for a country. */

/** A growing column, of so many bytes a number. */
class Column<Numbers extends Int32Array | Int16Array | Uint8Array> {
  #numbers: Numbers;
  #size = 0;
  readonly #make: new (
    length: number,
  ) => Numbers;

  constructor(make: new (length: number) => Numbers) {
    this.#make = make;
    this.#numbers = new make(256);
  }

  push(value: number): void {
    if (this.#size === this.#numbers.length) {
      const longer = new this.#make(2 * this.#size);
      longer.set(this.#numbers);
      this.#numbers = longer;
    }
    this.#numbers[this.#size++] = value;
  }

  all(): Numbers {
    return this.#numbers.slice(0, this.#size) as Numbers;
  }
}

/** The places of words in a list; others are none. */
const numbering = (words: readonly string[]) => {
  const places = new Map(words.map((word, place) => [word, place]));
  return (word: string): number => places.get(word) ?? none;
};

/** Stands for '' among editions, levels and kinds. */
export const none = 255;

const scopeNumber = numbering(scopesOfEntries);
const editionNumber = numbering(editionKeys);
const levelNumber = numbering(levels);
const kindNumber = numbering(kinds);

/** Cells of one grain, in the order of their ids. Places are division codes as numbers, 0 where there is none. */
export interface Cells {
  size: number;
  id: Int32Array;
  /** The year of reports; of organs that in which they were abolished, 9999 while they are there. */
  year: Int16Array;
  /** By their places among `scopesOfEntries`, `editionKeys`, `levels` and `kinds`. */
  scope: Uint8Array;
  disclosure_edition: Uint8Array;
  request_edition: Uint8Array;
  level: Uint8Array;
  kind: Uint8Array;
  gone: Uint8Array;
  province: Int32Array;
  city: Int32Array;
  county: Int32Array;
  cover: Int32Array;
  /** Reports, or organs: fewer than none where some are counted in a year in which they stood elsewhere. */
  amount: Int32Array;
  /** What stands above organs, by cover. */
  signatures: ReadonlyMap<number, readonly CoverSignature[]>;
}

/** A number in decimal digits; 0 where there are none. */
function digitsAt(data: Buffer, at: number, length: number): number {
  let number = 0;
  for (let place = at; place < at + length; place++) number = number * 10 + data[place]! - 48;
  return number;
}

async function readCells(db: Db, grain: string): Promise<Cells> {
  const id = new Column(Int32Array);
  const year = new Column(Int16Array);
  const words = [scopeNumber, editionNumber, editionNumber, levelNumber, kindNumber].map((numberOf) => ({
    numberOf,
    column: new Column(Uint8Array),
  }));
  const gone = new Column(Uint8Array);
  const places = [new Column(Int32Array), new Column(Int32Array), new Column(Int32Array)];
  const cover = new Column(Int32Array);
  const amount = new Column(Int32Array);
  await eachCopied(
    db,
    sql`select id, year, scope, disclosure_edition, request_edition, level, kind, gone, province, city, county, cover, amount
      from rollup_cells where grain = ${sql.lit(grain)} and amount <> 0 order by id`,
    13,
    (data, at, length) => {
      id.push(data.readInt32BE(at[0]!));
      year.push(data.readInt32BE(at[1]!));
      for (let place = 0; place < 5; place++) {
        const from = at[2 + place]!;
        const { numberOf, column } = words[place]!;
        column.push(numberOf(data.toString('latin1', from, from + length[2 + place]!)));
      }
      gone.push(data[at[7]!]!);
      for (let place = 0; place < 3; place++)
        places[place]!.push(digitsAt(data, at[8 + place]!, length[8 + place]!));
      cover.push(data.readInt32BE(at[11]!));
      amount.push(data.readInt32BE(at[12]!));
    },
  );
  const { rows } = await sql<CoverSignature & { cover: number }>`
    select * from rollup_cover_signatures where cover in (select cover from rollup_cells where grain = ${grain})`.execute(
    db,
  );
  const [scope, disclosure_edition, request_edition, level, kind] = words.map(({ column }) => column.all());
  const ids = id.all();
  return {
    size: ids.length,
    id: ids,
    year: year.all(),
    scope: scope!,
    disclosure_edition: disclosure_edition!,
    request_edition: request_edition!,
    level: level!,
    kind: kind!,
    gone: gone.all(),
    province: places[0]!.all(),
    city: places[1]!.all(),
    county: places[2]!.all(),
    cover: cover.all(),
    amount: amount.all(),
    signatures: Map.groupBy(rows, (row) => row.cover),
  };
}

/** Where a cell stands; -1 where it is not among these. */
export function placeOf({ id, size }: Cells, wanted: number): number {
  let [low, high] = [0, size];
  while (low < high) {
    const middle = (low + high) >> 1;
    if (id[middle]! < wanted) low = middle + 1;
    else high = middle;
  }
  return low < size && id[low] === wanted ? low : -1;
}

/** Cells, and how to get from what they count to what a state counts. */
export interface CellsInState {
  cells: Cells;
  paths: readonly Path[];
}

/** The cells of each grain, kept from one question to the next for as long as what changes is remembered. */
export class KeptCells {
  readonly #known = new Map<string, { cells: Cells; lacking: Changes; moment: number }>();
  /** Who needs them read waits for whoever is reading them, and need not any more. */
  readonly #reading = pLimit(1);

  /** In a transaction: of a state, or without one of that which the transaction sees. With `anew` as they are there now. */
  async in(db: Db, grain: string, state: RollupState | undefined, anew = false): Promise<CellsInState> {
    const known = anew ? undefined : this.#find(grain, state);
    return (
      known ??
      this.#reading(async () => {
        const found = anew ? undefined : this.#find(grain, state);
        if (found) return found;
        const cells = await readCells(db, grain);
        const { changes: lacking } = await lackingIn(db, state);
        // NaN is no moment that others may ask of.
        if (state && state.moment >= (this.#known.get(grain)?.moment ?? 0))
          this.#known.set(grain, { cells, lacking, moment: state.moment });
        return { cells, paths: [{ changes: [lacking], back: false }] };
      })
    );
  }

  #find(grain: string, state: RollupState | undefined): CellsInState | undefined {
    const known = this.#known.get(grain);
    const since = known && state?.since(known.moment);
    return since && { cells: known.cells, paths: [{ changes: [known.lacking], back: false }, since] };
  }
}
