import { exactNumber } from '../aggregates/exact.ts';
import type { Db } from '../db/database.ts';
import type { Label } from '../editions/edition.ts';
import type { Figures } from '../editions/figures.ts';
import { editionOfYear } from '../editions/index.ts';
import { consolidationParts, withoutWhole } from '../rules/consolidation.ts';
import { isRequests, type Place, placesOf } from '../rules/parts.ts';
import type { AnsweredFinding } from '../rules/schema.ts';
import { viewOf } from '../rules/view.ts';
import { type Coverage, findWhole, sumParts } from './queries.ts';

/** One cell of the whole beside what its parts add up to. */
interface ConsolidationCell {
  cell: string;
  label: Label;
  unit: string | null;
  whole: number | null;
  parts: number | null;
  reports: number;
  blank: number;
  unit_unknown: number;
  /** whole − parts; null where either is not known. */
  delta: number | null;
  /** Whether the rule holds; null where it is not evaluated or does not cover the cell. */
  holds: boolean | null;
}

export interface Consolidation {
  organ_id: string;
  year: number;
  whole: { report_id: string; revision: number } | null;
  coverage: Coverage;
  complete: boolean;
  cells: ConsolidationCell[];
  findings: AnsweredFinding[];
}

/**
 * The value of the whole at a place: of its cell, or summed over the cells of a group. Null where any of them is
 * blank or not captured. Problem `not-additive` (422) where a JSON number cannot hold the sum.
 */
function wholeOf({ whole }: Place): number | null {
  const values = whole.flatMap(({ value }) => value ?? []);
  if (values.length < whole.length) return null;
  // Money is never grouped, so several values are always counts.
  return values.length === 1
    ? values[0]!
    : exactNumber(String(values.reduce((sum, value) => sum + BigInt(value), 0n)));
}

function cellOf(place: Place): ConsolidationCell {
  const { cell, label, unit, parts } = place;
  const { sum, reports, blank, unit_unknown } = parts;
  const whole = wholeOf(place);
  // Figures have at most four decimals, so that rounding the difference to four makes it exact.
  const delta = whole === null || sum === null ? null : Number((whole - sum).toFixed(4));
  return {
    cell,
    label,
    unit,
    whole,
    parts: sum,
    reports,
    blank,
    unit_unknown,
    delta,
    holds: delta === null || !isRequests(place) ? null : delta >= 0,
  };
}

/**
 * Compares a consolidated report of a year with its parts. Without such a report, the answer is what the parts add up
 * to on the form of that year.
 */
export async function consolidate(db: Db, organ_id: string, year: number): Promise<Consolidation> {
  const whole = await findWhole(db, organ_id, year);
  const { coverage, parts } = await sumParts(db, organ_id, year);
  const edition = editionOfYear(year);
  const empty: Omit<Figures, 'year' | 'scope'> = {
    editions: { disclosure_items: edition, request_statistics: edition },
    disclosure_items: [],
    request_statistics: [],
    review_litigation_counts: [],
    cell_notes: [],
  };
  const figures = { ...(whole?.content ?? empty), year, scope: 'consolidated' as const };
  const view = viewOf({ figures, organ: null, previous: null, parts });
  const findings = whole === null ? [withoutWhole(year)] : consolidationParts.check(view);
  return {
    organ_id,
    year,
    whole: whole && { report_id: whole.report_id, revision: whole.revision },
    coverage,
    complete: coverage.used > 0 && coverage.used + coverage.covered === coverage.parts,
    cells: placesOf(view.report, parts).map(cellOf),
    findings: findings.map((found) => ({ ...found.word(), answer: null })),
  };
}
