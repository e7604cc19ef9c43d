import { type TProperties, Type } from 'typebox';
import type { Fault } from '../editions/form-faults.ts';
import type { Row } from '../formats/format.ts';
import { refuseFaults } from '../http/problem.ts';
import { keys } from '../http/schema-parts.ts';
import { type Computed, computations, computationsOf, computedMembers } from './computations.ts';
import { type Condition, conditionOf, memberOf } from './having.ts';
import { chooseRows } from './json.ts';
import { byPlace, type Compare, inTurn, type Order, type Places, readOrder, sortOf } from './sort.ts';
import { type Table, tableOf } from './table.ts';
import { yearFaults } from './years.ts';

/**
 * What is done with the rows of an answer: members are computed over all of them; then rows are left out,
 * ordered and cut.
 */

export interface Refinement {
  compute?: string[];
  having?: string[];
  sort?: string[] | undefined;
  top?: number | undefined;
}

/** What the answer consists of before it is refined. */
export interface Shape {
  groupBy: readonly string[];
  /** Members of a row in order, without computed ones. */
  columns: readonly string[];
  /** Those members that are numbers and not keys. */
  numbers: readonly string[];
  places: Places;
  /** The names of the computations it offers; all where undefined. */
  computes?: readonly string[];
  /** Subtracts `b` from `a`, as exactly as values are given. */
  minus: (a: number, b: number) => number;
}

/** The order asked for. If `top` is given without an order, the rows with the largest value come first. */
export const ordersOf = ({ sort, top }: Pick<Refinement, 'sort' | 'top'>): string[] =>
  sort ?? (top === undefined ? [] : ['-value']);

/** Tells which rows of a table may be compared with the year before. */
type Shared = (table: Table) => (row: number) => boolean;
const allShared: Shared = () => () => true;

type Refine = (rows: readonly Row[], before?: readonly Row[], shared?: Shared) => readonly Row[];

/** How rows are refined, for where there are too many to make them all. */
export interface Refining {
  refinement: Refinement;
  shape: Shape;
}

/**
 * Whether the refinement leaves rows out, and can do so before rows are made. Names of organs, reasons and
 * units are known only of rows that are made.
 */
export const isRefinable = ({ refinement }: Refining): boolean =>
  (refinement.top !== undefined || (refinement.having ?? []).length > 0) &&
  ordersOf(refinement).every((text) => !['organ_name', 'reason', 'unit'].includes(readOrder(text).member));

/** The places of the rows that are left, in order, and what was computed of every row. */
interface Refined {
  rows: number[];
  computed: Readonly<Record<string, Computed>>;
}

/** Most rows that `top` can ask for. */
export const mostTop = 10_000;

/** Query members of everything that answers in rows with a `value`. `names` are the computations on offer. */
export const refinementQuery = (
  names: readonly string[] = computations.map(({ name }) => name),
): TProperties => ({
  compute: Type.Optional(
    Type.Array(keys(names), {
      minItems: 1,
      maxItems: 10,
      description: `Adds to every row: ${computationsOf(names)
        .map(({ name, members }) => `\`${name}\` (${Object.keys(members).join(', ')})`)
        .join(
          ', ',
        )}; over all rows of the answer, before \`having\` and \`top\` leave any out; shares and ranks within the same values of all keys of group_by but the last.`,
      examples: [['rank']],
    }),
  ),
  having: Type.Optional(
    Type.Array(Type.String({ maxLength: 100 }), {
      minItems: 1,
      maxItems: 20,
      description:
        'Only rows of which all this holds: a number of the row, one of `>=`, `>`, `<=`, `<`, `=`, `!=`, and a number. What is null satisfies none. In an address `>` and `<` are best written `%3E` and `%3C`.',
      examples: [['value>=100']],
    }),
  ),
  sort: Type.Optional(
    Type.Array(Type.String({ maxLength: 50 }), {
      minItems: 1,
      maxItems: 20,
      description:
        'Order of the rows: members of a row, each ascending or after a minus sign descending. Nulls come last; rows that are equal in these stand in the order of the keys.',
      examples: [['-value']],
    }),
  ),
  top: Type.Optional(
    Type.Integer({
      minimum: 1,
      maximum: mostTop,
      description:
        'Only so many of the first rows; without `sort` those with the largest `value`. Where sums are worked out from reports, as of single organs, it chooses as `having` does among more rows than an answer may have, up to some seven million; not by `organ_name` or `reason`, nor among amounts of money.',
    }),
  ),
});

/**
 * The first `top` places, in order, of `amount` many; all without `top`. Equal ones stay in the order they
 * stand in.
 */
function firstOf(amount: number, compare: Compare<number>, top: number = amount): number[] {
  if (top >= amount / 10)
    return Array.from({ length: amount }, (_, place) => place)
      .sort(compare)
      .slice(0, top);
  const first: number[] = [];
  for (let place = 0; place < amount; place++) {
    if (first.length === top && compare(first[top - 1]!, place) <= 0) continue;
    let [low, high] = [0, first.length];
    while (low < high) {
      const middle = (low + high) >> 1;
      if (compare(first[middle]!, place) <= 0) low = middle + 1;
      else high = middle;
    }
    first.splice(low, 0, place);
    if (first.length > top) first.pop();
  }
  return first;
}

type Asked = Refinement & { year?: string[] };

/**
 * The conditions and orders of a refinement, and all its faults: years that run backwards, a computation that
 * means nothing with these keys, a condition or an order by a member that the answer lacks. Where `compute`
 * is among `unfit`, any computation may be meant.
 */
export function readRefinement(
  { year, compute, having, sort, top }: Asked,
  shape: Shape,
  unfit: ReadonlySet<string> = new Set(),
): { conditions: Condition[]; orders: Order[]; errors: Fault[] } {
  const computing = computationsOf(unfit.has('compute') ? shape.computes : (compute ?? []));
  const computed = computing.flatMap(({ members }) => Object.keys(members));
  const errors = yearFaults(year);
  const fault = (pointer: string, code: string, message: string) => errors.push({ pointer, code, message });
  const accept =
    <T>(pointer: string, code: string) =>
    (found: T | string, index: number): T[] => {
      if (typeof found !== 'string') return [found];
      fault(`${pointer}/${index}`, code, found);
      return [];
    };
  compute?.forEach((name, index) => {
    const lacking = computationsOf([name])[0]?.lacks(shape.groupBy);
    if (lacking !== undefined) fault(`/compute/${index}`, 'lacks-key', lacking);
  });
  /** Says which computation adds a member that is missing; undefined where none does. */
  const lacked = (member = '') => {
    const adding = computationsOf(shape.computes).find(({ name }) =>
      computedMembers([name]).includes(member),
    );
    return adding && !computed.includes(member) ? `${member} needs compute=${adding.name}` : undefined;
  };
  const conditions = (having ?? [])
    .map((text) => lacked(memberOf(text)) ?? conditionOf(text, [...shape.numbers, ...computed]))
    .flatMap(accept<Condition>('/having', 'condition'));
  const orders = ordersOf({ sort, top })
    .map((text) => lacked(readOrder(text).member) ?? sortOf(text, [...shape.columns, ...computed]))
    .flatMap(accept<Order>('/sort', 'order'));
  return { conditions, orders, errors };
}

/** Returns what refines the rows of a table. Problem `invalid-request` (400) with every fault. */
export function tableRefinementOf(
  asked: Asked,
  shape: Shape,
): (table: Table, before: Table, most?: number, shared?: Shared) => Refined {
  const { compute, top } = asked;
  const { groupBy, places, minus } = shape;
  const { conditions, orders, errors } = readRefinement(asked, shape);
  refuseFaults(errors);
  return (table, before, most = Number.POSITIVE_INFINITY, shared = allShared) => {
    const members: Record<string, Computed> = {};
    for (const each of computationsOf(compute ?? []))
      Object.assign(members, each.compute(table, groupBy, { before, minus, isShared: shared(table) }));
    const at = (member: string) => {
      const column = members[member];
      return column ? (row: number) => column[row]! : table.at(member);
    };
    const holding = conditions.map(({ member, holds }) => {
      const number = at(member) as (row: number) => number | null;
      return (row: number) => holds(number(row));
    });
    // Rows that are equal in these orders are put in the order of their keys, unless they stand in it
    // already.
    const inTheirOrder = table.isInOrder ? [] : groupBy.map(readOrder);
    const rows: number[] = [];
    for (let row = 0; row < table.height; row++) if (holding.every((holds) => holds(row))) rows.push(row);
    // The caller refuses more rows than anyone may have, so they need no order.
    if (top === undefined && rows.length > most) return { rows, computed: members };
    const compares = [...orders, ...inTheirOrder].map(({ member, descending }, turn) => {
      const compare = byPlace(places(member), descending ? -1 : 1);
      const value = at(member);
      // The first order decides most comparisons, so its values are looked up once for each row.
      const first = turn === 0 ? rows.map(value) : undefined;
      return (a: number, b: number) =>
        first ? compare(first[a]!, first[b]!) : compare(value(rows[a]!), value(rows[b]!));
    });
    if (compares.length === 0) return { rows: rows.slice(0, top), computed: members };
    const left = firstOf(rows.length, inTurn(compares), top);
    return { rows: left.map((place) => rows[place]!), computed: members };
  };
}

/** The same for rows in the order of their keys (`byKeys`). The given rows are not changed. */
export function refinementOf(asked: Asked, shape: Shape): Refine {
  const refine = tableRefinementOf(asked, shape);
  const { compute = [], having = [] } = asked;
  if (compute.length + having.length + ordersOf(asked).length === 0) return (rows) => rows;
  return (rows, before = [], shared = allShared) => {
    const refined = refine(tableOf(rows), tableOf(before), undefined, shared);
    const computed = Object.entries(refined.computed);
    if (computed.length === 0) return chooseRows(rows, refined.rows);
    return refined.rows.map((place) => ({
      ...rows[place]!,
      ...Object.fromEntries(computed.map(([member, column]) => [member, column[place]!])),
    }));
  };
}
