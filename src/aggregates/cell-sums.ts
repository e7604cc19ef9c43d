import { type RawBuilder, type SqlBool, sql } from 'kysely';
import type { Db } from '../db/database.ts';
import { editionKeys } from '../editions/index.ts';
import { every } from '../reports/filters.ts';
import { type Cells, none, placeOf } from '../rollups/cells.ts';
import { scopesOfEntries } from '../rollups/changes.ts';
import { eachCopied } from '../walk/copied.ts';
import { asText, mostExact, tenThousandths, unitsOfAmount } from '../walk/decimals.ts';
import { kinds, levels } from '../walk/register.ts';
import type { Aggregate } from './aggregate.ts';
import { refuseCells } from './cells.ts';
import { chosenRows } from './changed-sums.ts';
import type { Columns } from './columns.ts';
import { dimensions, organKeysOf } from './dimensions.ts';
import { coveredBy, type Question, useOf } from './entry-use.ts';
import type { PartialSums } from './partial-sums.ts';
import { layoutOf } from './queries.ts';
import { provincesOf } from './rollup-plan.ts';
import type { Selection } from './selection.ts';

/** What the cells of the rollups add up to for a question: which of them it uses, and the sums that hang on these. */

type Value = string | number | null;

/** Numbers of keys as people read them. */
const wordsOf: Readonly<Record<string, (number: number) => Value>> = {
  year: (number) => number,
  edition: (number) => (number === none ? '' : editionKeys[number]!),
  level: (number) => levels[number] ?? null,
  kind: (number) => kinds[number] ?? null,
};
const divisionOf = (number: number): Value => (number === 0 ? null : String(number).padStart(6, '0'));

/** No group: of cells that are not used. */
const unused = -1;

/** More than there are of any key. */
const mostOfKey = 1_000_000;

/** Of cells that match which group each used one is in, with the keys of the groups; and what the whole of them says. */
export interface UsedCells extends Omit<PartialSums, 'rows'> {
  groupOf: Int32Array;
  groups: Value[][];
}

/** Counts by a number that is met. */
const counting = () => {
  const counts = new Map<number, number[]>();
  return {
    counts,
    of(number: number, width: number): number[] {
      const known = counts.get(number);
      if (known) return known;
      const made = Array.from({ length: width }, () => 0);
      counts.set(number, made);
      return made;
    },
  };
};

/** Which cells of the plan's grain are used; `organs` are those of the grain of the filters. */
export function useCells(
  aggregate: Aggregate,
  selection: Selection,
  question: Question,
  cells: Cells,
  organs: Cells,
): UsedCells {
  const organKeys = organKeysOf(selection.groupBy);
  const { level, kind, plan, years } = question;
  const areYears = new Uint8Array(10_000);
  for (const year of years) areYears[year] = 1;
  const isIn = (words: readonly string[], codes: readonly string[] | undefined) =>
    Uint8Array.from({ length: none + 1 }, (_, place) =>
      Number(codes === undefined || codes.includes(words[place] ?? '')),
    );
  const [isLevel, isKind] = [isIn(levels, level), isIn(kinds, kind)];
  const divisions = plan.divisions && new Set(plan.divisions.codes.map(Number));
  const matching = (of: Cells) => {
    const at = plan.divisions && of[plan.divisions.place];
    return (place: number) =>
      isLevel[of.level[place]!] === 1 &&
      isKind[of.kind[place]!] === 1 &&
      (at === undefined || divisions!.has(at[place]!));
  };
  const use = new Map<number, ReturnType<typeof useOf> & { elsewhere: boolean }>();
  const useAt = (place: number) => {
    const name = cells.cover[place]! * 8 + cells.scope[place]!;
    const known = use.get(name);
    if (known) return known;
    const covered = coveredBy(cells.signatures.get(cells.cover[place]!) ?? [], organKeys, question);
    const made = {
      ...useOf(scopesOfEntries[cells.scope[place]!]!, covered, question),
      elsewhere: covered.elsewhere,
    };
    use.set(name, made);
    return made;
  };
  const edition = cells[aggregate.edition];
  const keys = layoutOf(aggregate, selection)
    .keys.filter((key) => key in dimensions)
    .map((key) => ({
      column: key === 'edition' ? edition : cells[key as 'province'],
      wordOf: wordsOf[key] ?? divisionOf,
      // Each key divides the groups of those before it.
      groups: new Map<number, number>(),
    }));
  const groups: Value[][] = keys.length === 0 ? [[]] : [];
  const groupAt = (place: number): number => {
    let group = 0;
    for (const [turn, { column, groups: known }] of keys.entries()) {
      const name = group * mostOfKey + column[place]!;
      const next = known.get(name);
      if (next !== undefined) {
        group = next;
        continue;
      }
      group = known.size;
      known.set(name, group);
      if (turn === keys.length - 1) groups.push(keys.map(({ column, wordOf }) => wordOf(column[place]!)));
    }
    return group;
  };
  const isOrgan = scopesOfEntries.indexOf('organ');
  const groupOf = new Int32Array(cells.size).fill(unused);
  const [byYear, byEdition, byEnd] = [counting(), counting(), counting()];
  const matchesCell = matching(cells);
  for (let place = 0; place < cells.size; place++) {
    if (cells.scope[place] === isOrgan || areYears[cells.year[place]!] !== 1 || !matchesCell(place)) continue;
    const { isUsed, hasReported, elsewhere } = useAt(place);
    const amount = cells.amount[place]!;
    const present = cells.gone[place] === 1 ? 0 : amount;
    const ofYear = byYear.of(cells.year[place]!, 4);
    if (hasReported) ofYear[2]! += present;
    if (!isUsed) continue;
    ofYear[0]! += amount;
    ofYear[1]! += present;
    if (elsewhere) ofYear[3]! += amount;
    byEdition.of(edition[place]!, 1)[0]! += amount;
    groupOf[place] = groupAt(place);
  }
  const matchesOrgan = matching(organs);
  for (let place = 0; place < organs.size; place++)
    if (organs.scope[place] === isOrgan && matchesOrgan(place))
      byEnd.of(organs.year[place]!, 1)[0]! += organs.amount[place]!;
  const columnsOf = (
    { counts }: ReturnType<typeof counting>,
    wordOf: (number: number) => Value,
    width: number,
  ) =>
    [
      Array.from(counts.keys(), wordOf),
      ...Array.from({ length: width }, (_, index) => Array.from(counts.values(), (each) => each[index]!)),
    ] as Columns;
  return {
    groupOf,
    groups,
    years: columnsOf(byYear, wordsOf.year!, 4),
    organs: columnsOf(byEnd, wordsOf.year!, 1),
    editions: columnsOf(byEdition, wordsOf.edition!, 1),
  };
}

const literals = (values: Iterable<string | number>) =>
  sql.join([...new Set(values)].map((value) => sql.lit(value)));

/** Of sums that hang on cells, or counts: those of the grain, years and provinces of a question. */
function ofQuestion({ plan, years }: Question): RawBuilder<SqlBool> {
  const provinces = provincesOf(plan);
  return every([
    sql`grain = ${sql.lit(plan.grain)} and year in (${literals(years)})`,
    ...(provinces ? [sql<SqlBool>`province in (${literals(provinces)})`] : []),
  ]);
}

/** What is added up in a column of a row; what doubles do not hold exactly is beside. */
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

  /** As text, of as many decimals as sums of the table have. */
  texts(hasUnits: boolean): string[] {
    return this.#sums.map((sum, at) => {
      const carried = this.#carried.get(at);
      if (carried === undefined && !hasUnits) return String(sum / unitsOfAmount);
      const units = (carried ?? 0n) + BigInt(sum);
      return hasUnits ? asText(units, unitsOfAmount) : String(units / BigInt(unitsOfAmount));
    });
  }
}

/** A cell that is not among those that are known. */
export class UnknownCell extends Error {}

/**
 * The sums of used cells, as `layoutOf` says. Problem `too-many-cells` (422); `UnknownCell` where there are others by now.
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
    aggregate,
    selection,
    keys.filter((key) => !(key in dimensions)),
  );
  if (chosen.length === 0 || groups.length === 0) return [];
  // Rows of the form that are added up together, each with its place among these sums.
  const own = new Map(chosen.map((row) => [row.keys.join(' '), row.keys]));
  const ownPlaces = new Map([...own.keys()].map((name, place) => [name, place]));
  const ownOf = new Map(chosen.map((row) => [row.name, ownPlaces.get(row.keys.join(' '))!]));
  const width = own.size;
  const rowAt = new Int32Array(groups.length * width).fill(-1);
  const places: number[] = [];
  const [rows, reports]: number[][] = [[], []];
  const figures = columns.map(() => ({
    sums: new ExactSums(),
    blank: [] as number[],
    unknown: [] as number[],
  }));
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
  // They come in the order of their ids for each row and province.
  let next = 0;
  const groupOfCell = (id: number): number => {
    if (cells.id[next] !== id) next = placeOf(cells, id);
    if (next < 0) throw new UnknownCell();
    return groupOf[next++]!;
  };
  const names = [...ownOf.keys()];
  const isOne = names.length === 1;
  const fields = columns.flatMap((column) => [
    sql.ref(column ?? 'value'),
    sql.ref(column === null ? 'blank' : `blank_${column}`),
    ...(hasUnits ? [sql.ref('unit_unknown')] : []),
  ]);
  const isChosen = every(
    rowKeys.map(
      (key) => sql`${sql.ref(key)} in (${literals(selection.figures.map((figure) => figure.keys[key]!))})`,
    ),
  );
  const name = sql.join(
    rowKeys.map((key) => sql.ref(key)),
    sql` || '.' || `,
  );
  await eachCopied(
    db,
    sql`select cell_id, ${isOne ? sql`''` : name}, reports, ${sql.join(fields)}
      from ${sql.table(`rollup_${table}`)} where ${ofQuestion(question)} and ${isChosen} and reports > 0`,
    3 + fields.length,
    (data, at, length) => {
      const group = groupOfCell(data.readInt32BE(at[0]!));
      const ofSum = isOne ? 0 : ownOf.get(data.toString('latin1', at[1]!, at[1]! + length[1]!));
      if (group === unused || ofSum === undefined) return;
      const row = rowOf(group, ofSum);
      const amount = data.readInt32BE(at[2]!);
      rows![row]! += amount;
      if (rowsAreReports) reports![row]! += amount;
      let field = 3;
      for (let index = 0; index < figures.length; index++) {
        const { sums, blank, unknown } = figures[index]!;
        sums.add(
          row,
          tenThousandths(data, at[field++]!, (units) => sums.carry(row, units)),
        );
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
