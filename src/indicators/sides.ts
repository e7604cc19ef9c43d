import { type Sums, sumCells } from '../aggregates/answer.ts';
import type { Db } from '../db/database.ts';
import type { Row } from '../formats/format.ts';
import type { KeptSums } from '../rollups/reader.ts';
import type { Chosen } from './chosen.ts';

/** The two sums of an indicator, over the same reports, for each group of an answer. */

/** One side of a group. */
export interface Part {
  /** The sum over the reports that count; null where none has a number. */
  sum: number | null;
  /** Whether any report has a number here. */
  known: boolean;
  /**
   * The keys of the group, its blanks and its number of reports. Unlike `sum`, these cover the reports that do not
   * count too.
   */
  row: Row;
}

/** What one side lacks. */
interface Gaps {
  /** Blank cells. */
  blank: number;
  /** Reports without any of the cells: they were not captured. */
  absent: number;
}

export interface Sides {
  /**
   * Both sides of each group; undefined where a side has no cell. `common`, only with `both_sides`, is how many
   * reports count.
   */
  groups: { numerator: Part | undefined; denominator: Part | undefined; common?: number }[];
  /** What each side lacks, over all reports used. */
  gaps: { numerator: Gaps; denominator: Gaps };
  /** The sums of the denominator, over all reports. */
  denominator: Omit<Sums, 'captured'>;
}

/** What keeps the reports that were used, `reports` in number, from having a number in every cell of a side. */
function gapsOf(cells: readonly Row[], reports: number): Gaps {
  const added = (member: string) => cells.reduce((all, cell) => all + Number(cell[member]), 0);
  return { blank: added('blank'), absent: reports - added('reports') };
}

/** The parts of a side, by the keys of their groups. */
const partsOf = (groupBy: readonly string[], cells: readonly Row[]): Map<string, Part> =>
  new Map(
    cells.map((row) => {
      const sum = row.value as number | null;
      return [JSON.stringify(groupBy.map((key) => row[key])), { sum, known: sum !== null, row }];
    }),
  );

/**
 * Adds up both sides, each without its blanks. Both are over the same reports, since the cells asked for do not
 * decide which reports are used. Must run on one state of the database.
 */
export async function sumSides(
  db: Db,
  [numerator, denominator]: readonly [Chosen, Chosen],
  kept: KeptSums | undefined,
): Promise<Sides> {
  const sum = ({ of, query, selection }: Chosen) => sumCells(db, of, query, selection, { sums: kept });
  const below = await sum(denominator);
  const { cells: over } = await sum(numerator);
  const { groupBy } = denominator.selection;
  const [numerators, denominators] = [partsOf(groupBy, over), partsOf(groupBy, below.cells)];
  return {
    groups: [...new Set([...denominators.keys(), ...numerators.keys()])].map((name) => ({
      numerator: numerators.get(name),
      denominator: denominators.get(name),
    })),
    gaps: { numerator: gapsOf(over, below.reports), denominator: gapsOf(below.cells, below.reports) },
    denominator: below,
  };
}
