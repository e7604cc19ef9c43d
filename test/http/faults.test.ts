import { gzipSync } from 'node:zlib';
import t from 'tap';
import { startService } from '../support/app.ts';
import { zeroDocument } from '../support/reports.ts';

const { admin } = await startService(t);
const right = zeroDocument('01900000-0000-7000-8000-000000000000');

/** What is said of each place of a request. */
const told = async (method: string, path: string, body?: unknown) => {
  const answer = await admin(method, path, { body });
  t.equal(answer.status, 400);
  return Object.fromEntries(
    answer.body.errors.map(({ pointer, message }: { pointer: string; message: string }) => [
      pointer,
      message,
    ]),
  );
};

t.test('a fault of an address says what would be right', async (t) => {
  for (const [query, place, message] of [
    ['/v1/reports?q=', '/q', 'must not be empty'],
    [`/v1/reports?q=${'x'.repeat(201)}`, '/q', 'must have at most 200 characters'],
    [`/v1/reports?kind=${Array(1001).fill('branch')}`, '/kind', 'must have at most 1000 items'],
    ['/v1/reports?limit=many', '/limit', 'must be a whole number'],
    ['/v1/reports?limit=0', '/limit', 'must be >= 1'],
    ['/v1/reports?limit=1001', '/limit', 'must be <= 1000'],
    ['/v1/reports?scope=all', '/scope/0', 'must be one of own, consolidated'],
    [
      '/v1/reports?published_since=2024-02-30',
      '/published_since',
      'must be a day of the calendar, YYYY-MM-DD, from 1900 to 2099',
    ],
    ['/v1/organs.csv?bom=1', '/bom', 'must be true or false'],
    ['/v1/coverage', '/year', 'is required'],
    ['/v1/organs/1', '/organ_id', 'must be a UUID, such as 01938c5e-7b1a-7c3e-9a51-2f1de0a4c001'],
  ] as const)
    t.strictSame(await told('GET', query), { [place]: message }, place);
});

t.test('a body that is compressed is not taken for what it is not', async (t) => {
  for (const [method, path] of [
    ['POST', '/v1/validations'],
    ['POST', '/v1/imports'],
    ['POST', '/v1/reports/batch'],
  ] as const) {
    const headers = { 'content-encoding': 'gzip', 'content-type': 'application/json' };
    const answer = await admin(method, path, { body: gzipSync(JSON.stringify(right)), headers });
    t.match(answer.body, { status: 415, detail: /without Content-Encoding/ }, path);
    t.equal(answer.headers.get('accept-encoding'), 'identity');
  }
});

t.test('years that run backwards are told with what else is wrong', async (t) => {
  const backwards = { '/year/0': '2023..2020 runs backwards: write 2020..2023' };
  for (const path of [
    'reports',
    'reports.csv',
    'request-statistics',
    'request-statistics.ndjson',
    'aggregates/reports',
  ]) {
    const answer = await told('GET', `/v1/${path}?year=2023..2020&level=town,village`);
    t.match(answer, { ...backwards, '/level/1': /must be one of/ }, path);
  }
});

t.test('a fault of a body says what would be right', async (t) => {
  for (const [member, value, message] of [
    ['row', 'new_received', 'must be a list, as ["new_received"]'],
    ['row', 'granted,refused', 'must be a list, as ["granted","refused"]'],
    ['year', 2023, 'must be a list, as ["2023"]'],
    ['group_by', {}, 'must be a list, as ["year","row"]'],
    ['level', null, 'must be a list'],
    ['level', [], 'must not be empty'],
    ['q', 5, 'must be text'],
    ['both_sides', 'yes', 'must be true or false'],
    ['top', '5', 'must be a whole number'],
  ] as const)
    t.strictSame(
      await told('POST', '/v1/aggregates/query', {
        of: member === 'both_sides' ? 'disclosure_rate' : 'request-statistics',
        [member]: value,
      }),
      { [`/${member}`]: message },
      `${member} ${JSON.stringify(value)}`,
    );
  t.strictSame(await told('POST', '/v1/aggregates/query', []), { '': 'must be an object' });
  const { body } = await admin('POST', '/v1/aggregates/query', { body: { of: 3 } });
  t.match(body.errors, [{ pointer: '/of', code: 'enum', message: /must be one of/ }]);
  t.equal(body.errors.length, 1, 'one place is told of once');
});

t.test('a fault of a report says what would be right', async (t) => {
  for (const [member, value, place, message] of [
    ['title', 5, '/title', 'must be text or null'],
    ['title', 'x'.repeat(501), '/title', 'must have at most 500 characters'],
    ['request_statistics', 'granted', '/request_statistics', 'must be a list'],
    [
      'request_statistics',
      [{ ...right.request_statistics[0], total: '5' }],
      '/request_statistics/0/total',
      'must be a whole number or null',
    ],
    [
      'disclosure_items',
      [{ item: 'regulations', measure: 'issued', value: '5' }],
      '/disclosure_items/0/value',
      'must be a number or null',
    ],
    ['cell_notes', Array(301).fill({}), '/cell_notes', 'must have at most 300 items'],
  ] as const)
    t.strictSame(
      await told('POST', '/v1/validations', { ...right, [member]: value }),
      { [place]: message },
      place,
    );
});

t.test('a report with faults without number is told of the first, and asked for no patience', async (t) => {
  const began = Date.now();
  for (const [member, row] of [
    ['request_statistics', { row: 'z' }],
    ['disclosure_items', { item: 'z', measure: 'z', value: -1 }],
    ['review_litigation_counts', { proceeding: 'review' }],
    ['cell_notes', { cell: 'z', raw: '' }],
  ] as const) {
    const body = { ...right, [member]: Array(30_000).fill(row) };
    const answer = await admin('POST', '/v1/validations', { body });
    t.equal(answer.status, 400);
    t.equal(answer.body.errors.length, 200, member);
    t.match(answer.body.errors[0], { pointer: `/${member}`, code: 'maxItems' });
  }
  t.ok(Date.now() - began < 5_000);
});

t.test('a body of another media type is told which would be right', async (t) => {
  const headers = { 'content-type': 'image/png' };
  const id = right.organ_id;
  for (const [method, path, detail] of [
    ['POST', '/v1/aggregates/query', 'send application/json'],
    ['PATCH', `/v1/organs/${id}`, 'send application/json'],
    ['POST', '/v1/imports', 'send text/plain'],
    ['POST', '/v1/reports/batch', 'send application/x-ndjson'],
    ['DELETE', `/v1/organs/${id}`, 'this operation takes no body'],
  ] as const)
    t.match(
      await admin(method, path, { headers, body: 'an image' }),
      { status: 415, body: { code: 'unsupported-media-type', detail } },
      path,
    );
});
