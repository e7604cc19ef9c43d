import fc from 'fast-check';
import { sql } from 'kysely';
import t from 'tap';
import { plus } from '../../src/aggregates/exact.ts';
import { requestStatistics } from '../../src/aggregates/request-statistics.ts';
import { changedRows } from '../../src/rollups/changed-rows.ts';
import { foldRollups, rebuildRollups } from '../../src/rollups/maintenance.ts';
import { verifyRollups } from '../../src/rollups/verification.ts';
import { startService } from '../support/app.ts';
import { createOrgan, zeroDocument } from '../support/reports.ts';

const service = await startService(t);
const { app } = service;

/** A report with so many requests received by everyone's kind. */
const document = (organ_id: string, received: number | null, year = 2023) => ({
  organ_id,
  year,
  scope: 'own',
  request_statistics: zeroDocument(organ_id).request_statistics.map((row) =>
    row.row === 'new_received' ? { ...row, natural_person: received, total: received } : row,
  ),
});

const publish = (lines: object[]) =>
  service.admin('POST', '/v1/reports/batch?publish=true&reason=new', {
    headers: { 'content-type': 'application/x-ndjson' },
    body: lines.map((line) => JSON.stringify(line)).join('\n'),
  });

const received = '/v1/aggregates/request-statistics?row=new_received&group_by=province&year=2023';
const ask = async (words = '') => (await service.request('GET', `${received}${words}`)).body;

/** Takes the sums away that answers are made of, so that only who keeps them can answer; puts them back afterwards. */
async function withoutSums<T>(work: () => Promise<T>): Promise<T> {
  await sql`alter table rollup_request_statistics rename to hidden`.execute(app.db);
  await sql`create table rollup_request_statistics (like hidden including all)`.execute(app.db);
  try {
    return await work();
  } finally {
    await sql`drop table rollup_request_statistics`.execute(app.db);
    await sql`alter table hidden rename to rollup_request_statistics`.execute(app.db);
  }
}

const jiangsu = await createOrgan(service, { division_code: '321302' });
const zhejiang = await createOrgan(service, { division_code: '330106' });

t.test('sums that were read once are brought up to date by what changes', async (t) => {
  await publish([document(jiangsu, 5), document(zhejiang, 7)]);
  await foldRollups(app.db, true);
  const value = (province: string, { data }: { data: { province: string; value: number | null }[] }) =>
    data.find((row) => row.province === province)?.value;
  t.equal(value('320000', await ask()), 5);
  await withoutSums(async () => {
    t.equal(value('330000', await ask('&having=value%3E6')), 7, 'asked in other words');
    await publish([document(jiangsu, 6)]);
    const answer = await ask();
    t.equal(value('320000', answer), 6, 'a correction counts instead of what it corrects');
    t.equal(value('330000', answer), 7, 'what did not change is what it was');
    t.equal(answer.coverage.reports, 2);
  });
  await foldRollups(app.db, true);
  await withoutSums(async () => {
    t.equal(value('320000', await ask('&sort=value')), 6, 'the same when it is folded');
    await publish([document(jiangsu, null)]);
    const { data, coverage } = await ask('&sort=-value');
    t.strictSame(
      data.map(({ province, value, blank }: Record<string, unknown>) => [province, value, blank]),
      [
        ['330000', 7, 0],
        ['320000', null, 1],
      ],
      'a blank is none, and counted',
    );
    t.equal(coverage.organs_missing, 0);
    const organ = await createOrgan(service, { division_code: '330106' });
    t.equal((await ask()).coverage.organs_missing, 1, 'a new organ is missing');
    await service.admin('PATCH', `/v1/organs/${organ}`, { body: { abolished_on: '2022-05-01' } });
    t.equal((await ask()).coverage.organs_missing, 0, 'one that was gone is not');
  });
});

t.test('what is in no cell yet is in sums that are asked for once it is folded', async (t) => {
  const of2021 = '/v1/aggregates/request-statistics?row=new_received&group_by=province&year=2021';
  const values = async () => {
    const { body } = await service.request('GET', of2021);
    return body.data.map(({ province, value }: Record<string, unknown>) => [province, value]);
  };
  await ask();
  await publish([document(jiangsu, 3, 2021)]);
  await foldRollups(app.db, true);
  t.strictSame(await values(), [['320000', 3]], 'the first report of a year');
  await publish([document(zhejiang, 4, 2021)]);
  t.strictSame(await values(), [
    ['320000', 3],
    ['330000', 4],
  ]);
});

t.test('as many questions as come are answered where nothing is kept any more', async (t) => {
  const asked = [
    ...['province', 'city', 'county', 'level', 'kind', 'year'].flatMap((key) => [
      `request-statistics?row=new_received&group_by=${key}`,
      `review-litigation-counts?proceeding=review&year=2023&group_by=${key}`,
    ]),
    'reports?group_by=kind',
    'reports?group_by=city',
    'reports',
  ];
  const askAll = () =>
    Promise.all(asked.map(async (each) => (await service.request('GET', `/v1/aggregates/${each}`)).status));
  await askAll();
  await rebuildRollups(app.db);
  t.strictSame(new Set(await askAll()), new Set([200]));
});

t.test('what reports say that changed is read once for all who ask', async (t) => {
  const before = await app.rollups.sums();
  await publish([document(jiangsu, 8, 2021)]);
  await publish([document(zhejiang, 9, 2021)]);
  const { state } = await app.rollups.sums();
  const { changes } = state.since(before.state.moment)!;
  const [ones, others] = await Promise.all([1, 2].map(() => changedRows(app.db, requestStatistics, changes)));
  t.ok(ones!.length > 0 && ones!.every((each, place) => each === others![place]));
  t.equal(new Set(ones).size, 1, 'of all moments at once');
});

t.test('what was asked for of one change is read of the next before anybody asks', async (t) => {
  const changesSince = async ({ state: { moment } }: { state: { moment: number } }) => {
    const { state } = await app.rollups.sums();
    return state.since(moment)!.changes;
  };
  const before = await app.rollups.sums();
  await publish([document(jiangsu, 10, 2021)]);
  await changedRows(app.db, requestStatistics, await changesSince(before));
  const between = await app.rollups.sums();
  await publish([document(jiangsu, 11, 2021)]);
  const [next] = await changesSince(between);
  t.ok(next!.rows.has('request_statistics'));
  t.equal(
    await next!.rows.get('request_statistics'),
    (await changedRows(app.db, requestStatistics, [next!]))[0],
  );
});

t.test('where more changed than is remembered, the sums are read again', async (t) => {
  const { rows } = await sql<{ id: string }>`
    insert into organs (id, name, kind, level, division_code)
    select gen_random_uuid(), '机关' || number, 'department', 'county', '321302' from generate_series(1, 1001) as number
    returning id`.execute(app.db);
  const organs = rows.map(({ id }) => id);
  await ask();
  await foldRollups(app.db, true);
  await publish(organs.map((id) => document(id, 1)));
  await foldRollups(app.db, true);
  const { coverage, data } = await ask();
  t.equal(coverage.reports, 1003);
  t.equal(data[0].value, 1001);
  t.strictSame((await verifyRollups(app.db)).differences, []);
  const { rows: left } = await sql`select from rollup_folded_changes`.execute(app.db);
  t.ok(left.length <= 1000, `${left.length} changes are remembered`);
});

t.test('sums as text are added exactly, whatever their decimals', async (t) => {
  const money = fc.tuple(fc.bigInt(-(10n ** 20n), 10n ** 20n), fc.nat(4));
  const textOf = ([units, decimals]: [bigint, number]) => {
    const digits = String(units < 0n ? -units : units).padStart(decimals + 1, '0');
    const at = digits.length - decimals;
    return `${units < 0n ? '-' : ''}${digits.slice(0, at)}${decimals > 0 ? `.${digits.slice(at)}` : ''}`;
  };
  const { rows } = await sql<{ a: string; b: string; sum: string }>`
    select a::text, b::text, (a + b)::text as sum
    from unnest(${fc.sample(money, 500).map(textOf)}::numeric[], ${fc.sample(money, 500).map(textOf)}::numeric[]) as pairs (a, b)`.execute(
    app.db,
  );
  for (const { a, b, sum } of rows)
    if (plus(a, b) !== sum) t.fail(`${a} + ${b} is ${sum}, not ${plus(a, b)}`);
  t.equal(rows.length, 500);
});
