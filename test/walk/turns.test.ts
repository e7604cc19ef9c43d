import { setTimeout as sleep } from 'node:timers/promises';
import { sql } from 'kysely';
import t from 'tap';
import { v7 } from 'uuid';
import { mostWaiting } from '../../src/walk/turns.ts';
import { type Answer, startService } from '../support/app.ts';
import { createTestDatabase } from '../support/database.ts';

/** Questions that take long wait for each other: here none goes on, since another session has what they read. */

const { db } = await createTestDatabase(t);
const { request } = await startService(t, { db });

/** Questions that share no answer; those about very many organs are no quicker than others. */
const organs = Array.from({ length: 501 }, () => v7());
const ofText = (place: number) => ({ q: String(place) });
/** The first two find something to read, and so keep the others waiting. */
const kinds: readonly ((place: number) => object)[] = [
  ofText,
  ofText,
  (place) => ({ organ_id: organs.slice(0, 150), having: [`reports>${place}`] }),
  // With the year before these are two years of each.
  (place) => ({
    organ_id: organs,
    year: ['2023'],
    group_by: ['year'],
    compute: ['change'],
    having: [`reports>${place}`],
  }),
];
let place = 0;
const asked = (amount: number) =>
  Array.from({ length: amount }, (_, index) => {
    const query = kinds[index % kinds.length]!(++place);
    const body = { of: 'request-statistics', row: ['granted'], ...query };
    return request('POST', '/v1/aggregates/query', { body });
  });

/** While nothing can be walked, until `meanwhile` is over. */
const whileStuck = (meanwhile: () => Promise<void>) =>
  db.transaction().execute(async (trx) => {
    await sql`lock table rollup_segments in access exclusive mode`.execute(trx);
    await meanwhile();
  });

const statuses = (answers: readonly Answer[]) =>
  Object.fromEntries(
    [...Map.groupBy(answers, ({ status }) => status)].map(([status, of]) => [status, of.length]),
  );

t.test('as many wait as will be answered, and nobody else waits for them', async (t) => {
  const underWay = 2;
  let answers: Promise<Answer[]> | undefined;
  await whileStuck(async () => {
    const all = asked(underWay + mostWaiting + 5);
    answers = Promise.all(all);
    const refused = await Promise.race(all);
    t.match(refused, { status: 503, body: { code: 'unavailable', detail: /take long/ } });
    t.ok(Number(refused.headers.get('retry-after')) > 0);
    const others = [
      'organs',
      'aggregates/reports?group_by=year',
      'aggregates/request-statistics?row=granted&group_by=year',
    ];
    for (const path of others)
      t.equal((await request('GET', `/v1/${path}`)).status, 200, `${path} is answered meanwhile`);
  });
  t.strictSame(statuses(await answers!), { 200: underWay + mostWaiting, 503: 5 });
});

t.test('who has waited for too long is told to come back instead of being answered then', async (t) => {
  let answers: Promise<Answer[]> | undefined;
  await whileStuck(async () => {
    answers = Promise.all(asked(10));
    await sleep(500);
    const now = performance.now.bind(performance);
    t.intercept(performance, 'now', { value: () => now() + 61_000 });
  });
  const { 503: refused = 0, ...others } = statuses(await answers!);
  t.equal(refused, 8);
  t.strictSame(Object.values(others), [2], 'those under way end as they may');
});
