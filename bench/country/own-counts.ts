import { proceedingKeys } from '../../src/editions/vocabulary.ts';
import {
  type Counts,
  carriedIn,
  carriedOut,
  finestRows,
  granted,
  itemCells,
  itemPosition,
  outcomeWidth,
  received,
  results,
  width,
} from './counts.ts';
import type { CountryOrgan } from './organs.ts';
import { around, type Below, chance, weighted } from './random.ts';

/** What happens in one organ, year after year. */

/** How often each result is given, in thousandths, much as in the published reports of a city and its counties. */
const resultWeights: Record<string, number> = {
  granted: 350,
  partly_granted: 90,
  refused_state_secret: 2,
  refused_other_law: 8,
  refused_third_party: 4,
  refused_internal_affairs: 12,
  refused_deliberative: 10,
  refused_enforcement_file: 8,
  refused_inquiry_matter: 8,
  unavailable_not_held: 300,
  unavailable_needs_creation: 12,
  unavailable_unclear: 6,
  not_handled_petition: 70,
  not_handled_repeat: 15,
  not_handled_publication: 2,
  not_handled_excessive: 5,
  not_handled_reissue: 3,
  other_no_correction: 15,
  other_misc: 80,
};
const drawResult = weighted(results.map((index) => resultWeights[finestRows[index]!.row] ?? 1));
/** Draws one of the six kinds of applicant. */
const drawApplicant = weighted([80, 12, 1, 1, 3, 3]);
const drawOutcome = weighted([60, 8, 20, 12]);

/** The most draws for the requests of one year. Large numbers are drawn in lots. */
const mostLots = 48;
/** The share of requests that are still being handled at the end of the year. */
const unfinished = 0.05;
/** How often a carried-in figure is not the one carried out a year before, because organs merge and split. */
const carriedAnew = 0.02;

function drawRequests(below: Below, volume: number, before: Float64Array): Float64Array {
  const requests = new Float64Array(finestRows.length * width);
  const handled = chance(below, volume < 3 ? 0.5 : 0.03) ? 0 : around(below, volume);
  const lot = Math.ceil(handled / mostLots);
  for (let left = handled; left > 0; left -= lot) {
    const row = chance(below, unfinished) ? carriedOut : results[drawResult(below)]!;
    requests[row * width + drawApplicant(below)]! += Math.min(lot, left);
  }
  const anew = chance(below, carriedAnew) ? 1 + below(3) : 0;
  for (let part = 0; part < width; part++) {
    const brought = before[part]! + (part === 0 ? anew : 0);
    let ended = requests[carriedOut * width + part]!;
    for (const row of results) ended += requests[row * width + part]!;
    if (ended < brought) requests[granted * width + part]! += brought - ended;
    requests[carriedIn * width + part] = brought;
    requests[received * width + part] = Math.max(0, ended - brought);
  }
  return requests;
}

function drawProceedings(below: Below, handled: number): Float64Array {
  const proceedings = new Float64Array(proceedingKeys.length * outcomeWidth);
  // Cases for each request: reviews, direct suits, and suits after a review.
  for (const [index, rate] of [0.06, 0.008, 0.015].entries()) {
    const cases = around(below, handled * rate);
    const lot = Math.ceil(cases / mostLots);
    for (let left = cases; left > 0; left -= lot)
      proceedings[index * outcomeWidth + drawOutcome(below)]! += Math.min(lot, left);
  }
  return proceedings;
}

const isSeat = ({ kind }: CountryOrgan) => kind === 'government' || kind === 'general_office';
const mayMakeRules = (organ: CountryOrgan) =>
  organ.level === 'national' || (isSeat(organ) && (organ.level === 'province' || organ.level === 'city'));

const positionsOf = (item: string, measures: [string, string, string]) =>
  measures.map((measure) => itemPosition(item, measure)) as [number, number, number];

/** Draws documents of a kind: how many are issued and repealed, and how many are in force from year to year. */
function documents(below: Below, item: string, most: number) {
  let inForce = most === 0 ? 0 : below(most * 12);
  const [made, disclosed, disclosedTotal] = positionsOf(item, ['made', 'disclosed', 'disclosed_total']);
  const [fresh, ended, stock] = positionsOf(item, ['issued', 'repealed', 'in_force']);
  return (items: Float64Array) => {
    const issued = most === 0 || chance(below, 0.4) ? 0 : below(most);
    const repealed = chance(below, 0.7) ? 0 : Math.min(inForce, below(most + 1));
    inForce += issued - repealed;
    items[made] = items[disclosed] = items[fresh] = issued;
    items[disclosedTotal] = items[stock] = inForce;
    items[ended] = repealed;
  };
}

/** Draws matters of administration: how many there are, and how often they were decided. */
function matters(below: Below, item: string, mostMatters: number, usualDecisions: number) {
  let there = below(mostMatters + 1);
  const [prior, more, decided] = positionsOf(item, ['prior_items', 'items_change', 'decisions']);
  return (items: Float64Array) => {
    const change = there > 0 && chance(below, 0.15) ? below(9) - Math.min(4, there) : 0;
    items[prior] = there;
    items[more] = change;
    if (usualDecisions > 0) items[decided] = around(below, usualDecisions);
    there += change;
  };
}

const manyDecisions = [0, 0, 0, 0, 5, 40, 300, 2500, 20_000];
const fewDecisions = [0, 0, 0, 0, 2, 15, 120, 900];

function drawnItems(below: Below, organ: CountryOrgan) {
  const large = organ.level === 'province' || organ.level === 'city' ? 3 : 1;
  const enforces = !isSeat(organ) && organ.level !== 'town';
  const usual = (values: readonly number[]) => (enforces ? values[below(values.length)]! * large : 0);
  const draws = [
    documents(below, 'regulations', mayMakeRules(organ) ? 4 : 0),
    documents(below, 'normative_documents', isSeat(organ) ? 12 * large : below(3)),
    matters(below, 'licensing', enforces ? 60 : 4, usual(manyDecisions)),
    matters(below, 'other_services', 40, usual(manyDecisions)),
    matters(below, 'penalties', enforces ? 200 : 0, usual(fewDecisions)),
    matters(below, 'compulsion', enforces ? 12 : 0, usual(fewDecisions)),
    matters(below, 'fees', enforces ? 5 : 0, 0),
  ];
  const charges = enforces && chance(below, 0.2);
  const amount = itemPosition('fees', 'amount');
  const projects = itemPosition('procurement', 'projects');
  const spent = itemPosition('procurement', 'amount');
  return (items: Float64Array) => {
    for (const draw of draws) draw(items);
    items[amount] = charges ? below(4_000_000 * large) : 0;
    items[projects] = chance(below, 0.6) ? 0 : 1 + below(12 * large);
    items[spent] = items[projects]! * (1000 + below(180_000));
  };
}

/**
 * Returns a function that draws the years of an organ, one after the other. What one year carries out, the next one
 * carries in.
 */
export function ownCounts(below: Below, organ: CountryOrgan): () => Counts {
  const drawItems = drawnItems(below, organ);
  let before = new Float64Array(width);
  return () => {
    const items = new Float64Array(itemCells.length);
    drawItems(items);
    const requests = drawRequests(below, organ.volume, before);
    before = requests.slice(carriedOut * width, (carriedOut + 1) * width);
    return { requests, proceedings: drawProceedings(below, organ.volume), items };
  };
}
