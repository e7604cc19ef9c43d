import t from 'tap';
import { startService } from '../support/app.ts';
import { createOrgan, fileReport, publishReport, zeroDocument } from '../support/reports.ts';

const service = await startService(t);
const { admin, request } = service;
const city = await createOrgan(service, {
  name: '甲市人民政府',
  kind: 'government',
  level: 'city',
  division_code: '321300',
});
const bureau = await createOrgan(service, {
  name: '=甲市审计局',
  parent_id: city,
  level: 'city',
  division_code: '321300',
});
const other = await createOrgan(service, {
  name: '乙县人民政府',
  kind: 'government',
  division_code: '320831',
});
const ids: Record<string, string> = {};
for (const [name, organ, members] of [
  ['city 2022', city, { year: 2022, scope: 'consolidated', published_on: '2023-01-31' }],
  [
    'city 2023',
    city,
    { year: 2023, scope: 'consolidated', published_on: '2024-03-31', title: '甲市年度报告' },
  ],
  ['bureau 2023', bureau, { year: 2023, published_on: '2024-01-31' }],
  ['other 2023', other, { year: 2023 }],
] as const)
  ids[name] = (await publishReport(service, zeroDocument(organ, members))).id;
const draft = await fileReport(service, zeroDocument(other, { year: 2024 }));
const named = (answer: { body: { items: { id: string }[] } }) =>
  answer.body.items.map(({ id }) => Object.keys(ids).find((name) => ids[name] === id) ?? 'draft');

t.test('reports are found by organ, subtree, place, level, kind, year, scope, date and text', async (t) => {
  for (const [query, expected] of [
    ['', Object.keys(ids)],
    [`organ_id=${city}`, ['city 2022', 'city 2023']],
    [`organ_id=${bureau}&organ_id=${other}`, ['bureau 2023', 'other 2023']],
    [`organ_id=${bureau},${other}`, ['bureau 2023', 'other 2023']],
    [`organ_id[]=${bureau}&organ_id[]=${other}`, ['bureau 2023', 'other 2023']],
    [`under=${city}`, ['city 2022', 'city 2023', 'bureau 2023']],
    ['division=3213', ['city 2022', 'city 2023', 'bureau 2023']],
    ['division=320000', Object.keys(ids)],
    ['level=county', ['other 2023']],
    ['kind=department', ['bureau 2023']],
    ['year=2022', ['city 2022']],
    ['year=2019..2022', ['city 2022']],
    ['year=2022,2023&scope=own', ['bureau 2023', 'other 2023']],
    ['published_since=2024-03-31', ['city 2023']],
    ['q=审计', ['bureau 2023']],
    ['q=年度报告', ['city 2023']],
    ['state=published', Object.keys(ids)],
  ] as const)
    t.same(named(await request('GET', `/v1/reports?${query}`)), expected, query || 'all');
  const { items } = (await request('GET', '/v1/reports')).body;
  const times: string[] = items.map(({ effective_at }: { effective_at: string }) => effective_at).toSorted();
  for (const since of [times[0]!, times.at(-1)!, '2099-01-01T00:00:00%2B08:00'])
    t.strictSame(
      (await request('GET', `/v1/reports?effective_since=${since}`)).body.items,
      items.filter((each: { effective_at: string }) => each.effective_at >= since),
      since,
    );
  t.equal((await request('GET', '/v1/reports?effective_since=2024-01-31')).status, 400);
  t.same(named(await admin('GET', '/v1/reports?state=draft')), ['draft']);
  t.same(named(await admin('GET', '/v1/reports')), [...Object.keys(ids), 'draft']);
  t.equal((await request('GET', '/v1/reports?year=2023..2019')).status, 400);
  t.equal((await request('GET', '/v1/reports?published_since=2024-02-30')).status, 400);
});

t.test('pages cover the list once and cursors belong to their filters', async (t) => {
  const first = await request('GET', '/v1/reports?limit=3');
  t.match(first.headers.get('link'), /rel="next"/);
  const second = await request('GET', `/v1/reports?limit=3&cursor=${first.body.next_cursor}`);
  t.same([...named(first), ...named(second)], Object.keys(ids));
  t.equal(second.body.next_cursor, null);
  for (const query of ['cursor=x', `year=2022&cursor=${first.body.next_cursor}`]) {
    const refused = await request('GET', `/v1/reports?${query}`);
    t.match(refused.body, { status: 400, code: 'bad-cursor' });
  }
});

t.test('a report that is corrected between two pages stands once, whoever reads', async (t) => {
  const first = await admin('GET', '/v1/reports?limit=1&year=2022');
  for (const read of [request, admin]) {
    const page = await read('GET', '/v1/reports?limit=1&state=published');
    const [{ id }] = page.body.items;
    const path = `/v1/reports/${id}`;
    const any = { 'if-match': '*' };
    await admin('POST', `${path}/revisions`, { body: { reason: '更正' } });
    for (const action of ['submit', 'publish']) await admin('POST', `${path}/${action}`, { headers: any });
    const next = await read('GET', `/v1/reports?limit=1&state=published&cursor=${page.body.next_cursor}`);
    t.not(next.body.items[0].id, id);
    t.equal(first.body.items[0].id, id, 'it was the first');
  }
});

t.test('the whole list streams as CSV and NDJSON with the same cells', async (t) => {
  const csv = await request('GET', '/v1/reports.csv?year=2023');
  t.equal(csv.headers.get('content-type'), 'text/csv; charset=utf-8');
  const [header, ...lines] = csv.text.trim().split(/\r?\n/);
  t.match(header, /^id,organ_id,organ_name,year,scope,state,revision,/);
  const ndjson = (await request('GET', '/v1/reports.ndjson?year=2023')).text
    .trim()
    .split('\n')
    .map((line) => JSON.parse(line));
  t.same(
    ndjson.map((row) => row.id),
    [ids['city 2023'], ids['bureau 2023'], ids['other 2023']],
  );
  t.same(
    ndjson,
    (await request('GET', '/v1/reports?year=2023')).body.items,
    'NDJSON has the items of the list',
  );
  t.match(header, /,disclosure_edition,request_edition,/, 'CSV has nothing within anything');
  t.equal(lines.length, ndjson.length);
  t.ok(lines[1]!.includes("'=甲市审计局"), 'a name that begins like a formula is made text');
  t.equal(
    (await request('GET', '/v1/reports.ndjson')).text.trim().split('\n').length,
    4,
    'no drafts for the public',
  );
  t.equal((await admin('GET', '/v1/reports.ndjson')).text.trim().split('\n').length, 5);
  const organs = (await request('GET', `/v1/organs.ndjson?under=${city}`)).text
    .trim()
    .split('\n')
    .map((line) => JSON.parse(line));
  t.same(organs, (await request('GET', `/v1/organs?under=${city}`)).body.items);
  t.equal((await request('GET', '/v1/organs.csv?limit=3')).status, 400, 'a stream has no pages');
});

t.test('a summary has neither narrative nor figures', async (t) => {
  const [summary] = (await admin('GET', `/v1/reports?organ_id=${other}&year=2024`)).body.items;
  t.match(summary, { id: draft.id, organ_name: '乙县人民政府', state: 'draft', revision: 1 });
  for (const member of ['overview', 'disclosure_items', 'disclosure_edition'])
    t.notOk(member in summary, member);
});
