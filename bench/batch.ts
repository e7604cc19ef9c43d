import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { readFile } from 'node:fs/promises';
import { request } from 'node:http';
import { createInterface } from 'node:readline';
import { Readable } from 'node:stream';
import { pipeline } from 'node:stream/promises';
import { fileURLToPath } from 'node:url';
import { generateReport } from '../test/support/generated-reports.ts';
import { temporaryServer } from '../test/support/temporary-server.ts';

/**
 * Loads generated reports through POST /v1/reports/batch into a service of its own on a PostgreSQL of its own, and
 * prints reports per second and the service's largest resident memory.
 *
 *   node bench/batch.ts [reports = 20000] [--draft] [--again]
 */

const wanted = Number(process.argv[2] ?? 20_000);
const publish = !process.argv.includes('--draft');
const years = [2019, 2020, 2021, 2022, 2023];
const token = 'bench';

const server = await temporaryServer();
const { scripts } = JSON.parse(await readFile(new URL('../package.json', import.meta.url), 'utf8'));
const child = spawn(process.execPath, scripts.start.split(' ').slice(1), {
  cwd: fileURLToPath(new URL('..', import.meta.url)),
  env: {
    ...process.env,
    PORT: '0',
    DATABASE_URL: server.url('postgres'),
    ADMIN_TOKEN: token,
    LOG_LEVEL: 'info',
  },
  stdio: ['ignore', 'pipe', 'inherit'],
});
try {
  const url = await new Promise<string>((resolve) => {
    createInterface({ input: child.stdout }).on('line', (line) => {
      const ready = /is ready on (http:\S+?),/.exec(line);
      if (ready) resolve(ready[1]!);
    });
  });
  const headers = { authorization: `Bearer ${token}` };
  const organs: string[] = [];
  for (let index = 0; organs.length < wanted / years.length; index++) {
    const made = await fetch(`${url}/v1/organs`, {
      method: 'POST',
      headers: { ...headers, 'content-type': 'application/json' },
      body: JSON.stringify({
        name: `机关${index}`,
        kind: 'department',
        level: 'county',
        division_code: '321302',
      }),
    });
    organs.push(((await made.json()) as { id: string }).id);
  }

  /** Sends every report and counts the results by status. */
  async function load(): Promise<{ seconds: number; statuses: Record<string, number>; bytes: number }> {
    let bytes = 0;
    function* lines() {
      let left = wanted;
      for (const year of years)
        for (const [seed, organ_id] of organs.entries())
          if (left-- > 0) {
            const line = Buffer.from(`${JSON.stringify(generateReport(organ_id, year, seed))}\n`);
            bytes += line.length;
            yield line;
          }
    }
    const began = performance.now();
    const outgoing = request(`${url}/v1/reports/batch${publish ? '?publish=true' : ''}`, {
      method: 'POST',
      headers: { ...headers, 'content-type': 'application/x-ndjson' },
    });
    const answered = once(outgoing, 'response');
    const sent = pipeline(Readable.from(lines()), outgoing);
    const [answer] = await answered;
    const statuses: Record<string, number> = {};
    let line = 0;
    for await (const text of createInterface({ input: answer })) {
      const result = JSON.parse(text);
      if (result.line !== ++line) throw new Error(`line ${result.line} came as ${line}`);
      statuses[result.status] = (statuses[result.status] ?? 0) + 1;
    }
    await sent;
    return { seconds: (performance.now() - began) / 1000, statuses, bytes };
  }

  for (const round of process.argv.includes('--again') ? ['first', 'again'] : ['first']) {
    const { seconds, statuses, bytes } = await load();
    const status = await readFile(`/proc/${child.pid}/status`, 'utf8').catch(() => '');
    const peak = Number(/VmHWM:\s+(\d+)/.exec(status)?.[1] ?? Number.NaN) / 1024;
    console.log(
      `${round}: ${wanted} reports of ${Math.round(bytes / wanted)} bytes in ${seconds.toFixed(1)} s: ` +
        `${Math.round(wanted / seconds)} reports/s, ${JSON.stringify(statuses)}, peak ${Math.round(peak)} MB`,
    );
  }
} finally {
  child.kill('SIGTERM');
  await once(child, 'close');
  await server.stop();
}
