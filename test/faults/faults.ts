import { createServer } from 'node:net';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import t, { type Test } from 'tap';
import { verifyAudit } from '../../src/audit/queries.ts';
import { openDatabase } from '../../src/db/database.ts';
import { postgresServer } from '../../src/db/postgres-server.ts';
import { startProcess } from '../server/service-process.ts';
import { temporaryFolder } from '../support/folder.ts';
import { type Acknowledged, startClients } from './clients.ts';

/**
 * `npm run test:faults [-- kills]`: what was acknowledged survives kill -9 of the service and of PostgreSQL, once, and
 * an orderly stop fails no request. A PostgreSQL of its own, safe against crashes as in earnest. Minutes, not seconds.
 */

const kills = Number(process.argv[2] ?? 20);
const clients = 6;
const ADMIN_TOKEN = 'faults';

t.setTimeout(30 * 60_000);
t.jobs = 1;

const freePort = () =>
  new Promise<string>((resolve) => {
    const server = createServer().listen(0, '127.0.0.1', () => {
      const { port } = server.address() as { port: number };
      server.close(() => resolve(String(port)));
    });
  });

async function startDatabase(t: Test) {
  const server = await postgresServer(join(await temporaryFolder(t), 'postgres'));
  t.teardown(() => server.stop());
  await server.start();
  return { server, DATABASE_URL: server.url('postgres') };
}

/** Compares what the clients were told with what the database holds. */
async function compare(t: Test, url: string, told: Acknowledged) {
  const db = openDatabase(url);
  const organs = await db.selectFrom('organs').select(['id', 'name']).execute();
  const reports = await db
    .selectFrom('reports')
    .innerJoin('revisions', 'revisions.report_id', 'reports.id')
    .select(['reports.id', 'organ_id', 'number', 'state'])
    .select((eb) => [
      eb
        .selectFrom('request_statistics')
        .whereRef('revision_id', '=', 'revisions.id')
        .select((rows) => rows.fn.countAll<number>().as('count'))
        .as('rows'),
    ])
    .execute();
  const audited = await db
    .selectFrom('audit_entries')
    .select(['resource_id', 'action', (eb) => eb.fn.countAll<number>().as('count')])
    .groupBy(['resource_id', 'action'])
    .execute();
  const chain = await verifyAudit(db);
  await db.destroy();

  const organById = new Map(organs.map(({ id, name }) => [id, name]));
  const reportsByOrgan = Map.groupBy(reports, ({ organ_id }) => organ_id);
  const lost = { organs: 0, reports: 0, submissions: 0, batched: 0 };
  for (const [name, id] of told.organs) if (organById.get(id) !== name) lost.organs++;
  for (const [organ, id] of told.reports) {
    const stored = reportsByOrgan.get(organ)?.find((report) => report.id === id);
    if (!stored) lost.reports++;
    if (stored?.state !== 'submitted') lost.submissions++;
  }
  for (const [organ, id] of told.batched)
    if (!reportsByOrgan.get(organ)?.some((report) => report.id === id)) lost.batched++;
  const doubled = {
    organs: organs.length - new Set(organs.map(({ name }) => name)).size,
    reports: reports.length - new Set(reports.map(({ organ_id }) => organ_id)).size,
    acts: audited.filter(({ count }) => count > 1).length,
  };
  const written = told.organs.size + 2 * told.reports.size + told.batched.size;
  const sum = (counts: Record<string, number>) =>
    Object.values(counts).reduce((all, count) => all + count, 0);
  t.comment(
    `${written} writes acknowledged in ${told.requests} requests, ${told.retries} of them repeated: ` +
      `${sum(lost)} lost, ${sum(doubled)} doubled`,
  );
  t.ok(written > kills, 'there was something to lose');
  t.strictSame(lost, { organs: 0, reports: 0, submissions: 0, batched: 0 }, 'nothing acknowledged is lost');
  t.strictSame(doubled, { organs: 0, reports: 0, acts: 0 }, 'nothing was done twice');
  t.equal(organs.length, told.organs.size, 'and nothing is there that nobody asked for');
  t.equal(new Set(reports.map(({ rows }) => rows)).size, 1, 'every report is whole');
  t.equal(chain.fault, null, 'the audit chain is whole');
}

t.test(`kill -9 of the service, ${kills} times, while ${clients} clients write`, async (t) => {
  const { DATABASE_URL } = await startDatabase(t);
  const PORT = await freePort();
  const start = () => startProcess(t, { DATABASE_URL, ADMIN_TOKEN, PORT });
  let service = await start();
  if (!service.url) throw new Error(service.output());
  const writing = startClients(`http://127.0.0.1:${PORT}`, ADMIN_TOKEN, clients);
  for (let kill = 0; kill < kills; kill++) {
    await sleep(200 + Math.random() * 800);
    await service.end('SIGKILL');
    service = await start();
    if (!service.url) throw new Error(service.output());
  }
  await compare(t, DATABASE_URL, await writing.stop());
  t.equal(await service.end('SIGTERM'), 0);
});

t.test(`kill -9 of PostgreSQL, ${kills} times, while ${clients} clients write`, async (t) => {
  const { server, DATABASE_URL } = await startDatabase(t);
  const PORT = await freePort();
  const service = await startProcess(t, { DATABASE_URL, ADMIN_TOKEN, PORT });
  if (!service.url) throw new Error(service.output());
  const writing = startClients(`http://127.0.0.1:${PORT}`, ADMIN_TOKEN, clients);
  for (let kill = 0; kill < kills; kill++) {
    await sleep(500 + Math.random() * 1_000);
    process.kill((await server.pid())!, 'SIGKILL');
    while (await server.pid()) await sleep(10);
    await server.start();
    if (service.child.exitCode !== null)
      throw new Error(`the service ended: ${service.output().slice(-2_000)}`);
  }
  await sleep(500);
  await compare(t, DATABASE_URL, await writing.stop());
  t.equal(service.child.exitCode, null, 'the service itself never went down');
  t.equal(await service.end('SIGTERM'), 0);
});

t.test('an orderly stop under load fails no request', async (t) => {
  const { DATABASE_URL } = await startDatabase(t);
  const start = async () => {
    const service = await startProcess(t, { DATABASE_URL, ADMIN_TOKEN });
    if (!service.url) throw new Error(service.output());
    return service;
  };
  const instances = [await start(), await start()];
  let isStopped = false;
  /** As a load balancer does it: sends only to instances that were ready when last asked. */
  const ready = new Set(instances.map(({ url }) => url!));
  const probe = async () => {
    while (!isStopped) {
      for (const { url } of instances) {
        const answer = await fetch(`${url}/readyz`).catch(() => undefined);
        if (answer?.ok) ready.add(url!);
        else ready.delete(url!);
      }
      await sleep(200);
    }
  };
  let requests = 0;
  const failures: string[] = [];
  const load = async (client: number) => {
    for (let round = 0; !isStopped; round++) {
      const targets = [...ready];
      const url = targets[(client + round) % targets.length];
      if (url === undefined) throw new Error('no instance is ready');
      const isWrite = round % 3 === 0;
      requests++;
      try {
        const answer = await fetch(`${url}${isWrite ? '/v1/organs' : '/v1/organs?limit=10'}`, {
          method: isWrite ? 'POST' : 'GET',
          headers: { authorization: `Bearer ${ADMIN_TOKEN}`, 'content-type': 'application/json' },
          body: isWrite
            ? JSON.stringify({ name: `机关${client}-${round}`, kind: 'department', level: 'county' })
            : null,
        });
        const text = await answer.text();
        if (!answer.ok) failures.push(`${answer.status} ${text}`);
      } catch (error) {
        failures.push(String((error as Error).cause ?? error));
      }
    }
  };
  const running = [probe(), ...Array.from({ length: 16 }, (_, client) => load(client))];
  const stops = 5;
  for (let stop = 0; stop < stops; stop++) {
    await sleep(1_000);
    const [leaving] = instances.splice(0, 1);
    instances.push(leaving!);
    t.equal(await leaving!.end('SIGTERM'), 0);
    ready.delete(leaving!.url!);
    instances.pop();
    instances.push(await start());
  }
  await sleep(1_000);
  isStopped = true;
  await Promise.all(running);
  t.comment(`${stops} stops, ${requests} requests: ${failures.length} failed`);
  t.strictSame(failures, []);
});

t.test('of a thousand increments by twenty clients with If-Match none is lost', async (t) => {
  const { DATABASE_URL } = await startDatabase(t);
  const { url, output } = await startProcess(t, { DATABASE_URL, ADMIN_TOKEN });
  if (!url) throw new Error(output());
  const send = (method: string, path: string, body?: unknown, etag?: string) =>
    fetch(url + path, {
      method,
      headers: {
        authorization: `Bearer ${ADMIN_TOKEN}`,
        'content-type': 'application/json',
        ...(etag === undefined ? {} : { 'if-match': etag }),
      },
      body: body === undefined ? null : JSON.stringify(body),
    });
  const created = async (path: string, body: unknown) =>
    ((await (await send('POST', path, body)).json()) as { id: string }).id;
  const cells = { business: 0, research: 0, public_interest: 0, legal_service: 0, other: 0, total: 0 };
  const organ_id = await created('/v1/organs', { name: '计数机关', kind: 'department', level: 'county' });
  const report = await created('/v1/reports', {
    organ_id,
    year: 2023,
    scope: 'own',
    request_statistics: [{ row: 'granted', natural_person: 0, ...cells }],
  });
  const path = `/v1/reports/${report}/draft/request-statistics/granted`;
  let refused = 0;
  const increment = async () => {
    for (;;) {
      const read = await send('GET', path);
      const { natural_person } = (await read.json()) as { natural_person: number };
      const written = await send(
        'PATCH',
        path,
        { natural_person: natural_person + 1 },
        read.headers.get('etag')!,
      );
      if (written.status === 200) return;
      if (written.status !== 412) throw new Error(await written.text());
      refused++;
      await sleep(Math.random() * 100);
    }
  };
  const each = async () => {
    for (let i = 0; i < 50; i++) await increment();
  };
  await Promise.all(Array.from({ length: 20 }, each));
  const { natural_person } = (await (await send('GET', path)).json()) as { natural_person: number };
  t.comment(`1000 increments, ${refused} refused as stale: ${1000 - natural_person} lost`);
  t.equal(natural_person, 1000);
});
