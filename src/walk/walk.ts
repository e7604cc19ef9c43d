import type { Aggregate } from '../aggregates/aggregate.ts';
import { dimensions, organKeysOf } from '../aggregates/dimensions.ts';
import { layoutOf } from '../aggregates/layout.ts';
import type { AggregateQuery, EditionCount, Summed, Summing } from '../aggregates/queries.ts';
import { yearsAsked } from '../aggregates/rollup-plan.ts';
import type { Db } from '../db/database.ts';
import { editionKeys } from '../editions/index.ts';
import { lastYearOwed } from '../http/calendar.ts';
import { Problem } from '../http/problem.ts';
import { ahead } from './ahead.ts';
import { isBelow, isFound, isTop, isUsed, useOfReports } from './cover.ts';
import type { Batch } from './entries.ts';
import { figuresOf } from './figures.ts';
import { type Found, find, yearsToFind } from './finding.ts';
import { Groups, organGroups } from './groups.ts';
import type { KeptRegister } from './kept-register.ts';
import type { Register } from './register.ts';
import { GroupSums, sizeOfGroup } from './sums.ts';
import { inTurn, timeLimit } from './turns.ts';
import { lookFor } from './unseen.ts';
import { flagged, numbersAt, type Used, usedAt } from './used.ts';

/**
 * Adds up, outside the database, what no cell of the rollups holds. The database sends the columns of the segments
 * that a question is about as bytes. They are walked here, which takes some nanoseconds a figure.
 */

/** What is known after a walk. */
export interface Walked
  extends Pick<
    Summed,
    | 'reports'
    | 'organs_expected'
    | 'organs_covered'
    | 'organs_missing'
    | 'overlapping'
    | 'years'
    | 'editions'
    | 'as_of'
    | 'unseen'
  > {
  register: Register;
  groups: Groups;
  /** The sums of each of the `summings`. */
  sums: readonly GroupSums[];
  /** The editions of the reports of earlier years. */
  editionsBefore: readonly EditionCount[];
}

interface Walking {
  query: AggregateQuery;
  /** What to add up over the same reports, all with the same keys of organs and reports. */
  summings: readonly [Summing, ...Summing[]];
  /** Years that those asked about are compared with. Their reports are added up as well, but not counted. */
  earlier: readonly number[];
  kept: KeptRegister;
  /**
   * Up to this many pairs of an organ and a year are looked up one by one, where a query names the organs or some
   * above them.
   */
  fewReports: number;
}

/** The most memory that sums may take, in bytes: that of some seven million sums in one column. */
const mostMemory = 112 * 1024 * 1024;

/** Refuses to work out so many sums, however few of them are left in the answer. Problem `too-many-cells` (422). */
function refuseSums(): never {
  throw new Problem('too-many-cells', {
    detail:
      'More sums would have to be worked out, before any is left out, than there is room for. Choose fewer years, rows or columns, or group by less.',
  });
}

/** The reports of a batch that are used, with their groups. Counts them by edition in `ofEditions`. */
function usedOf(
  batch: Batch,
  isUsed: Uint8Array,
  groups: Groups,
  edition: Aggregate['edition'],
  ofEditions: Int32Array,
): Used {
  const places = flagged(isUsed);
  const editions = numbersAt(batch.members[edition]!, places);
  for (let place = 0; place < editions.length; place++) ofEditions[editions[place]!]!++;
  const organs = numbersAt(batch.organs, places);
  return usedAt(batch, places, groups.of({ year: batch.year, organs, editions }));
}

/** How many of the used reports of a year are also part of a consolidated report that is used. */
function overlappingOf(register: Register, year: number, reports: readonly Used[]): number {
  const tops = new Uint8Array(register.size);
  let any = false;
  for (const { isConsolidated, organs } of reports)
    if (isConsolidated)
      for (const organ of organs) {
        tops[organ] = 1;
        any = true;
      }
  if (!any) return 0;
  const parents = register.parentsIn(year);
  let overlapping = 0;
  for (const { organs } of reports)
    for (const organ of organs) if (isBelow(parents, organ, tops, 1)) overlapping++;
  return overlapping;
}

/**
 * Walks, and has `use` make the answer before the next question has its turn. Must run on one state of the database.
 * Problem `too-many-cells` (422).
 */
export async function walk<T>(db: Db, walking: Walking, use: (walked: Walked) => Promise<T>): Promise<T> {
  const { query, summings, earlier, kept, fewReports } = walking;
  const { register, as_of } = await kept.in(db);
  const years = yearsToFind(query);
  const all = [...new Set([...earlier, ...years])].sort((a, b) => a - b);
  const members = [summings[0].aggregate.edition];
  const found = await find(db, register, query, all, members, fewReports);
  return inTurn(found.areFew, async () =>
    use({ as_of, ...(await addUp(db, walking, register, years, found)) }),
  );
}

/** Decides which of the reports found are used, counts the coverage, and adds up what the reports say. */
async function addUp(
  db: Db,
  { query, summings }: Walking,
  register: Register,
  years: readonly number[],
  { organsIn, named, batches }: Found,
): Promise<Omit<Walked, 'as_of'>> {
  const [{ aggregate, selection }] = summings;
  const keys = layoutOf(aggregate, selection).keys.filter((key) => key in dimensions);
  const groups = new Groups(register, keys);
  const organKeys = organKeysOf(selection.groupBy);
  const groupsIn = organGroups(register, organKeys);
  const marks = new Map<number, Uint8Array>();
  const reports: Used[] = [];
  const editions: EditionCount[] = [];
  const looking = lookFor(register, query, selection.groupBy);
  let overlapping = 0;
  let amount = 0;
  const refuseIfLate = timeLimit();
  for await (const found of ahead(batches)) {
    refuseIfLate();
    const { year } = found[0]!;
    const use = useOfReports(register, year, found, groupsIn(year));
    const isAsked = years.includes(year);
    const ofEditions = new Int32Array(editionKeys.length);
    const ofYear = found.map((batch, place) =>
      usedOf(batch, use.areUsed[place]!, groups, aggregate.edition, ofEditions),
    );
    reports.push(...ofYear.filter(({ organs }) => organs.length > 0));
    for (const [place, edition] of editionKeys.entries())
      if (ofEditions[place]! > 0) editions.push({ year, edition, reports: ofEditions[place]! });
    if (!isAsked) continue;
    for (const batch of found) looking.look(batch);
    marks.set(year, use.marks);
    amount += ofYear.reduce((sum, { organs }) => sum + organs.length, 0);
    if (organKeys.length > 0) overlapping += overlappingOf(register, year, ofYear);
  }
  const usedIn = new Set(reports.filter(({ year }) => years.includes(year)).map(({ year }) => year));
  const counts = coverageOf(
    register,
    yearsAsked(query).owed ?? [...usedIn].filter((year) => year <= lastYearOwed()),
    organsIn,
    named,
    marks,
  );
  const size = summings.reduce((all, each) => all + sizeOfGroup(each.aggregate, each.selection), 0);
  if (groups.height * size > mostMemory) refuseSums();
  const sums = summings.map((each) => new GroupSums(each.aggregate, each.selection, groups.height));
  const cells = sums.flatMap((each) => each.cells);
  for await (const block of figuresOf(db, reports, cells, register)) {
    refuseIfLate();
    for (const each of sums) each.add(block);
  }
  return {
    register,
    groups,
    sums,
    reports: amount,
    ...counts,
    overlapping,
    unseen: looking.unseen(),
    years: [...usedIn].sort((a, b) => a - b),
    editions: editions.filter(({ year }) => years.includes(year)),
    editionsBefore: editions.filter(({ year }) => !years.includes(year)),
  };
}

/** How many organs owe reports of these years, for how many another organ's report stands, and how many have none. */
function coverageOf(
  register: Register,
  years: readonly number[],
  organsIn: (year: number) => Uint8Array,
  named: Uint8Array | undefined,
  marks: ReadonlyMap<number, Uint8Array>,
): Pick<Walked, 'organs_expected' | 'organs_covered' | 'organs_missing'> {
  const counts = { organs_expected: 0, organs_covered: 0, organs_missing: 0 };
  const nobody = new Uint8Array(register.size);
  for (const year of years) {
    const meant = organsIn(year);
    const ofYear = marks.get(year) ?? nobody;
    const parents = register.parentsIn(year);
    const hasTops = ofYear.some((mark) => (mark & isTop) !== 0);
    for (let organ = 0; organ < register.size; organ++) {
      if (meant[organ] !== 1 || !register.wasThere(organ, year)) continue;
      // An organ of another name is meant in the years in which its report has the text in its title.
      if (named && named[organ] !== 1 && !(ofYear[organ]! & isFound)) continue;
      counts.organs_expected++;
      if (ofYear[organ]! & isUsed) continue;
      if (hasTops && isBelow(parents, organ, ofYear, isTop)) counts.organs_covered++;
      else if (!(ofYear[organ]! & isFound)) counts.organs_missing++;
    }
  }
  return counts;
}
