import type { FormFigure } from './aggregate.ts';
import { type Columns, heightOf } from './columns.ts';
import { dimensions } from './dimensions.ts';
import type { Layout } from './layout.ts';
import type { EditionCount, Summed } from './queries.ts';
import type { Selection } from './selection.ts';
import { counted, listed, type Warning } from './warnings.ts';

/** Warns of reports that are added up but did not capture the cells asked for: they add nothing to the sums. */

/** How many reports have any cell of each sum, by the name of the sum (`nameOfSum`). */
export type Captured = ReadonlyMap<string, number>;

/** The keys of a layout that belong to rows of the form, not to reports and organs. */
export const ownKeysOf = ({ keys }: Pick<Layout, 'keys'>): string[] =>
  keys.filter((key) => !(key in dimensions));

/** Names a sum by the values of its own keys; '' where the answer has no such keys. */
export const nameOfSum = (ownKeys: readonly string[], keys: FormFigure['keys']): string =>
  ownKeys.map((key) => keys[key] ?? 'null').join('.');

/** Counts made already, by table. Tables that are kept are asked about again, but looked through once. */
const found = new WeakMap<Columns, Captured>();

/** Counts, for each sum, the reports that have any of its cells. `rows` stand as `layoutOf` says. */
export function capturedIn(layout: Layout, rows: Columns): Captured {
  const known = found.get(rows);
  if (known !== undefined) return known;
  const own = ownKeysOf(layout).map((key) => rows[layout.keys.indexOf(key)]!);
  const [first, ...others] = own;
  const captured = new Map<string, number>();
  for (let row = 0; row < heightOf(rows); row++) {
    const reports = rows[layout.reports]![row] as number;
    if (reports === 0) continue;
    let name = first === undefined ? '' : String(first[row]);
    for (const column of others) name += `.${column[row]}`;
    captured.set(name, (captured.get(name) ?? 0) + reports);
  }
  found.set(rows, captured);
  return captured;
}

/** How many different gaps are named at most: of the years asked about, and again of the years before. */
const mostGaps = 5;

/** By selection, the editions that print some cell of each sum. Many answers are made of the same selection. */
const printedBySelection = new WeakMap<Selection, ReadonlyMap<string, ReadonlySet<string>>>();

function printedIn(layout: Layout, selection: Selection): ReadonlyMap<string, ReadonlySet<string>> {
  const known = printedBySelection.get(selection);
  if (known !== undefined) return known;
  const own = ownKeysOf(layout);
  const sums = Map.groupBy(selection.figures, ({ keys }) => nameOfSum(own, keys));
  const made = new Map(
    Array.from(sums, ([name, figures]) => [name, new Set(figures.flatMap(({ editions }) => editions))]),
  );
  printedBySelection.set(selection, made);
  return made;
}

/**
 * For each sum, how many reports have none of its cells although their edition prints some. The largest
 * numbers come first. Sums with the same numbers are one entry.
 */
function gapsOf(
  layout: Layout,
  selection: Selection,
  editions: readonly EditionCount[],
  captured: Captured,
): { absent: number; printing: number; names: string[] }[] {
  const gaps = Array.from(printedIn(layout, selection), ([name, printed]) => {
    const printing = editions.reduce(
      (sum, { edition, reports }) => sum + (printed.has(edition) ? reports : 0),
      0,
    );
    return { name, printing, absent: printing - (captured.get(name) ?? 0) };
  });
  const lacking = gaps.filter(({ absent }) => absent > 0);
  return [...Map.groupBy(lacking, ({ absent, printing }) => `${absent} ${printing}`).values()]
    .map((alike) => ({ ...alike[0]!, names: alike.map(({ name }) => name) }))
    .sort((a, b) => b.absent - a.absent)
    .slice(0, mostGaps);
}

/**
 * Warns (`cells-absent`) how many reports lack what is asked for; those of the years before too, where years
 * are compared.
 */
export function warnOfAbsentCells(
  layout: Layout,
  selection: Selection,
  {
    editions,
    captured,
    editionsBefore,
    capturedBefore,
  }: Pick<Summed, 'editions' | 'captured' | 'editionsBefore' | 'capturedBefore'>,
): Warning[] {
  const lacked = (names: readonly string[]) => {
    const [first, ...others] = names.map((name) => name.replace(/^null\b/, 'rows in no group'));
    if (ownKeysOf(layout).length === 0) return 'none of the cells asked for';
    return `no cell of ${first}${others.length === 0 ? '' : `, as many none of ${listed(others, ', ')}`}`;
  };
  const told = [
    ...gapsOf(layout, selection, editions, captured).map((gap) => ({ ...gap, which: 'added up' })),
    ...(editionsBefore && capturedBefore
      ? gapsOf(layout, selection, editionsBefore, capturedBefore).map((gap) => ({
          ...gap,
          which: 'of the year before',
        }))
      : []),
  ].map(
    ({ absent, printing, names, which }) =>
      `${absent} of ${counted(printing, 'report', 'reports')} ${which} ${absent === 1 ? 'has' : 'have'} ${lacked(names)}`,
  );
  return told.length === 0
    ? []
    : [
        {
          code: 'cells-absent',
          message: `${told.join('; ')}: not captured, these are missing from the sums.`,
        },
      ];
}
