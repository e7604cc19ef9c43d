import type { Figures } from '../../src/editions/figures.ts';
import { editionOfYear } from '../../src/editions/index.ts';
import type { CountryOrgan } from './organs.ts';
import { type Below, chance, drawsOf } from './random.ts';

/**
 * How often a published report departs from the form and the rules, as the real reports of test/fixtures/figures.json
 * do. In sections three and four, faults concern only totals and zeros, so that the figures of the parts still add up
 * to those of the whole. In section two they also concern single figures and units.
 */
const rates = {
  /** Zeros printed as blanks; totals of results printed as blanks. */
  zerosBlank: 0.07,
  totalsBlank: 0.06,
  /** A row's total that is not the sum of the row. */
  rowTotal: 0.03,
  /** A proceeding left blank; a proceeding whose total is not the sum. */
  proceedingBlank: 0.06,
  proceedingTotal: 0.1,
  /** Some cells of section two printed as blanks; regulations counted by an organ that may make none. */
  itemsBlank: 0.2,
  regulations: 0.02,
  /** Matters counted as cases; documents not disclosed; a procurement amount without its unit. */
  itemsAsCases: 0.04,
  notDisclosed: 0.05,
  amountUnit: 0.25,
  /** Not faults: what was printed is kept beside the figure, where it was more than a number. */
  noted: 0.25,
  /** Of the reports without any request, those whose tables are captured in part. */
  partial: 0.025,
} as const;

export type Faults = Record<keyof typeof rates, boolean>;

const names = Object.keys(rates) as (keyof typeof rates)[];

/**
 * Draws the faults of a report. Consolidated reports are checked before publication, so they have a third of the
 * faults.
 */
export function drawFaults(below: Below, scope: Figures['scope']): Faults {
  const share = scope === 'own' ? 1 : 1 / 3;
  return Object.fromEntries(names.map((name) => [name, chance(below, rates[name] * share)])) as Faults;
}

/**
 * How often tables are on the older edition after it ended: the one of requests alone, or those of the whole report.
 */
const olderRequests = 0.03;
const olderReport = 0.005;

/** The editions that a report is printed on. */
export function drawEditions(below: Below, year: number): Figures['editions'] {
  const edition = editionOfYear(year);
  const draw = below(1000);
  return {
    disclosure_items: draw < olderReport * 1000 ? '2019' : edition,
    request_statistics: draw < olderRequests * 1000 ? '2019' : edition,
  };
}

/** How often the requests of a consolidated report are, on purpose, not the sum of its parts. */
const off = 0.04;

/** By how many requests a consolidated report is off the sum of its parts; 0 for most. */
export function offBy({ number }: CountryOrgan, year: number, seed: number): number {
  const below = drawsOf(seed, number, year, 3);
  return chance(below, off) ? 1 + below(5) : 0;
}
