import { type RawBuilder, sql } from 'kysely';
import type { Row } from '../formats/format.ts';

/** What `compute` adds to the rows of an answer, from these rows alone. */

type Members = Record<string, number | null>;

export interface Given {
  /** Rows of earlier years, which the answer does not show. */
  before: readonly Row[];
  /** One value less another. */
  minus: (a: number, b: number) => number;
}

export interface Computation {
  name: string;
  /** The members it adds, in order, each with what it says. */
  members: Readonly<Record<string, { type: 'number' | 'integer'; description: string }>>;
  /** What is missing for it to mean something in an answer with these keys. */
  lacks(groupBy: readonly string[]): string | undefined;
  /** Its members for each row. */
  compute(rows: readonly Row[], groupBy: readonly string[], more: Given): Members[];
  /** The same members for each row of a relation. */
  expressions(of: Expressions): Readonly<Record<string, RawBuilder<unknown>>>;
}

export interface Expressions {
  value: RawBuilder<unknown>;
  /** The value of the year before. */
  before: RawBuilder<unknown>;
  /** Of a window: rows within the same values of all keys but the last. */
  group: RawBuilder<unknown>;
}

const named = (row: Row, keys: readonly string[]): string => JSON.stringify(keys.map((key) => row[key]));

/** Rows within the same values of all keys but the last. */
function siblings(rows: readonly Row[], groupBy: readonly string[]): Map<string, Row[]> {
  const others = groupBy.slice(0, -1);
  return Map.groupBy(rows, (row) => named(row, others));
}

const needsKey = (what: string) => (groupBy: readonly string[]) =>
  groupBy.length > 0 ? undefined : `needs group_by: ${what}`;

const numberOf = (row: Row | undefined): number | null => (row?.value ?? null) as number | null;

const share: Computation = {
  name: 'share',
  members: {
    share: {
      type: 'number',
      description:
        '`value` / the sum of `value` over the last key of group_by, within the same values of the keys before it; not rounded. Null where `value` is null or the sum 0.',
    },
  },
  lacks: needsKey('a share is taken over its last key'),
  compute(rows, groupBy) {
    const shares = new Map<Row, number | null>();
    for (const group of siblings(rows, groupBy).values()) {
      const sum = group.reduce((added, row) => added + (numberOf(row) ?? 0), 0);
      for (const row of group) {
        const value = numberOf(row);
        shares.set(row, value === null || sum === 0 ? null : value / sum);
      }
    }
    return rows.map((row) => ({ share: shares.get(row)! }));
  },
  expressions: ({ value, group }) => ({
    share: sql`${value}::float8 / nullif(sum(${value}) over (${group}), 0)::float8`,
  }),
};

const change: Computation = {
  name: 'change',
  members: {
    change: {
      type: 'number',
      description:
        '`value` less that of the year before, asked for or not; null where either is. The reports of the two years need not be of the same organs.',
    },
    change_rate: {
      type: 'number',
      description:
        '`change` / `value` of the year before; not rounded. Null where that is null, 0 or negative (`items_change` may be), and where `change` is null.',
    },
  },
  lacks: (groupBy) =>
    groupBy.includes('year') ? undefined : 'needs `year` in group_by: a change is that on the year before',
  compute(rows, groupBy, { before, minus }) {
    const values = new Map([...before, ...rows].map((row) => [named(row, groupBy), numberOf(row)]));
    return rows.map((row) => {
      const value = numberOf(row);
      const earlier = values.get(named({ ...row, year: (row.year as number) - 1 }, groupBy)) ?? null;
      if (value === null || earlier === null) return { change: null, change_rate: null };
      const changed = minus(value, earlier);
      return { change: changed, change_rate: earlier > 0 ? changed / earlier : null };
    });
  },
  expressions: ({ value, before }) => ({
    change: sql`${value} - ${before}`,
    change_rate: sql`(${value} - ${before})::float8 / nullif(greatest(${before}, 0), 0)::float8`,
  }),
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
  compute(rows, groupBy) {
    const ranks = new Map<Row, number>();
    for (const group of siblings(rows, groupBy).values()) {
      const ranked = group.filter((row) => numberOf(row) !== null);
      ranked.sort((a, b) => numberOf(b)! - numberOf(a)!);
      for (const [index, row] of ranked.entries()) {
        const above = ranked[index - 1];
        ranks.set(row, above && numberOf(above) === numberOf(row) ? ranks.get(above)! : index + 1);
      }
    }
    return rows.map((row) => ({ rank: ranks.get(row) ?? null }));
  },
  expressions: ({ value, group }) => ({
    rank: sql`case when ${value} is not null then rank() over (${group} order by ${value} desc nulls last) end`,
  }),
};

/** Every computation. A new one is one object and its name here. */
export const computations: readonly Computation[] = [share, change, rank];

/** Of these names, in the order of the list and each once; all without names. */
export const computationsOf = (
  names: readonly string[] = computations.map(({ name }) => name),
): Computation[] => computations.filter(({ name }) => names.includes(name));

/** The members that these computations add. */
export const computedMembers = (names: readonly string[]): string[] =>
  computationsOf(names).flatMap(({ members }) => Object.keys(members));
