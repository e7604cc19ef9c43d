import { editionKeys } from '../editions/index.ts';
import { kindKeys, levelKeys } from '../editions/vocabulary.ts';

/**
 * The cells of the rollups, in columns: how many reports and organs are alike in everything that tells cells apart.
 */

/**
 * What a cell counts: own reports; own reports `replaced` by a consolidated one of the same organ and year;
 * consolidated reports; years of organs that have `none`, but stand below a consolidated one; or organs.
 */
export const scopesOfCells = ['own', 'replaced', 'consolidated', 'none', 'organ'] as const;
export type ScopeOfCell = (typeof scopesOfCells)[number];

/** An organ with a consolidated report, as an organ below sees it: a row of `rollup_cover_signatures`. */
export interface CoverSignature {
  cover: number;
  same_province: boolean;
  same_city: boolean;
  same_county: boolean;
  same_level: boolean;
  same_kind: boolean;
  level: string;
  kind: string;
  foreign_province: string;
  foreign_city: string;
  foreign_county: string;
}

export interface Cell {
  /** The id, for cells that hold sums; for others, such as those of changes, their place. */
  id: number;
  /** The year of the reports; for organs the year in which they were abolished, 9999 while they exist. */
  year: number;
  scope: string;
  gone: boolean;
  /** Division codes as numbers, 0 where there is none. */
  province: number;
  city: number;
  county: number;
  level: string;
  kind: string;
  /** '' where there is no report. */
  disclosure_edition: string;
  request_edition: string;
  cover: number;
  /**
   * How many reports or organs. Negative in changes that take some away, and for organs in a year in which they stood
   * elsewhere.
   */
  amount: number;
}

/** Stands for a word that is not in its list. */
const none = 255;

/** The columns whose words are kept as their places in a list. */
const words = {
  scope: scopesOfCells,
  disclosure_edition: editionKeys,
  request_edition: editionKeys,
  level: levelKeys,
  kind: kindKeys,
} as const;

type Numbers = Int32Array | Int16Array | Uint8Array;
type Of<Column> = Column extends keyof typeof words | 'gone'
  ? Uint8Array
  : Column extends 'year'
    ? Int16Array
    : Int32Array;

/** Cells in the order of their ids, as one array for each column. */
export type Cells = { readonly [Column in keyof Cell]: Of<Column> } & {
  size: number;
  /** By cover, the consolidated reports that stand above an organ. */
  signatures: ReadonlyMap<number, readonly CoverSignature[]>;
};

/** A builder for at most `most` cells, to be pushed in the order of their ids. */
export function cellsMaking(most: number) {
  const columns: Record<keyof Cell, Numbers> = {
    id: new Int32Array(most),
    year: new Int16Array(most),
    scope: new Uint8Array(most),
    gone: new Uint8Array(most),
    province: new Int32Array(most),
    city: new Int32Array(most),
    county: new Int32Array(most),
    level: new Uint8Array(most),
    kind: new Uint8Array(most),
    disclosure_edition: new Uint8Array(most),
    request_edition: new Uint8Array(most),
    cover: new Int32Array(most),
    amount: new Int32Array(most),
  };
  const writing = Object.entries(columns).map(([name, column]) => {
    const list = name in words ? words[name as keyof typeof words] : undefined;
    const places = list && new Map<string, number>(list.map((word, place) => [word, place]));
    return { name: name as keyof Cell, column, places };
  });
  let size = 0;
  return {
    push(cell: Cell): void {
      for (const { name, column, places } of writing)
        column[size] = places ? (places.get(cell[name] as string) ?? none) : Number(cell[name]);
      size++;
    },
    made: (signatures: readonly CoverSignature[]): Cells =>
      ({ ...columns, size, signatures: Map.groupBy(signatures, ({ cover }) => cover) }) as Cells,
  };
}

/** The place of the cell with an id; -1 where it is not among these. */
export function placeOfCell({ id, size }: Cells, wanted: number): number {
  let [low, high] = [0, size];
  while (low < high) {
    const middle = (low + high) >> 1;
    if (id[middle]! < wanted) low = middle + 1;
    else high = middle;
  }
  return low < size && id[low] === wanted ? low : -1;
}

const placesByProvince = new WeakMap<Cells, ReadonlyMap<number, Int32Array>>();

/** The places of the cells of some provinces. */
export function placesIn(cells: Cells, provinces: readonly number[]): Int32Array {
  let known = placesByProvince.get(cells);
  if (known === undefined) {
    const places = Map.groupBy(cells.province.keys(), (place) => cells.province[place]!);
    known = new Map(Array.from(places, ([province, of]) => [province, Int32Array.from(of)]));
    placesByProvince.set(cells, known);
  }
  const found = provinces.map((province) => known.get(province) ?? new Int32Array(0));
  if (found.length === 1) return found[0]!;
  const all = new Int32Array(found.reduce((sum, { length }) => sum + length, 0));
  let size = 0;
  for (const each of found) {
    all.set(each, size);
    size += each.length;
  }
  return all;
}
