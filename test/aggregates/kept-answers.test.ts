import { sql } from 'kysely';
import t from 'tap';
import { foldRollups } from '../../src/rollups/maintenance.ts';
import { startService } from '../support/app.ts';
import { createOrgan, zeroDocument } from '../support/reports.ts';

const service = await startService(t);
const path = '/v1/aggregates/request-statistics?year=2023&row=new_received';

/** A report of one request received. */
const document = (organ_id: string) => ({
  organ_id,
  year: 2023,
  scope: 'own',
  request_statistics: zeroDocument(organ_id).request_statistics.map((row) =>
    row.row === 'new_received' ? { ...row, natural_person: 1, total: 1 } : row,
  ),
});

const load = (organs: string[], folded = '') =>
  service.admin('POST', `/v1/reports/batch?publish=true${folded}`, {
    headers: { 'content-type': 'application/x-ndjson' },
    body: organs.map((id) => JSON.stringify(document(id))).join('\n'),
  });

t.test('a write that was acknowledged is in the next answer, however many ask at a time', async (t) => {
  const organs = await Promise.all(Array.from({ length: 40 }, () => createOrgan(service)));
  let begun = 0;
  let acknowledged = 0;
  let asked = 0;
  const write = async () => {
    for (let id = organs.pop(); id !== undefined; id = organs.pop()) {
      begun++;
      await load([id]);
      acknowledged++;
    }
  };
  const read = async () => {
    while (organs.length > 0) {
      const least = acknowledged;
      // In the same words, or in other words for the same sums.
      const words = asked % 2 === 0 ? '' : `&having=reports%3E-${asked}`;
      const { body } = await service.request('GET', `${path}${words}`);
      const value = body.data[0]?.value ?? 0;
      asked++;
      if (value < least || value > begun) t.fail(`${value} is not between ${least} and ${begun}`);
    }
  };
  await Promise.all([write(), write(), write(), read(), read(), read(), read()]);
  t.equal((await service.request('GET', path)).body.data[0].value, 40);
  t.ok(asked > 10, `${asked} answers were looked at`);
});

t.test('while nothing is published the same answer is given again, then another', async (t) => {
  const first = await service.request('GET', path);
  t.equal((await service.request('GET', path)).text, first.text, 'to the time it is of');
  t.equal(first.headers.get('content-type'), 'application/json; charset=utf-8');
  const organ = await createOrgan(service);
  const next = await service.request('GET', path);
  t.equal(next.body.coverage.organs_expected, first.body.coverage.organs_expected + 1);
  await load([organ]);
  t.equal((await service.request('GET', path)).body.data[0].value, 41);
});

t.test('where very many changes wait, they are folded before they are read', async (t) => {
  const { rows } = await sql<{ id: string }>`
    insert into organs (id, name, kind, level)
    select gen_random_uuid(), '机关' || number, 'department', 'county' from generate_series(1, 600) as number
    returning id`.execute(service.app.db);
  await load(rows.map(({ id }) => id));
  t.equal((await service.request('GET', path)).body.data[0].value, 641);
  const { state } = await service.app.rollups.sums();
  t.ok(state.pending < 10, `${state.pending} changes wait`);
});

t.test('an answer of very many rows is made anew each time', async (t) => {
  const ask = async () =>
    (await service.request('GET', '/v1/aggregates/request-statistics?year=2023&group_by=organ,row')).body;
  const [first, second] = [await ask(), await ask()];
  t.ok(first.data.length > 10_000, `${first.data.length} rows`);
  t.same(second.data, first.data);
  t.not((await ask()).data_as_of, second.data_as_of);
});

t.test('what is published elsewhere or for another year leaves an answer as it is', async (t) => {
  const [jiangsu, zhejiang] = [
    await createOrgan(service, { division_code: '321302' }),
    await createOrgan(service, { division_code: '330106' }),
  ];
  const publish = (organ_id: string, year: number) =>
    service.admin('POST', '/v1/reports/batch?publish=true&reason=new', {
      headers: { 'content-type': 'application/x-ndjson' },
      body: JSON.stringify({ ...document(organ_id), year, published_on: '2024-01-30' }),
    });
  const ask = async (query: string) => {
    const answer = async () => (await service.request('GET', `${path}&group_by=year,province${query}`)).body;
    await answer();
    return (await answer()).data_as_of as string;
  };
  const inJiangsu = '&division=320000';
  const withChange = '&compute=change';
  const before = [await ask(''), await ask(inJiangsu), await ask(withChange)];
  await publish(jiangsu, 2021);
  t.strictSame([await ask(''), await ask(inJiangsu), await ask(withChange)], before, 'another year');
  await foldRollups(service.app.db, true);
  t.strictSame(
    [await ask(''), await ask(inJiangsu), await ask(withChange)],
    before,
    'also when it is folded',
  );
  await publish(jiangsu, 2022);
  t.strictSame([await ask(''), await ask(inJiangsu)], before.slice(0, 2), 'and the year before');
  t.not(await ask(withChange), before[2], 'is what a change is beside');
  await publish(zhejiang, 2023);
  t.not(await ask(''), before[0], 'the year asked for');
  t.equal(await ask(inJiangsu), before[1], 'in another province');
  const last = '&division=320000&year=last:1';
  const years = async () => {
    const address = `${path.replace('year=2023&', '')}&group_by=year${last}`;
    await service.request('GET', address);
    const { data } = (await service.request('GET', address)).body;
    return data.map(({ year }: { year: number }) => year);
  };
  await publish(jiangsu, 2023);
  t.strictSame(await years(), [2023]);
  await publish(zhejiang, 2024);
  t.strictSame(await years(), [], 'the last year is that of any province');
  const after = await ask(inJiangsu);
  await createOrgan(service, { division_code: '321302' });
  t.not(await ask(inJiangsu), after, 'a new organ there owes reports of every year');
});

t.test('a ranking of organs is given again until one of them is called otherwise', async (t) => {
  const { id: city } = (
    await service.admin('POST', '/v1/organs', {
      body: { name: '苏州市人民政府', kind: 'government', level: 'city', division_code: '320500' },
    })
  ).body;
  const organ = await createOrgan(service, {
    name: '苏州市教育局',
    parent_id: city,
    division_code: '320500',
  });
  await load([organ]);
  const ask = async (query: string) => {
    const answer = async () => (await service.request('GET', `${path}&group_by=organ${query}`)).body;
    await answer();
    const { data, data_as_of, coverage } = await answer();
    return { data_as_of, coverage, names: data.map(({ organ_name }: Record<string, string>) => organ_name) };
  };
  const change = async (id: string, body: Record<string, unknown>) => {
    const { headers } = await service.admin('GET', `/v1/organs/${id}`);
    const { status } = await service.admin('PATCH', `/v1/organs/${id}`, {
      headers: { 'if-match': headers.get('etag')! },
      body,
    });
    t.equal(status, 200);
  };
  const [ranking, below, named] = ['&division=320500&top=1', `&under=${city}`, '&q=教育'];
  const before = [await ask(ranking), await ask(below), await ask(named)];
  for (const { names } of before) t.strictSame(names, ['苏州市教育局']);
  t.strictSame([await ask(ranking), await ask(below), await ask(named)], before, 'to the time it is of');
  await createOrgan(service, { division_code: '330106' });
  t.strictSame(await ask(ranking), before[0], 'whatever happens elsewhere');

  await change(organ, { name: '苏州市体育局' });
  t.strictSame((await ask(ranking)).names, ['苏州市体育局']);
  t.strictSame((await ask(below)).names, ['苏州市体育局']);
  t.strictSame((await ask(named)).names, [], 'which is found by its name no more');

  const under = await ask(below);
  t.equal(under.coverage.organs_expected, 2);
  await change(organ, { parent_id: null });
  t.strictSame((await ask(below)).names, [], 'out of the tree');
  t.equal((await ask(below)).coverage.organs_expected, 1);

  // Also where it stood before it moved.
  await change(organ, { division_code: '330106', valid_from: '2024-06-01' });
  t.strictSame((await ask(ranking)).names, ['苏州市体育局']);
  await change(organ, { name: '苏州市民政局' });
  t.strictSame((await ask(ranking)).names, ['苏州市民政局']);
});

t.test('however little may be kept, answers are the same', async (t) => {
  const { text } = await service.request('GET', path);
  for (const keptMegabytes of [0, 1, 5]) {
    const other = await startService(t, { db: service.app.db, keptMegabytes });
    for (let time = 0; time < 3; time++)
      t.strictSame(
        (await other.request('GET', path)).body.data,
        JSON.parse(text).data,
        `${keptMegabytes} MB`,
      );
  }
});
