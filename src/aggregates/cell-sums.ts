import { type RawBuilder, type SqlBool, sql } from 'kysely';
import type { Db } from '../db/database.ts';
import { every } from '../reports/filters.ts';
import { type Cells, placeOfCell } from '../rollups/cell-columns.ts';
import { Outdated } from '../rollups/changes.ts';
import { eachCopied, literals } from '../walk/copied.ts';
import { mostExact, tenThousandths, unitsOfAmount, withDecimals } from '../walk/decimals.ts';
import type { Aggregate } from './aggregate.ts';
import { type Question, type UsedCells, unused } from './cell-use.ts';
import { refuseCells } from './cells.ts';
import { chosenRows } from './changed-sums.ts';
import type { Columns } from './columns.ts';
import { dimensions } from './dimensions.ts';
import { layoutOf } from './layout.ts';
import { provincesOf } from './rollup-plan.ts';
import type { Selection } from './selection.ts';
import type { Value } from './table.ts';

/** Adds up the sums that the rollups keep for their cells. */

/** Selects the sums, or the numbers of reports, that a question needs: by its grain, years and provinces. */
function ofQuestion({ plan, years }: Question): RawBuilder<SqlBool> {
  const provinces = provincesOf(plan);
  return every([
    sql`grain = ${sql.lit(plan.grain)} and year in (${literals(years)})`,
    ...(provinces ? [sql<SqlBool>`province in (${literals(provinces)})`] : []),
  ]);
}

/** The sums of one column, by row. What a double does not hold exactly is carried beside as a `bigint`. */
class ExactSums {
  readonly #sums: number[] = [];
  readonly #carried = new Map<number, bigint>();

  push(): void {
    this.#sums.push(0);
  }

  carry(at: number, units: bigint): void {
    this.#carried.set(at, (this.#carried.get(at) ?? 0n) + units);
  }

  add(at: number, units: number): void {
    const sum = this.#sums[at]! + units;
    if (Math.abs(sum) <= mostExact) this.#sums[at] = sum;
    else {
      this.carry(at, BigInt(sum));
      this.#sums[at] = 0;
    }
  }

  /** The sums as text: with the decimals of amounts where the table has units, otherwise as whole numbers. */
  texts(hasUnits: boolean): string[] {
    return this.#sums.map((sum, at) => {
      const carried = this.#carried.get(at);
      if (carried === undefined && !hasUnits) return String(sum / unitsOfAmount);
      const units = (carried ?? 0n) + BigInt(sum);
      return hasUnits ? withDecimals(units) : String(units / BigInt(unitsOfAmount));
    });
  }
}

/** A sum is of a cell that is not among the known ones, so the cells must be read again. */
export class UnknownCell extends Outdated {}

/**
 * Adds up the sums of the cells that are used. The answer stands as `layoutOf` says. Problem `too-many-cells`
 * (422). Throws `UnknownCell` where there are new cells by now.
 */
export async function sumCellsUsed(
  db: Db,
  aggregate: Aggregate,
  selection: Selection,
  question: Question,
  cells: Cells,
  { groupOf, groups }: Pick<UsedCells, 'groupOf' | 'groups'>,
): Promise<Columns> {
  const { hasUnits, rowKeys, table } = aggregate;
  const { rowsAreReports, columns } = selection;
  const { keys } = layoutOf(aggregate, selection);
  const chosen = chosenRows(
    selection,
    keys.filter((key) => !(key in dimensions)),
  );
  if (chosen.length === 0) return [];
  // Rows of the form with the same keys are added up together: `own` are these sums, `ownOf` the place of a
  // row's sum.
  const own = new Map(chosen.map((row) => [row.keys.join(' '), row.keys]));
  const ownPlaces = new Map([...own.keys()].map((name, place) => [name, place]));
  const ownOf = new Map(chosen.map((row) => [row.name, ownPlaces.get(row.keys.join(' '))!]));
  const width = own.size;
  const rowAt = new Int32Array(groups.length * width).fill(-1);
  const places: number[] = [];
  const [rows, reports]: number[][] = [[], []];
  let row = -1;
  const figures = columns.map(() => {
    const sums = new ExactSums();
    const large = (units: bigint) => sums.carry(row, units);
    return { sums, large, blank: [] as number[], unknown: [] as number[] };
  });
  const rowOf = (group: number, ofSum: number): number => {
    const place = group * width + ofSum;
    if (rowAt[place]! >= 0) return rowAt[place]!;
    if (places.length >= question.most) refuseCells();
    for (const each of figures) {
      each.sums.push();
      each.blank.push(0);
      each.unknown.push(0);
    }
    rows!.push(0);
    reports!.push(0);
    rowAt[place] = places.length;
    return places.push(place) - 1;
  };
  // For each row and province, sums come in the order of the ids of their cells, so the next place is mostly
  // right.
  let place = 0;
  const groupOfCell = (id: number): number => {
    if (cells.id[place] !== id && cells.id[++place] !== id) place = placeOfCell(cells, id);
    if (place < 0) throw new UnknownCell();
    return groupOf[place]!;
  };
  // Sums come in the order of their rows, so most are of the same row as the one before.
  let last = Buffer.alloc(0);
  let ofLast: number | undefined;
  const ownAt = (data: Buffer, at: number, length: number): number | undefined => {
    if (length === last.length && data.compare(last, 0, length, at, at + length) === 0) return ofLast;
    last = Buffer.from(data.subarray(at, at + length));
    ofLast = ownOf.get(last.toString());
    return ofLast;
  };
  const fields: RawBuilder<unknown>[] = columns.flatMap((column) => [
    sql.ref(column ?? 'value'),
    sql.ref(column === null ? 'blank' : `blank_${column}`),
    ...(hasUnits ? [sql.ref('unit_unknown')] : []),
  ]);
  // If only one row is chosen, everything belongs to its sum, and the names of rows are not needed.
  const onlySum = chosen.length === 1 ? ownOf.get(chosen[0]!.name) : undefined;
  const nameField = 2 + fields.length;
  if (onlySum === undefined)
    fields.push(
      sql.join(
        rowKeys.map((key) => sql.ref(key)),
        sql` || '.' || `,
      ),
    );
  const isChosen = every(
    rowKeys.map(
      (key) => sql`${sql.ref(key)} in (${literals(selection.figures.map((figure) => figure.keys[key]!))})`,
    ),
  );
  await eachCopied(
    db,
    sql`select cell_id, reports, ${sql.join(fields)}
      from ${sql.table(`rollup_${table}`)} where ${ofQuestion(question)} and ${isChosen} and reports > 0`,
    2 + fields.length,
    (data, at, length) => {
      const group = groupOfCell(data.readInt32BE(at[0]!));
      const ofSum = onlySum ?? ownAt(data, at[nameField]!, length[nameField]!);
      if (group === unused || ofSum === undefined) return;
      row = rowOf(group, ofSum);
      const amount = data.readInt32BE(at[1]!);
      rows![row]! += amount;
      if (rowsAreReports) reports![row]! += amount;
      let field = 2;
      for (let index = 0; index < figures.length; index++) {
        const { sums, large, blank, unknown } = figures[index]!;
        sums.add(row, tenThousandths(data, at[field++]!, large));
        blank[row]! += data.readInt32BE(at[field++]!);
        if (hasUnits) unknown[row]! += data.readInt32BE(at[field++]!);
      }
    },
  );
  if (!rowsAreReports) {
    // Where a sum is over several rows, a report that captured any of them counts once.
    const { rows: shapes } = await sql<{ id: number; captured: string[] }>`
      select id, captured from rollup_shapes where of = ${table}`.execute(db);
    const sumsOf = new Map(
      shapes.map(({ id, captured }) => [id, [...new Set(captured.flatMap((each) => ownOf.get(each) ?? []))]]),
    );
    await eachCopied(
      db,
      sql`select cell_id, shape, amount from rollup_captures where ${ofQuestion(question)} and amount > 0`,
      3,
      (data, at) => {
        const shape = sumsOf.get(data.readInt32BE(at[1]!));
        if (shape === undefined) return;
        const group = groupOfCell(data.readInt32BE(at[0]!));
        if (group === unused) return;
        for (const ofSum of shape) reports![rowOf(group, ofSum)]! += data.readInt32BE(at[2]!);
      },
    );
  }
  const owns = [...own.values()];
  const ofGroups = (key: number): Value[] => places.map((place) => groups[Math.floor(place / width)]![key]!);
  const ofOwn = (key: number): Value[] => places.map((place) => owns[place % width]![key]!);
  const first = groups[0]?.length ?? 0;
  return [
    ...keys.map((_, key) => (key < first ? ofGroups(key) : ofOwn(key - first))),
    rows!,
    reports!,
    ...figures.flatMap(({ sums, blank, unknown }) => [
      sums.texts(hasUnits),
      blank,
      ...(hasUnits ? [unknown] : []),
    ]),
  ];
}
