import { mostCells, refuseCells } from '../aggregates/cells.ts';
import { exactNumber, plus } from '../aggregates/exact.ts';
import { inTime } from '../aggregates/in-time.ts';
import type { Summing } from '../aggregates/queries.ts';
import { isRefinable, type Refining, tableRefinementOf } from '../aggregates/refine.ts';
import type { Table, Value } from '../aggregates/table.ts';
import { namesKeys } from '../aggregates/warnings.ts';
import type { Db } from '../db/database.ts';
import type { Row } from '../formats/format.ts';
import { KeptRegister } from '../walk/kept-register.ts';
import { organNames } from '../walk/rows.ts';
import { manyRows } from '../walk/summing.ts';
import type { GroupSums } from '../walk/sums.ts';
import { fewReports, onWalkedState } from '../walk/turns.ts';
import { type Walked, walk } from '../walk/walk.ts';
import { type Chosen, givenOf } from './chosen.ts';
import type { Part, Sides } from './sides.ts';

/**
 * Adds up both sides of quotients that no rollup keeps, in one walk: such as those of organs, which are very many, or
 * of reports with a number on both sides.
 */

/**
 * The sides from a walk. `before` are those of the earlier years. Where there were too many groups, there are only
 * those of the rows of the answer, and `before` is empty.
 */
export interface WalkedSides extends Sides {
  before: Sides['groups'];
  /** What is computed of each group. Where this is set, the groups are in the order of the answer. */
  computed?: Row[];
}

/** One side of all groups, by the number of the group. */
interface Side {
  isThere: (group: number) => boolean;
  sum: (group: number) => number | null;
  isKnown: (group: number) => boolean;
  reports: (group: number) => number;
  blank: (group: number) => number;
  /** Reports that count on both sides. */
  common: (group: number) => number;
}

/** A side of sums that have one sum for each group. */
function sideOf(sums: GroupSums, keysAt: (group: number) => Row, groupBy: readonly string[]): Side {
  const { columns, own } = sums;
  const isThere = (group: number) => own.length > 0 && sums.rowsOf(group, 0) > 0;
  return {
    isThere,
    sum(group) {
      if (!isThere(group)) return null;
      const quick = sums.numberOf(group, 0, columns);
      if (quick !== undefined) return quick;
      const texts = columns.map((column) => sums.textOf(group, 0, column));
      const text = texts.reduce(plus, null);
      return text === null ? null : exactNumber(text, groupBy, keysAt(group));
    },
    isKnown: (group) =>
      columns.some(
        (column) =>
          sums.rowsOf(group, 0) > sums.blanksOf(group, 0, column) + sums.unknownsOf(group, 0, column),
      ),
    reports: (group) => (isThere(group) ? sums.reportsOf(group, 0) : 0),
    blank: (group) =>
      isThere(group) ? columns.reduce((all, column) => all + sums.blanksOf(group, 0, column), 0) : 0,
    common: sums.commonOf,
  };
}

/** The quotients of some groups as a table. Organs are their numbers, which are in the order of their ids. */
function quotientsOf(
  { groups }: Walked,
  rows: readonly number[],
  numerator: Side,
  denominator: Side,
  scale: number,
): Table {
  const quotientOf = (group: number): number | null => {
    const sides = [numerator, denominator];
    if (!sides.every(({ isThere, isKnown }) => isThere(group) && isKnown(group))) return null;
    const [over, under] = [numerator.sum(group), denominator.sum(group)];
    return over === null || under === null || under === 0 ? null : (over * scale) / under;
  };
  const numbers: Readonly<Record<string, (group: number) => Value>> = {
    numerator: numerator.sum,
    denominator: denominator.sum,
    value: quotientOf,
    reports: denominator.reports,
    numerator_reports: numerator.reports,
    common_reports: denominator.common,
    numerator_blank: numerator.blank,
    denominator_blank: denominator.blank,
  };
  return {
    height: rows.length,
    isInOrder: false,
    at: (member) => {
      const of = numbers[member] ?? groups.at(member);
      return (row) => of(rows[row]!);
    },
  };
}

/**
 * Both sides of each quotient, over the same reports; with `bothSides` only over those that have a number on each
 * side. Where there are many groups, only those are made that `refining` leaves. `most` groups or more that cannot be
 * refined are refused. Problems `too-many-cells` (422) and `unavailable` (503).
 */
export const walkSides = (
  db: Db,
  [numerator, denominator]: readonly [Chosen, Chosen],
  {
    scale,
    bothSides,
    refining,
    kept = new KeptRegister(),
    earlier = [],
    most = mostCells + 1,
  }: {
    scale: number;
    bothSides: boolean;
    refining: Refining;
    kept?: KeptRegister | undefined;
    earlier?: readonly number[];
    most?: number;
  },
): Promise<WalkedSides> => {
  const given = bothSides ? { given: givenOf([numerator, denominator]) } : {};
  const summingOf = ({ of, selection }: Chosen): Summing => ({
    aggregate: of,
    selection: { ...selection, ...given },
  });
  const { query } = denominator;
  const { groupBy } = denominator.selection;
  const summings = [summingOf(denominator), summingOf(numerator)] as const;
  const make = async (state: Db, walked: Walked): Promise<WalkedSides> => {
    const { register, groups, sums, editionsBefore, ...counted } = walked;
    const about = { ...counted, ...(earlier.length > 0 && { editionsBefore }) };
    const organAt = groupBy.includes('organ') ? (groups.at('organ') as (group: number) => number) : undefined;
    const keysAt = (group: number): Row =>
      Object.fromEntries(
        groupBy.map((key) => [key, key === 'organ' ? register.idOf(organAt!(group)) : groups.at(key)(group)]),
      );
    const [below, above] = sums.map((each) => sideOf(each, keysAt, groupBy)) as [Side, Side];
    const yearAt = earlier.length === 0 ? undefined : groups.at('year');
    const isEarlier = (group: number) => yearAt !== undefined && earlier.includes(yearAt(group) as number);
    const all = Array.from({ length: groups.height }, (_, group) => group).filter(
      (group) => above.isThere(group) || below.isThere(group),
    );
    const [present, before] = [all.filter((group) => !isEarlier(group)), all.filter(isEarlier)];
    const groupsOf = async (which: readonly number[]): Promise<Sides['groups']> => {
      const names = organAt && (await organNames(state, register, which.map(organAt)));
      return which.map((group) => {
        const keys = { ...keysAt(group), ...(names && { organ_name: names.get(organAt!(group))! }) };
        const partOf = (side: Side): Part | undefined =>
          side.isThere(group)
            ? {
                sum: side.sum(group),
                known: side.isKnown(group),
                row: { ...keys, reports: side.reports(group), blank: side.blank(group) },
              }
            : undefined;
        return {
          numerator: partOf(above),
          denominator: partOf(below),
          ...(bothSides && { common: below.common(group) }),
        };
      });
    };
    const mayRefine = isRefinable(refining);
    if (present.length >= most && !mayRefine) refuseCells();
    const tableOf = (which: readonly number[]) => quotientsOf(walked, which, above, below, scale);
    // Rows that are left out need not be made, unless warnings tell what they have.
    const enough = namesKeys(query, groupBy) ? most : Math.min(most, manyRows);
    const refined =
      mayRefine && Math.max(present.length, before.length) >= enough
        ? tableRefinementOf(refining.refinement, refining.shape)(tableOf(present), tableOf(before), mostCells)
        : undefined;
    if (refined && refined.rows.length > mostCells) refuseCells();
    const computedAt = (row: number): Row =>
      Object.fromEntries(Object.entries(refined!.computed).map(([member, column]) => [member, column[row]!]));
    const found = await groupsOf(refined ? refined.rows.map((row) => present[row]!) : present);
    const gapsOf = (side: Side) => ({
      blank: present.reduce((sum, group) => sum + side.blank(group), 0),
      absent: about.reports - present.reduce((sum, group) => sum + side.reports(group), 0),
    });
    return {
      groups: found,
      before: refined ? [] : await groupsOf(before),
      ...(refined && { computed: refined.rows.map(computedAt) }),
      gaps: { numerator: gapsOf(above), denominator: gapsOf(below) },
      denominator: {
        ...about,
        ...(refined && { refined: [] }),
        cells: found.flatMap(({ denominator: side }) => (side ? [side.row] : [])),
        before: [],
      },
    };
  };
  const walking = { query, summings, earlier, kept, fewReports };
  const read = (state: Db) => walk(state, walking, (walked) => make(state, walked));
  return inTime(onWalkedState(db, query, read, earlier));
};
