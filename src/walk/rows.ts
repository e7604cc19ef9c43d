import { sql } from 'kysely';
import { type Captured, nameOfSum, ownKeysOf } from '../aggregates/absent-cells.ts';
import { isByColumn, shapeOf } from '../aggregates/cells.ts';
import type { Columns } from '../aggregates/columns.ts';
import { dimensions } from '../aggregates/dimensions.ts';
import { exactNumber, plus } from '../aggregates/exact.ts';
import { layoutOf } from '../aggregates/layout.ts';
import type { Summing } from '../aggregates/queries.ts';
import type { Table, Value } from '../aggregates/table.ts';
import type { Db } from '../db/database.ts';
import type { Row } from '../formats/format.ts';
import { eachCopied } from './copied.ts';
import type { Register } from './register.ts';
import type { GroupSums } from './sums.ts';
import type { Walked } from './walk.ts';

/** Turns what was added up into rows of an answer. */

/**
 * Sums that some report captured, each as one number: that of its group, times the sums of a group, plus that of the
 * sum.
 */
type Places = Int32Array;

/** The captured sums of the groups for which `holds` is true. */
export function placesOf(sums: GroupSums, groups: number, holds: (group: number) => boolean): Places {
  const width = sums.own.length;
  const places = new Int32Array(groups * width);
  let amount = 0;
  for (let group = 0; group < groups; group++) {
    if (!holds(group)) continue;
    for (let sum = 0; sum < width; sum++)
      if (sums.rowsOf(group, sum) > 0) places[amount++] = group * width + sum;
  }
  return places.subarray(0, amount);
}

/** How many reports have any cell of each sum, added up over the groups at these places. */
export function capturedAt(sums: GroupSums, { aggregate, selection }: Summing, places: Places): Captured {
  const own = ownKeysOf(layoutOf(aggregate, selection));
  const width = sums.own.length;
  const counts = new Float64Array(width);
  for (const place of places)
    counts[place % width]! += sums.reportsOf(Math.floor(place / width), place % width);
  return new Map(
    sums.own.flatMap(({ keys }, sum) => (counts[sum]! > 0 ? [[nameOfSum(own, keys), counts[sum]!]] : [])),
  );
}

/** The names of organs, by number. */
export async function organNames(
  db: Db,
  register: Register,
  organs: Iterable<number>,
): Promise<Map<number, string>> {
  const ids = [...new Set(organs)].map((organ) => register.idOf(organ));
  const names = new Map<number, string>();
  if (ids.length === 0) return names;
  const statement = sql`select id, name from organs where id = any(${sql.lit(`{${ids.join(',')}}`)}::uuid[])`;
  await eachCopied(db, statement, 2, (data, at, length) =>
    names.set(register.numberAt(data, at[0]!), data.toString('utf8', at[1]!, at[1]! + length[1]!)),
  );
  return names;
}

/** The sums at these places, as columns in the layout of `layoutOf`. */
export async function columnsOf(
  db: Db,
  { register, groups }: Walked,
  sums: GroupSums,
  { aggregate, selection }: Summing,
  places: Places,
): Promise<Columns> {
  if (places.length === 0) return [];
  const width = sums.own.length;
  const ofGroups = <T>(at: (group: number) => T) =>
    Array.from(places, (place) => at(Math.floor(place / width)));
  const ofSums = <T>(at: (group: number, sum: number) => T) =>
    Array.from(places, (place) => at(Math.floor(place / width), place % width));
  const layout = layoutOf(aggregate, selection);
  const ofOrgans = layout.keys.includes('organ');
  const organAt = ofOrgans ? (groups.at('organ') as (group: number) => number) : undefined;
  const names = organAt && (await organNames(db, register, new Set(ofGroups(organAt))));
  return [
    ...layout.keys.map((key) => {
      if (key === 'organ') return ofGroups((group) => register.idOf(organAt!(group)));
      if (!(key in dimensions)) return ofSums((_, sum) => sums.own[sum]!.keys[key] ?? null);
      return ofGroups(groups.at(key));
    }),
    ofSums(sums.rowsOf),
    ofSums(sums.reportsOf),
    ...sums.columns.flatMap((column) => [
      ofSums((group, sum) => sums.textOf(group, sum, column)),
      ofSums((group, sum) => sums.blanksOf(group, sum, column)),
      ...(aggregate.hasUnits ? [ofSums((group, sum) => sums.unknownsOf(group, sum, column))] : []),
    ]),
    ...(names ? [ofGroups((group) => names.get(organAt!(group))!)] : []),
  ];
}

/** The cells of an answer that is too large for all its rows to be made at once. */
interface Cells extends Table {
  /** Makes the cells of some rows, with their computed members. `computed` has a value for every row of the table. */
  rows(
    db: Db,
    places: readonly number[],
    computed: Readonly<Record<string, readonly (number | null)[]>>,
  ): Promise<Row[]>;
}

/**
 * The cells of the sums at these places as a table. Organs are their numbers, which are in the order of their ids.
 */
export function cellsIn(
  { register, groups }: Walked,
  sums: GroupSums,
  { aggregate, selection }: Summing,
  places: Places,
): Cells {
  const { groupBy, unitOf } = selection;
  const ofColumns = isByColumn(aggregate, groupBy) ? sums.columns.map((column) => [column]) : [sums.columns];
  const [sumsOfGroup, cellsOfSum] = [sums.own.length, ofColumns.length];
  const placeOf = (row: number) => places[Math.floor(row / cellsOfSum)]!;
  const groupOf = (row: number) => Math.floor(placeOf(row) / sumsOfGroup);
  const sumOf = (row: number) => placeOf(row) % sumsOfGroup;
  const columnsAt = (row: number) => ofColumns[row % cellsOfSum]!;
  const keyAt = (key: string): ((row: number) => Value) => {
    if (key === aggregate.columnKey) return (row) => columnsAt(row)[0]!.name;
    if (!(key in dimensions)) return (row) => sums.own[sumOf(row)]!.keys[key] ?? null;
    const valueIn = groups.at(key);
    return (row) => valueIn(groupOf(row));
  };
  const added = (of: 'blanksOf' | 'unknownsOf') => (row: number) => {
    const [group, sum] = [groupOf(row), sumOf(row)];
    return columnsAt(row).reduce((all, column) => all + sums[of](group, sum, column), 0);
  };
  const numbers: Readonly<Record<string, (row: number) => number | null>> = {
    value: (row) => {
      const [group, sum] = [groupOf(row), sumOf(row)];
      const columns = columnsAt(row);
      const quick = sums.numberOf(group, sum, columns);
      if (quick !== undefined) return quick;
      const text = columns.reduce<string | null>(
        (all, column) => plus(all, sums.textOf(group, sum, column)),
        null,
      );
      return text === null ? null : exactNumber(text, groupBy, keysAt(row));
    },
    reports: (row) => sums.reportsOf(groupOf(row), sumOf(row)),
    blank: added('blanksOf'),
    unit_unknown: added('unknownsOf'),
  };
  const keys = groupBy.map((key) => [key, keyAt(key)] as const);
  const keysAt = (row: number): Row =>
    Object.fromEntries(
      keys.map(([key, valueAt]) => [
        key,
        key === 'organ' ? register.idOf(valueAt(row) as number) : valueAt(row),
      ]),
    );
  const at = (member: string) => numbers[member] ?? keyAt(member);
  return {
    height: places.length * cellsOfSum,
    isInOrder: false,
    at,
    async rows(db, rows, computed) {
      const ofOrgan = groupBy.includes('organ') ? (keyAt('organ') as (row: number) => number) : undefined;
      const names = ofOrgan && (await organNames(db, register, rows.map(ofOrgan)));
      const { columns } = shapeOf(aggregate, groupBy);
      return rows.map((row) => {
        const known = keysAt(row);
        if (names) known.organ_name = names.get(ofOrgan!(row))!;
        if (aggregate.hasUnits) known.unit = unitOf(known);
        return {
          ...Object.fromEntries(
            columns.map((member) => [member, member in known ? known[member]! : at(member)(row)]),
          ),
          ...Object.fromEntries(Object.entries(computed).map(([member, column]) => [member, column[row]!])),
        };
      });
    },
  };
}
