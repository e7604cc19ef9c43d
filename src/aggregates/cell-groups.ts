import { editionKeys } from '../editions/index.ts';
import { kindKeys, levelKeys } from '../editions/vocabulary.ts';
import { type Cells, placesIn, scopesOfCells } from '../rollups/cell-columns.ts';
import { type PlacelessFilters, provincesOf, type RollupPlan } from './rollup-plan.ts';
import type { Value } from './table.ts';

/** Tells which cells of the rollups match filters, and how keys divide them into groups. */

/** How answers show the values of keys that cells hold as numbers. */
export const wordsOf: Readonly<Record<string, (number: number) => Value>> = {
  year: (number) => number,
  scope: (number) => scopesOfCells[number]!,
  disclosure_edition: (number) => editionKeys[number] ?? '',
  request_edition: (number) => editionKeys[number] ?? '',
  level: (number) => levelKeys[number] ?? null,
  kind: (number) => kindKeys[number] ?? null,
};
const divisionOf = (number: number): Value => (number === 0 ? null : String(number).padStart(6, '0'));

/** Greater than any number that a cell holds for a key. */
const mostOfKey = 1_000_000;

/** Divides cells by some of their columns into groups, which are numbered as they are met. */
export function grouping(cells: Cells, keys: readonly string[]) {
  const members = keys.map((key) => ({
    column: cells[key as 'year'],
    wordOf: wordsOf[key] ?? divisionOf,
    // Each key divides the groups that the keys before it make.
    groups: new Map<number, number>(),
  }));
  const groups: Value[][] = members.length === 0 ? [[]] : [];
  const groupAt = (place: number): number => {
    let group = 0;
    let isNew = false;
    for (let turn = 0; turn < members.length; turn++) {
      const { column, groups: known } = members[turn]!;
      const name = group * mostOfKey + column[place]!;
      const next = known.get(name);
      isNew = next === undefined;
      group = next ?? known.size;
      if (isNew) known.set(name, group);
    }
    if (isNew) groups.push(members.map(({ column, wordOf }) => wordOf(column[place]!)));
    return group;
  };
  return { groups, groupAt };
}

/** What the organs of cells must match. */
interface Matched extends Pick<PlacelessFilters, 'level' | 'kind'> {
  plan: RollupPlan;
}

/** Tells, by the place of a cell, whether its organs match the filters. */
export function matching(
  { level, kind, plan: { divisions } }: Matched,
  cells: Cells,
): (place: number) => boolean {
  const areIn = (words: readonly string[], codes: readonly string[] | undefined) =>
    codes && words.map((word) => codes.includes(word));
  const [areLevels, areKinds] = [areIn(levelKeys, level), areIn(kindKeys, kind)];
  const codes = new Set(divisions?.codes.map(Number));
  const at = divisions && cells[divisions.place];
  const [first] = codes;
  const isOne = codes.size === 1;
  return (place) =>
    (at === undefined || (isOne ? at[place] === first : codes.has(at[place]!))) &&
    (areLevels === undefined || areLevels[cells.level[place]!] === true) &&
    (areKinds === undefined || areKinds[cells.kind[place]!] === true);
}

/** Calls `take` with the place of each cell that may match: the cells of the plan's provinces, or all. */
export function eachPlace(cells: Cells, plan: RollupPlan, take: (place: number) => void): void {
  const provinces = provincesOf(plan);
  if (provinces) for (const place of placesIn(cells, provinces.map(Number))) take(place);
  else for (let place = 0; place < cells.size; place++) take(place);
}
