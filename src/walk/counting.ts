import { mostCells, refuseCells } from '../aggregates/cells.ts';
import { inTime } from '../aggregates/in-time.ts';
import type { AggregateQuery } from '../aggregates/queries.ts';
import type { Value } from '../aggregates/table.ts';
import type { Db } from '../db/database.ts';
import { editionKeys } from '../editions/index.ts';
import type { Row } from '../formats/format.ts';
import { ahead } from './ahead.ts';
import { monthOf } from './copied.ts';
import type { Batch, Member } from './entries.ts';
import { find, yearsToFind } from './finding.ts';
import { Groups } from './groups.ts';
import { KeptRegister } from './kept-register.ts';
import type { Register } from './register.ts';
import { fewReports, inTurn, onWalkedState, timeLimit } from './turns.ts';

/** Counts published reports. Each counts once, whatever consolidated reports stand above it. */

/**
 * The keys that the organ and year of a report do not tell: the member that each is read from, and the value of its
 * number.
 */
const keysOfReports: Readonly<Record<string, { member: Member; valueIn: (number: number) => Value }>> = {
  disclosure_edition: { member: 'disclosure_edition', valueIn: (place) => editionKeys[place]! },
  request_edition: { member: 'request_edition', valueIn: (place) => editionKeys[place]! },
  published_month: { member: 'published_on', valueIn: monthOf },
};

/** The values of the keys that groups do not tell, for each report of a batch, as one short text. */
function namesIn({ isConsolidated, members }: Batch, groupBy: readonly string[]): (place: number) => string {
  const scope = groupBy.includes('scope') ? (isConsolidated ? 'consolidated' : 'own') : '';
  const columns = groupBy.flatMap((key) => {
    const { member, valueIn } = keysOfReports[key] ?? {};
    return member ? [{ numbers: members[member]!, valueIn: valueIn! }] : [];
  });
  return (place) =>
    columns.reduce((name, { numbers, valueIn }) => `${name} ${valueIn(numbers[place]!)}`, scope);
}

/** Counts reports by a combination of keys. */
class Counting {
  readonly #groupBy: readonly string[];
  readonly #groups: Groups;
  /** For each text of `namesIn`, the number of reports of each group. */
  readonly #counts = new Map<string, number[]>();

  constructor(register: Register, groupBy: readonly string[]) {
    this.#groupBy = groupBy;
    this.#groups = new Groups(register, groupBy);
  }

  count(batch: Batch): void {
    const nameOf = namesIn(batch, this.#groupBy);
    const groups = this.#groups.of(batch);
    for (let place = 0; place < batch.organs.length; place++) {
      const name = nameOf(place);
      const group = groups[place]!;
      const ofGroups = this.#counts.get(name) ?? [];
      if (ofGroups.length === 0) this.#counts.set(name, ofGroups);
      ofGroups[group] = (ofGroups[group] ?? 0) + 1;
    }
  }

  /**
   * A row for each combination of values that any report has; without keys always one. Problem `too-many-cells`
   * (422).
   */
  rows(): Row[] {
    const groupBy = this.#groupBy;
    const others = groupBy.filter((key) => key in keysOfReports);
    const rows = [...this.#counts].flatMap(([name, ofGroups]) => {
      const [scope, ...values] = name.split(' ');
      const told = new Map(
        others.map((key, place) => [key, values[place] === 'null' ? null : values[place]!]),
      );
      const valueAt = (key: string, group: number): Value => {
        if (key === 'state') return 'published';
        if (key === 'scope') return scope!;
        return told.has(key) ? told.get(key)! : this.#groups.at(key)(group);
      };
      return ofGroups.flatMap((value, group) =>
        value > 0 ? [{ ...Object.fromEntries(groupBy.map((key) => [key, valueAt(key, group)])), value }] : [],
      );
    });
    if (rows.length > mostCells) refuseCells();
    return rows.length === 0 && groupBy.length === 0 ? [{ value: 0 }] : rows;
  }
}

/**
 * The number of reports for each combination of values of the keys, as `value`, for each of several groupings. A
 * grouping without keys has one row. Problems `too-many-cells` (422) and `unavailable` (503).
 */
export const countByWalking = (
  db: Db,
  query: AggregateQuery,
  groupings: readonly (readonly string[])[],
  kept = new KeptRegister(),
  few = fewReports,
): Promise<{ rows: Row[]; as_of: string }[]> =>
  inTime(
    onWalkedState(db, query, async (state) => {
      const { register, as_of } = await kept.in(state);
      const members = new Set(groupings.flat().flatMap((key) => keysOfReports[key]?.member ?? []));
      const found = await find(state, register, query, yearsToFind(query), [...members], few);
      return inTurn(found.areFew, async () => {
        const countings = groupings.map((groupBy) => new Counting(register, groupBy));
        const refuseIfLate = timeLimit();
        for await (const batches of ahead(found.batches)) {
          refuseIfLate();
          for (const batch of batches) for (const counting of countings) counting.count(batch);
        }
        return countings.map((counting) => ({ rows: counting.rows(), as_of }));
      });
    }),
  );
