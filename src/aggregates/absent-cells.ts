import type { FormFigure } from './aggregate.ts';
import { type Columns, heightOf } from './columns.ts';
import { dimensions } from './dimensions.ts';
import type { Layout } from './layout.ts';
import type { EditionCount, Summed } from './queries.ts';
import type { Selection } from './selection.ts';
import { counted, listed, type Warning } from './warnings.ts';

/** Reports that are added up although they do not have the cells asked for: those were not captured, and add nothing. */

/** How many reports have any cell of a sum, by what its own keys say. */
export type Captured = ReadonlyMap<string, number>;

/** The keys of the form's rows that sums are of. */
export const ownKeysOf = ({ keys }: Pick<Layout, 'keys'>): string[] =>
  keys.filter((key) => !(key in dimensions));

/** A sum by its own keys; '' where it has none. */
export const nameOfSum = (ownKeys: readonly string[], keys: FormFigure['keys']): string =>
  ownKeys.map((key) => keys[key] ?? 'null').join('.');

/** Of sums that are kept: they are looked through once. */
const found = new WeakMap<Columns, Captured>();

/** Of rows as `layoutOf` says. */
export function capturedIn(layout: Layout, rows: Columns): Captured {
  const known = found.get(rows);
  if (known !== undefined) return known;
  const own = ownKeysOf(layout).map((key) => rows[layout.keys.indexOf(key)]!);
  const captured = new Map<string, number>();
  for (let row = 0; row < heightOf(rows); row++) {
    const reports = rows[layout.reports]![row] as number;
    if (reports === 0) continue;
    const name = own.map((column) => column[row] ?? 'null').join('.');
    captured.set(name, (captured.get(name) ?? 0) + reports);
  }
  found.set(rows, captured);
  return captured;
}

/** So many different gaps are told of. */
const mostGaps = 5;

/** Of sums how many reports on an edition that prints any of their cells have none of them; the most first. */
function gapsOf(
  layout: Layout,
  { figures }: Selection,
  editions: readonly EditionCount[],
  captured: Captured,
): { absent: number; printing: number; names: string[] }[] {
  const own = ownKeysOf(layout);
  const gaps = [...Map.groupBy(figures, ({ keys }) => nameOfSum(own, keys))].map(([name, ofSum]) => {
    const printed = new Set<string>(ofSum.flatMap((figure) => figure.editions));
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

/** Says how many reports lack what is asked for, those of the years before included where these are compared. */
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
