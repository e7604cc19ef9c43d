import { setTimeout as sleep } from 'node:timers/promises';
import pg from 'pg';
import { generateReport } from '../../test/support/generated-reports.ts';
import { token } from './service.ts';

/** The least time from the beginning of one publication to the next, in milliseconds. */
const pause = 100;

export interface Publisher {
  /** Stops the writer. Returns how many reports it has published. */
  stop(): Promise<number>;
}

/**
 * Starts a writer that corrects published reports, one after another. Each correction is a batch of one line that
 * takes effect at once.
 */
export async function startPublisher(url: string, databaseUrl: string): Promise<Publisher> {
  const client = new pg.Client({ connectionString: databaseUrl });
  await client.connect();
  const { rows } = await client
    .query<{ organ_id: string; year: number }>(
      `select organ_id, year from reports join revisions on report_id = reports.id and state = 'published'
       where scope = 'own' order by md5(reports.id::text) limit 10000`,
    )
    .finally(() => client.end());
  const stopping = new AbortController();
  // With this seed the figures are such as no earlier run has published.
  const seed = Date.now() % 1_000_000_000;
  let published = 0;
  const publish = async ({ organ_id, year }: { organ_id: string; year: number }, nth: number) => {
    const answer = await fetch(`${url}/v1/reports/batch?publish=true&reason=${encodeURIComponent('更正')}`, {
      method: 'POST',
      headers: { authorization: `Bearer ${token}`, 'content-type': 'application/x-ndjson' },
      body: `${JSON.stringify(generateReport(organ_id, year, seed + nth))}\n`,
    });
    const text = await answer.text();
    if (!/"status":"(created|updated)"/.test(text))
      throw new Error(`not published: ${answer.status} ${text}`);
    published++;
  };
  const running = (async () => {
    for (const [nth, report] of rows.entries()) {
      if (stopping.signal.aborted) return;
      const next = sleep(pause);
      await publish(report, nth);
      await next;
    }
  })();
  // A failure is thrown by `stop`. Until then it must not count as an unhandled rejection.
  running.catch(() => {});
  return {
    async stop() {
      stopping.abort();
      await running;
      return published;
    },
  };
}
