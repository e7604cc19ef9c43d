import { randomUUID } from 'node:crypto';
import { setTimeout as sleep } from 'node:timers/promises';
import { generateReport } from '../support/generated-reports.ts';

/** Clients as other systems should be written: each write has a key and is sent again until it is answered. */

export interface Acknowledged {
  organs: Map<string, string>;
  /** Reports by organ, each submitted. */
  reports: Map<string, string>;
  /** Reports by organ that came in batches. */
  batched: Map<string, string>;
  requests: number;
  retries: number;
}

const longestWait = 30_000;

interface Sent {
  body?: unknown;
  etag?: string;
}

export function startClients(url: string, token: string, count: number) {
  const acknowledged: Acknowledged = {
    organs: new Map(),
    reports: new Map(),
    batched: new Map(),
    requests: 0,
    retries: 0,
  };
  let isStopped = false;
  const authorization = `Bearer ${token}`;

  /** Sends again, with the same key, whatever was not answered or answered with 5xx. */
  async function post(
    path: string,
    { body, etag }: Sent = {},
  ): Promise<{ json: { id: string }; etag: string }> {
    const headers = {
      authorization,
      'idempotency-key': randomUUID(),
      ...(body === undefined ? {} : { 'content-type': 'application/json' }),
      ...(etag === undefined ? {} : { 'if-match': etag }),
    };
    const text = body === undefined ? null : JSON.stringify(body);
    for (;;) {
      acknowledged.requests++;
      try {
        const signal = AbortSignal.timeout(longestWait);
        const answer = await fetch(url + path, { method: 'POST', headers, body: text, signal });
        const answered = await answer.text();
        if (answer.ok) return { json: JSON.parse(answered), etag: answer.headers.get('etag')! };
        if (answer.status < 500) throw new Refused(`${path}: ${answer.status} ${answered}`);
      } catch (error) {
        if (error instanceof Refused) throw error;
      }
      acknowledged.retries++;
      await sleep(20 + Math.random() * 80);
    }
  }

  async function makeOrgan(name: string): Promise<string> {
    const { json } = await post('/v1/organs', { body: { name, kind: 'department', level: 'county' } });
    acknowledged.organs.set(name, json.id);
    return json.id;
  }

  async function fileOne(name: string, seed: number) {
    const organ_id = await makeOrgan(name);
    const report = await post('/v1/reports', { body: generateReport(organ_id, 2023, seed) });
    await post(`/v1/reports/${report.json.id}/submit`, { etag: report.etag });
    acknowledged.reports.set(organ_id, report.json.id);
  }

  /** A batch is sent again as a whole until every line was answered. */
  async function fileMany(name: string, seed: number) {
    const organs: string[] = [];
    for (let index = 0; index < 10; index++) organs.push(await makeOrgan(`${name}-${index}`));
    const body = organs.map((id) => `${JSON.stringify(generateReport(id, 2023, seed))}\n`).join('');
    for (;;) {
      acknowledged.requests++;
      try {
        const headers = { authorization, 'content-type': 'application/x-ndjson' };
        const signal = AbortSignal.timeout(longestWait);
        const answer = await fetch(`${url}/v1/reports/batch`, { method: 'POST', headers, body, signal });
        const lines = (await answer.text()).split('\n').filter(Boolean);
        const results = lines.map((line) => JSON.parse(line));
        const isStored = ({ status }: { status: string }) => status === 'created' || status === 'unchanged';
        // Each line that was answered is acknowledged, whatever becomes of the rest.
        for (const result of results.filter(isStored))
          acknowledged.batched.set(organs[result.line - 1]!, result.report_id);
        if (results.filter(isStored).length === organs.length) return;
      } catch {}
      acknowledged.retries++;
      await sleep(20 + Math.random() * 80);
    }
  }

  const run = async (client: number) => {
    for (let round = 0; !isStopped; round++)
      await (client === 0 ? fileMany : fileOne)(`机关-${client}-${round}`, client * 10_000 + round);
  };
  const running = Promise.all(Array.from({ length: count }, (_, client) => run(client)));
  return {
    acknowledged,
    /** Lets every client finish what it began. */
    async stop(): Promise<Acknowledged> {
      isStopped = true;
      await running;
      return acknowledged;
    },
  };
}

/** A request that was wrong, which no retry mends. */
class Refused extends Error {}
