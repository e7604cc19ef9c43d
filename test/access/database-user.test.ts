import { randomBytes } from 'node:crypto';
import t from 'tap';
import { openDatabase } from '../../src/db/database.ts';
import { migrate } from '../../src/db/migrate.ts';
import { startService } from '../support/app.ts';
import { createDatabase, execute, maintenanceVariable } from '../support/database.ts';
import { fileReport } from '../support/reports.ts';
import { createCaller, createTree } from './support.ts';

t.test('the service needs no superuser, only that it may act as its callers', async (t) => {
  const server = process.env[maintenanceVariable]!;
  const name = `gongkai_test_user_${randomBytes(4).toString('hex')}`;
  await execute(server, `create role ${name} login password 'secret'`);
  t.teardown(() => execute(server, `drop role ${name}`));
  const superuser = await createDatabase(t);
  await execute(superuser, `alter database ${new URL(superuser).pathname.slice(1)} owner to ${name}`);
  await execute(superuser, `alter schema public owner to ${name}`);
  const url = new URL(superuser);
  url.username = name;
  url.password = 'secret';

  await t.rejects(migrate(url.href), /may not act as the role gongkai_caller/);
  await execute(superuser, `grant gongkai_caller to ${name}`);
  t.ok((await migrate(url.href)).includes('0005-permissions'));

  const db = openDatabase(url.href);
  t.teardown(() => db.destroy());
  const service = await startService(t, { db });
  const { county, sibling } = await createTree(service);
  const report = await fileReport(service, { organ_id: county, year: 2023, scope: 'own' });
  const path = `/v1/reports/${report.id}`;
  const own = await createCaller(service, [{ role: 'preparer', organ_id: county }]);
  const other = await createCaller(service, [{ role: 'preparer', organ_id: sibling }]);
  t.equal((await own.request('GET', path)).status, 200);
  t.equal((await other.request('GET', path)).status, 404);
});
