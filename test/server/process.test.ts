import { existsSync } from 'node:fs';
import { createServer } from 'node:net';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { sql } from 'kysely';
import t from 'tap';
import { createTestDatabase } from '../support/database.ts';
import { temporaryFolder } from '../support/folder.ts';
import { type ServiceProcess, startProcess } from './service-process.ts';

const ADMIN_TOKEN = 'test-administrator';
const { url: DATABASE_URL, db } = await createTestDatabase(t);

t.test('with DATABASE_URL it uses that database and makes nothing of its own', async (t) => {
  const DATA_DIR = join(await temporaryFolder(t), 'data');
  const service = await startProcess(t, { DATABASE_URL, DATA_DIR, LOG_LEVEL: 'info' });
  t.ok(service.url, service.output());
  const { count } = await db
    .selectFrom('divisions')
    .select((all) => all.fn.countAll<number>().as('count'))
    .where('code', 'like', '3213__')
    .executeTakeFirstOrThrow();
  const listed = (await (await fetch(`${service.url}/v1/divisions?under=321300`)).json()) as {
    items: unknown[];
  };
  t.equal(listed.items.length, count);
  t.match(service.output(), /there is no administrator/);
  t.equal((await fetch(`${service.url}/v1/organs`, { method: 'POST' })).status, 401);
  t.equal(await service.end('SIGINT'), 0);
  t.notOk(existsSync(DATA_DIR), 'no folder');
});

t.test('on SIGTERM it is first no longer ready, finishes what is under way, then ends', async (t) => {
  const service = await startProcess(t, { DATABASE_URL, ADMIN_TOKEN });
  t.equal((await fetch(`${service.url}/readyz`)).status, 200);
  const lock = Promise.withResolvers<void>();
  const locked = Promise.withResolvers<void>();
  const holding = db.transaction().execute(async (trx) => {
    await sql`lock table organs in access exclusive mode`.execute(trx);
    locked.resolve();
    await lock.promise;
  });
  await locked.promise;
  const underWay = fetch(`${service.url}/v1/organs`);
  await sleep(100);
  const began = performance.now();
  const ended = service.end('SIGTERM');
  await sleep(100);
  const notReady = await fetch(`${service.url}/readyz`);
  t.equal(notReady.status, 503, 'not ready');
  t.equal(notReady.headers.get('connection'), 'close', 'and asks callers to leave');
  t.equal(
    (await fetch(`${service.url}/v1/editions`)).status,
    200,
    'yet it still answers who has not noticed',
  );
  await sleep(2_000);
  lock.resolve();
  await holding;
  t.equal((await underWay).status, 200, 'the request under way is answered');
  t.equal(await ended, 0);
  t.ok(performance.now() - began > 1_500, 'load balancers had time to notice');
});

t.test('a second signal shortens the notice', async (t) => {
  const [patient, hurried] = await Promise.all([
    startProcess(t, { DATABASE_URL, ADMIN_TOKEN }),
    startProcess(t, { DATABASE_URL, ADMIN_TOKEN }),
  ]);
  const ended: string[] = [];
  const end = (name: string, service: ServiceProcess) =>
    service.end('SIGTERM').then((code) => ended.push(`${name} ${code}`));
  // Who is not hurried is told first, and would end first.
  const ends = [end('patient', patient)];
  await sleep(250);
  ends.push(end('hurried', hurried));
  while ((await fetch(`${hurried.url}/readyz`)).status !== 503) await sleep(10);
  hurried.child.kill('SIGTERM');
  await Promise.all(ends);
  t.strictSame(ended, ['hurried 0', 'patient 0']);
});

t.test('it does not start on an environment that does not fit, and names every fault', async (t) => {
  const { url, output, exitCode } = await startProcess(t, {
    PORT: '70000',
    LOG_LEVEL: 'loud',
    READ_DATABASE_URL: 'x',
  });
  t.equal(url, undefined);
  t.equal(await exitCode, 1);
  for (const name of ['PORT', 'LOG_LEVEL', 'READ_DATABASE_URL needs DATABASE_URL']) t.match(output(), name);
});

t.test('it says why it cannot start, without the password', async (t) => {
  const { url, output, exitCode } = await startProcess(t, {
    DATABASE_URL: 'postgres://someone:hidden@localhost:1/nowhere',
  });
  t.equal(url, undefined);
  t.equal(await exitCode, 1);
  t.match(output(), /cannot start: .*ECONNREFUSED/);
  t.notMatch(output(), /hidden/);

  const taken = createServer();
  await new Promise<void>((resolve) => taken.listen(0, '127.0.0.1', resolve));
  t.teardown(() => taken.close());
  const { port } = taken.address() as { port: number };
  const other = await startProcess(t, { DATABASE_URL, PORT: String(port) });
  t.equal(await other.exitCode, 1);
  t.match(other.output(), /cannot start: .*EADDRINUSE/);
});
