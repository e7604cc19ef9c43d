import t from 'tap';
import { startService } from '../support/app.ts';
import { createOrgan, publishReport, zeroDocument, zeroFigures } from '../support/reports.ts';

const service = await startService(t);
const { admin, request } = service;
const patch = (id: string, body: Record<string, unknown>) => admin('PATCH', `/v1/organs/${id}`, { body });
const government = (name: string, members: Record<string, unknown> = {}) =>
  createOrgan(service, { name, kind: 'government', level: 'city', ...members });

t.test('a renamed organ keeps its earlier names', async (t) => {
  const id = await createOrgan(service, { name: '环境保护局' });
  const renamed = await patch(id, { name: '生态环境局', valid_from: '2019-03-01' });
  t.match(renamed.body, { name: '生态环境局', valid_from: '2019-03-01' });
  await patch(id, { name: '生态环境分局', valid_from: '2024-01-01' });
  const corrected = await patch(id, { name: '生态环境分局（修正）' });
  t.match(corrected.body, { valid_from: '2024-01-01' }, 'a correction begins no period');
  t.same((await request('GET', `/v1/organs/${id}/history`)).body.items, [
    { name: '环境保护局', parent_id: null, division_code: null, valid_from: null, valid_to: '2019-02-28' },
    {
      name: '生态环境局',
      parent_id: null,
      division_code: null,
      valid_from: '2019-03-01',
      valid_to: '2023-12-31',
    },
    {
      name: '生态环境分局（修正）',
      parent_id: null,
      division_code: null,
      valid_from: '2024-01-01',
      valid_to: null,
    },
  ]);
  t.equal((await request('GET', '/v1/organs/01938c5e-7b1a-7c3e-9a51-2f1de0a4c001/history')).status, 404);
});

t.test('a mistaken first day is corrected, and the period before ends the day before', async (t) => {
  const id = await createOrgan(service, { name: '甲局' });
  await patch(id, { name: '乙局', valid_from: '2021-01-01' });
  await patch(id, { name: '丙局', valid_from: '2023-01-01' });
  t.equal((await patch(id, { valid_from: '2022-01-01' })).status, 200);
  const { items } = (await request('GET', `/v1/organs/${id}/history`)).body;
  t.match(items, [
    { name: '甲局', valid_to: '2020-12-31' },
    { name: '乙局', valid_from: '2021-01-01', valid_to: '2021-12-31' },
    { name: '丙局', valid_from: '2022-01-01', valid_to: null },
  ]);
  t.equal((await patch(id, { valid_from: '2021-01-01' })).body.errors[0].code, 'too-early');
});

t.test('successors do not lead back', async (t) => {
  const [a, b] = [await createOrgan(service), await createOrgan(service)];
  await patch(a, { abolished_on: '2022-01-01', successor_id: b });
  t.equal((await patch(b, { abolished_on: '2023-01-01', successor_id: a })).body.code, 'organ-cycle');
});

t.test('reports keep the tree of their year', async (t) => {
  const [east, west] = [await government('东市人民政府'), await government('西市人民政府')];
  const county = await government('某县人民政府', { level: 'county', parent_id: east });
  const bureau = await createOrgan(service, { parent_id: county });
  const received = (count: number) => ({
    request_statistics: zeroFigures().request_statistics.map((row) =>
      ['new_received', 'granted', 'handled_total'].includes(row.row)
        ? { ...row, natural_person: count, total: count }
        : row,
    ),
  });
  for (const year of [2022, 2023])
    await publishReport(service, zeroDocument(bureau, { year, ...received(year - 2020) }));
  t.equal((await patch(county, { parent_id: west, valid_from: '2023-07-01' })).status, 200);
  const years = async (organ: string) =>
    (await request('GET', `/v1/reports?under=${organ}`)).body.items.map(
      (report: { year: number }) => report.year,
    );
  t.same(await years(east), [2022]);
  t.same(await years(west), [2023], 'the tree of the last day of the year');
  t.same(await years(county), [2022, 2023]);
  const total = async (organ: string) =>
    (await request('GET', `/v1/aggregates/request-statistics?under=${organ}&row=new_received&group_by=year`))
      .body.data;
  t.match(await total(east), [{ year: 2022, value: 2 }]);
  t.match(await total(west), [{ year: 2023, value: 3 }]);
  const organs = async (organ: string) =>
    (await request('GET', `/v1/organs?under=${organ}`)).body.items.length;
  t.equal(await organs(east), 1, 'lists of organs follow the tree of today');
  t.equal(await organs(west), 3);
  await publishReport(service, zeroDocument(east, { year: 2022, scope: 'consolidated', ...received(100) }));
  await publishReport(service, zeroDocument(east, { year: 2023, scope: 'consolidated', ...received(1000) }));
  const all = await request('GET', '/v1/aggregates/request-statistics?row=new_received&group_by=year');
  t.match(
    all.body.data,
    [
      { year: 2022, value: 100 },
      { year: 2023, value: 1003 },
    ],
    'a consolidated report covers what was below its organ that year',
  );
});

t.test('parents form no cycle at any time', async (t) => {
  const [a, b] = [await createOrgan(service), await createOrgan(service)];
  const c = await createOrgan(service, { parent_id: b });
  await patch(b, { parent_id: a, valid_from: '2022-01-01' });
  t.equal(
    (await patch(a, { parent_id: c, valid_from: '2021-01-01' })).body.code,
    'organ-cycle',
    'from 2022 on it would be one',
  );
  await patch(b, { parent_id: null, valid_from: '2023-01-01' });
  t.equal(
    (await patch(a, { parent_id: c, valid_from: '2022-06-01' })).body.code,
    'organ-cycle',
    'for half a year',
  );
  t.equal(
    (await patch(a, { parent_id: c, valid_from: '2023-01-01' })).status,
    200,
    'after the one ends the other may begin',
  );
  t.equal(
    (await patch(a, { valid_from: '2022-06-01' })).body.code,
    'organ-cycle',
    'nor may the present period begin before',
  );
  t.equal(
    (await patch(b, { valid_from: '2023-06-01' })).body.code,
    'organ-cycle',
    'nor the period before end later',
  );
  t.equal((await patch(a, { valid_from: '2023-03-01' })).status, 200);
  t.equal((await patch(b, { valid_from: '2023-02-01' })).status, 200, 'as long as they are apart');
});

t.test('an abolished organ names its successor and is no longer expected to report', async (t) => {
  const city = await government('丙市人民政府');
  const [old, heir] = [
    await createOrgan(service, { parent_id: city }),
    await createOrgan(service, { parent_id: city }),
  ];
  const merged = await patch(old, { abolished_on: '2022-05-31', successor_id: heir });
  t.match(merged.body, { abolished_on: '2022-05-31', successor_id: heir });
  const expected = async (year: number) =>
    (await request('GET', `/v1/aggregates/request-statistics?under=${city}&year=${year}&row=granted`)).body
      .coverage.organs_expected;
  t.equal(await expected(2022), 3);
  t.equal(await expected(2023), 2);
  t.equal((await admin('DELETE', `/v1/organs/${heir}`)).body.code, 'organ-in-use');
});

t.test('an organ owes no report of the years before it began', async (t) => {
  const parent_id = await createOrgan(service, { kind: 'government' });
  const id = await createOrgan(service, { parent_id, name: '数据局', valid_from: '2021-03-01' });
  const expected = async (year: number, of: string) => {
    const { body } = await request('GET', `/v1/aggregates/request-statistics?row=granted&year=${year}&${of}`);
    const { items } = (await request('GET', `/v1/coverage?year=${year}&${of}`)).body;
    t.equal(
      items.filter((item: { expected: boolean }) => item.expected).length,
      body.coverage.organs_expected,
    );
    return body.coverage.organs_expected;
  };
  const ofYears = async (of: string) =>
    Promise.all([2019, 2020, 2021, 2022].map((year) => expected(year, of)));
  t.same(await ofYears(`organ_id=${id}`), [0, 0, 1, 1]);
  t.same(await ofYears(`under=${parent_id}`), [1, 1, 2, 2]);
  const nation = async () => (await ofYears('kind=department')).join(' ');
  const before = await nation();
  const change = (body: object) => admin('PATCH', `/v1/organs/${id}`, { body });
  t.equal((await change({ name: '大数据局', valid_from: '2022-06-01' })).status, 200);
  t.equal(await nation(), before, 'another name is no beginning');
  await publishReport(service, { organ_id: id, year: 2020, scope: 'own' });
  t.equal(await nation(), before, 'what it reports all the same is not owed');
  const [listed] = (await request('GET', `/v1/coverage?year=2020&organ_id=${id}`)).body.items;
  t.match(listed, { expected: false });
  t.match((await request('GET', `/v1/organs/${id}/history`)).body.items, [
    { name: '数据局', valid_from: '2021-03-01', valid_to: '2022-05-31' },
    { name: '大数据局', valid_from: '2022-06-01', valid_to: null },
  ]);
  const later = await createOrgan(service, { parent_id, division_code: '321302' });
  t.same(await ofYears(`organ_id=${later}`), [1, 1, 1, 1]);
  await admin('PATCH', `/v1/organs/${later}`, { body: { valid_from: '2022-01-01' } });
  t.same(await ofYears(`organ_id=${later}`), [0, 0, 0, 1], 'a first day that is told later counts as well');
  t.same(await ofYears(`division=321302&organ_id=${later}`), [0, 0, 0, 1]);
  const future = { name: '未来局', kind: 'department', level: 'city', valid_from: '2099-01-01' };
  t.match((await admin('POST', '/v1/organs', { body: future })).body.errors, [
    { pointer: '/valid_from', code: 'future' },
  ]);
});

t.test('periods and ends that cannot be are refused', async (t) => {
  const id = await createOrgan(service);
  await patch(id, { name: '新名', valid_from: '2022-01-01' });
  for (const [body, pointer] of [
    [{ name: '又名', valid_from: '2022-01-01' }, '/valid_from'],
    [{ name: '又名', valid_from: '2099-01-01' }, '/valid_from'],
    [{ abolished_on: '2021-12-31' }, '/abolished_on'],
    [{ name: '又名', valid_from: null }, '/valid_from'],
    [{ successor_id: id, abolished_on: '2023-01-01' }, '/successor_id'],
    [{ successor_id: '01938c5e-7b1a-7c3e-9a51-2f1de0a4c001', abolished_on: '2023-01-01' }, '/successor_id'],
    [{ successor_id: await createOrgan(service) }, '/successor_id'],
    [{ abolished_on: '2023-02-30' }, '/abolished_on'],
  ] as const) {
    const refused = await patch(id, body);
    t.equal(refused.status, 400, JSON.stringify(body));
    t.equal(refused.body.errors?.[0]?.pointer, pointer);
  }
});

/** Where the reports of an organ are counted in a year, by every way there is. */
async function placesOf(organ: string, year: number) {
  const query = `group_by=province,city,county&organ_id=${organ}&year=${year}`;
  const counts = await request('GET', `/v1/aggregates/reports?${query}`);
  const { province, city, county } = counts.body.data[0];
  const sums = await request('GET', `/v1/aggregates/request-statistics?row=granted&${query}`);
  t.match(sums.body.data, [{ province, city, county, reports: 1 }]);
  const code = county ?? city ?? province;
  const elsewhere = '110000';
  for (const [division, found] of [
    [code ?? '320000', code === null ? 0 : 1],
    [elsewhere, 0],
  ]) {
    const asked = `organ_id=${organ}&year=${year}&division=${division}`;
    t.equal((await request('GET', `/v1/reports?${asked}`)).body.items.length, found, asked);
    t.equal((await request('GET', `/v1/coverage?${asked}`)).body.items.length, found, asked);
    const { coverage } = (await request('GET', `/v1/aggregates/request-statistics?row=granted&${asked}`))
      .body;
    t.strictSame([coverage.reports, coverage.organs_expected], [found, found], asked);
    const rows = await request('GET', `/v1/request-statistics?row=granted&${asked}`);
    t.strictSame(
      rows.body.items.map((row: { division_code: string }) => row.division_code),
      found ? [code] : [],
    );
  }
  return code;
}

t.test('an organ without a division stands where the organ above it does', async (t) => {
  const suqian = await government('宿迁市人民政府', { division_code: '321300' });
  const hangzhou = await government('杭州市人民政府', { division_code: '330100' });
  const zone = await createOrgan(service, { kind: 'development_zone', parent_id: suqian });
  const bureau = await createOrgan(service, { kind: 'branch', parent_id: zone });
  for (const year of [2021, 2022]) await publishReport(service, zeroDocument(bureau, { year }));
  const places = async () => [await placesOf(bureau, 2021), await placesOf(bureau, 2022)];
  t.same(await places(), ['321300', '321300']);
  t.equal(
    (await request('GET', `/v1/organs/${bureau}`)).body.division_code,
    null,
    'it is not said to be its own',
  );
  t.equal((await request('GET', `/v1/organs?division=32&under=${zone}`)).body.items.length, 2);
  await patch(zone, { parent_id: hangzhou, valid_from: '2022-01-01' });
  t.same(await places(), ['321300', '330100'], 'in the tree of the year');
  t.equal((await request('GET', `/v1/organs?division=32&under=${zone}`)).body.items.length, 0);
  await patch(hangzhou, { division_code: '330000' });
  t.same(await places(), ['321300', '330000']);
  await patch(suqian, { division_code: '320800' });
  t.same(await places(), ['320800', '330000'], 'a correction is of all years');
  await patch(zone, { division_code: '320500' });
  t.same(await places(), ['320800', '320500']);
  await patch(zone, { division_code: null, parent_id: null });
  t.same(await places(), ['320800', null]);
});

t.test('reports keep the place of their year when a division changes', async (t) => {
  const county = await government('某区人民政府', { level: 'county', division_code: '460105' });
  for (const year of [2022, 2023, 2024]) await publishReport(service, zeroDocument(county, { year }));
  const moved = await patch(county, { division_code: '460203', valid_from: '2024-06-01' });
  t.match(moved.body, { division_code: '460203', valid_from: '2024-06-01' });
  t.same((await request('GET', `/v1/organs/${county}/history`)).body.items, [
    {
      name: '某区人民政府',
      parent_id: null,
      division_code: '460105',
      valid_from: null,
      valid_to: '2024-05-31',
    },
    {
      name: '某区人民政府',
      parent_id: null,
      division_code: '460203',
      valid_from: '2024-06-01',
      valid_to: null,
    },
  ]);
  const places = async () => Promise.all([2022, 2023, 2024].map((year) => placesOf(county, year)));
  t.same(await places(), ['460105', '460105', '460203']);
  const expected = async (division: string) => {
    const { body } = await request(
      'GET',
      `/v1/aggregates/request-statistics?row=granted&group_by=year&year=2022..2025&division=${division}`,
    );
    return [body.data.map(({ year }: { year: number }) => year), body.coverage.organs_expected];
  };
  t.same(await expected('460100'), [[2022, 2023], 2]);
  t.same(await expected('460200'), [[2024], 2]);
  t.same(await expected('46'), [[2022, 2023, 2024], 4]);
  t.equal((await patch(county, { abolished_on: '2022-12-31' })).status, 400, 'before the present period');
  t.equal((await patch(county, { valid_from: '2023-06-01' })).status, 200);
  t.same(await places(), ['460105', '460203', '460203'], 'when it moved is corrected');
});
