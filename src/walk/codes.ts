import type { Aggregate } from '../aggregates/aggregate.ts';
import { dimensions } from '../aggregates/dimensions.ts';
import { addressOf } from '../aggregates/given.ts';
import { inTime } from '../aggregates/in-time.ts';
import type { AggregateQuery } from '../aggregates/queries.ts';
import { choose } from '../aggregates/selection.ts';
import type { Db } from '../db/database.ts';
import { scopeKeys } from '../editions/vocabulary.ts';
import { CodeCounter, haveOf, type ReportsByCode } from './code-counter.ts';
import { useOfReports } from './cover.ts';
import type { Batch } from './entries.ts';
import { figuresOf } from './figures.ts';
import { find, yearsToFind } from './finding.ts';
import { KeptRegister } from './kept-register.ts';
import type { Register } from './register.ts';
import { type Cell, isNumber } from './sums.ts';
import { fewReports, inTurn, onWalkedState, timeLimit } from './turns.ts';
import { flagged, usedAt } from './used.ts';

/** Finds in one walk which codes of each key have data. Nothing is added up. */

export interface CodesFound {
  /** The number of reports that an answer uses if it is not grouped by any key of organs. */
  reports: number;
  /** By key, for each key that was asked for. */
  counts: Map<string, ReportsByCode>;
  as_of: string;
}

/** A cell of the form. `isAdded` says whether an answer that is not grouped by columns adds it up. */
interface CellToCheck extends Cell {
  keys: Readonly<Record<string, string | null>>;
  isAdded: boolean;
}

/** The cells to look at, grouped by row of the form. */
function cellsToCheck(aggregate: Aggregate, query: AggregateQuery): CellToCheck[][] {
  const chosen = (group_by: string[]) => choose(aggregate, { ...query, group_by }).figures;
  const added = new Set(chosen([...aggregate.rowKeys]));
  const cells = chosen(Object.keys(aggregate.keys)).map((figure) => ({
    table: aggregate.table,
    ...addressOf(aggregate, figure),
    keys: figure.keys,
    isAdded: added.has(figure),
  }));
  return [...Map.groupBy(cells, ({ row }) => row).values()];
}

/** Flags the reports of each batch of a year that a counter uses. */
function areUsedFor({ scope, groupsIn }: CodeCounter, register: Register, batches: readonly Batch[]) {
  const { year } = batches[0]!;
  if (scope === undefined) return useOfReports(register, year, batches, groupsIn(year)).areUsed;
  const isMeant = ({ isConsolidated }: Batch) => isConsolidated === (scope === 'consolidated');
  const meant = batches.filter(isMeant);
  const { areUsed } = useOfReports(register, year, meant, groupsIn(year));
  return batches.map((batch) => areUsed[meant.indexOf(batch)] ?? new Uint8Array(batch.organs.length));
}

/**
 * Finds which codes have data in the answers to a query that is grouped by each of these keys alone. The keys are
 * those of reports and organs, or the aggregate's own. Problems `too-many-cells` (422) and `unavailable` (503).
 */
export const codesByWalking = (
  db: Db,
  aggregate: Aggregate,
  query: AggregateQuery,
  keys: readonly string[],
  kept = new KeptRegister(),
  few = fewReports,
): Promise<CodesFound> =>
  inTime(
    onWalkedState(db, query, async (state) => {
      const { register, as_of } = await kept.in(state);
      const found = await find(state, register, query, yearsToFind(query), [aggregate.edition], few);
      return inTurn(found.areFew, async () => ({
        as_of,
        ...(await lookAt(state, register, aggregate, query, keys, found.batches)),
      }));
    }),
  );

/**
 * The reports of a year that any counter uses. Their `groups` are running numbers, by which each counter finds its
 * own reports.
 */
function usedByAny(batches: readonly Batch[], covers: Iterable<readonly Uint8Array[]>) {
  const areUsed = batches.map(({ organs }) => new Uint8Array(organs.length));
  for (const cover of covers)
    for (const [index, isUsed] of areUsed.entries())
      for (let place = 0; place < isUsed.length; place++) isUsed[place]! |= cover[index]![place]!;
  const places = areUsed.map(flagged);
  let amount = 0;
  const used = batches.map((batch, index) => {
    const first = amount;
    amount += places[index]!.length;
    return usedAt(
      batch,
      places[index]!,
      places[index]!.map((_, place) => first + place),
    );
  });
  return { places, used: used.filter(({ organs }) => organs.length > 0), amount };
}

async function lookAt(
  db: Db,
  register: Register,
  aggregate: Aggregate,
  query: AggregateQuery,
  keys: readonly string[],
  batches: AsyncIterable<Batch[]>,
): Promise<Omit<CodesFound, 'as_of'>> {
  const rows = cellsToCheck(aggregate, query);
  const own = keys.filter((key) => key in aggregate.keys);
  /** The cells in which a report that `whole` uses has a number. */
  const areNumbered = new Set<Cell>();
  // Only the aggregate's own keys need this, and they need just one number: a cell that has one is not checked again.
  const isToBeFound = (cell: Cell) => own.length > 0 && !areNumbered.has(cell);
  const counterOf = (of: { key?: string; scope?: string }) => new CodeCounter(register, rows.length, of);
  const whole = counterOf({});
  const ofKeys = keys.filter((key) => key in dimensions).map((key) => ({ key, each: counterOf({ key }) }));
  const asked = keys.includes('scope') ? (query.scope ?? scopeKeys) : [];
  const ofScopes = asked.map((scope) => ({ scope, each: counterOf({ scope }) }));
  const counters = [whole, ...[...ofKeys, ...ofScopes].map(({ each }) => each)];
  const refuseIfLate = timeLimit();
  let reports = 0;
  for await (const found of batches) {
    refuseIfLate();
    const covers = new Map<string, Uint8Array[]>();
    for (const each of counters)
      if (!covers.has(each.cover)) covers.set(each.cover, areUsedFor(each, register, found));
    const { places, used, amount } = usedByAny(found, covers.values());
    const editions = found.map(({ members }) => members[aggregate.edition]!);
    for (const each of counters) each.take(found, editions, places, covers.get(each.cover)!, amount);
    for (let report = 0; report < amount; report++) if (whole.isUsed(report)) reports++;
    const cells = rows.flat().filter((cell) => cell.isAdded || isToBeFound(cell));
    for await (const block of figuresOf(db, used, cells, register)) {
      refuseIfLate();
      for (const [row, ofRow] of rows.entries()) {
        const have = haveOf(
          block,
          ofRow.filter(({ isAdded }) => isAdded),
        );
        if (have !== undefined) for (const each of counters) each.count(block, row, have);
        for (const cell of ofRow) {
          if (!isToBeFound(cell)) continue;
          const column = block.figures(cell);
          if (column?.some((figure, place) => isNumber(figure) && whole.isUsed(block.groups[place]!)))
            areNumbered.add(cell);
        }
      }
    }
  }
  const counts: CodesFound['counts'] = new Map(ofKeys.map(({ key, each }) => [key, each.byCode()]));
  if (keys.includes('scope')) {
    const mostOf = ({ scope, each }: (typeof ofScopes)[number]) =>
      [...each.byCode().values()].map((most) => [scope, most] as const);
    counts.set('scope', new Map(ofScopes.flatMap(mostOf)));
  }
  for (const key of own) {
    const byCode: ReportsByCode = new Map();
    for (const [row, ofRow] of rows.entries())
      for (const cell of ofRow) {
        const code = cell.keys[key];
        if (code == null || !areNumbered.has(cell)) continue;
        byCode.set(code, Math.max(byCode.get(code) ?? 0, whole.reportsOf(row)));
      }
    counts.set(key, byCode);
  }
  return { reports, counts };
}
