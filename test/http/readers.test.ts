import t from 'tap';
import { openDatabase } from '../../src/db/database.ts';
import { startService } from '../support/app.ts';
import { createTestDatabase } from '../support/database.ts';
import { createOrgan, publishReport, zeroDocument } from '../support/reports.ts';

/** Writers have one connection here, which another session of the test takes. */

const { url, db: readDb } = await createTestDatabase(t);
const db = openDatabase(url, { max: 1 });
t.teardown(() => db.destroy());
const service = await startService(t, { db, readDb });
const { request } = service;
const organ = await createOrgan(service, { name: '读者局' });
const { id } = await publishReport(service, zeroDocument(organ));

t.test('what the public reads of reports and organs waits for no writer', async (t) => {
  const writer = await db.startTransaction().execute();
  t.teardown(() => writer.rollback().execute());
  for (const path of [
    '/v1/organs',
    `/v1/organs/${organ}`,
    `/v1/organs/${organ}/history`,
    `/v1/organs/${organ}/consolidation?year=2023`,
    `/v1/organs/${organ}/consolidation.csv?year=2023`,
    '/v1/coverage?year=2023',
    '/v1/coverage.ndjson?year=2023',
    '/v1/reports',
    `/v1/reports/${id}`,
    `/v1/reports/${id}/revisions`,
    `/v1/reports/${id}/revisions/1`,
    `/v1/reports/${id}/findings`,
    `/v1/reports/${id}/request-statistics`,
    '/v1/request-statistics?limit=1',
    '/v1/divisions?limit=1',
    '/livez',
  ]) {
    const { status, headers } = await request('GET', path);
    t.equal(status, 200, path);
    if (path !== '/livez')
      t.match(headers.get('vary'), /authorization/i, `who asks makes a difference to ${path}`);
  }
});

t.test('whoever runs the service needs no token, and a wrong one is not looked at', async (t) => {
  for (const path of ['/livez', '/readyz', '/metrics'])
    t.equal((await request('GET', path, { headers: { authorization: 'Bearer x' } })).status, 200, path);
});
