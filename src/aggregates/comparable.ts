import type { Unit } from '../editions/edition.ts';
import type { Aggregate, FormFigure } from './aggregate.ts';
import type { Summed } from './queries.ts';
import { type Refusal, refuseFor } from './refusal.ts';
import type { Selection, Sum } from './selection.ts';
import type { Table } from './table.ts';

/**
 * Tells what may be compared: rows that the editions of the reports share, and values in one unit. The
 * reports must be known for it.
 */

/** Whether all these cells are in one row of the fact table. */
export const isOfOneRow = (figures: readonly FormFigure[]): boolean =>
  figures.every(({ row }) => row === figures[0]!.row);

/**
 * The chosen cells that only some of these editions print. `wholeOf` names what a cell is part of. Parts are
 * left out where every edition has some and all that it has are chosen: their sums are comparable.
 */
function printedBySome(
  aggregate: Aggregate,
  figures: readonly FormFigure[],
  editions: readonly string[],
  wholeOf: (figure: FormFigure) => string,
): FormFigure[] {
  const isPrinted = (figure: FormFigure, edition: string) => figure.editions.some((each) => each === edition);
  const chosen = new Set(figures.map(({ row }) => row));
  const isChosen = ({ row }: FormFigure) => chosen.has(row);
  const ofSome = aggregate.figures.filter((figure) => !editions.every((each) => isPrinted(figure, each)));
  const isWhole = (parts: readonly FormFigure[]) => parts.length > 0 && parts.every(isChosen);
  return [...Map.groupBy(ofSome, wholeOf).values()]
    .filter(
      (parts) => !editions.every((edition) => isWhole(parts.filter((figure) => isPrinted(figure, edition)))),
    )
    .flat()
    .filter(isChosen);
}

/** Remembers which cells were found of a selection, or of sums, for each set of editions. */
function remembering<Of extends object>(
  find: (aggregate: Aggregate, of: Of, editions: readonly string[]) => readonly FormFigure[],
) {
  const found = new WeakMap<Of, Map<string, readonly FormFigure[]>>();
  return (aggregate: Aggregate, of: Of, editions: ReadonlySet<string>): readonly FormFigure[] => {
    const known = found.get(of) ?? new Map();
    found.set(of, known);
    const names = [...editions].sort();
    const name = names.join(' ');
    const cells = known.get(name) ?? find(aggregate, of, names);
    known.set(name, cells);
    return cells;
  };
}

/**
 * The cells of a selection that only some of the editions print. Where the answer is by row, each row must be
 * shared. Otherwise it is enough that rows of a group are chosen whole.
 */
export const unsharedOf = remembering<Selection>((aggregate, { figures, groupBy }, editions) =>
  editions.length < 2 || groupBy.includes('edition')
    ? []
    : printedBySome(aggregate, figures, editions, (figure) =>
        groupBy.includes('row') ? figure.row : groupOrRow(figure),
      ),
);

/**
 * Which rows of an answer may be compared with the year before: those whose cells are printed by all editions
 * that reports of the two years are on.
 */
export function areShared(
  aggregate: Aggregate,
  selection: Selection,
  { editions, editionsBefore = [] }: Pick<Summed, 'editions' | 'editionsBefore'>,
): (table: Table) => (row: number) => boolean {
  if (!selection.groupBy.includes('year')) return () => () => true;
  const own = selection.groupBy.filter((key) => key in aggregate.keys);
  const nameIn = ({ keys }: FormFigure) => own.map((key) => keys[key] ?? null).join(' ');
  const counts = [...editions, ...editionsBefore];
  const namesIn = (year: number): ReadonlySet<string> => {
    const ofBoth = counts.filter((each) => each.year === year || each.year === year - 1);
    const onThem = new Set(ofBoth.map(({ edition }) => edition));
    return new Set(unsharedOf(aggregate, selection, onThem).map(nameIn));
  };
  const unshared = new Map(editions.map(({ year }) => [year, namesIn(year)]));
  return (table) => {
    if ([...unshared.values()].every(({ size }) => size === 0)) return () => true;
    const columns = own.map((key) => table.at(key));
    const yearAt = table.at('year') as (row: number) => number;
    return (row) => !unshared.get(yearAt(row))!.has(columns.map((column) => column(row)).join(' '));
  };
}

/** The group of a cell, or else its row: rows of one group are comparable as its sum. */
const groupOrRow = ({ keys, row }: FormFigure): string => keys.group ?? row;

/**
 * Refuses sums over several rows if some editions of the reports lack some of these rows: the reports on one
 * edition would say less than those on another. `shareOver` is set where the sums are the wholes of shares
 * over this key. Problem `not-comparable` (422).
 */
export function checkEditions(
  aggregate: Aggregate,
  sums: readonly Sum[],
  editions: ReadonlySet<string>,
  shareOver?: string,
): void {
  const partly = unsharedIn(aggregate, sums, editions);
  if (partly.length === 0) return;
  const rows = [...new Set(partly.map(({ row }) => row))];
  const groups = [...new Set(partly.flatMap(({ keys }) => keys.group ?? []))];
  const wholes = groups.map((group) => `, or choose all of group=${group}, which they share`).join('');
  const reason = `editions ${[...editions].sort().join(' and ')} do not share ${rows.join(', ')}`;
  const refusal: Pick<Refusal, 'members' | 'reason' | 'advice'> =
    shareOver === undefined
      ? {
          members: ['row'],
          reason: `E${reason.slice(1)}`,
          advice: `Add \`row\` or \`edition\` to group_by${wholes}.`,
        }
      : {
          members: ['compute'],
          reason: `A share over \`${shareOver}\` is of the sum over it, and ${reason}`,
          advice: `Name another key last in group_by${wholes}.`,
        };
  refuseFor([{ code: 'not-comparable', ...refusal, measures: rows }]);
}

/** The cells of sums over several rows that only some of the editions print. */
const unsharedIn = remembering<readonly Sum[]>((aggregate, sums, editions) =>
  sums.flatMap(({ figures, editions: ofSum }) => {
    const printing = editions.filter((edition) => ofSum.includes(edition));
    return printing.length < 2 || isOfOneRow(figures)
      ? []
      : printedBySome(aggregate, figures, printing, groupOrRow);
  }),
);

/** The units of these sums, each once. */
export const unitsOf = (sums: readonly Sum[]): Unit[] => [
  ...new Set(sums.map(({ figures }) => figures[0]!.unit)),
];

/**
 * Sums in several units that are compared with each other because they have the same values of `keys`. Only
 * sums of cells that these editions print count. Empty where there are none.
 */
export function mixedUnits(
  sums: readonly Sum[],
  keys: readonly string[],
  editions: ReadonlySet<string>,
): readonly Sum[] {
  const printed = sums.filter(({ figures }) =>
    figures.some((figure) => figure.editions.some((edition) => editions.has(edition))),
  );
  const at = (sum: Sum, key: string) => (key === 'edition' ? sum.editions : (sum.keys[key] ?? null));
  const alike = Map.groupBy(printed, (sum) => JSON.stringify(keys.map((key) => at(sum, key))));
  return [...alike.values()].find((group) => unitsOf(group).length > 1) ?? [];
}

/**
 * Refuses ranks over the last key among values in several units, such as 元 and 万元. Problem `not-comparable`
 * (422).
 */
export function checkRanked({ sums, groupBy }: Selection, editions: ReadonlySet<string>): void {
  const mixed = mixedUnits(sums, groupBy.slice(0, -1), editions);
  if (mixed.length === 0) return;
  const measures = mixed.flatMap(({ figures }) => figures.map(({ row }) => row));
  refuseFor([
    {
      code: 'not-comparable',
      members: ['compute'],
      reason: `A rank over \`${groupBy.at(-1)}\` would compare values in ${unitsOf(mixed).join(' with values in ')}`,
      advice: 'Choose what is in one unit, or name another key last in group_by.',
      measures,
    },
  ]);
}
