import { sql } from 'kysely';
import t from 'tap';
import { openDatabase } from '../../src/db/database.ts';
import { startService } from '../support/app.ts';
import { createTestDatabase } from '../support/database.ts';

/** What takes longer than a statement may is refused, with what would help: here since another session has the tables. */

const { db, url } = await createTestDatabase(t);
const impatient = openDatabase(url, { statementTimeout: 1_000 });
t.teardown(() => impatient.destroy());
const { request } = await startService(t, { db: impatient });
const patient = await startService(t, { db });

for (const [what, path, tables] of [
  ['sums that nothing keeps', 'aggregates/request-statistics?row=granted&q=%E5%8C%BA', 'rollup_segments'],
  ['counts that nothing keeps', 'aggregates/reports?q=%E5%8C%BA', 'rollup_segments'],
  ['codes of sums', 'availability?of=request-statistics&q=%E5%8C%BA', 'rollup_segments'],
  ['codes of counts', 'availability?of=reports&q=%E5%8C%BA', 'rollup_segments'],
  ['counts of drafts', 'aggregates/reports?state=draft', 'revisions'],
] as const)
  t.test(`${what} are refused where they take too long`, async (t) => {
    const answer = await db.transaction().execute(async (trx) => {
      await sql`lock table ${sql.table(tables)} in access exclusive mode`.execute(trx);
      return request('GET', `/v1/${path}`);
    });
    t.match(answer, { status: 422, body: { code: 'too-many-cells', detail: /took too long/ } });
    t.equal((await patient.request('GET', `/v1/${path}`)).status, 200, 'and answered where they do not');
  });
