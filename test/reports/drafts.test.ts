import { setTimeout as sleep } from 'node:timers/promises';
import t from 'tap';
import { lockOrgan } from '../../src/organs/queries.ts';
import { type Answer, startService } from '../support/app.ts';
import { createOrgan, fileReport, publishReport, zeroDocument, zeroFigures } from '../support/reports.ts';

const service = await startService(t);
const { admin, request } = service;
const codes = (answer: { body: { errors: { pointer: string; code: string }[] } }) =>
  answer.body.errors.map(({ pointer, code }) => `${pointer} ${code}`).sort();

t.test('a report is created with its first draft, which the public does not see', async (t) => {
  const organ_id = await createOrgan(service);
  const answer = await admin('POST', '/v1/reports', { body: { organ_id, year: 2023, scope: 'own' } });
  t.equal(answer.status, 201);
  t.equal(answer.headers.get('location'), `/v1/reports/${answer.body.id}`);
  t.match(answer.headers.get('etag'), /^"/);
  t.match(answer.body, {
    organ_id,
    year: 2023,
    scope: 'own',
    state: 'draft',
    revision: 1,
    effective_revision: null,
    has_draft: true,
    title: null,
    editions: { disclosure_items: '2021', request_statistics: '2021' },
    disclosure_items: [],
  });
  for (const path of [
    '',
    '/revisions',
    '/findings',
    '/request-statistics',
    '/diff?from=1&to=1',
    '/revisions/1',
  ])
    t.equal((await request('GET', `/v1/reports/${answer.body.id}${path}`)).status, 404, path);
  t.same((await request('GET', `/v1/reports?organ_id=${organ_id}`)).body.items, []);
  t.same((await request('GET', `/v1/reports?organ_id=${organ_id}&state=draft`)).body.items, []);
  t.equal((await admin('GET', `/v1/reports?organ_id=${organ_id}`)).body.items.length, 1);
  t.equal((await request('GET', `/v1/reports/${answer.body.id}/draft`)).status, 401);
});

t.test('an organ has one report of a year and scope', async (t) => {
  const organ_id = await createOrgan(service);
  const first = await fileReport(service, zeroDocument(organ_id));
  const second = await admin('POST', '/v1/reports', { body: zeroDocument(organ_id) });
  t.equal(second.status, 409);
  t.match(second.body, { code: 'report-exists', report_id: first.id });
  t.equal(
    (await admin('POST', '/v1/reports', { body: zeroDocument(organ_id, { scope: 'consolidated' }) })).status,
    201,
  );
  const many = await Promise.all(
    Array.from({ length: 10 }, () =>
      admin('POST', '/v1/reports', { body: zeroDocument(organ_id, { year: 2022 }) }),
    ),
  );
  t.same(
    many.map((answer) => answer.status).sort(),
    [201, ...Array(9).fill(409)],
    'not even filed ten times at once',
  );
});

t.test('what is not on the form is refused, every fault at once with its place', async (t) => {
  const organ_id = await createOrgan(service);
  const refused = await admin('POST', '/v1/reports', {
    body: {
      organ_id,
      year: 2018,
      scope: 'own',
      editions: { disclosure_items: '2021', request_statistics: '2019' },
      disclosure_items: [
        { item: 'regulations', measure: 'made', value: 1 },
        { item: 'regulations', measure: 'issued', value: -1 },
        { item: 'regulations', measure: 'repealed', value: 1.5 },
        { item: 'fees', measure: 'amount', value: 0.00001 },
        { item: 'penalties', measure: 'decisions', value: 1, unit: '元' },
        { item: 'penalties', measure: 'decisions', value: 1 },
      ],
      request_statistics: [
        {
          row: 'other_misc',
          natural_person: 0,
          business: 0,
          research: 0,
          public_interest: 0,
          legal_service: 0,
          other: 0,
          total: 0,
        },
        {
          row: 'granted',
          natural_person: true,
          business: '1',
          research: 2.5,
          public_interest: -1,
          legal_service: 2 ** 53,
          other: 0,
        },
      ],
      review_litigation_counts: [
        { proceeding: 'appeal', upheld: 0, corrected: 0, other: 0, pending: 0, total: 0 },
      ],
      cell_notes: [{ cell: 'request_statistics.nothing', raw: '/' }],
      remark: 'x',
    },
  });
  t.equal(refused.status, 400);
  t.same(codes(refused), [
    '/cell_notes/0/cell not-on-form',
    '/disclosure_items/0 not-on-form',
    '/disclosure_items/1/value negative',
    '/disclosure_items/2/value fraction',
    '/disclosure_items/3/value too-many-decimals',
    '/disclosure_items/4/unit wrong-unit',
    '/disclosure_items/5 duplicate-cell',
    '/remark additionalProperties',
    '/request_statistics/0/row not-on-form',
    '/request_statistics/1/business type',
    '/request_statistics/1/legal_service maximum',
    '/request_statistics/1/natural_person type',
    '/request_statistics/1/public_interest minimum',
    '/request_statistics/1/research type',
    '/request_statistics/1/total required',
    '/review_litigation_counts/0/proceeding enum',
    '/year minimum',
  ]);
  const late = await admin('POST', '/v1/reports', { body: { organ_id, year: 2099, scope: 'own' } });
  t.same(codes(late), ['/year year-out-of-range']);
  const nobody = await admin('POST', '/v1/reports', {
    body: { organ_id: '01938c5e-7b1a-7c3e-9a51-2f1de0a4c001', year: 2023, scope: 'own' },
  });
  t.same(codes(nobody), ['/organ_id unknown-organ']);
});

t.test('a blank stays blank, a zero stays zero, and an absent row stays absent', async (t) => {
  const organ_id = await createOrgan(service);
  const row = {
    row: 'granted',
    natural_person: 0,
    business: null,
    research: null,
    public_interest: null,
    legal_service: null,
    other: null,
    total: null,
  };
  const { id, body } = await fileReport(service, {
    organ_id,
    year: 2023,
    scope: 'own',
    request_statistics: [row],
  });
  t.same(body.request_statistics, [row]);
  t.same((await admin('GET', `/v1/reports/${id}/draft`)).body.request_statistics, [row]);
});

t.test('replacing a draft replaces all of it and keeps its editions', async (t) => {
  const organ_id = await createOrgan(service);
  const editions = { disclosure_items: '2021', request_statistics: '2019' };
  const { id, etag } = await fileReport(service, {
    organ_id,
    year: 2023,
    scope: 'own',
    editions,
    title: '旧',
    overview: '旧',
  });
  const path = `/v1/reports/${id}/draft`;
  const answer = await admin('PUT', path, {
    body: { title: '新', ...zeroFigures(), request_statistics: [] },
    headers: { 'if-match': etag },
  });
  t.equal(answer.status, 200);
  t.match(answer.body, { title: '新', overview: null, editions, request_statistics: [] });
  t.equal(answer.body.disclosure_items.length, 10);
  const other = await admin('PUT', path, {
    body: { organ_id: id, year: 2022 },
    headers: { 'if-match': '*' },
  });
  t.same(codes(other), ['/organ_id identity', '/year identity']);
});

t.test('a patch changes what it names: null empties a text, a table replaces the table', async (t) => {
  const organ_id = await createOrgan(service);
  const { id, etag } = await fileReport(
    service,
    zeroDocument(organ_id, { title: '标题', overview: '总体情况' }),
  );
  const answer = await admin('PATCH', `/v1/reports/${id}/draft`, {
    body: { title: null, problems: '问题', review_litigation_counts: [] },
    headers: { 'if-match': etag, 'content-type': 'application/merge-patch+json' },
  });
  t.equal(answer.status, 200);
  t.match(answer.body, { title: null, overview: '总体情况', problems: '问题', review_litigation_counts: [] });
  t.equal(answer.body.request_statistics.length, 25);
  const edition = await admin('PATCH', `/v1/reports/${id}/draft`, {
    body: { editions: { request_statistics: '2019' } },
    headers: { 'if-match': answer.headers.get('etag')! },
  });
  t.equal(edition.status, 400, 'the rows of the draft are not on the other form');
  t.match(edition.body.errors[0], { code: 'not-on-form' });
});

t.test('a write needs the tag of what it changes', async (t) => {
  const { id, etag } = await fileReport(service, zeroDocument(await createOrgan(service)));
  const path = `/v1/reports/${id}/draft`;
  const missing = await admin('PUT', path, { body: {} });
  t.equal(missing.status, 428);
  t.equal(missing.body.code, 'if-match-required');
  const first = await admin('PUT', path, { body: {}, headers: { 'if-match': etag } });
  t.equal(first.status, 200);
  const stale = await admin('PUT', path, { body: {}, headers: { 'if-match': etag } });
  t.equal(stale.status, 412);
  t.match(stale.body, { code: 'stale' });
  t.ok(stale.headers.get('etag'), 'the answer has the current tag');
  t.equal(
    (await admin('PUT', path, { body: {}, headers: { 'if-match': stale.headers.get('etag')! } })).status,
    200,
  );
  const ofPublic = '"3-45678901234567890123"';
  t.equal(
    (await admin('PUT', path, { body: {}, headers: { 'if-match': ofPublic } })).status,
    412,
    'the tag of what the public reads has no version, also where its hash looks like one',
  );
  const fresh = await admin('GET', path);
  t.match(fresh.headers.get('etag'), /^"3-/);
  t.equal(
    (await admin('GET', path, { headers: { 'if-none-match': fresh.headers.get('etag')! } })).status,
    304,
  );
});

t.test('of many increments with If-Match none is lost', async (t) => {
  const { id } = await fileReport(service, zeroDocument(await createOrgan(service)));
  const path = `/v1/reports/${id}/draft/request-statistics/granted`;
  const increment = async () => {
    for (;;) {
      const read = await admin('GET', path);
      const body = { natural_person: read.body.natural_person + 1 };
      const written = await admin('PATCH', path, {
        body,
        headers: { 'if-match': read.headers.get('etag')! },
      });
      if (written.status === 200) return;
      if (written.status !== 412) throw new Error(written.text);
    }
  };
  await Promise.all(
    Array.from({ length: 5 }, async () => {
      for (let i = 0; i < 10; i++) await increment();
    }),
  );
  t.equal((await admin('GET', path)).body.natural_person, 50);
});

const single = [
  {
    path: 'disclosure-items/fees/amount',
    table: 'disclosure_items',
    put: { value: 59237.2449, unit: '万元' },
    patch: { value: null },
    size: 10,
  },
  {
    path: 'request-statistics/granted',
    table: 'request_statistics',
    put: {
      natural_person: 1,
      business: 2,
      research: null,
      public_interest: 0,
      legal_service: 0,
      other: 0,
      total: 3,
    },
    patch: { total: null },
    size: 25,
  },
  {
    path: 'review-litigation-counts/review',
    table: 'review_litigation_counts',
    put: { upheld: 1, corrected: 0, other: 0, pending: null, total: 1 },
    patch: { pending: 2 },
    size: 3,
  },
];
for (const { path, table, put, patch, size } of single)
  t.test(`rows of ${table} are captured, changed and removed one by one`, async (t) => {
    const { id } = await fileReport(service, zeroDocument(await createOrgan(service)));
    const url = `/v1/reports/${id}/draft/${path}`;
    const any = { 'if-match': '*' };
    const replaced = await admin('PUT', url, { body: put, headers: any });
    t.equal(replaced.status, 200);
    t.match(replaced.body, put);
    const patched = await admin('PATCH', url, { body: patch, headers: any });
    t.match(patched.body, { ...put, ...patch });
    t.same((await admin('GET', url)).body, patched.body);
    t.same(
      (await admin('PUT', url, { body: patched.body, headers: any })).body,
      patched.body,
      'what is read can be written',
    );
    const collection = url.slice(0, url.indexOf(path) + path.indexOf('/'));
    const all = await admin('GET', collection);
    t.equal(all.body.items.length, size);
    t.equal((await admin('DELETE', url, { headers: any })).status, 204);
    t.equal((await admin('GET', url)).status, 404);
    t.equal((await admin('DELETE', url, { headers: any })).status, 404);
    t.match(
      (await admin('PATCH', url, { body: patch, headers: any })).body,
      { status: 404, detail: /not captured .*; PUT captures it/ },
      'nothing to patch',
    );
    t.equal((await admin('GET', collection)).body.items.length, size - 1);
    const restored = await admin('PUT', collection, { body: all.body, headers: any });
    t.same(restored.body, all.body);
    const emptied = await admin('DELETE', collection, { headers: any });
    t.equal(emptied.status, 204);
    t.same((await admin('GET', `/v1/reports/${id}/draft`)).body[table], []);
    const headers = { 'if-match': emptied.headers.get('etag')! };
    t.equal(
      (await admin('PUT', collection, { body: all.body, headers })).status,
      200,
      'the next write needs no reading',
    );
    const without = await admin('DELETE', url, { headers: any });
    t.equal(
      (await admin('DELETE', collection, { headers: { 'if-match': without.headers.get('etag')! } })).status,
      204,
    );
  });

t.test('a row that the form does not print is not found, and faults point into the row', async (t) => {
  const { id } = await fileReport(service, zeroDocument(await createOrgan(service)));
  const any = { 'if-match': '*' };
  const draft = `/v1/reports/${id}/draft`;
  const row = {
    natural_person: 0,
    business: 0,
    research: 0,
    public_interest: 0,
    legal_service: 0,
    other: 0,
    total: 0,
  };
  const none = await admin('PUT', `${draft}/request-statistics/other`, { body: row, headers: any });
  t.equal(none.status, 404);
  t.match(none.body.detail, /other_no_correction/);
  const wrong = await admin('PUT', `${draft}/disclosure-items/licensing/decisions`, {
    body: { item: 'fees', value: -1, unit: '元' },
    headers: any,
  });
  t.same(codes(wrong), ['/item identity', '/unit wrong-unit', '/value negative']);
  const unit = { item: 'licensing', measure: 'decisions', value: 0, unit: 5 };
  const cell = await admin('PUT', `${draft}/disclosure-items/licensing/decisions`, {
    body: unit,
    headers: any,
  });
  t.same(codes(cell), ['/unit type'], 'a place has one fault');
  const cells = await admin('PUT', `${draft}/disclosure-items`, { body: { items: [unit] }, headers: any });
  t.same(codes(cells), ['/items/0/unit type']);
  const key = await admin('PATCH', `${draft}/request-statistics/granted`, {
    body: { row: 'carried_in' },
    headers: any,
  });
  t.same(codes(key), ['/row identity']);
  const table = await admin('PUT', `${draft}/request-statistics`, {
    body: { items: [{ row: 'other', ...row }] },
    headers: any,
  });
  t.same(codes(table), ['/items/0/row not-on-form']);
  const granted = { row: 'granted', ...row };
  const twice = await admin('PUT', `${draft}/request-statistics`, {
    body: { items: [granted, granted] },
    headers: any,
  });
  t.match(twice.body.errors, [
    { pointer: '/items/1', message: 'granted is already given at /items/0; give it once' },
  ]);
});

t.test(
  'a discarded correction leaves what is published; a discarded first draft leaves nothing',
  async (t) => {
    const any = { 'if-match': '*' };
    const { id } = await publishReport(service, zeroDocument(await createOrgan(service)));
    t.equal(
      (await admin('DELETE', `/v1/reports/${id}/draft`, { headers: any })).status,
      409,
      'there is no draft',
    );
    t.equal((await admin('POST', `/v1/reports/${id}/revisions`, { body: { reason: '更正' } })).status, 201);
    t.equal((await admin('DELETE', `/v1/reports/${id}/draft`, { headers: any })).status, 204);
    t.equal((await admin('GET', `/v1/reports/${id}/draft`)).status, 404);
    t.match((await request('GET', `/v1/reports/${id}`)).body, { state: 'published', revision: 1 });
    const again = await admin('POST', `/v1/reports/${id}/revisions`, { body: { reason: '再次更正' } });
    t.equal(again.body.revision, 3, 'the number of the discarded draft is not used again');
    const first = await fileReport(service, zeroDocument(await createOrgan(service)));
    t.equal((await admin('DELETE', `/v1/reports/${first.id}/draft`, { headers: any })).status, 204);
    t.equal((await admin('GET', `/v1/reports/${first.id}`)).status, 404);
  },
);

t.test('a correction is discarded also while its organ is being changed', async (t) => {
  const organ_id = await createOrgan(service);
  const { id } = await publishReport(service, zeroDocument(organ_id));
  await admin('POST', `/v1/reports/${id}/revisions`, { body: { reason: '更正' } });
  // Whoever changes the organ may be about to wait for the report, so nobody who has the report may wait for the organ.
  const discarded = await service.app.db.transaction().execute(async (trx) => {
    await lockOrgan(trx, organ_id);
    const discard = admin('DELETE', `/v1/reports/${id}/draft`, { headers: { 'if-match': '*' } });
    return Promise.race([discard, sleep(3_000)]);
  });
  t.match(discarded, { status: 204 });
});

t.test('a validation of nobody known is refused, of nobody named it is not', async (t) => {
  const document = { year: 2023, scope: 'own', ...zeroFigures() };
  const unknown = await request('POST', '/v1/validations', {
    body: { ...document, organ_id: '01938c5e-7b1a-7c3e-9a51-2f1de0a4c001' },
  });
  t.same(codes(unknown), ['/organ_id unknown-organ']);
  t.equal((await request('POST', '/v1/validations', { body: document })).status, 200);
});

t.test(
  'a day of no calendar, an id of another spelling and a query of no encoding are refused',
  async (t) => {
    const organ_id = await createOrgan(service);
    for (const published_on of ['0000-01-01', '2024-02-30', '24-01-01', '20240131'])
      t.same(
        codes(
          await admin('POST', '/v1/reports', { body: { organ_id, year: 2023, scope: 'own', published_on } }),
        ),
        ['/published_on format'],
      );
    for (const path of [`/v1/reports/urn:uuid:${organ_id}`, `/v1/reports?organ_id=urn:uuid:${organ_id}`]) {
      const answer = await request('GET', path);
      t.equal(answer.status, 400);
      t.match(answer.body.errors, [{ code: 'format', message: /UUID/ }]);
    }
    t.equal((await request('GET', '/v1/reports?q=%ff')).status, 400);
    t.equal((await request('GET', '/v1/reports?__proto__=1')).status, 400);
  },
);

t.test('a body that does not fit hides no fault of the path, the query or the report', async (t) => {
  const document = zeroDocument(await createOrgan(service));
  const { id } = await fileReport(service, document);
  const body = { ...document, year: 2019, title: 1, disclosure_items: [{ item: 'none' }] };
  const headers = { 'if-match': '*' };
  const of = ({ body }: Answer) =>
    body.errors.map(
      (fault: Record<string, string>) => `${fault.in ?? 'body'} ${fault.pointer} ${fault.code}`,
    );
  const filed = await admin('POST', '/v1/reports?draft=1', { body });
  t.ok(
    ['body /title type', 'query /draft additionalProperties'].every((fault) => of(filed).includes(fault)),
    of(filed),
  );
  const checked = await admin('POST', '/v1/validations?draft=1', { body });
  t.ok(
    ['body /title type', 'query /draft additionalProperties'].every((fault) => of(checked).includes(fault)),
    of(checked),
  );
  const put = await admin('PUT', `/v1/reports/${id}/draft?draft=1`, { body, headers });
  t.ok(
    ['body /title type', 'query /draft additionalProperties', 'body /year identity'].every((fault) =>
      of(put).includes(fault),
    ),
    of(put),
  );
  const nowhere = await admin('PUT', '/v1/reports/draft/draft?draft=1', { body, headers });
  t.ok(
    ['path /report_id format', 'query /draft additionalProperties', 'body /title type'].every((fault) =>
      of(nowhere).includes(fault),
    ),
    of(nowhere),
  );
});
