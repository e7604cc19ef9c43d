import type { Figures } from '../../src/editions/figures.ts';
import { addCounts, type Counts, granted, noCounts, received, width } from './counts.ts';
import { drawEnd } from './course.ts';
import { offBy } from './faults.ts';
import { idOf } from './ids.ts';
import type { CountryOrgan } from './organs.ts';
import { ownCounts } from './own-counts.ts';
import { years } from './plan.ts';
import { type Below, drawsOf } from './random.ts';
import { type CountryReport, makeReport } from './reports.ts';

/** What organs file: their own figures, and governments those of everything below them. */

export interface Filed {
  report: CountryReport;
  /** Whether this is an effective consolidated report that is, on purpose, not the sum of its parts. */
  isOff: boolean;
}

type YearlyCounts = Counts[];
const noYears = (): YearlyCounts => years.map(noCounts);

/**
 * Files one report a year, made of that year's counts and compared with the year before. Missing reports are left
 * out.
 */
function* filings(
  below: Below,
  organ: CountryOrgan,
  scope: Figures['scope'],
  countsOf: (index: number) => Counts,
  seed: number,
): Generator<{ report: CountryReport; counts: Counts; index: number }> {
  const organ_id = idOf('organ', organ.number, seed);
  let previous: Figures | null = null;
  for (const [index, year] of years.entries()) {
    const counts = countsOf(index);
    const end = drawEnd(below);
    if (end === 'missing') {
      previous = null;
      continue;
    }
    const report: CountryReport = makeReport(below, {
      ...{ organ, organ_id, year, scope, end, counts, previous, seed },
    });
    previous = report.effective;
    yield { report, counts, index };
  }
}

/**
 * The reports of organs. The organs must come in such an order that each stands before the one above it. A
 * consolidated report adds up the counts of the effective own reports of its organ and of everything below it. Its
 * totals are added up from these, so that a fault in the total of a part stays there.
 */
export function* reportsOf(organs: Iterable<CountryOrgan>, seed: number): Generator<Filed> {
  const sums = new Map<number, YearlyCounts>();
  for (const organ of organs) {
    const sum = sums.get(organ.number) ?? noYears();
    sums.delete(organ.number);
    if (organ.files !== 'consolidated') {
      const below = drawsOf(seed, organ.number, 2);
      const draw = ownCounts(below, organ);
      for (const { report, counts, index } of filings(below, organ, 'own', draw, seed)) {
        if (report.effective) addCounts(sum[index]!, counts);
        yield { report, isOff: false };
      }
    }
    if (organ.files !== 'own') {
      const countsOf = (index: number) => wholeOf(sum[index]!, offBy(organ, years[index]!, seed));
      const below = drawsOf(seed, organ.number, 4);
      for (const { report } of filings(below, organ, 'consolidated', countsOf, seed))
        yield { report, isOff: report.effective !== null && offBy(organ, report.key.year, seed) > 0 };
    }
    if (organ.parent !== null) {
      const above = sums.get(organ.parent);
      if (above === undefined) sums.set(organ.parent, sum);
      else for (const [index, counts] of sum.entries()) addCounts(above[index]!, counts);
    }
  }
}

/** The sum with `off` more requests, received and granted. */
function wholeOf(sum: Counts, off: number): Counts {
  const whole = { ...sum, requests: sum.requests.slice() };
  for (const row of [received, granted]) whole.requests[row * width]! += off;
  return whole;
}
