import { setTimeout as sleep } from 'node:timers/promises';
import { sql } from 'kysely';
import t from 'tap';
import { adminToken, startService } from '../support/app.ts';
import { createOrgan, type Filed, move, publish, publishReport, zeroDocument } from '../support/reports.ts';

const service = await startService(t);
const { db } = service.app;
const years = [2021, 2022, 2023];
const organ = await createOrgan(service);
const published: Filed[] = [];
for (const year of years) published.push(await publishReport(service, zeroDocument(organ, { year })));
const read = (id: string, tags?: string) =>
  service.request('GET', `/v1/reports/${id}`, {
    headers: tags === undefined ? {} : { 'if-none-match': tags },
  });

t.test('readers at the same time are each given the report they asked for', async (t) => {
  const unknown = '01938c5e-7b1a-7c3e-9a51-2f1de0a4c001';
  const ids = Array.from({ length: 60 }, (_, index) => published[index % 4]?.id ?? unknown);
  for (const round of ['read', 'kept']) {
    const answers = await Promise.all(ids.map((id) => read(id)));
    for (const [index, { status, headers, body }] of answers.entries()) {
      if (ids[index] === unknown) t.equal(status, 404, round);
      else
        t.match({ status, body }, { status: 200, body: { id: ids[index], year: years[index % 4] } }, round);
      if (status === 200) t.equal(headers.get('content-type'), 'application/json; charset=utf-8');
    }
  }
  t.match(await read(ids[0]!.toUpperCase()), { status: 200, body: { id: ids[0] } });
});

t.test('what a reader has already is not sent again, whatever was read before', async (t) => {
  const fresh = await publishReport(service, zeroDocument(await createOrgan(service)));
  const stored = await db
    .selectFrom('effective_answers')
    .select(['etag', 'body'])
    .where('report_id', '=', fresh.id)
    .executeTakeFirstOrThrow();
  for (const round of ['not read yet', 'kept']) {
    for (const tags of [stored.etag, `W/${stored.etag}`, `"other", ${stored.etag}`, '*']) {
      const answer = await read(fresh.id, tags);
      t.match(answer, { status: 304, text: '' }, `${round}: ${tags}`);
      t.equal(answer.headers.get('etag'), stored.etag);
    }
    for (const tags of ['"other"', 'W/"other"', stored.etag.slice(1, -1), '"', ''])
      t.match(await read(fresh.id, tags), { status: 200, text: stored.body }, `${round}: ${tags}`);
  }
});

t.test('a correction and a withdrawal are seen by the next reader', async (t) => {
  const first = await publishReport(service, zeroDocument(await createOrgan(service)));
  const { body: before, headers } = await read(first.id);
  t.equal(before.revision, 1);
  const draft = await service.admin('POST', `/v1/reports/${first.id}/revisions`, {
    body: { reason: '更正' },
  });
  t.equal(draft.status, 201);
  t.equal((await read(first.id, headers.get('etag')!)).status, 304, 'what is only being prepared is not');
  const etag = draft.headers.get('etag')!;
  const corrected = await publish(service, { id: first.id, etag, body: draft.body });
  const after = await read(first.id, headers.get('etag')!);
  t.match(after, { status: 200, body: { revision: 2, reason: '更正' } });
  await move(service, corrected, 'withdraw', { reason: '撤回' });
  t.equal((await read(first.id, after.headers.get('etag')!)).status, 404);
});

t.test('a database that is lost is lost for all readers of that moment, and found again', async (t) => {
  const held = Promise.withResolvers<void>();
  const locked = Promise.withResolvers<void>();
  const holding = db.transaction().execute(async (trx) => {
    await sql`lock table effective_answers in access exclusive mode`.execute(trx);
    locked.resolve();
    await held.promise;
  });
  await locked.promise;
  const reading = Promise.all(Array.from({ length: 20 }, (_, index) => read(published[index % 3]!.id)));
  const isDone = { yes: false };
  const done = reading.finally(() => {
    isDone.yes = true;
  });
  while (!isDone.yes) {
    // It may hit the connection it comes by.
    await sql`select pg_terminate_backend(pid) from pg_stat_activity
      where datname = current_database() and wait_event_type = 'Lock'`
      .execute(db)
      .catch(() => {});
    await sleep(20);
  }
  for (const { status, headers } of await done) {
    t.equal(status, 503);
    t.equal(headers.get('retry-after'), '1');
  }
  held.resolve();
  await holding;
  t.equal((await read(published[0]!.id)).status, 200);
});

t.test('who has a token is answered with what the token shows', async (t) => {
  const { id } = published[0]!;
  const seen = await service.request('GET', `/v1/reports/${id}`, {
    headers: { authorization: `Bearer ${adminToken}` },
  });
  t.ok(seen.body.actions.some((action: { allowed: boolean }) => action.allowed));
  t.notOk((await read(id)).body.actions.some((action: { allowed: boolean }) => action.allowed));
});
