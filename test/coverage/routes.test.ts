import t from 'tap';
import { startService } from '../support/app.ts';
import { createOrgan, publishReport, zeroDocument } from '../support/reports.ts';

const service = await startService(t);
const { request } = service;

const city = await createOrgan(service, { name: '甲市人民政府', kind: 'government', level: 'city' });
const bureau = await createOrgan(service, { parent_id: city });
const other = await createOrgan(service, { name: '乙局', division_code: '330106' });
const whole = await publishReport(service, zeroDocument(city, { scope: 'consolidated' }));
// biome-ignore lint/suspicious/noExplicitAny: answers of several shapes
const statuses = (items: any[]) => items.map(({ organ_id, status }) => [organ_id, status]);

t.test('GET /v1/coverage names every organ with its status', async (t) => {
  const { status, body } = await request('GET', '/v1/coverage?year=2023');
  t.equal(status, 200);
  t.equal(body.next_cursor, null);
  t.same(statuses(body.items), [
    [city, 'used'],
    [bureau, 'covered'],
    [other, 'missing'],
  ]);
  t.same(body.items[1], {
    organ_id: bureau,
    organ_name: body.items[1].organ_name,
    level: 'county',
    kind: 'department',
    division_code: null,
    year: 2023,
    status: 'covered',
    expected: true,
    report_id: null,
    revision: null,
    scope: null,
    covered_by_organ_id: city,
    covered_by_report_id: whole.id,
  });
});

t.test('filters, statuses and the parts of a whole go together', async (t) => {
  const found = async (query: string) =>
    statuses((await request('GET', `/v1/coverage?year=2023&${query}`)).body.items);
  t.same(await found('status=covered,missing'), [
    [bureau, 'covered'],
    [other, 'missing'],
  ]);
  t.same(await found('division=33'), [[other, 'missing']]);
  t.same(await found('kind=department&basis=own'), [
    [bureau, 'missing'],
    [other, 'missing'],
  ]);
  t.same(await found('level=county&under='.concat(city)), [[bureau, 'missing']], 'the city does not match');
  t.same(await found(`parts_of=${city}`), [[bureau, 'missing']]);
  t.same(await found('status=not_due'), []);
});

t.test('pages join without a gap, whatever the status', async (t) => {
  for (const filter of ['', '&status=used&status=missing']) {
    const ids: string[] = [];
    let next: string | null = `/v1/coverage?year=2023&limit=1${filter}`;
    while (next !== null) {
      const answer = await request('GET', next);
      t.equal(answer.body.items.length, 1);
      ids.push(answer.body.items[0].organ_id);
      next = /<([^>]+)>; rel="next"/.exec(answer.headers.get('link') ?? '')?.[1] ?? null;
    }
    t.same(ids, filter === '' ? [city, bureau, other] : [city, other]);
  }
});

t.test('the whole list comes in every format', async (t) => {
  const { items } = (await request('GET', '/v1/coverage?year=2023')).body;
  const ndjson = await request('GET', '/v1/coverage.ndjson?year=2023');
  t.same(
    ndjson.text
      .trim()
      .split('\n')
      .map((line) => JSON.parse(line)),
    items,
  );
  const csv = await request('GET', '/v1/coverage.csv?year=2023&status=missing&bom=true');
  t.equal(csv.headers.get('content-type'), 'text/csv; charset=utf-8');
  const [header, line] = csv.text.trim().split('\n');
  t.match(
    header,
    /organ_id,organ_name,level,kind,division_code,year,status,expected,report_id,revision,scope,covered_by_organ_id,covered_by_report_id$/,
  );
  t.equal(line, `${other},乙局,county,department,330106,2023,missing,true,,,,,`);
});

t.test('places and organs that there are none of are named, and have no parts', async (t) => {
  const nobody = '01900000-0000-7000-8000-000000000000';
  const ask = (query: string, suffix = '') => request('GET', `/v1/coverage${suffix}?year=2023&${query}`);
  t.same((await ask('division=33')).body.warnings, []);
  const { body } = await ask(`division=99,330199&under=${nobody}&organ_id=${other}`);
  t.same(body, {
    items: [],
    next_cursor: null,
    warnings: [
      { code: 'unknown-code', message: '330199 is no division; did you mean 330109?' },
      { code: 'unknown-code', message: '99 is no division' },
      { code: 'unknown-code', message: `${nobody} is no organ` },
    ],
  });
  for (const suffix of ['.csv', '.ndjson']) {
    t.equal((await ask(`division=99&under=${nobody}`, suffix)).headers.get('x-warnings'), 'unknown-code');
    t.equal((await ask('division=33', suffix)).headers.get('x-warnings'), null);
  }
  for (const suffix of ['', '.csv', '.ndjson'])
    t.match(await ask(`parts_of=${nobody}`, suffix), {
      status: 404,
      body: { code: 'not-found', detail: `there is no organ ${nobody}` },
    });
});

t.test('a year is needed, and one; what is no filter or cursor is refused', async (t) => {
  for (const suffix of ['', '.csv', '.ndjson'])
    for (const query of ['', 'year=2018', 'year=2022..2023', 'year=2022&year=2023', 'year=2023&status=late'])
      t.equal((await request('GET', `/v1/coverage${suffix}?${query}`)).status, 400, suffix + query);
  const bad = await request('GET', '/v1/coverage?year=2023&cursor=x');
  t.equal(bad.body.code, 'bad-cursor');
  t.match(bad.body.errors, [{ in: 'query', pointer: '/cursor', code: 'bad-cursor' }]);
  const all = await request('GET', '/v1/coverage?year=2023&status=foo&limit=0&cursor=zz');
  t.equal(all.body.code, 'invalid-request');
  t.match(all.body.errors, [{ pointer: '/status/0' }, { pointer: '/limit' }, { pointer: '/cursor' }]);
  const missing = await request('GET', '/v1/coverage');
  t.match(missing.body.errors, [{ in: 'query', pointer: '/year' }]);
  const headers = { authorization: 'Bearer wrong' };
  for (const suffix of ['', '.csv', '.ndjson'])
    t.equal((await request('GET', `/v1/coverage${suffix}?year=2023`, { headers })).status, 401);
});
