import { parseArgs } from 'node:util';
import { peakMemory } from './support/processes.ts';
import { startService } from './support/service.ts';
import { linesOf, registerOrgans, sendBatch } from './support/writing-batch.ts';
import { startMachine } from './support/writing-machine.ts';

/**
 * `npm run bench:batch [-- reports = 20000] [--draft] [--again]`: loads generated reports through POST
 * /v1/reports/batch, and prints reports per second and the service's largest resident memory. With --draft the
 * reports are not published. With --again they are sent a second time. NODE_OPTIONS reach the service's Node:
 * `--cpu-prof`, for instance.
 */

const { values, positionals } = parseArgs({
  allowPositionals: true,
  options: {
    draft: { type: 'boolean', default: false },
    again: { type: 'boolean', default: false },
  },
});
const wanted = Number(positionals[0] ?? 20_000);
const machine = await startMachine();
try {
  const organs = await registerOrgans(machine, 'base', Math.ceil(wanted / 5));
  const service = await startService(machine.url('base'));
  try {
    for (const round of values.again ? ['first', 'again'] : ['first']) {
      const lines = linesOf(organs, wanted);
      const { seconds, statuses } = await sendBatch(service.url, lines, values.draft ? '' : '?publish=true');
      console.log(
        `${round}: ${wanted} reports in ${seconds.toFixed(1)} s: ${Math.round(wanted / seconds)} reports/s, ` +
          `${JSON.stringify(statuses)}, peak ${Math.round(await peakMemory(service.pid))} MB`,
      );
    }
  } finally {
    await service.stop();
  }
} finally {
  await machine.stop();
}
