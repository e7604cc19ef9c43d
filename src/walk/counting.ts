import { mostCells, refuseCells } from '../aggregates/cells.ts';
import { inTime } from '../aggregates/in-time.ts';
import type { AggregateQuery } from '../aggregates/queries.ts';
import { yearsAsked } from '../aggregates/rollup-plan.ts';
import type { Value } from '../aggregates/table.ts';
import type { Db } from '../db/database.ts';
import { editionKeys } from '../editions/index.ts';
import type { Row } from '../formats/format.ts';
import { monthOf } from './copied.ts';
import type { Batch, Member } from './entries.ts';
import { find } from './finding.ts';
import { Groups } from './groups.ts';
import { KeptRegister } from './kept-register.ts';
import { fewReports } from './summing.ts';
import { inTurn, onWalkedState } from './turns.ts';

/** How many reports are published, each counted once, whatever stands above it. */

/** Keys of reports that their organ and year do not tell: from which member they come, and how they are given. */
const keysOfReports: Readonly<Record<string, { member: Member; valueIn: (number: number) => Value }>> = {
  disclosure_edition: { member: 'disclosure_edition', valueIn: (place) => editionKeys[place]! },
  request_edition: { member: 'request_edition', valueIn: (place) => editionKeys[place]! },
  published_month: { member: 'published_on', valueIn: monthOf },
};

/** What tells reports of a group apart, as one text a report, which is short. */
function namesIn({ isConsolidated, members }: Batch, groupBy: readonly string[]): (place: number) => string {
  const scope = groupBy.includes('scope') ? (isConsolidated ? 'consolidated' : 'own') : '';
  const columns = groupBy.flatMap((key) => {
    const { member, valueIn } = keysOfReports[key] ?? {};
    return member ? [{ numbers: members[member]!, valueIn: valueIn! }] : [];
  });
  return (place) =>
    columns.reduce((name, { numbers, valueIn }) => `${name} ${valueIn(numbers[place]!)}`, scope);
}

/** The counts of each combination of the keys, as `value`; one without keys. Problem `too-many-cells` (422). */
export const countByWalking = (
  db: Db,
  query: AggregateQuery,
  groupBy: readonly string[],
  kept = new KeptRegister(),
  few = fewReports,
): Promise<{ rows: Row[]; as_of: string }> =>
  inTime(
    onWalkedState(db, query, async (state) => {
      const { register, as_of } = await kept.in(state);
      const { years } = yearsAsked(query);
      const members = groupBy.flatMap((key) => keysOfReports[key]?.member ?? []);
      const { areFew, batches } = await find(state, register, query, years, members, few);
      return inTurn(areFew, async () => {
        const groups = new Groups(register, groupBy);
        /** By what else tells reports apart, of each group how many there are. */
        const counts = new Map<string, number[]>();
        for await (const found of batches)
          for (const batch of found) {
            const nameOf = namesIn(batch, groupBy);
            for (let place = 0; place < batch.organs.length; place++) {
              const name = nameOf(place);
              const group = groups.of(batch.year, batch.organs[place]!, 0);
              const ofGroups = counts.get(name) ?? [];
              if (ofGroups.length === 0) counts.set(name, ofGroups);
              ofGroups[group] = (ofGroups[group] ?? 0) + 1;
            }
          }
        const others = groupBy.filter((key) => key in keysOfReports);
        const rows = [...counts].flatMap(([name, ofGroups]) => {
          const [scope, ...values] = name.split(' ');
          const told = new Map(
            others.map((key, place) => [key, values[place] === 'null' ? null : values[place]!]),
          );
          const valueAt = (key: string, group: number): Value => {
            if (key === 'state') return 'published';
            if (key === 'scope') return scope!;
            return told.has(key) ? told.get(key)! : groups.at(key)(group);
          };
          return ofGroups.flatMap((value, group) =>
            value > 0
              ? [{ ...Object.fromEntries(groupBy.map((key) => [key, valueAt(key, group)])), value }]
              : [],
          );
        });
        if (rows.length > mostCells) refuseCells();
        return { rows: rows.length === 0 && groupBy.length === 0 ? [{ value: 0 }] : rows, as_of };
      });
    }),
  );
