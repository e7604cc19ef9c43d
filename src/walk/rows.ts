import { sql } from 'kysely';
import { isByColumn, shapeOf } from '../aggregates/cells.ts';
import type { Columns } from '../aggregates/columns.ts';
import { dimensions } from '../aggregates/dimensions.ts';
import { exactNumber, plus } from '../aggregates/exact.ts';
import { layoutOf, type Summing } from '../aggregates/queries.ts';
import type { Table, Value } from '../aggregates/table.ts';
import type { Db } from '../db/database.ts';
import type { Row } from '../formats/format.ts';
import { eachCopied } from './copied.ts';
import type { Register } from './register.ts';
import type { Sums } from './sums.ts';
import type { Walked } from './walk.ts';

/** What was added up as rows of an answer. */

/** A sum of a group that some report captured. */
interface Place {
  group: number;
  sum: number;
}

/** Those of the groups of which this holds. */
export function placesOf(sums: Sums, height: number, holds: (group: number) => boolean): Place[] {
  const places: Place[] = [];
  for (let group = 0; group < height; group++) {
    if (!holds(group)) continue;
    for (let sum = 0; sum < sums.own.length; sum++)
      if (sums.rowsOf(group, sum) > 0) places.push({ group, sum });
  }
  return places;
}

/** Names of organs. */
export async function namesOf(
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

/** Sums as `layoutOf` says. */
export async function columnsOf(
  db: Db,
  { register, groups }: Walked,
  sums: Sums,
  { aggregate, selection }: Summing,
  places: readonly Place[],
): Promise<Columns> {
  if (places.length === 0) return [];
  const layout = layoutOf(aggregate, selection);
  const ofOrgans = layout.keys.includes('organ');
  const organAt = ofOrgans ? (groups.at('organ') as (group: number) => number) : undefined;
  const names =
    organAt &&
    (await namesOf(
      db,
      register,
      places.map(({ group }) => organAt(group)),
    ));
  return [
    ...layout.keys.map((key) => {
      if (key === 'organ') return places.map(({ group }) => register.idOf(organAt!(group)));
      if (!(key in dimensions)) return places.map(({ sum }) => sums.own[sum]!.keys[key] ?? null);
      const valueIn = groups.at(key);
      return places.map(({ group }) => valueIn(group));
    }),
    places.map(({ group, sum }) => sums.rowsOf(group, sum)),
    places.map(({ group, sum }) => sums.reportsOf(group, sum)),
    ...sums.columns.flatMap((column) => [
      places.map(({ group, sum }) => sums.textOf(group, sum, column)),
      places.map(({ group, sum }) => sums.blanksOf(group, sum, column)),
      ...(aggregate.hasUnits ? [places.map(({ group, sum }) => sums.unknownsOf(group, sum, column))] : []),
    ]),
    ...(names ? [places.map(({ group }) => names.get(organAt!(group))!)] : []),
  ];
}

/** Cells of an answer that is too large to be made of rows all at once. */
export interface Cells extends Table {
  /** The cells in some rows, with what else there is of them. */
  rows(
    db: Db,
    places: readonly number[],
    computed: Readonly<Record<string, readonly (number | null)[]>>,
  ): Promise<Row[]>;
}

/** The cells of these places, as the answer has them; organs by number, which are in the order of their ids. */
export function cellsIn(
  { register, groups }: Walked,
  sums: Sums,
  { aggregate, selection }: Summing,
  places: readonly Place[],
): Cells {
  const { groupBy, unitOf } = selection;
  const ofColumns = isByColumn(aggregate, groupBy) ? sums.columns.map((column) => [column]) : [sums.columns];
  const width = ofColumns.length;
  const placeOf = (row: number) => places[Math.floor(row / width)]!;
  const columnsAt = (row: number) => ofColumns[row % width]!;
  const keyAt = (key: string): ((row: number) => Value) => {
    if (key === aggregate.columnKey) return (row) => columnsAt(row)[0]!.name;
    if (!(key in dimensions)) return (row) => sums.own[placeOf(row).sum]!.keys[key] ?? null;
    const valueIn = groups.at(key);
    return (row) => valueIn(placeOf(row).group);
  };
  const added = (of: 'blanksOf' | 'unknownsOf') => (row: number) => {
    const { group, sum } = placeOf(row);
    return columnsAt(row).reduce((all, column) => all + sums[of](group, sum, column), 0);
  };
  const numbers: Readonly<Record<string, (row: number) => number | null>> = {
    value: (row) => {
      const { group, sum } = placeOf(row);
      const columns = columnsAt(row);
      const quick = sums.numberOf(group, sum, columns);
      if (quick !== undefined) return quick;
      const text = columns.reduce<string | null>(
        (all, column) => plus(all, sums.textOf(group, sum, column)),
        null,
      );
      return text === null ? null : exactNumber(text, groupBy, keysAt(row));
    },
    reports: (row) => sums.reportsOf(placeOf(row).group, placeOf(row).sum),
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
    height: places.length * width,
    isInOrder: false,
    at,
    async rows(db, rows, computed) {
      const ofOrgan = groupBy.includes('organ') ? (keyAt('organ') as (row: number) => number) : undefined;
      const names = ofOrgan && (await namesOf(db, register, rows.map(ofOrgan)));
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
