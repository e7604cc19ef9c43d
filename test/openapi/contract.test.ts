import { randomUUID } from 'node:crypto';
import { readFileSync } from 'node:fs';
import { Ajv2020, type ValidateFunction } from 'ajv/dist/2020.js';
import addFormatsModule from 'ajv-formats';
import t from 'tap';
import { buildApp } from '../../src/app.ts';
import type { OpenApiDocument } from '../../src/docs/shape.ts';
import { createTestDatabase } from '../support/database.ts';
import { realReport } from '../support/reports.ts';
import { closed, type NamedOperation, operationsOf } from './support.ts';

/** A client that knows only the document calls every operation of the service and compares what it gets. */

const adminToken = 'contract';
const { db } = await createTestDatabase(t);
const app = await buildApp({ db, adminToken });
/** What handlers gave to be written, by request id: a serializer may hide a null or a member that is not described. */
const given = new Map<string, unknown>();
app.addHook('preSerialization', async (request, _reply, payload) => {
  given.set(request.id, payload);
  return payload;
});
const url = await app.listen({ host: '127.0.0.1', port: 0 });
t.teardown(() => app.close());

const document = app.swagger31() as OpenApiDocument;
const operations = new Map(operationsOf(document).map((operation) => [operation.name, operation]));

const ajv = new Ajv2020({ allErrors: true, strict: false, allowUnionTypes: true });
(addFormatsModule as unknown as typeof addFormatsModule.default)(ajv);
ajv.addFormat('int64', true);
const { schemas } = document.components;
ajv.addSchema({ $id: 'https://open.invalid/', components: { schemas } });
ajv.addSchema({ $id: 'https://closed.invalid/', components: { schemas: closed(schemas) } });

/** The validator of a component as published, or with members that are not described refused. */
function validatorOf(schema: unknown, kind: 'open' | 'closed'): ValidateFunction {
  const { $ref } = schema as { $ref: string };
  return ajv.getSchema(`https://${kind}.invalid/${$ref}`)!;
}

const faultsOf = (schema: unknown, kind: 'open' | 'closed', value: unknown) => {
  const validate = validatorOf(schema, kind);
  return validate(value)
    ? []
    : (validate.errors ?? []).map((error) => `${error.instancePath} ${error.message}`);
};

interface Call {
  /** Members of the path. */
  path?: Record<string, string | number>;
  query?: string;
  body?: unknown;
  headers?: Record<string, string>;
}

const succeeded = new Set<string>();
/** Where answers were not as described; every test ends by having none. */
const faults: string[] = [];

/** Calls an operation of the document as the administrator and checks its answer against what the document says. */
async function call(name: string, wanted: number, { path = {}, query = '', body, headers = {} }: Call = {}) {
  const operation = operations.get(name) as NamedOperation;
  if (operation === undefined) throw new Error(`no operation ${name}`);
  const address = operation.path.replaceAll(/\{(\w+)\}/g, (_, key: string) => String(path[key]));
  const [type = ''] = Object.keys(operation.requestBody?.content ?? {});
  const answer = await fetch(`${url}${address}${query}`, {
    method: operation.method.toUpperCase(),
    headers: {
      authorization: `Bearer ${adminToken}`,
      ...(body === undefined ? {} : { 'content-type': type }),
      ...headers,
    },
    ...(body === undefined ? {} : { body: typeof body === 'string' ? body : JSON.stringify(body) }),
  });
  const text = await answer.text();
  const title = `${name}${query} ${wanted}`;
  if (answer.status !== wanted) throw new Error(`${title}: ${answer.status} ${text.slice(0, 2000)}`);
  const told = operation.responses[String(wanted)];
  if (told === undefined) throw new Error(`${title} is not in the document`);

  const found: string[] = [];
  const [media = ''] = Object.keys(told.content ?? {});
  const sent = answer.headers.get('content-type')?.split(';')[0] ?? '';
  if (wanted !== 304 && sent !== media) found.push(`sent as ${sent}, not ${media}`);
  for (const header of ['ETag', 'Location'])
    if (told.headers?.[header] && wanted !== 201 && !answer.headers.has(header)) found.push(`no ${header}`);
  let json: unknown;
  if (/[/+]json$/.test(media)) {
    json = JSON.parse(text);
    const { schema } = told.content![media]!;
    found.push(...faultsOf(schema, 'closed', json));
    const payload = given.get(answer.headers.get('x-request-id') ?? '');
    if (typeof payload === 'object')
      found.push(...faultsOf(schema, 'open', JSON.parse(JSON.stringify(payload))));
  } else if (media === '' && text !== '') found.push('a body where there should be none');
  faults.push(...found.map((fault) => `${title}: ${fault}`));
  if (wanted < 300) succeeded.add(name);
  // biome-ignore lint/suspicious/noExplicitAny: answers of every shape, checked above
  return { body: json as any, text, etag: answer.headers.get('etag') ?? '', headers: answer.headers };
}

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
  }
  const { etag: current } = await call(`GET ${report_id}`, 200, { path });
  await call(`POST ${report_id}/withdraw`, 200, {
    path,
    body: { reason: '测试' },
    headers: { 'if-match': current },
  });
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
  t.equal(first.headers.get('location'), `/v1/reports/${first.body.report}`);
  const { etag } = await call(`GET ${report_id}/draft`, 200, { path });
  await call(`DELETE ${report_id}/draft`, 204, { path, headers: { 'if-match': etag } });
  const again = { report_id: (await call('POST /v1/reports', 201, file)).body.id };
  await call(`DELETE ${report_id}`, 204, { path: again });
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
    number: 1,
    edition: '2008',
    code: '999999',
    item: 'fees',
    measure: 'amount',
    row: 'granted',
    proceeding: 'review',
  };
  for (const [name, { method, path, requestBody, parameters = [], security }] of operations) {
    await call(name, 401, { path: someone, headers: { authorization: 'Bearer wrong' } });
    if (requestBody === undefined) await call(name, 400, { path: someone, query: '?no_such_parameter=1' });
    if (security === undefined) await call(name, 401, { path: someone, headers: { authorization: '' } });
    const needsQuery = parameters.some((parameter) => parameter.in === 'query' && parameter.required);
    if (method === 'get' && path.includes('{') && !needsQuery) await call(name, 404, { path: someone });
  }
  t.strictSame(faults.splice(0), []);
});
