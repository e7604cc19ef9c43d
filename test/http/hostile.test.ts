import { request as httpRequest } from 'node:http';
import fc from 'fast-check';
import t from 'tap';
import { anyText } from '../support/any-text.ts';
import { startService } from '../support/app.ts';
import { createOrgan, fileReport, publishReport, zeroDocument } from '../support/reports.ts';

/** Inputs that no client means well. Whatever is sent: no 5xx, every refusal a problem, nothing stored that was not sent. */

const service = await startService(t);
const { app, admin } = service;
const organ = await createOrgan(service);
const published = await publishReport(service, zeroDocument(organ));
const draft = await fileReport(service, zeroDocument(await createOrgan(service)));

interface Operation {
  method: string;
  path: string;
}
const { paths } = JSON.parse((await service.request('GET', '/openapi.json')).text) as {
  paths: Record<string, Record<string, unknown>>;
};
const operations: Operation[] = Object.entries(paths).flatMap(([path, item]) =>
  Object.keys(item).map((method) => ({ method: method.toUpperCase(), path })),
);

const nasty = fc.constantFrom(
  '',
  ' ',
  '\0',
  '\ud800',
  "' or 1=1; drop table reports; --",
  '$1',
  '%00',
  '../../etc/passwd',
  '__proto__',
  'constructor',
  '1e400',
  '-1',
  '0x10',
  '９９９',
  '2023..2019',
  '2023,2023',
  'null',
  'x'.repeat(3000),
  '{"$gt":""}',
  '\u202e',
  '🏛️',
);
const ids = fc.constantFrom(
  organ,
  published.id,
  draft.id,
  '00000000-0000-0000-0000-000000000000',
  'x',
  '%ff',
  '1',
);
const keys = fc.constantFrom(
  'granted',
  'regulations',
  'issued',
  'review',
  'other',
  '2019',
  '321300',
  '1',
  '99999999999',
);
const segment = fc.oneof({ weight: 5, arbitrary: ids }, { weight: 3, arbitrary: keys }, nasty);

const number = fc.constantFrom(0, -1, 1.5, 2 ** 53, 2 ** 31, 1e308, -0, 0.00001);
const scalar = fc.oneof(
  nasty,
  number,
  fc.constantFrom(null, true, false),
  fc.constantFrom(organ, 'own', '2021', 'granted'),
);
const member = fc.oneof(
  {
    weight: 6,
    arbitrary: fc.constantFrom(
      'organ_id',
      'year',
      'scope',
      'title',
      'published_on',
      'source_url',
      'editions',
      'overview',
      'disclosure_items',
      'request_statistics',
      'review_litigation_counts',
      'cell_notes',
      'item',
      'measure',
      'value',
      'unit',
      'row',
      'total',
      'natural_person',
      'proceeding',
      'upheld',
      'cell',
      'raw',
      'reason',
      'finding_key',
      'text',
      'name',
      'kind',
      'level',
      'division_code',
      'parent_id',
      'credit_code',
      'items',
    ),
  },
  { weight: 1, arbitrary: nasty },
);
const json = fc.letrec<{ value: unknown; object: unknown }>((tie) => ({
  value: fc.oneof({ maxDepth: 4 }, scalar, tie('object'), fc.array(tie('value'), { maxLength: 3 })),
  object: fc
    .array(fc.tuple(member, tie('value')), { maxLength: 6 })
    .map((pairs) => Object.fromEntries(pairs)),
}));
/** A right document with one thing wrong. */
const almost = fc
  .tuple(member, scalar)
  .map(([key, value]) => ({ ...zeroDocument(organ, { year: 2022 }), [key]: value }));
/** A right document, with any text where one is expected. */
const worded = fc
  .tuple(fc.constantFrom('title', 'overview', 'problems', 'other_matters'), anyText({ maxLength: 50 }))
  .map(([key, value]) => ({ ...zeroDocument(organ, { year: 2022 }), [key]: value }));
const bodyText = fc.oneof(
  { weight: 4, arbitrary: json.object.map((value) => JSON.stringify(value)) },
  { weight: 4, arbitrary: almost.map((value) => JSON.stringify(value)) },
  { weight: 1, arbitrary: json.value.map((value) => JSON.stringify(value) ?? '') },
  {
    weight: 1,
    arbitrary: fc.constantFrom(
      '{',
      '[',
      '{"a":}',
      '"',
      'NaN',
      '\ufeff{}',
      `${'['.repeat(10_000)}${']'.repeat(10_000)}`,
      '{"a":'.repeat(10_000),
      '{"__proto__":{"role":"admin"}}',
      '{"constructor":{"prototype":{}}}',
      '{"year":1e400}',
      '{"title":"\\u0000"}',
      '{"title":"\\ud800"}',
      '{"year":2023,"year":2024}',
      '1',
      'true',
      'null',
      '[]',
    ),
  },
  { weight: 1, arbitrary: anyText({ maxLength: 50 }) },
);
const parameter = fc.constantFrom(
  'limit',
  'cursor',
  'year',
  'organ_id',
  'under',
  'division',
  'level',
  'kind',
  'scope',
  'state',
  'published_since',
  'q',
  'group_by',
  'basis',
  'row',
  'item',
  'measure',
  'applicant',
  'revision',
  'from',
  'to',
  'edition',
  'severity',
  'bom',
  'labels',
  'create',
  'unknown',
  'year[]',
  '__proto__',
);
const query = fc.array(
  fc.tuple(parameter, fc.oneof(nasty, keys, ids, fc.constantFrom('year', 'row', 'own', '10', 'true'))),
  { maxLength: 4 },
);
const headers = fc.record(
  {
    'content-type': fc.constantFrom(
      'application/json',
      'application/merge-patch+json',
      'text/plain',
      'application/xml',
      'application/json; charset=gbk',
      'x',
    ),
    'if-match': fc.constantFrom('*', '"1"', '"1-x"', 'x', '""', '"99999999999999999999"', 'W/"1"'),
    'if-none-match': fc.constantFrom('*', '"', 'x'),
    'accept-language': fc.constantFrom('zh-CN', 'en;q=x', ';;;', '*'),
    'idempotency-key': fc.constantFrom('k', 'x'.repeat(500)),
  },
  { requiredKeys: [] },
);

const attack = fc.record({
  operation: fc.constantFrom(...operations),
  segments: fc.array(segment, { minLength: 3, maxLength: 3 }),
  query,
  headers,
  body: bodyText,
  signedIn: fc.boolean(),
});

/** An address as bytes on the wire; lone surrogates have no encoding and go as their escapes. */
const encode = (text: string): string => encodeURIComponent(text.toWellFormed());

t.test('no input makes the service fail, and every refusal is a problem', async (t) => {
  const counts = new Map<number, number>();
  await fc.assert(
    fc.asyncProperty(attack, async ({ operation, segments, query, headers, body, signedIn }) => {
      // What is published is read but not written to, so that it can be compared afterwards.
      const rest = segments.map((id) => (operation.method !== 'GET' && id === published.id ? draft.id : id));
      const path = operation.path.replace(/\{[^}]+\}/g, () => encode(rest.shift() ?? 'x'));
      const search = query.map(([key, value]) => `${key}=${encode(value)}`).join('&');
      const hasBody = operation.method !== 'GET' && operation.method !== 'DELETE';
      const answer = await app.inject({
        method: operation.method as 'GET',
        url: search ? `${path}?${search}` : path,
        headers: {
          ...(hasBody ? { 'content-type': 'application/json' } : {}),
          ...headers,
          ...(signedIn ? { authorization: 'Bearer test-administrator' } : {}),
        },
        ...(hasBody ? { payload: body } : {}),
      });
      counts.set(answer.statusCode, (counts.get(answer.statusCode) ?? 0) + 1);
      if (answer.statusCode >= 500)
        throw new Error(`${operation.method} ${path}?${search} ${body}: ${answer.body}`);
      if (answer.statusCode >= 400) {
        const problem = answer.json();
        if (
          answer.headers['content-type'] !== 'application/problem+json' ||
          problem.status !== answer.statusCode ||
          !problem.code
        )
          throw new Error(`${operation.method} ${path}: not a problem: ${answer.body}`);
      }
    }),
    { numRuns: 2000, interruptAfterTimeLimit: 90_000, markInterruptAsFailure: true },
  );
  t.comment(
    `answers by status: ${[...counts]
      .sort()
      .map(([status, count]) => `${status}: ${count}`)
      .join(', ')}`,
  );
  t.ok((counts.get(400) ?? 0) > 200, 'many are refused as not fitting');
  t.ok(
    [...counts.keys()].some((status) => status < 300),
    'some get through',
  );
});

t.test('nothing is stored that was not sent', async (t) => {
  const organs = (await admin('GET', '/v1/organs?limit=1000')).body.items as { name: string }[];
  for (const { name } of organs) t.ok(name.isWellFormed() && !name.includes('\0') && name.trim() === name);
  let checked = 0;
  await fc.assert(
    fc.asyncProperty(fc.oneof(almost, worded), async (document) => {
      const organ_id = await createOrgan(service);
      const sent = { ...document, organ_id } as Record<string, unknown>;
      const answer = await admin('POST', '/v1/reports', { body: sent });
      if (answer.status !== 201) return;
      checked++;
      const stored = (await admin('GET', `/v1/reports/${answer.body.id}`)).body;
      for (const [key, value] of Object.entries(sent))
        if (JSON.stringify(stored[key]) !== JSON.stringify(value))
          throw new Error(`${key}: ${JSON.stringify(value)} became ${JSON.stringify(stored[key])}`);
    }),
    { numRuns: 100 },
  );
  t.ok(checked > 10, `${checked} were stored`);
});

/** Bytes as they are, past the checks of an HTTP client. */
const raw = (method: string, path: string, headers: Record<string, string>, body?: Buffer) =>
  new Promise<{ status: number; type: string | undefined; body: string }>((resolve, reject) => {
    const url = new URL(service.url);
    const sent = httpRequest({ host: url.hostname, port: url.port, method, path, headers }, (answer) => {
      const chunks: Buffer[] = [];
      answer.on('data', (chunk) => chunks.push(chunk));
      answer.on('end', () =>
        resolve({
          status: answer.statusCode!,
          type: answer.headers['content-type'],
          body: Buffer.concat(chunks).toString(),
        }),
      );
    });
    sent.on('error', reject);
    sent.end(body);
  });

t.test('what is refused before a route is found is a problem too', async (t) => {
  const json = { 'content-type': 'application/json', authorization: 'Bearer test-administrator' };
  for (const [name, status, answer] of [
    ['a broken escape in the path', 400, raw('GET', '/v1/reports/%c3%28', {})],
    ['an overlong id', 404, raw('GET', `/v1/reports/${'9'.repeat(5000)}`, {})],
    ['an unknown path', 404, raw('GET', '/v2/reports', {})],
    ['an unknown method on a known path', 404, raw('PUT', '/v1/organs', json, Buffer.from('{}'))],
    [
      'bytes that are no UTF-8',
      400,
      raw('POST', '/v1/organs', json, Buffer.from([0x7b, 0x22, 0xff, 0x22, 0x3a, 0x31, 0x7d])),
    ],
    ['a body that is too large', 413, raw('POST', '/v1/organs', json, Buffer.alloc(3_000_000, 0x20))],
    [
      'another media type',
      415,
      raw('POST', '/v1/organs', { ...json, 'content-type': 'text/csv' }, Buffer.from('a,b')),
    ],
    [
      'a body without a media type',
      415,
      raw('POST', '/v1/organs', { authorization: json.authorization }, Buffer.from('{}')),
    ],
    ['no body', 400, raw('POST', '/v1/organs', json)],
  ] as const) {
    const { status: got, type, body } = await answer;
    t.equal(got, status, name);
    t.equal(type, 'application/problem+json', name);
    t.match(JSON.parse(body), { status, code: String, request_id: String }, name);
  }
});

t.test('titles come in the language of the caller', async (t) => {
  const title = async (language: string) =>
    (await service.request('GET', '/v2', { headers: { 'accept-language': language } })).body.title;
  t.equal(await title('zh-CN,zh;q=0.9,en;q=0.8'), '未找到');
  t.equal(await title('en-GB,zh;q=0.5'), 'Not found');
  t.equal(await title('fr'), 'Not found');
});

t.test('what was published stands as it was', async (t) => {
  const { body } = await service.request('GET', `/v1/reports/${published.id}`);
  t.same(body.request_statistics, zeroDocument(organ).request_statistics);
});
