import { namesOf, type Table, valuesOf } from './table.ts';

/** What `compute` adds to the rows of an answer: from these rows, and for changes from those of the years before. */

/** The values of one member, by row. */
export type Computed = (number | null)[];

interface Given {
  /** Rows of earlier years, which the answer does not show. */
  before: Table;
  /** Subtracts `b` from `a`. */
  minus: (a: number, b: number) => number;
  /** Whether a row may be compared with the year before. */
  isShared: (row: number) => boolean;
}

interface Computation {
  name: string;
  /** The members it adds, in order, each with its type and description. */
  members: Readonly<Record<string, { type: 'number' | 'integer'; description: string }>>;
  /**
   * What an answer with these keys lacks for the computation to mean something; undefined where nothing is
   * lacking.
   */
  lacks(groupBy: readonly string[]): string | undefined;
  /** The values of its members for every row. */
  compute(table: Table, groupBy: readonly string[], more: Given): Record<string, Computed>;
}

/** The rows that have the same values of all keys but the last, group by group. */
const siblings = (table: Table, groupBy: readonly string[]): Iterable<number[]> => {
  const name = namesOf(table, groupBy.slice(0, -1));
  return Map.groupBy(Array(table.height).keys(), name).values();
};

const needsKey = (what: string) => (groupBy: readonly string[]) =>
  groupBy.length > 0 ? undefined : `needs group_by: ${what}`;

const share: Computation = {
  name: 'share',
  members: {
    share: {
      type: 'number',
      description:
        '`value` / the sum of `value` over the last key of group_by, within the same values of the keys before it; not rounded. Null where `value` is null, the sum 0, or any value of it negative (`items_change` may be).',
    },
  },
  lacks: needsKey('a share is taken over its last key'),
  compute(table, groupBy) {
    const value = valuesOf(table);
    const share: Computed = Array(table.height).fill(null);
    for (const group of siblings(table, groupBy)) {
      const values = group.map((row) => value(row) ?? 0);
      const sum = values.reduce((added, each) => added + each, 0);
      const isWhole = sum > 0 && values.every((each) => each >= 0);
      for (const row of group) {
        const own = value(row);
        share[row] = own === null || !isWhole ? null : own / sum;
      }
    }
    return { share };
  },
};

const change: Computation = {
  name: 'change',
  members: {
    change: {
      type: 'number',
      description:
        '`value` less that of the year before, asked for or not; null where either is, and of rows of the form that not every edition prints which reports of the two years are on. The reports of the two years need not be of the same organs.',
    },
    change_rate: {
      type: 'number',
      description:
        '`change` / `value` of the year before; not rounded. Null where that is null, 0 or negative (`items_change` may be), and where `change` is null.',
    },
  },
  lacks: (groupBy) =>
    groupBy.includes('year') ? undefined : 'needs `year` in group_by: a change is that on the year before',
  compute(table, groupBy, { before, minus, isShared }) {
    const others = groupBy.filter((key) => key !== 'year');
    /** A number for each combination of the other keys, of which there may be many. */
    const numbers = new Map<unknown, number>();
    const numbered = (of: Table): Int32Array => {
      const nameAt = namesOf(of, others);
      const found = new Int32Array(of.height);
      for (let row = 0; row < found.length; row++) {
        const name = nameAt(row);
        const number = numbers.get(name) ?? numbers.size;
        if (number === numbers.size) numbers.set(name, number);
        found[row] = number;
      }
      return found;
    };
    const tables = [before, table].map((of) => ({
      of,
      number: numbered(of),
      year: of.at('year') as (row: number) => number,
      value: valuesOf(of),
    }));
    /** For each year, the values by these numbers; NaN where there is none. */
    const years = new Map<number, Float64Array>();
    for (const { of, number, year, value } of tables)
      for (let row = 0; row < of.height; row++) {
        const ofYear = years.get(year(row)) ?? new Float64Array(numbers.size).fill(Number.NaN);
        years.set(year(row), ofYear);
        ofYear[number[row]!] = value(row) ?? Number.NaN;
      }
    const { number, year } = tables[1]!;
    const change: Computed = Array(table.height).fill(null);
    const change_rate: Computed = change.slice();
    for (let row = 0; row < table.height; row++) {
      const own = years.get(year(row))![number[row]!]!;
      const earlier = years.get(year(row) - 1)?.[number[row]!] ?? Number.NaN;
      if (Number.isNaN(own) || Number.isNaN(earlier) || !isShared(row)) continue;
      const changed = minus(own, earlier);
      change[row] = changed;
      change_rate[row] = earlier > 0 ? changed / earlier : null;
    }
    return { change, change_rate };
  },
};

const rank: Computation = {
  name: 'rank',
  members: {
    rank: {
      type: 'integer',
      description:
        'Place by descending `value`, from 1, within the same values of all keys of group_by but the last. Equals share a place, and the places after it are left out (1, 2, 2, 4); null where `value` is null.',
    },
  },
  lacks: needsKey('a rank is among the values of its last key'),
  compute(table, groupBy) {
    const value = valuesOf(table) as (row: number) => number;
    const rank: Computed = Array(table.height).fill(null);
    for (const group of siblings(table, groupBy)) {
      const ranked = group.filter((row) => value(row) !== null);
      ranked.sort((a, b) => value(b) - value(a));
      for (const [index, row] of ranked.entries()) {
        const above = ranked[index - 1];
        rank[row] = above !== undefined && value(above) === value(row) ? rank[above]! : index + 1;
      }
    }
    return { rank };
  },
};

/** Every computation. A new one is one object and its name here. */
export const computations: readonly Computation[] = [share, change, rank];

/** The computations with these names, in the order of the list and each once; all of them without names. */
export const computationsOf = (
  names: readonly string[] = computations.map(({ name }) => name),
): Computation[] => computations.filter(({ name }) => names.includes(name));

/** The members that these computations add. */
export const computedMembers = (names: readonly string[]): string[] =>
  computationsOf(names).flatMap(({ members }) => Object.keys(members));
