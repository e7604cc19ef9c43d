import { type RawBuilder, sql } from 'kysely';
import type { Db } from '../db/database.ts';
import type { Table } from '../editions/figures.ts';
import { ahead } from './ahead.ts';
import { eachCopied, idSize, literals } from './copied.ts';
import { blank, tenThousandths } from './decimals.ts';
import type { SegmentKey } from './entries.ts';
import { Filling, Spare, takeAmounts, unpack } from './filling.ts';
import type { Register } from './register.ts';
import type { Block, Cell } from './sums.ts';
import type { Used } from './used.ts';

/**
 * Reads what reports say, as blocks. Where there are many reports, whole columns of segments are read, otherwise
 * their rows.
 */

type InSegment = Used & { at: { segment: SegmentKey; places: Int32Array } };
type ByRevision = Used & { at: { revisions: Buffer } };
const isInSegment = (used: Used): used is InSegment => 'segment' in used.at;
const isByRevision = (used: Used): used is ByRevision => 'revisions' in used.at;

/** A part is complete once it has this many figures. Two parts are held at once. */
const mostHeld = 1_000_000;

/** Splits the segments of a year into parts that are small enough to be held at once. */
function* inParts(segments: readonly InSegment[], cells: number): Generator<InSegment[]> {
  let part: InSegment[] = [];
  let size = 0;
  for (const each of segments) {
    part.push(each);
    size += each.organs.length * cells;
    if (size < mostHeld) continue;
    yield part;
    part = [];
    size = 0;
  }
  if (part.length > 0) yield part;
}

/** Reads what some segments of one year say in these cells. */
async function fill(
  db: Db,
  segments: readonly InSegment[],
  cells: readonly Cell[],
  spare: Spare,
): Promise<Filling[]> {
  const { year } = segments[0]!;
  const tables = [...Map.groupBy(cells, ({ table }) => table)].map(
    ([table, ofTable]) =>
      sql`of = ${sql.lit(table)} and "row" in (${literals(ofTable.map(({ row }) => row))}) and "column" in (${literals(ofTable.map(({ column }) => column))})`,
  );
  const keys = segments.map(
    ({ at: { segment } }) => sql`(${sql.lit(segment.province)}, ${sql.lit(segment.scope)})`,
  );
  const statement = sql`select province || ' ' || scope, of || ' ' || "row" || ' ' || "column", packed, decimals from rollup_segment_figures
      where year = ${sql.lit(year)} and (province, scope) in (${sql.join(keys)}) and (${sql.join(tables, sql` or `)})`;
  const fillings = new Map<string, { places: Int32Array; filling: Filling }>(
    segments.map((used) => {
      const { province, scope } = used.at.segment;
      return [
        `${province} ${scope}`,
        { places: used.at.places, filling: new Filling(used.groups, spare) },
      ] as const;
    }),
  );
  await eachCopied(db, statement, 4, (data, at, length) => {
    const { places, filling } = fillings.get(data.toString('latin1', at[0]!, at[0]! + length[0]!))!;
    const name = data.toString('latin1', at[1]!, at[1]! + length[1]!);
    if (length[2]! >= 0) unpack(data, at[2]!, places, filling, name);
    else takeAmounts(data, at[3]!, places, filling, name);
  });
  return Array.from(fillings.values(), ({ filling }) => filling);
}

/** The blocks of reports whose segments are read, one block for each segment. */
async function* ofColumns(
  db: Db,
  segments: readonly InSegment[],
  cells: readonly Cell[],
  spare: Spare,
): AsyncGenerator<Block> {
  async function* filled() {
    for (const ofYear of Map.groupBy(segments, ({ year }) => year).values())
      for (const part of inParts(ofYear, cells.length)) yield fill(db, part, cells, spare);
  }
  for await (const fillings of ahead(filled()))
    for (const filling of fillings) {
      yield filling;
      filling.end();
    }
}

/**
 * SQL for the rows of a table: the name of a row, and its number in a column as segments hold it. It must agree with
 * the database function `rollup_make_segment`.
 */
const rows: Record<Table, { name: RawBuilder<unknown>; numberOf: (column: string) => RawBuilder<unknown> }> =
  {
    disclosure_items: {
      name: sql`item || '.' || measure`,
      numberOf: () => sql`(case
      when value is null or measure <> 'amount' or item <> 'procurement' or unit = '元' or value = 0 then value
      when unit = '万元' then value * 10000 else 'Infinity' end)::numeric`,
    },
    request_statistics: { name: sql.id('row'), numberOf: (column) => sql`${sql.id(column)}::bigint` },
    review_litigation_counts: {
      name: sql.id('proceeding'),
      numberOf: (column) => sql`${sql.id(column)}::bigint`,
    },
  };

/** The most reports that are looked up at once. */
const mostLookedUp = 5_000;

/** Reports that are looked up, by revision or by organ and year. */
interface LookedUp {
  groups: Int32Array;
  /**
   * SQL for the reports from place `from` up to but not including `to`, as `members (revision_id, place)`, where
   * places count from 1.
   */
  revisions: (from: number, to: number) => RawBuilder<unknown>;
}

const arrayOf = (values: readonly unknown[]) => sql.lit(`{${values.join(',')}}`);

function groupsOf(used: readonly Used[]): Int32Array {
  const groups = new Int32Array(used.reduce((sum, each) => sum + each.groups.length, 0));
  let height = 0;
  for (const each of used) {
    groups.set(each.groups, height);
    height += each.groups.length;
  }
  return groups;
}

function byRevision(used: readonly ByRevision[]): LookedUp {
  const ids = Buffer.concat(used.map(({ at }) => at.revisions));
  return {
    groups: groupsOf(used),
    revisions: (from, to) => {
      const hex = ids.toString('hex', idSize * from, idSize * to);
      const some = Array.from({ length: hex.length / 32 }, (_, place) =>
        hex.slice(32 * place, 32 * place + 32),
      );
      return sql`unnest(${arrayOf(some)}::uuid[]) with ordinality as members (revision_id, place)`;
    },
  };
}

function byOrgan(used: readonly Used[], register: Register): LookedUp {
  const reports = used.flatMap(({ year, isConsolidated, organs }) =>
    Array.from(organs, (organ) => ({ organ, year, isConsolidated })),
  );
  return {
    groups: groupsOf(used),
    revisions: (from, to) => {
      const some = reports.slice(from, to);
      return sql`(
        select place, case when is_consolidated then consolidated_revision else own_revision end as revision_id
        from unnest(${arrayOf(some.map(({ organ }) => register.idOf(organ)))}::uuid[], ${arrayOf(some.map(({ year }) => year))}::int[],
          ${arrayOf(some.map(({ isConsolidated }) => isConsolidated))}::boolean[]) with ordinality as asked (organ_id, year, is_consolidated, place),
          lateral (select * from rollup_organ_years as y where (y.organ_id, y.year) = (asked.organ_id, asked.year) offset 0) as organ_years
      ) as members`;
    },
  };
}

/** The blocks of reports whose rows are looked up in the tables of figures. */
async function* ofRows(
  db: Db,
  { groups, revisions }: LookedUp,
  cells: readonly Cell[],
  spare: Spare,
): AsyncGenerator<Block> {
  for (let from = 0; from < groups.length; from += mostLookedUp) {
    const filling = new Filling(groups.slice(from, from + mostLookedUp), spare);
    for (const [table, ofTable] of Map.groupBy(cells, (cell) => cell.table as Table)) {
      const columns = [...new Set(ofTable.map(({ column }) => column))];
      const { name, numberOf } = rows[table];
      const statement = sql`select members.place::int, facts.* from ${revisions(from, from + mostLookedUp)}, lateral (
          select ${name} as name, ${sql.join(columns.map(numberOf))} from ${sql.table(table)} where revision_id = members.revision_id offset 0) as facts
          where facts.name in (${literals(ofTable.map(({ row }) => row))})`;
      await eachCopied(db, statement, 2 + columns.length, (data, at, length) => {
        const place = data.readInt32BE(at[0]!) - 1;
        const row = data.toString('latin1', at[1]!, at[1]! + length[1]!);
        for (const [index, column] of columns.entries()) {
          const cell = `${table} ${row} ${column}`;
          const start = at[2 + index]!;
          filling.column(cell)[place] =
            length[2 + index]! < 0
              ? blank
              : table === 'disclosure_items'
                ? tenThousandths(data, start, (units) => filling.setLarge(cell, place, units))
                : filling.exact(cell, place, data.readBigInt64BE(start));
        }
      });
    }
    yield filling;
    filling.end();
  }
}

/**
 * Rough costs in microseconds: of a report that is looked up and each of its rows, of an array of a segment and each
 * of its members.
 */
const costs = { report: 25, row: 1, array: 15, member: 0.006 };

/**
 * What the reports say in these cells, block by block. A block is valid until the next one is asked for, as its
 * arrays are then used again. Must run on one state of the database.
 */
export async function* figuresOf(
  db: Db,
  used: readonly Used[],
  cells: readonly Cell[],
  register: Register,
): AsyncGenerator<Block> {
  if (cells.length === 0) return;
  const ofRow = new Set(cells.map(({ table, row }) => `${table} ${row}`)).size;
  const inSegments = used.filter(isInSegment);
  const reports = inSegments.reduce((sum, { organs }) => sum + organs.length, 0);
  const members = inSegments.reduce((sum, { at: { segment } }) => sum + segment.amount, 0);
  const isLookedUp =
    reports * (costs.report + costs.row * ofRow) <
    cells.length * (inSegments.length * costs.array + members * costs.member);
  const spare = new Spare();
  yield* ofRows(db, byRevision(used.filter(isByRevision)), cells, spare);
  if (isLookedUp) yield* ofRows(db, byOrgan(inSegments, register), cells, spare);
  else yield* ofColumns(db, inSegments, cells, spare);
}
