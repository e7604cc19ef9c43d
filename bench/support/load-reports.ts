import { once } from 'node:events';
import { request } from 'node:http';
import { createInterface } from 'node:readline';
import { Readable } from 'node:stream';
import { pipeline } from 'node:stream/promises';
import { generateReport } from '../../test/support/generated-reports.ts';
import { token } from './service.ts';

const years = [2019, 2020, 2021, 2022, 2023];
const headers = { authorization: `Bearer ${token}` };

/** Registers as many organs as `reports` need, with one report of each organ for each year. Returns their ids. */
export async function createOrgans(url: string, reports: number): Promise<string[]> {
  const organs: string[] = [];
  while (organs.length < reports / years.length) {
    const made = await fetch(`${url}/v1/organs`, {
      method: 'POST',
      headers: { ...headers, 'content-type': 'application/json' },
      body: JSON.stringify({
        name: `机关${organs.length}`,
        kind: 'department',
        level: 'county',
        division_code: '321302',
      }),
    });
    organs.push(((await made.json()) as { id: string }).id);
  }
  return organs;
}

export interface Loaded {
  seconds: number;
  /** How many lines were answered with each status. */
  statuses: Record<string, number>;
  /** How many bytes all lines have that were sent. */
  bytes: number;
}

/** Sends `reports` generated reports of the organs through POST /v1/reports/batch and counts the results. */
export async function loadReports(
  url: string,
  organs: readonly string[],
  reports: number,
  publish = true,
): Promise<Loaded> {
  let bytes = 0;
  function* lines() {
    let left = reports;
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
