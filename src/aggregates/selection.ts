import { LRUCache } from 'lru-cache';
import type { Unit } from '../editions/edition.ts';
import { refusalsOf } from './additive.ts';
import type { Aggregate, FormFigure } from './aggregate.ts';
import { isOfOneRow } from './comparable.ts';
import type { Given } from './given.ts';
import { refuseFor } from './refusal.ts';

/** Chooses the cells of the form that a query adds up: from the form alone, never from data. */

export interface SelectionQuery {
  group_by?: readonly string[];
  year?: string[];
  compute?: readonly string[];
  [key: string]: unknown;
}

/** Figures that are added up together: they have the same values of the own keys that the answer is grouped by. */
export interface Sum {
  keys: Readonly<Record<string, string | null>>;
  /** The editions whose reports it adds up; only one where the answer is grouped by edition. */
  editions: readonly string[];
  readonly figures: readonly FormFigure[];
}

/**
 * The figures that a query names. For keys that it does not name, the defaults in the aggregate's description
 * hold.
 */
function chosenFigures(
  aggregate: Aggregate,
  query: SelectionQuery,
  grouped: ReadonlySet<string>,
): FormFigure[] {
  const { columnKey: total, coarser } = aggregate;
  const named = (key: string) => query[key] as readonly string[] | undefined;
  return aggregate.figures.filter(({ keys }) => {
    for (const key of Object.keys(aggregate.keys))
      if (named(key) && !named(key)!.includes(keys[key] ?? '')) return false;
    if (total && !grouped.has(total) && !named(total) && keys[total] !== 'total') return false;
    const finerChosen = coarser && (grouped.has(coarser.finer) || named(coarser.finer));
    return !(coarser && grouped.has(coarser.key) && !finerChosen && keys[coarser.key] === null);
  });
}

function sumsOf(aggregate: Aggregate, figures: readonly FormFigure[], grouped: ReadonlySet<string>): Sum[] {
  const own = Object.keys(aggregate.keys).filter((key) => grouped.has(key));
  const sums = new Map<string, Sum & { figures: FormFigure[] }>();
  for (const figure of figures)
    for (const edition of grouped.has('edition') ? figure.editions : [null]) {
      const keys = Object.fromEntries(own.map((key) => [key, figure.keys[key] ?? null]));
      const name = JSON.stringify([edition, keys]);
      const sum = sums.get(name) ?? { keys, editions: edition === null ? [] : [edition], figures: [] };
      if (edition === null) sum.editions = [...new Set([...sum.editions, ...figure.editions])].sort();
      sum.figures.push(figure);
      sums.set(name, sum);
    }
  return [...sums.values()];
}

/** The sums that shares are parts of: what is selected, added up over `key` as well. */
export function wholesOf(
  aggregate: Aggregate,
  { group_by = [] }: SelectionQuery,
  { figures }: Selection,
  key: string,
): Sum[] {
  return sumsOf(aggregate, figures, new Set(group_by.filter((each) => each !== key)));
}

/** Whoever asks for the same has the same selection, so that nobody may change it. */
export interface Selection {
  /** Tells this selection from every other one of every aggregate. */
  readonly name: string;
  /** The keys to group by, in the order asked for, each once. */
  readonly groupBy: readonly string[];
  readonly figures: readonly FormFigure[];
  /** The columns of the fact table that the figures are in; a single null where the table has one column. */
  readonly columns: readonly (string | null)[];
  /** What is added up for each combination of the own keys. */
  readonly sums: readonly Sum[];
  /** Whether a report has at most one row of the fact table in any sum, so that counting rows counts reports. */
  readonly rowsAreReports: boolean;
  /**
   * The unit of the sum with these own keys and, where sums are by edition, this edition; null where there is
   * no such sum.
   */
  readonly unitOf: (keys: Readonly<Record<string, unknown>>) => Unit | null;
  /** What a report must have for its numbers to count; undefined where nothing is required. */
  readonly given?: readonly Given[];
}

/** Selections made lately, by name: whoever asks by the same keys for other years or places has the same one. */
const lately = new LRUCache<string, Selection>({
  maxSize: 5000,
  sizeCalculation: ({ sums }) => 10 + sums.length,
});

/** The cells that a query names, or means where it names none. Does not check whether they add up. */
export function choose(aggregate: Aggregate, query: SelectionQuery): Selection {
  const groupBy = [...new Set(query.group_by)];
  const own = Object.keys(aggregate.keys);
  const name = JSON.stringify([aggregate.path, groupBy, own.map((key) => query[key] ?? null)]);
  const known = lately.get(name);
  if (known !== undefined) return known;
  const grouped = new Set(groupBy);
  const figures = chosenFigures(aggregate, query, grouped);
  const sums = sumsOf(aggregate, figures, grouped);
  const ofRow = own.filter((key) => grouped.has(key));
  const selection: Selection = {
    name,
    groupBy,
    figures,
    sums,
    columns: [...new Set(figures.map(({ keys }) => keys[aggregate.columnKey ?? ''] ?? null))],
    rowsAreReports: sums.every(({ figures: added }) => isOfOneRow(added)),
    unitOf: (keys) =>
      sums.find(
        (sum) =>
          ofRow.every((key) => sum.keys[key] === keys[key]) &&
          (!grouped.has('edition') || sum.editions.includes(keys.edition as string)),
      )?.figures[0]?.unit ?? null,
  };
  lately.set(name, selection);
  return selection;
}

/**
 * The cells that a query adds up. Refuses, for all reasons at once, sums that mean nothing and shares of such
 * sums. Problem `not-comparable` (422) where a sum would mix measures that the editions do not share;
 * `not-additive` (422) where it would mix figures of different kinds, a total with its parts, or a stock over
 * years.
 */
export function select(aggregate: Aggregate, query: SelectionQuery): Selection {
  const selection = choose(aggregate, query);
  const { groupBy, sums } = selection;
  const refusals = refusalsOf(aggregate, query, sums, groupBy);
  const key = query.compute?.includes('share') ? groupBy.at(-1) : undefined;
  const wholes = key === undefined ? [] : wholesOf(aggregate, query, selection, key);
  const others = groupBy.filter((each) => each !== key);
  // What keeps the sums from adding up keeps the wholes from it too, and is not said again.
  const ofShares = [...refusalsOf(aggregate, query, wholes, others)]
    .filter(([obstacle]) => !refusals.has(obstacle))
    .map(([, refusal]) => ({
      ...refusal,
      members: ['compute'],
      reason: `A share over \`${key}\` is of the sum over it: ${refusal.reason}`,
      advice: 'Choose what adds up, or name another key last in group_by.',
    }));
  refuseFor([...refusals.values(), ...ofShares]);
  return selection;
}
