import { firstReportYear } from '../editions/index.ts';
import { type Cells, type CoverSignature, type ScopeOfCell, scopesOfCells } from '../rollups/cell-columns.ts';
import type { Aggregate } from './aggregate.ts';
import { eachPlace, grouping, matching, wordsOf } from './cell-groups.ts';
import type { Columns } from './columns.ts';
import { dimensions, organKeysOf } from './dimensions.ts';
import { layoutOf } from './layout.ts';
import { type PlacelessFilters, type RollupPlan, scopesTaken } from './rollup-plan.ts';
import type { Selection } from './selection.ts';
import type { Value } from './table.ts';

/** Decides which cells of the rollups a question uses: see `bases` in ./queries.ts. */

/** What the sums of a selection depend on, besides the data. */
export interface Question extends PlacelessFilters {
  plan: RollupPlan;
  years: readonly number[];
  /** From this number of rows on, the question is given up. */
  most: number;
}

const isAmong = (codes: readonly string[] | undefined, code: string): boolean =>
  codes === undefined || codes.includes(code);

/** Whether an organ above matches the filters. The signature compares it with an organ below, which matches them. */
const isCandidate = (
  signature: CoverSignature,
  { level, kind }: Question,
  { divisions }: RollupPlan,
): boolean =>
  isAmong(level, signature.level) &&
  isAmong(kind, signature.kind) &&
  (divisions === undefined ||
    signature[`same_${divisions.place}`] ||
    divisions.codes.includes(signature[`foreign_${divisions.place}`]));

/** Whether consolidated candidates stand above an organ: some in its own group, some in another group. */
interface Covered {
  here: boolean;
  elsewhere: boolean;
}

/** What stands above an organ. What agrees with the organ in all of `organKeys` is in the same group. */
function coveredBy(
  signatures: readonly CoverSignature[],
  organKeys: readonly string[],
  question: Question,
): Covered {
  // Without consolidated reports, no report stands for another organ.
  if (!scopesTaken(question).takesConsolidated) return { here: false, elsewhere: false };
  const candidates = signatures.filter((signature) => isCandidate(signature, question, question.plan));
  const isSame = (signature: CoverSignature) =>
    organKeys.every((key) => signature[`same_${key}` as keyof CoverSignature]);
  return {
    here: candidates.some(isSame),
    elsewhere: candidates.some((signature) => !isSame(signature)),
  };
}

/**
 * Whether a cell is added up, and whether its organs count as having reported. An organ's own report beside
 * its consolidated one has the scope `replaced`; the consolidated one stands for the organ.
 */
function useOfCell(
  scope: ScopeOfCell,
  { here, elsewhere }: Covered,
  filters: PlacelessFilters,
): { isUsed: boolean; hasReported: boolean } {
  const { takesOwn, takesConsolidated } = scopesTaken(filters);
  const isCovered = here || elsewhere;
  const isOwn = takesOwn && (scope === 'own' || (!takesConsolidated && scope === 'replaced'));
  const isConsolidated = takesConsolidated && scope === 'consolidated';
  const isTaken = isOwn || isConsolidated;
  return {
    isUsed: isTaken && !here,
    hasReported: isTaken || (isCovered && (scope === 'none' || scope === 'own')),
  };
}

/** Rows of `width` counts, one for each number that is met. */
class Counts {
  readonly #width: number;
  readonly #counts = new Map<number, number[]>();

  constructor(width: number) {
    this.#width = width;
  }

  of(number: number): number[] {
    const known = this.#counts.get(number);
    if (known) return known;
    const made = Array.from({ length: this.#width }, () => 0);
    this.#counts.set(number, made);
    return made;
  }

  columns(): Columns {
    const counts = [...this.#counts.values()];
    return [
      [...this.#counts.keys()],
      ...Array.from({ length: this.#width }, (_, index) => counts.map((each) => each[index]!)),
    ];
  }
}

/** The group of a cell that is not used. */
export const unused = -1;

/** The cells that are used, by group, and counts over all of them: see `PartialSums`. */
export interface UsedCells {
  /** The group of each cell, by its place; `unused` where it has none. */
  groupOf: Int32Array;
  /** The values of the keys of each group. */
  groups: readonly Value[][];
  years: Columns;
  editions: Columns;
}

const isOrgan = scopesOfCells.indexOf('organ');
/** Years are multiplied by this, so that a year and an edition make one number. */
const mostEditions = 100;

/**
 * Decides which cells a question uses. Within a group a consolidated report stands for what is below it. With
 * `sign` -1 everything is subtracted instead of added.
 */
export function useCells(
  aggregate: Aggregate,
  selection: Selection,
  question: Question,
  cells: Cells,
  sign = 1,
): UsedCells {
  const organKeys = organKeysOf(selection.groupBy);
  const areYears = new Uint8Array(100);
  for (const year of question.years) areYears[year - firstReportYear] = 1;
  const matches = matching(question, cells);
  const uses = new Map<number, ReturnType<typeof useOfCell> & Covered>();
  const useAt = (place: number) => {
    const [cover, scope] = [cells.cover[place]!, cells.scope[place]!];
    const name = cover * scopesOfCells.length + scope;
    const known = uses.get(name);
    if (known) return known;
    const covered = coveredBy(cells.signatures.get(cover) ?? [], organKeys, question);
    const made = { ...useOfCell(scopesOfCells[scope]!, covered, question), ...covered };
    uses.set(name, made);
    return made;
  };
  const keys = layoutOf(aggregate, selection)
    .keys.filter((key) => key in dimensions)
    .map((key) => (key === 'edition' ? aggregate.edition : key));
  const { groups, groupAt } = grouping(cells, keys);
  const groupOf = new Int32Array(cells.size).fill(unused);
  const editions = cells[aggregate.edition];
  // By year: reports used, organs that these are of, organs that reported, reports that overlap. By edition:
  // reports used.
  const [byYear, byEdition] = [new Counts(4), new Counts(1)];
  eachPlace(cells, question.plan, (place) => {
    const year = cells.year[place]!;
    if (cells.scope[place] === isOrgan || areYears[year - firstReportYear] !== 1 || !matches(place)) return;
    const { isUsed, hasReported, elsewhere } = useAt(place);
    const amount = sign * cells.amount[place]!;
    const present = cells.gone[place] === 1 ? 0 : amount;
    const ofYear = byYear.of(year);
    if (hasReported) ofYear[2]! += present;
    if (!isUsed) return;
    ofYear[0]! += amount;
    ofYear[1]! += present;
    if (elsewhere) ofYear[3]! += amount;
    byEdition.of(year * mostEditions + editions[place]!)[0]! += amount;
    groupOf[place] = groupAt(place);
  });
  const [ofEditions, reports] = byEdition.columns() as [number[], number[]];
  const wordOf = wordsOf[aggregate.edition]!;
  return {
    groupOf,
    groups,
    years: byYear.columns(),
    editions: [
      ofEditions.map((number) => Math.floor(number / mostEditions)),
      ofEditions.map((number) => wordOf(number % mostEditions)),
      reports,
    ],
  };
}

/** How many organs match the filters, by the year in which they were abolished: see `PartialSums`. */
export function organsIn(question: Question, cells: Cells, sign = 1): Columns {
  const byEnd = new Counts(1);
  const matches = matching(question, cells);
  eachPlace(cells, question.plan, (place) => {
    if (cells.scope[place] === isOrgan && matches(place))
      byEnd.of(cells.year[place]!)[0]! += sign * cells.amount[place]!;
  });
  return byEnd.columns();
}
