import type { Db } from '../db/database.ts';
import type { Row } from '../formats/format.ts';
import { yearsOf } from '../reports/filters.ts';
import { type Cells, scopesOfCells } from '../rollups/cell-columns.ts';
import { KeptCells } from '../rollups/cells.ts';
import type { KeptSums } from '../rollups/reader.ts';
import { eachPlace, grouping, matching } from './cell-groups.ts';
import { mostCells, refuseCells } from './cells.ts';
import { inKeptState } from './from-rollups.ts';
import type { AggregateQuery } from './queries.ts';
import { planOf, type RollupPlan, scopesTaken } from './rollup-plan.ts';

/** Counts published reports without looking at them. Each counts once, whatever stands above it. */

/** Which cells hold all that is asked for; undefined where only the reports do. */
export const planOfCounts = (query: AggregateQuery, groupBy: readonly string[]): RollupPlan | undefined =>
  groupBy.includes('published_month') ? undefined : planOf(query, { groupBy });

/** Counts reports by each combination of keys, as `value`. Problem `too-many-cells` (422). */
export function countPublished(
  db: Db,
  query: AggregateQuery,
  groupBy: readonly string[],
  plan: RollupPlan,
  kept: KeptSums | undefined,
): Promise<{ rows: Row[]; as_of: string }> {
  const { basis, scope, level, kind } = query;
  const { takesOwn, takesConsolidated } = scopesTaken({ basis, scope });
  const takes = {
    own: takesOwn,
    replaced: takesOwn,
    consolidated: takesConsolidated,
    none: false,
    organ: false,
  };
  const areTaken = scopesOfCells.map((each) => takes[each]);
  const years = yearsOf(query.year);
  // All these reports are published. An organ's own report beside its consolidated one (`replaced`) is shown
  // as `own`.
  const ofCells = groupBy.filter((key) => key !== 'state');
  const shown = (key: string, value: Row[string]) =>
    key === 'scope' && value === 'replaced' ? 'own' : value;
  return inKeptState(db, kept, async (state, sums) => {
    const read = await (sums?.cells ?? new KeptCells()).in(state, plan.grain, sums?.state);
    const rows = new Map<string, Row & { value: number }>();
    if (groupBy.length === 0) rows.set('', { value: 0 });
    const count = (cells: Cells, sign: number) => {
      const matches = matching({ level, kind, plan }, cells);
      const { groups, groupAt } = grouping(cells, ofCells);
      const counts: number[] = [];
      eachPlace(cells, plan, (place) => {
        if (!areTaken[cells.scope[place]!] || !matches(place)) return;
        if (years && !years.includes(cells.year[place]!)) return;
        const group = groupAt(place);
        counts[group] = (counts[group] ?? 0) + sign * cells.amount[place]!;
      });
      for (const [group, amount] of counts.entries()) {
        const values = groups[group]!.map((value, index) => shown(ofCells[index]!, value));
        const name = values.join(' ');
        const known = rows.get(name);
        if (known) known.value += amount;
        else {
          const members = Object.fromEntries(ofCells.map((key, index) => [key, values[index]!]));
          rows.set(name, {
            ...Object.fromEntries(groupBy.map((key) => [key, key === 'state' ? 'published' : members[key]!])),
            value: amount,
          });
        }
      }
    };
    count(read.cells, 1);
    for (const { changes, back } of read.paths) for (const { cells } of changes) count(cells, back ? -1 : 1);
    const counted = [...rows.values()].filter(({ value }) => value > 0 || groupBy.length === 0);
    if (counted.length > mostCells) refuseCells();
    return { rows: counted, as_of: read.as_of };
  });
}
