import type { Aggregated, Growth } from '../aggregating.ts';
import { type Line, memoryLine } from './line.ts';
import type { InTurns } from './requests.ts';
import { median, spread, table } from './table.ts';
import { percentile } from './writing-statistics.ts';

/** The targets of aggregates. */
const targets = {
  /** How many times larger a median may be in a larger country than in the smallest one. */
  growth: 1.5,
  /** How many times faster than adding up the rows it must be, in countries of at least `fasterFrom` reports. */
  faster: 100,
  fasterFrom: 1_200_000,
  /** Milliseconds within which 99 of a hundred requests of many clients must be answered. */
  p99: 50,
};

const sizeOf = ({ reports }: Aggregated): string => reports.toLocaleString('en');

function growthLines(measured: readonly Aggregated[]): Line[] {
  const [smallest] = measured;
  return smallest!.growth.flatMap(({ name, grows }, place) =>
    (['cold', 'warm'] as const).flatMap((how) =>
      measured.map((each): Line => {
        const of = (one: Aggregated): Growth => one.growth[place]!;
        const line = {
          measure: `${name}, ${how}, ${sizeOf(each)}`,
          value: `${spread(of(each)[how], 1)} ms, ${of(each).cells} cells`,
        };
        if (each === smallest) return line;
        const ratio = median(of(each)[how]) / median(of(smallest!)[how]);
        if (grows) return { ...line, ratio: ratio.toFixed(2) };
        const target = `≤ ${targets.growth} × ${sizeOf(smallest!)}`;
        return { ...line, ratio: ratio.toFixed(2), target, met: ratio <= targets.growth };
      }),
    ),
  );
}

/** The national query beside adding up the rows. Neither keeps anything. The service is asked over HTTP. */
function joinLines(each: Aggregated): Line[] {
  const [all, one] = each.growth as [Growth, Growth];
  const asked = each.reports >= targets.fasterFrom;
  const line = (what: string, times: number[], { cold }: Growth): Line => {
    const ratio = median(times) / median(cold);
    return {
      measure: `${what}, ${sizeOf(each)}`,
      value: `${spread(times)} ms`,
      ratio: `rollups ${ratio.toFixed(0)} × faster`,
      ...(asked && { target: `≥ ${targets.faster} ×`, met: ratio >= targets.faster }),
    };
  };
  return [
    line('nation by plain join, all years', each.joins.all.plain, all),
    line('nation by plain join, one year', each.joins.one.plain, one),
    line('nation exactly from the rows, all years', each.joins.all.exact, all),
    line('nation exactly from the rows, one year', each.joins.one.exact, one),
  ];
}

/** Queries that no rollup can answer, beside working them out report by report. */
const reportLines = (each: Aggregated): Line[] =>
  each.ofReports.map(({ name, asked, rows }) => ({
    measure: `${name}, ${sizeOf(each)}`,
    value: `${spread(asked)} ms${rows ? `, from the rows ${spread(rows)} ms` : ''}`,
    ...(rows && { ratio: `${(median(rows) / median(asked)).toFixed(0)} × faster` }),
  }));

function pairLines(each: Aggregated): Line[] {
  const { pairs, peak } = each;
  const line = (how: string, { latencies, seconds }: InTurns, hasTarget = true): Line => {
    const all = latencies.flat();
    const p99 = percentile(all, 0.99);
    const slowest = all.reduce((most, each) => Math.max(most, each), 0);
    const rest = `p50 ${median(all).toFixed(1)}, max ${slowest.toFixed(0)} ms`;
    return {
      measure: `${pairs.paths.length} queries by two keys, ${pairs.clients} clients, ${how}, ${sizeOf(each)}`,
      value: `p99 ${p99.toFixed(1)} ms; ${rest}; ${(all.length / seconds).toFixed(0)} req/s`,
      ...(hasTarget && { target: `p99 ≤ ${targets.p99} ms`, met: p99 <= targets.p99 }),
    };
  };
  const publishing = `while publishing ${(pairs.published / pairs.changing.seconds).toFixed(1)} a second`;
  return [
    line('from a start', pairs.fresh),
    // Nobody is served by a service that keeps nothing: this says what keeping saves.
    line('cold', pairs.cold, false),
    line('in new words', pairs.reworded),
    line('warm', pairs.warm),
    line(publishing, pairs.changing),
    memoryLine(`aggregating, ${sizeOf(each)}`, peak),
  ];
}

export const aggregatingLines = (measured: readonly Aggregated[]): Line[] => [
  ...growthLines(measured),
  ...measured.flatMap(joinLines),
  ...measured.flatMap(reportLines),
  ...measured.flatMap(pairLines),
];

const worth = 5;

/**
 * The queries by two keys that are slowest when asked alone, with what they take among many clients. Both times are
 * from a service that keeps no answers.
 */
export function slowestTable(each: Aggregated): string {
  const { paths, cells, alone, cold, clients } = each.pairs;
  const among = (times: number[]) => (times.length === 0 ? '' : spread(times, 1));
  const rows = paths
    .map((path, place) => ({ path, place, time: median(alone[place]!) }))
    .sort((a, b) => b.time - a.time)
    .slice(0, worth);
  return table(
    [`slowest by two keys, ${sizeOf(each)}`, 'cells', 'alone, ms', `among ${clients} clients, ms`],
    rows.map(({ path, place }) => [
      path,
      String(cells[place]!),
      spread(alone[place]!, 1),
      among(cold.latencies[place]!),
    ]),
  );
}
