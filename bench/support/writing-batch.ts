import { once } from 'node:events';
import { request } from 'node:http';
import { createInterface } from 'node:readline';
import { Readable } from 'node:stream';
import { pipeline } from 'node:stream/promises';
import { generateReport } from '../../test/support/generated-reports.ts';
import { token } from './service.ts';
import type { Machine } from './writing-machine.ts';

const years = [2019, 2020, 2021, 2022, 2023];

/** Registers county departments in a database and returns their ids. */
export async function registerOrgans(machine: Machine, database: string, count: number): Promise<string[]> {
  const { rows } = await machine.run(
    database,
    `insert into organs (id, name, kind, level, division_code)
     select gen_random_uuid(), '机关' || n, 'department', 'county', '321302' from generate_series(1, $1::integer) as n
     returning id`,
    [count],
  );
  return rows.map(({ id }) => id);
}

/** The lines of so many reports, one year after the other. `of` are the years. */
export function linesOf(organs: readonly string[], reports: number, of: readonly number[] = years): Buffer[] {
  const lines: Buffer[] = [];
  for (const year of of)
    for (const [seed, organ_id] of organs.entries())
      if (lines.length < reports)
        lines.push(Buffer.from(`${JSON.stringify(generateReport(organ_id, year, seed))}\n`));
  return lines;
}

export interface Sent {
  seconds: number;
  /** How many lines were answered with each status. */
  statuses: Record<string, number>;
  /** Ids of the reports, in the order of the lines. */
  ids: string[];
}

/** Sends lines as one batch, and reads the results while they are sent. */
export async function sendBatch(url: string, lines: Iterable<Buffer>, query: string): Promise<Sent> {
  const began = performance.now();
  const outgoing = request(`${url}/v1/reports/batch${query}`, {
    method: 'POST',
    headers: { authorization: `Bearer ${token}`, 'content-type': 'application/x-ndjson' },
  });
  const answered = once(outgoing, 'response');
  const sent = pipeline(Readable.from(lines), outgoing);
  const [answer] = await answered;
  const statuses: Record<string, number> = {};
  const ids: string[] = [];
  for await (const text of createInterface({ input: answer })) {
    const result = JSON.parse(text);
    if (result.line !== ids.push(result.report_id))
      throw new Error(`line ${result.line} came as ${ids.length}`);
    statuses[result.status] = (statuses[result.status] ?? 0) + 1;
  }
  await sent;
  return { seconds: (performance.now() - began) / 1000, statuses, ids };
}
