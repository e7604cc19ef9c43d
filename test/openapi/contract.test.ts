import { randomUUID } from 'node:crypto';
import { readFileSync } from 'node:fs';
import t from 'tap';
import { realReport } from '../support/reports.ts';
import { type Call, describedService } from './described-service.ts';

/** A client that knows only the document calls every operation of the service and compares what it gets. */

const { call, faults, succeeded, operations } = await describedService(t);

const real = realReport('suqian-2023');
const report_id = '/v1/reports/{report_id}';

t.test('what is open to everyone', async (t) => {
  for (const path of [
    '/openapi.json',
    '/openapi.yaml',
    '/openapi-3.1.json',
    '/livez',
    '/readyz',
    '/v1/rules',
  ])
    await call(`GET ${path}`, 200);
  await call('GET /v1/editions', 200);
  const { etag } = await call('GET /v1/editions/{edition}', 200, { path: { edition: '2021' } });
  await call('GET /v1/editions/{edition}', 304, {
    path: { edition: '2021' },
    headers: { 'if-none-match': etag },
  });
  await call('GET /v1/divisions', 200, { query: '?under=321300&limit=2' });
  await call('GET /v1/divisions/{code}', 200, { path: { code: '321300' } });
  await call('POST /v1/validations', 200, { body: real.report });
  t.strictSame(faults.splice(0), []);
});

t.test('an organ from registration to removal', async (t) => {
  const organ = { name: '合同测试局', kind: 'department', level: 'county', division_code: '321302' };
  const { body, etag } = await call('POST /v1/organs', 201, { body: organ });
  const path = { organ_id: body.id };
  await call('GET /v1/organs/{organ_id}', 200, { path });
  await call('GET /v1/organs/{organ_id}', 304, { path, headers: { 'if-none-match': etag } });
  await call('PATCH /v1/organs/{organ_id}', 200, {
    path,
    body: { name: '合同测试所' },
    headers: { 'if-match': etag },
  });
  await call('PATCH /v1/organs/{organ_id}', 412, {
    path,
    body: { name: '合同测试所' },
    headers: { 'if-match': etag },
  });
  await call('GET /v1/organs', 200);
  await call('DELETE /v1/organs/{organ_id}', 204, { path });
  t.strictSame(faults.splice(0), []);
});

t.test('a report from filing to withdrawal, and everything that can be read of it', async (t) => {
  const { name, kind, level, division_code } = real.organ;
  const organ = await call('POST /v1/organs', 201, { body: { name, kind, level, division_code } });
  await call('GET /v1/organs/{organ_id}/history', 200, { path: { organ_id: organ.body.id } });
  const document = { organ_id: organ.body.id, ...real.report };
  const created = await call('POST /v1/reports', 201, { body: document });
  await call('POST /v1/reports', 409, { body: document });
  const path = { report_id: created.body.id };
  /** Reads the draft for its tag, then writes. */
  const write = async (name: string, status: number, more: Call = {}) => {
    const { etag } = await call(`GET ${report_id}/draft`, 200, { path });
    return call(name, status, { ...more, path: { ...path, ...more.path }, headers: { 'if-match': etag } });
  };
  const { year: _, scope: __, ...content } = real.report;
  await write(`PUT ${report_id}/draft`, 200, { body: content });
  await write(`PATCH ${report_id}/draft`, 200, { body: { title: '宿迁市2023年政府信息公开工作年度报告' } });
  await call(`PATCH ${report_id}/draft`, 428, { path, body: { title: null } });

  for (const { table, member, key, row } of [
    {
      table: '/draft/disclosure-items',
      member: 'disclosure_items',
      key: '/{item}/{measure}',
      row: { item: 'fees', measure: 'amount' },
    },
    {
      table: '/draft/request-statistics',
      member: 'request_statistics',
      key: '/{row}',
      row: { row: 'granted' },
    },
    {
      table: '/draft/review-litigation-counts',
      member: 'review_litigation_counts',
      key: '/{proceeding}',
      row: { proceeding: 'review' },
    },
  ] as const) {
    const one = `${report_id}${table}${key}`;
    await call(`GET ${report_id}${table}`, 200, { path });
    const { body } = await call(`GET ${one}`, 200, { path: { ...path, ...row } });
    const values = Object.fromEntries(Object.entries(body).filter(([name]) => !(name in row)));
    await write(`DELETE ${one}`, 204, { path: row });
    await write(`PUT ${one}`, 200, { path: row, body: values });
    await write(`PATCH ${one}`, 200, { path: row, body: values });
    await write(`DELETE ${report_id}${table}`, 204);
    await write(`PUT ${report_id}${table}`, 200, { body: { items: real.report[member] } });
  }

  await write(`PATCH ${report_id}/draft`, 200, {
    body: {
      review_litigation_counts: real.report.review_litigation_counts.map((row) =>
        row.proceeding === 'review' ? { ...row, total: 4711 } : row,
      ),
    },
  });
  await write(`POST ${report_id}/submit`, 409);
  const { body: findings } = await call(`GET ${report_id}/findings`, 200, { path });
  for (const { finding_key, severity, status } of findings.items)
    if (severity === 'error' && status === 'failed')
      await call(`POST ${report_id}/answers`, 201, { path, body: { finding_key, text: '原件如此' } });
  await write(`POST ${report_id}/submit`, 200);
  await write(`POST ${report_id}/return`, 200, { body: { reason: '请复核' } });
  await write(`POST ${report_id}/submit`, 200);
  await write(`POST ${report_id}/publish`, 200);
  await call(`POST ${report_id}/revisions`, 201, { path, body: { reason: '复议总计有误' } });
  await write(`PUT ${report_id}/draft`, 200, { body: content });
  await write(`POST ${report_id}/submit`, 200);
  await write(`POST ${report_id}/publish`, 200);

  const { etag } = await call(`GET ${report_id}`, 200, { path });
  await call(`GET ${report_id}`, 304, { path, headers: { 'if-none-match': etag } });
  await call('GET /v1/reports', 200, { query: '?year=2023' });
  await call(`GET ${report_id}/revisions`, 200, { path });
  await call(`GET ${report_id}/revisions/{number}`, 200, { path: { ...path, number: 1 } });
  await call(`GET ${report_id}/diff`, 200, { path, query: '?from=1&to=2' });
  await call(`GET ${report_id}/findings`, 200, { path, query: '?revision=1' });
  for (const table of ['disclosure-items', 'request-statistics', 'review-litigation-counts'])
    await call(`GET ${report_id}/${table}`, 200, { path });

  const groups = {
    'disclosure-items': '?group_by=year,item,measure&measure=decisions',
    'request-statistics': '?group_by=year,city,group,row,applicant',
    'review-litigation-counts': '?group_by=year,proceeding,outcome',
  };
  for (const [table, groupBy] of Object.entries(groups)) {
    await call(`GET /v1/${table}`, 200, { query: '?limit=3' });
    await call(`GET /v1/aggregates/${table}`, 200, { query: groupBy });
    await call(`GET /v1/aggregates/${table}`, 422, { query: '?group_by=organ' });
    for (const suffix of ['csv', 'ndjson']) {
      await call(`GET /v1/${table}.${suffix}`, 200);
      await call(`GET /v1/aggregates/${table}.${suffix}`, 200, { query: groupBy });
    }
    await call(`GET /v1/${table}.parquet`, 200);
    await call(`GET /v1/aggregates/${table}.jsonstat`, 200, { query: groupBy });
    await call(`GET /v1/aggregates/${table}.jsonstat`, 422, { query: '?group_by=organ' });
  }
  for (const suffix of ['', '.csv', '.ndjson']) {
    await call(`GET /v1/coverage${suffix}`, 200, { query: '?year=2023' });
    const organs = { path: { organ_id: organ.body.id }, query: '?year=2023' };
    await call(`GET /v1/organs/{organ_id}/consolidation${suffix}`, 200, organs);
  }
  const computed = '?group_by=year,group&compute=share,change,rank&having=value>=0&sort=-share&top=5';
  await call('GET /v1/aggregates/request-statistics', 200, { query: `${computed}&year=last:2` });
  await call('GET /v1/aggregates/reports', 200, { query: '?group_by=year,state,city&compute=rank' });
  const body = {
    of: 'disclosure-items',
    group_by: ['year', 'measure', 'item'],
    measure: ['decisions'],
    year: [2023],
    compute: ['rank'],
  };
  await call('POST /v1/aggregates/query', 200, { body });
  for (const suffix of ['.csv', '.ndjson', '.jsonstat'])
    await call(`POST /v1/aggregates/query${suffix}`, 200, { body });
  await call('POST /v1/aggregates/query', 200, { body: { of: 'disclosure_rate', group_by: ['year'] } });
  await call('POST /v1/aggregates/query', 422, { body: { of: 'request-statistics' } });
  await call('POST /v1/aggregates/query', 400, { body: { of: 'reports', group_by: ['row'] } });
  for (const name of ['request-statistics', 'reports'])
    await call('GET /v1/availability', 200, { query: `?of=${name}` });
  const indicator = { path: { code: 'disclosure_rate' }, query: '?group_by=year,organ&compute=change,rank' };
  await call('GET /v1/indicators/{code}', 200, indicator);
  await call('GET /v1/indicators/{code}', 422, { path: { code: 'carry_over_rate' } });
  for (const suffix of ['csv', 'ndjson', 'jsonstat'])
    await call(`GET /v1/indicators/{code}.${suffix}`, 200, indicator);
  for (const name of ['meta', 'indicators']) {
    const { etag: tag } = await call(`GET /v1/${name}`, 200);
    await call(`GET /v1/${name}`, 304, { headers: { 'if-none-match': tag } });
  }
  const { etag: current } = await call(`GET ${report_id}`, 200, { path });
  await call(`POST ${report_id}/withdraw`, 200, {
    path,
    body: { reason: '测试' },
    headers: { 'if-match': current },
  });
  t.strictSame(faults.splice(0), []);
});

t.test('many reports in one request', async (t) => {
  const organ = await call('POST /v1/organs', 201, {
    body: { name: '批量测试局', kind: 'department', level: 'county' },
  });
  const line = JSON.stringify({ organ_id: organ.body.id, year: 2022, scope: 'own' });
  const { text } = await call('POST /v1/reports/batch', 200, { body: `${line}\n{\n` });
  t.match(
    text
      .trim()
      .split('\n')
      .map((result) => JSON.parse(result).status),
    ['created', 'refused'],
  );
  t.strictSame(faults.splice(0), []);
});

t.test('a published document read into a draft, which is discarded', async (t) => {
  const body = readFileSync(new URL('../../examples/shengli-2020.txt', import.meta.url), 'utf8');
  await call('POST /v1/imports', 200, { body });
  await call('POST /v1/imports', 422, { body: '没有表格' });
  const organ = await call('POST /v1/organs', 201, {
    body: { name: '胜利镇人民政府', kind: 'government', level: 'town' },
  });
  const query = `?create=true&organ_id=${organ.body.id}`;
  const first = await call('POST /v1/imports', 201, { query, body });
  const file = { body: { organ_id: organ.body.id, year: 2023, scope: 'own' } };
  const path = { report_id: (await call('POST /v1/reports', 201, file)).body.id };
  t.equal(first.headers.get('location'), `/v1/reports/${first.body.report_id}`);
  const { etag } = await call(`GET ${report_id}/draft`, 200, { path });
  await call(`DELETE ${report_id}/draft`, 204, { path, headers: { 'if-match': etag } });
  const again = { report_id: (await call('POST /v1/reports', 201, file)).body.id };
  await call(`DELETE ${report_id}`, 204, { path: again });
  t.strictSame(faults.splice(0), []);
});

t.test('keys and grants, made and taken away', async (t) => {
  const { body: key, headers } = await call('POST /v1/api-keys', 201, {
    body: { label: '测试', grants: [] },
  });
  t.equal(headers.get('location'), `/v1/api-keys/${key.id}`);
  const path = { api_key_id: key.id };
  const grant = { api_key_id: key.id, role: 'auditor' };
  const { body: granted } = await call('POST /v1/grants', 201, { body: grant });
  await call('POST /v1/grants', 409, { body: grant });
  await call('GET /v1/grants', 200, { query: `?api_key_id=${key.id}` });
  const { etag } = await call('GET /v1/api-keys/{api_key_id}', 200, { path });
  await call('GET /v1/api-keys/{api_key_id}', 304, { path, headers: { 'if-none-match': etag } });
  const reader = { authorization: `Bearer ${key.secret}` };
  await call('GET /v1/grants', 403, { headers: reader });
  await call('DELETE /v1/grants/{grant_id}', 204, { path: { grant_id: granted.id } });
  await call('DELETE /v1/api-keys/{api_key_id}', 204, { path });
  await call('GET /v1/grants', 401, { headers: reader });
  t.strictSame(faults.splice(0), []);
});

t.test('whatever else can be read without naming anything', async (t) => {
  for (const [name, { method, path, parameters = [] }] of operations) {
    const needs = path.includes('{') || parameters.some((parameter) => parameter.required);
    if (method === 'get' && !needs && !succeeded.has(name)) await call(name, 200);
  }
  t.strictSame(faults.splice(0), []);
});

t.test('every operation was called with success', async (t) => {
  t.strictSame(
    [...operations.keys()].filter((name) => !succeeded.has(name)),
    [],
  );
});

t.test('every operation answers its own faults as the document says', async (t) => {
  const someone = {
    report_id: randomUUID(),
    organ_id: randomUUID(),
    api_key_id: randomUUID(),
    grant_id: randomUUID(),
    number: 1,
    edition: '2008',
    code: '999999',
    item: 'fees',
    measure: 'amount',
    row: 'granted',
    proceeding: 'review',
  };
  for (const [name, { method, path, requestBody, parameters = [], security, tags }] of operations) {
    const isOfOperators = tags?.includes('operations');
    await call(name, isOfOperators ? 200 : 401, {
      path: someone,
      headers: { authorization: 'Bearer wrong' },
    });
    if (requestBody === undefined) await call(name, 400, { path: someone, query: '?no_such_parameter=1' });
    if (security === undefined) await call(name, 401, { path: someone, headers: { authorization: '' } });
    const needsQuery = parameters.some((parameter) => parameter.in === 'query' && parameter.required);
    if (method === 'get' && path.includes('{') && !needsQuery) await call(name, 404, { path: someone });
    if (method === 'get') continue;
    const image = { 'content-type': 'image/png' };
    await call(name, 415, { path: someone, body: 'an image', headers: image });
  }
  const body = ' '.repeat(2 ** 21 + 1);
  for (const [name, type] of Object.entries({
    'POST /v1/reports': 'application/json',
    [`POST ${report_id}/submit`]: 'application/json',
    [`DELETE ${report_id}`]: 'application/json',
    'POST /v1/imports': 'text/plain',
  }))
    await call(name, 413, { path: someone, body, headers: { 'content-type': type } });
  t.strictSame(faults.splice(0), []);
});
