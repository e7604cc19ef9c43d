import { temporaryServer } from '../test/support/temporary-server.ts';
import { createOrgans, loadReports } from './support/load-reports.ts';
import { peakMemory } from './support/processes.ts';
import { startService } from './support/service.ts';

/**
 * Loads generated reports through POST /v1/reports/batch into a service of its own on a PostgreSQL of its own, and
 * prints reports per second and the service's largest resident memory.
 *
 *   node bench/batch.ts [reports = 20000] [--draft] [--again]
 */

const wanted = Number(process.argv[2] ?? 20_000);
const publish = !process.argv.includes('--draft');

const server = await temporaryServer();
const service = await startService(server.url('postgres'));
try {
  const organs = await createOrgans(service.url, wanted);
  for (const round of process.argv.includes('--again') ? ['first', 'again'] : ['first']) {
    const { seconds, statuses, bytes } = await loadReports(service.url, organs, wanted, publish);
    const peak = await peakMemory(service.pid);
    console.log(
      `${round}: ${wanted} reports of ${Math.round(bytes / wanted)} bytes in ${seconds.toFixed(1)} s: ` +
        `${Math.round(wanted / seconds)} reports/s, ${JSON.stringify(statuses)}, peak ${Math.round(peak)} MB`,
    );
  }
} finally {
  await service.stop();
  await server.stop();
}
