import { fileURLToPath } from 'node:url';
import { parseArgs } from 'node:util';
import { peakMemory } from './support/processes.ts';
import { startService } from './support/service.ts';
import { linesOf, registerOrgans, sendBatch } from './support/writing-batch.ts';
import { copyRows, exportRows } from './support/writing-copy.ts';
import { cpuOf, type Machine, startMachine } from './support/writing-machine.ts';
import { publishAll } from './support/writing-publish.ts';
import { percentile, type Spread, shown, spreadOf } from './support/writing-statistics.ts';

/**
 * `npm run bench:writing [-- --rounds 5 --reports 3000 --publications 300]`: loads a batch over HTTP beside COPY of
 * the very same rows, and publishes reports one by one with 1, 8 and 32 writers. Service, PostgreSQL and client share
 * the machine. So what is compared takes turns in one run, and only the ratios count.
 */

export interface WritingOptions {
  /** How often everything is measured. */
  rounds: number;
  /** Reports of a batch. */
  reports: number;
  /** Reports published by each number of writers in each round; 0 leaves publishing out. */
  publications: number;
}

export interface WritingMeasurement {
  /** Reports a second, and processor time for each report in milliseconds: of the service and of PostgreSQL. */
  batch: { rate: Spread; service: Spread; postgres: Spread; peakMegabytes: number };
  copy: { rate: Spread; postgres: Spread };
  /** The rate of the batch divided by that of COPY, for each round. */
  batchToCopy: Spread;
  publish: {
    writers: number;
    rate: Spread;
    service: Spread;
    postgres: Spread;
    p50: number;
    p99: number;
  }[];
  /** The rate of 32 writers divided by that of 8, for each round. */
  publish32To8: Spread;
}

/** The least that the medians must be. */
export const targets = { batchToCopy: 0.4, publish32To8: 0.8 };

const writersOf = [1, 8, 32];
const column = <T>(rows: readonly T[], of: (row: T) => number): Spread => spreadOf(rows.map(of));

/**
 * Runs the work and measures the processor time that it took, in milliseconds: of the service (0 without one) and of
 * PostgreSQL.
 */
async function measured<T>(machine: Machine, pid: number | undefined, work: () => Promise<T>) {
  const used = async () => [pid === undefined ? 0 : await cpuOf(pid), await machine.cpu()] as const;
  const before = await used();
  const result = await work();
  const after = await used();
  return { result, service: after[0] - before[0], postgres: after[1] - before[1] };
}

async function loadBoth(machine: Machine, lines: readonly Buffer[]) {
  const count = lines.length;
  const service = await startService(await machine.copyOf('base', 'loaded'));
  const batch = await measured(machine, service.pid, () => sendBatch(service.url, lines, '?publish=true'));
  const peak = await peakMemory(service.pid);
  await service.stop();
  if (batch.result.statuses.created !== count)
    throw new Error(`not all were created: ${JSON.stringify(batch.result.statuses)}`);
  const files = await exportRows(machine, 'loaded', count);
  await machine.drop('loaded');
  await machine.copyOf('base', 'copied');
  const copy = await measured(machine, undefined, () => copyRows(machine, 'copied', files));
  await machine.drop('copied');
  await files.discard();
  return {
    batchRate: count / batch.result.seconds,
    batchService: batch.service / count,
    batchPostgres: batch.postgres / count,
    copyRate: count / copy.result,
    copyPostgres: copy.postgres / count,
    peak,
  };
}

async function publishInTurns(machine: Machine, organs: readonly string[], options: WritingOptions) {
  const { rounds, publications } = options;
  const service = await startService(await machine.copyOf('base', 'publishing'));
  try {
    const needed = rounds * writersOf.length * publications;
    const { ids } = await sendBatch(service.url, linesOf(organs, needed, [2023]), '');
    await machine.run(
      'publishing',
      `update revisions set state = 'submitted', submitted_at = now(), submitted_by = 'someone'`,
    );
    await machine.run('publishing', 'vacuum analyze');
    const runs = [];
    for (let round = 0; round < rounds; round++)
      for (const writers of round % 2 === 0 ? writersOf : writersOf.toReversed()) {
        const chosen = ids.splice(0, publications);
        const { result, ...used } = await measured(machine, service.pid, () =>
          publishAll(service.url, chosen, writers),
        );
        runs.push({
          round,
          writers,
          rate: chosen.length / result.seconds,
          service: used.service / chosen.length,
          postgres: used.postgres / chosen.length,
          latencies: result.latencies,
        });
      }
    return runs;
  } finally {
    await service.stop();
    await machine.drop('publishing');
  }
}

/** Measures everything on a PostgreSQL of its own. */
export async function measureWriting(options: WritingOptions): Promise<WritingMeasurement> {
  const { rounds, reports, publications } = options;
  const machine = await startMachine();
  try {
    const organs = await registerOrgans(
      machine,
      'base',
      Math.max(Math.ceil(reports / 5), rounds * writersOf.length * publications),
    );
    const lines = linesOf(organs.slice(0, Math.ceil(reports / 5)), reports);
    const loads = [];
    for (let round = 0; round < rounds; round++) loads.push(await loadBoth(machine, lines));
    const runs = publications > 0 ? await publishInTurns(machine, organs, options) : [];
    const rateIn = (round: number, writers: number): number =>
      runs.find((run) => run.round === round && run.writers === writers)?.rate ?? Number.NaN;
    return {
      batch: {
        rate: column(loads, (load) => load.batchRate),
        service: column(loads, (load) => load.batchService),
        postgres: column(loads, (load) => load.batchPostgres),
        peakMegabytes: Math.max(...loads.map(({ peak }) => peak)),
      },
      copy: {
        rate: column(loads, (load) => load.copyRate),
        postgres: column(loads, (load) => load.copyPostgres),
      },
      batchToCopy: column(loads, (load) => load.batchRate / load.copyRate),
      publish: Map.groupBy(runs, ({ writers }) => writers)
        .values()
        .map((of) => ({
          writers: of[0]!.writers,
          rate: column(of, ({ rate }) => rate),
          service: column(of, ({ service }) => service),
          postgres: column(of, ({ postgres }) => postgres),
          p50: percentile(
            of.flatMap(({ latencies }) => latencies),
            0.5,
          ),
          p99: percentile(
            of.flatMap(({ latencies }) => latencies),
            0.99,
          ),
        }))
        .toArray(),
      publish32To8: spreadOf(
        Array.from({ length: rounds }, (_, round) => rateIn(round, 32) / rateIn(round, 8)),
      ),
    };
  } finally {
    await machine.stop();
  }
}

function print({ batch, copy, batchToCopy, publish, publish32To8 }: WritingMeasurement): void {
  const line = (...cells: string[]) => console.log(`| ${cells.join(' | ')} |`);
  line('', 'a second', 'service ms', 'PostgreSQL ms', '');
  line('---', '---', '---', '---', '---');
  const peak = `peak ${Math.round(batch.peakMegabytes)} MB`;
  line('batch over HTTP', shown(batch.rate), shown(batch.service, 2), shown(batch.postgres, 2), peak);
  line('COPY of the same rows', shown(copy.rate), '', shown(copy.postgres, 2), '');
  line('batch ÷ COPY', shown(batchToCopy, 2), '', '', `at least ${targets.batchToCopy}`);
  for (const { writers, rate, service, postgres, p50, p99 } of publish) {
    const latency = `p50 ${p50.toFixed(1)} ms, p99 ${p99.toFixed(1)} ms`;
    line(`publish, ${writers} writers`, shown(rate), shown(service, 2), shown(postgres, 2), latency);
  }
  if (publish.length > 0)
    line('32 writers ÷ 8', shown(publish32To8, 2), '', '', `at least ${targets.publish32To8}`);
}

if (process.argv[1] === fileURLToPath(import.meta.url)) {
  const { values } = parseArgs({
    options: {
      rounds: { type: 'string', default: '5' },
      reports: { type: 'string', default: '3000' },
      publications: { type: 'string', default: '300' },
    },
  });
  print(
    await measureWriting({
      rounds: Number(values.rounds),
      reports: Number(values.reports),
      publications: Number(values.publications),
    }),
  );
}
