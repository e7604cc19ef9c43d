import t from 'tap';
import { type Caller, createCaller } from '../access/support.ts';
import { startService } from '../support/app.ts';
import { createOrgan, move, publishReport, zeroDocument } from '../support/reports.ts';
import { organ, report, store } from './stored-reports.ts';

const service = await startService(t);

const city = organ({ level: 'city', division_code: '321300' });
const county = organ({ parent_id: city.id, division_code: '321302' });
const elsewhere = organ({ kind: 'department', division_code: '330106' });
await store(
  service.app.db,
  [city, county, elsewhere],
  [
    report({ organ_id: city.id, scope: 'consolidated', year: 2023 }),
    report({ organ_id: county.id, year: 2023, published_on: null }),
    report({ organ_id: elsewhere.id, year: 2023, published_on: '2024-02-01' }),
    report({ organ_id: county.id, year: 2022, state: 'withdrawn' }),
    report({ organ_id: elsewhere.id, year: 2022, state: 'withdrawn' }),
    report({
      organ_id: county.id,
      year: 2021,
      state: 'draft',
      editions: { disclosure_items: '2021', request_statistics: '2019' },
    }),
    report({ organ_id: elsewhere.id, year: 2021, state: 'submitted' }),
  ],
);

const count = async (query: string, { request }: Pick<Caller, 'request'> = service) => {
  const answer = await request('GET', `/v1/aggregates/reports${query}`);
  t.equal(answer.status, 200, `${query} ${answer.text}`);
  return answer.body.data.map((row: Record<string, unknown>) => Object.values(row).join(' '));
};

t.test('published reports count once each, whatever stands above them', async (t) => {
  t.strictSame(await count(''), ['3']);
  t.strictSame(await count('?group_by=year,scope'), ['2023 own 2', '2023 consolidated 1']);
  t.strictSame(await count('?group_by=province,county&sort=-value,county'), [
    '320000 321302 1',
    '330000 330106 1',
    '320000  1',
  ]);
  t.strictSame(await count('?group_by=published_month'), ['2024-01 1', '2024-02 1', ' 1']);
  t.strictSame(await count('?group_by=kind&compute=share,rank'), [
    `government 2 ${2 / 3} 1`,
    `department 1 ${1 / 3} 2`,
  ]);
  t.strictSame(await count(`?under=${city.id}&group_by=level`), ['city 1', 'county 1']);
});

t.test('everyone sees what was published, and drafts only who may read them', async (t) => {
  const all = '?group_by=year,state&state=draft,submitted,published,withdrawn';
  const open = ['2022 withdrawn 2', '2023 published 3'];
  t.strictSame(await count(all), open);
  t.strictSame(await count('?state=draft'), ['0']);
  t.strictSame(await count('?state=draft&group_by=year'), []);
  const callers = {
    preparer: await createCaller(service, [{ role: 'preparer', organ_id: county.id }]),
    supervisor: await createCaller(service, [{ role: 'supervisor', organ_id: city.id }]),
    stranger: await createCaller(service, [{ role: 'preparer', organ_id: city.id }]),
    auditor: await createCaller(service, [{ role: 'auditor' }]),
  };
  for (const name of ['preparer', 'supervisor'] as const)
    t.strictSame(await count(all, callers[name]), ['2021 draft 1', ...open], name);
  t.strictSame(await count(all, callers.stranger), open);
  t.strictSame(await count(all, callers.auditor), ['2021 draft 1', '2021 submitted 1', ...open]);
  t.strictSame(await count('?group_by=request_edition&state=draft', callers.auditor), ['2019 1']);
});

t.test('a report counts in one state while it is corrected, and after it was withdrawn', async (t) => {
  const all = '?group_by=year,state&state=draft,submitted,published,withdrawn';
  const reports = await service.admin('GET', '/v1/reports?year=2022,2023&state=published,withdrawn');
  const of = (organ_id: string, year: number) =>
    reports.body.items.find(
      (each: { organ_id: string; year: number }) => each.organ_id === organ_id && each.year === year,
    ).id;
  for (const id of [of(elsewhere.id, 2023), of(elsewhere.id, 2022)]) {
    const { headers } = await service.admin('GET', `/v1/reports/${id}`);
    const answer = await service.admin('POST', `/v1/reports/${id}/revisions`, {
      body: { reason: '更正' },
      headers: { 'if-match': headers.get('etag')! },
    });
    t.equal(answer.status, 201, answer.text);
  }
  t.strictSame(await count(all), ['2022 withdrawn 2', '2023 published 3']);
  const auditor = await createCaller(service, [{ role: 'auditor' }]);
  t.strictSame(await count(all, auditor), [
    '2021 draft 1',
    '2021 submitted 1',
    '2022 draft 1',
    '2022 withdrawn 1',
    '2023 published 3',
  ]);
});

t.test('counts by state of published reports alone say so', async (t) => {
  const told = async (query: string) =>
    (await service.request('GET', `/v1/aggregates/reports?${query}`)).body.warnings;
  t.match(await told('group_by=state'), [
    { code: 'states-left-out', message: /state=draft,submitted,published,withdrawn counts all/ },
  ]);
  t.strictSame(await told('group_by=state&state=published,withdrawn'), []);
  t.strictSame(await told('group_by=year'), []);
});

t.test('of several codes those without a report are named, whatever counts are divided by', async (t) => {
  const told = async (query: string) =>
    (await service.request('GET', `/v1/aggregates/reports?${query}`)).body.warnings.map(
      ({ message }: { message: string }) => message,
    );
  const without = (codes: string) => [`No report in the answer has data for ${codes}.`];
  for (const others of ['', '&group_by=level', '&published_since=2019-01-01']) {
    t.strictSame(await told(`year=2023,2024${others}`), without('year=2024'), others);
    t.strictSame(await told(`year=2023&kind=department,branch${others}`), without('kind=branch'), others);
  }
  t.strictSame(await told('state=withdrawn,draft&year=2022,2024'), without('year=2024; state=draft'));
  t.strictSame(
    await told('year=2023&division=3213,321302,321322,33,330106109&scope=own,consolidated'),
    without('division=321322'),
  );
  t.strictSame(
    await told('year=2021..2023&division=321302,330106&group_by=year,county'),
    without('year=2021,2022'),
  );
});

t.test('counts come in every format, with changes on the year before', async (t) => {
  const csv = await service.request(
    'GET',
    '/v1/aggregates/reports.csv?group_by=year&compute=change&state=withdrawn,published&year=2023',
  );
  t.equal(csv.text, 'year,value,change,change_rate\n2023,3,1,0.5\n');
});

t.test('a count that was asked before holds what was published and withdrawn since', async (t) => {
  const organ_id = await createOrgan(service, { division_code: '330106' });
  const months = `?organ_id=${organ_id}&group_by=published_month`;
  const inZhejiang = '?division=330106&year=2024&group_by=published_month,state';
  for (let time = 0; time < 2; time++) t.strictSame(await count(inZhejiang), []);
  const filed = await publishReport(
    service,
    zeroDocument(organ_id, { year: 2024, published_on: '2025-01-20' }),
  );
  for (let time = 0; time < 2; time++) t.strictSame(await count(inZhejiang), ['2025-01 published 1']);
  t.strictSame(await count(months), ['2025-01 1']);
  await move(service, filed, 'withdraw', { reason: '测试' });
  t.strictSame(await count(inZhejiang), []);
  t.strictSame(await count(`${months}&state=withdrawn`, { request: service.admin }), ['2025-01 1']);
});

t.test('that a report was withdrawn is told to all, what it said only to who may read it', async (t) => {
  const organ_id = await createOrgan(service);
  const filed = await publishReport(
    service,
    zeroDocument(organ_id, { title: '已撤回的标题', published_on: '2024-03-05' }),
  );
  await move(service, filed, 'withdraw', { reason: '测试' });
  const { request } = await createCaller(service, [{ role: 'preparer', organ_id }]);
  const withdrawn = `?organ_id=${organ_id}&state=withdrawn`;
  t.strictSame(await count(withdrawn), ['1']);
  for (const filter of ['&q=已撤回', '&published_since=2024-03-05']) {
    t.strictSame(await count(`${withdrawn}${filter}`), ['0'], filter);
    t.strictSame(await count(`${withdrawn}${filter}`, { request }), ['1'], filter);
  }
  t.strictSame(await count(`${withdrawn}&group_by=published_month`), [' 1']);
  t.strictSame(await count(`${withdrawn}&group_by=published_month`, { request }), ['2024-03 1']);
});
