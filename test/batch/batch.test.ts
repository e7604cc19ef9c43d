import t from 'tap';
import { verifyAudit } from '../../src/audit/queries.ts';
import { renderPublicAnswer } from '../../src/reports/publication.ts';
import { getRevisions, listRevisions } from '../../src/reports/queries.ts';
import { adminToken, startService } from '../support/app.ts';
import { generateReport } from '../support/generated-reports.ts';
import {
  createOrgan,
  fileReport,
  move,
  publishReport,
  realReport,
  zeroDocument,
} from '../support/reports.ts';

const service = await startService(t);
const ndjson = { 'content-type': 'application/x-ndjson' };

/** Sends lines and answers the results. */
async function batch(lines: readonly unknown[] | string | Buffer, query = '', headers = {}) {
  const body =
    typeof lines === 'string' || Buffer.isBuffer(lines)
      ? lines
      : lines.map((line) => `${JSON.stringify(line)}\n`).join('');
  const answer = await service.admin('POST', `/v1/reports/batch${query}`, {
    body,
    headers: { ...ndjson, ...headers },
  });
  if (answer.status !== 200) return { answer, results: [] };
  const results = answer.text
    .split('\n')
    .filter(Boolean)
    .map((line) => JSON.parse(line));
  return { answer, results };
}

t.test('lines become drafts, once, and other content replaces a draft', async (t) => {
  const organ_id = await createOrgan(service);
  const documents = [2019, 2020, 2021].map((year) => generateReport(organ_id, year, 7));
  const { answer, results } = await batch(documents);
  t.equal(answer.headers.get('content-type'), 'application/x-ndjson');
  t.match(
    results,
    documents.map((_, index) => ({ line: index + 1, status: 'created', revision: 1, state: 'draft' })),
  );
  const read = await service.admin('GET', `/v1/reports/${results[0].report_id}`);
  t.strictSame(read.body.request_statistics, documents[0]!.request_statistics);
  t.strictSame(read.body.disclosure_items, documents[0]!.disclosure_items);
  t.strictSame(read.body.findings_summary, results[0].findings_summary);
  t.equal(
    (await service.request('GET', `/v1/reports/${results[0].report_id}`)).status,
    404,
    'nothing is published',
  );

  const audited = async () => (await service.admin('GET', '/v1/audit?limit=1000')).body.items.length;
  const before = await audited();
  const again = await batch(documents);
  t.match(
    again.results,
    documents.map(() => ({ status: 'unchanged', revision: 1, state: 'draft' })),
  );
  t.equal(await audited(), before, 'nothing was written');

  const changed = { ...documents[1]!, title: '更正' };
  const second = await batch([documents[0], changed, documents[2]]);
  t.strictSame(
    second.results.map(({ status }) => status),
    ['unchanged', 'updated', 'unchanged'],
  );
  t.equal(second.results[1].report_id, results[1].report_id);
  t.equal((await service.admin('GET', `/v1/reports/${results[1].report_id}`)).body.title, '更正');
  t.equal(await audited(), before + 1);
});

t.test('a batch gives the same findings and figures as filing one by one', async (t) => {
  const [one, many] = [await createOrgan(service), await createOrgan(service)];
  const { report } = realReport('suqian-2023');
  const single = await fileReport(service, { organ_id: one, ...report });
  const [result] = (await batch([{ organ_id: many, ...report }])).results;
  const read = await service.admin('GET', `/v1/reports/${result.report_id}`);
  const { id: _, organ_id: __, created_at: ___, updated_at: ____, ...stored } = read.body;
  t.match(single.body, stored);
  const findings = async (id: string) =>
    (await service.admin('GET', `/v1/reports/${id}/findings?revision=1`)).body.items;
  t.strictSame(await findings(result.report_id), await findings(single.id));
});

t.test('a line that cannot be filed says why and stops no other', async (t) => {
  const organ_id = await createOrgan(service);
  const good = (year: number) => JSON.stringify(generateReport(organ_id, year, 1));
  const lines = [
    good(2019),
    '{"organ_id":',
    JSON.stringify({ organ_id, year: 1999, scope: 'own', unknown: 1, title: 3 }),
    '',
    JSON.stringify(zeroDocument('01938c5e-7b1a-7c3e-9a51-2f1de0a4c001')),
    JSON.stringify({ ...zeroDocument(organ_id), title: 'a\0b' }),
    '['.repeat(100),
    JSON.stringify({ ...zeroDocument(organ_id), overview: '长'.repeat(800_000) }),
    '3',
    '{"__proto__":{"admin":true}}',
    good(2020),
  ].join('\n');
  const invalid = Buffer.concat([Buffer.from('{"title":"'), Buffer.from([0xc3, 0x28]), Buffer.from('"}\n')]);
  const body = Buffer.concat([Buffer.from(`${lines}\r\n`), invalid, Buffer.from(good(2021))]);
  const { results } = await batch(body);
  t.strictSame(
    results.map(({ line, status, problem }) => [line, status, problem?.code]),
    [
      [1, 'created', undefined],
      [2, 'refused', 'malformed-json'],
      [3, 'refused', 'invalid-request'],
      [5, 'refused', 'invalid-request'],
      [6, 'refused', 'invalid-request'],
      [7, 'refused', 'malformed-json'],
      [8, 'refused', 'too-large'],
      [9, 'refused', 'invalid-request'],
      [10, 'refused', 'invalid-request'],
      [11, 'created', undefined],
      [12, 'refused', 'malformed-request'],
      [13, 'created', undefined],
    ],
  );
  const pointers = results[2].problem.errors.map((fault: { pointer: string }) => fault.pointer).sort();
  t.strictSame(pointers, ['/title', '/unknown', '/year'], 'every fault of a line at once');
  t.match(results[3].problem.errors, [{ pointer: '/organ_id', code: 'unknown-organ' }]);
  t.match(results[4].problem.errors, [{ pointer: '/title', code: 'nul-character' }]);
});

t.test('in whatever order members were sent, the public answer is the same text', async (t) => {
  const organ_id = await createOrgan(service);
  const backwards = (value: unknown): unknown =>
    Array.isArray(value)
      ? value.map(backwards)
      : value !== null && typeof value === 'object'
        ? Object.fromEntries(
            Object.entries(value)
              .map(([key, each]) => [key, backwards(each)])
              .reverse(),
          )
        : value;
  const sent = backwards({ ...generateReport(organ_id, 2023, 7), cell_notes: [] });
  const { results } = await batch([sent], '?publish=true');
  const { report_id } = results[0];
  const shown = await service.request('GET', `/v1/reports/${report_id}`);
  await service.app.db
    .transaction()
    .execute((trx) => renderPublicAnswer(trx, { ...shown.body, id: report_id }));
  t.equal((await service.request('GET', `/v1/reports/${report_id}`)).text, shown.text);
});

t.test('the same report twice in a batch is filed in order', async (t) => {
  const organ_id = await createOrgan(service);
  const document = zeroDocument(organ_id);
  const { results } = await batch([document, document, { ...document, title: '二' }]);
  t.strictSame(
    results.map(({ status }) => status),
    ['created', 'unchanged', 'updated'],
  );
});

t.test('what is submitted or published is refused with its findings, unless it is the same', async (t) => {
  const organ_id = await createOrgan(service);
  const submitted = await move(
    service,
    await fileReport(service, zeroDocument(organ_id, { year: 2021 })),
    'submit',
  );
  const published = await publishReport(service, zeroDocument(organ_id, { year: 2022 }));
  const lines = [2021, 2022].flatMap((year) => [
    zeroDocument(organ_id, { year }),
    zeroDocument(organ_id, { year, title: '不同' }),
  ]);
  const { results } = await batch(lines);
  t.match(results, [
    { status: 'unchanged', state: 'submitted', report_id: submitted.id },
    { status: 'refused', state: 'submitted', problem: { code: 'immutable', status: 409 } },
    { status: 'unchanged', state: 'published', report_id: published.id },
    { status: 'refused', state: 'published', problem: { code: 'report-exists', status: 409 } },
  ]);
  t.ok(Array.isArray(results[3].findings));
  t.notOk(results[0].problem);
});

t.test(
  'a correction under way is not overwritten, whether what is sent shall be published or not',
  async (t) => {
    const organ_id = await createOrgan(service);
    const document = zeroDocument(organ_id, { title: '已公布' });
    const { results } = await batch([document], '?publish=true');
    const path = `/v1/reports/${results[0].report_id}`;
    t.equal((await service.admin('POST', `${path}/revisions`, { body: { reason: '更正' } })).status, 201);
    const corrected = await service.admin('PATCH', `${path}/draft`, {
      body: { title: '更正中' },
      headers: { 'if-match': '*' },
    });
    t.equal(corrected.status, 200);
    for (const query of ['', '?publish=true&reason=new']) {
      const other = await batch([{ ...document, title: '另一份' }], query);
      t.match(other.results, [
        { status: 'refused', revision: 2, state: 'draft', problem: { code: 'draft-exists' } },
      ]);
    }
    t.equal((await service.admin('GET', `${path}/draft`)).body.title, '更正中');
    t.equal((await batch([document])).results[0].status, 'unchanged', 'what is published already is no loss');

    const headers = { 'if-match': '*' };
    t.equal(
      (await service.admin('POST', `${path}/withdraw`, { body: { reason: '涉密' }, headers })).status,
      200,
    );
    for (const query of ['', '?publish=true', '?publish=true&reason=new'])
      t.match((await batch([document], query)).results, [
        { status: 'refused', revision: 2, state: 'draft', problem: { code: 'draft-exists' } },
      ]);
    t.equal((await service.request('GET', path)).status, 404, 'what was withdrawn stays so');
    t.equal((await service.admin('GET', `${path}/draft`)).body.title, '更正中');
  },
);

t.test('a blank reason is none', async (t) => {
  t.match((await batch([], '?reason=new')).answer.body, {
    status: 400,
    errors: [{ in: 'query', pointer: '/reason', message: /publish=true/ }],
  });
  const { answer } = await batch([], '?publish=true&reason=%20');
  t.match(answer.body, { status: 400, errors: [{ in: 'query', pointer: '/reason', code: 'pattern' }] });
});

t.test('history is loaded as published, findings and all', async (t) => {
  const organ_id = await createOrgan(service);
  const { report } = realReport('suqian-2023');
  const wrong = { ...zeroDocument(organ_id, { year: 2022 }) };
  wrong.review_litigation_counts = wrong.review_litigation_counts.map((row) => ({ ...row, total: 5 }));
  const documents = [{ organ_id, ...report, scope: 'own' }, wrong, zeroDocument(organ_id, { year: 2024 })];
  const { results } = await batch(documents, '?publish=true');
  t.match(
    results,
    documents.map(() => ({ status: 'created', revision: 1, state: 'published' })),
  );
  t.equal(results[1].findings_summary.error, 3, 'errors are recorded, not blocking');
  const db = service.app.db;
  for (const { report_id, findings_summary } of results) {
    const shown = await service.request('GET', `/v1/reports/${report_id}`);
    t.match(shown, { status: 200, body: { state: 'published', effective_revision: 1 } });
    t.strictSame(shown.body.findings_summary, findings_summary);
    await db.transaction().execute((trx) => renderPublicAnswer(trx, { ...shown.body, id: report_id }));
    t.equal((await service.request('GET', `/v1/reports/${report_id}`)).text, shown.text, 'as one by one');
    const findings = await service.request('GET', `/v1/reports/${report_id}/findings?revision=1`);
    const failed = findings.body.items.filter((each: { status: string }) => each.status === 'failed');
    t.equal(failed.length, findings_summary.error + findings_summary.warning + findings_summary.info);
  }
  t.match(
    (await batch(documents, '?publish=true')).results,
    documents.map(() => ({ status: 'unchanged' })),
  );
  const { body } = await service.request(
    'GET',
    `/v1/aggregates/request-statistics?group_by=year&row=granted&under=${organ_id}`,
  );
  t.equal(body.data.length, 3, 'aggregates hold it at once');
});

t.test('what differs from what is published becomes a revision with a reason', async (t) => {
  const organ_id = await createOrgan(service);
  const document = zeroDocument(organ_id);
  const next = zeroDocument(organ_id, { year: 2024 });
  const [first, later] = (await batch([document, next], '?publish=true')).results;
  const changed = { ...document, request_statistics: document.request_statistics.map((row) => ({ ...row })) };
  Object.assign(changed.request_statistics.find(({ row }) => row === 'carried_out')!, {
    natural_person: 4,
    total: 4,
  });
  t.match((await batch([changed], '?publish=true')).results, [
    { status: 'refused', revision: 1, problem: { code: 'report-exists', detail: /reason/ } },
  ]);
  const reason = `&reason=${encodeURIComponent('原文更正')}`;
  t.match((await batch([changed], `?publish=true${reason}`)).results, [
    { status: 'updated', revision: 2, state: 'published', report_id: first.report_id },
  ]);
  const revisions = await service.request('GET', `/v1/reports/${first.report_id}/revisions`);
  t.match(revisions.body.items, [{ state: 'superseded' }, { state: 'published', reason: '原文更正' }]);
  const after = await service.request('GET', `/v1/reports/${later.report_id}`);
  t.notSame(after.body.findings_summary, later.findings_summary, 'the year after is compared anew');

  const draft = await fileReport(service, zeroDocument(organ_id, { year: 2021 }));
  t.match((await batch([zeroDocument(organ_id, { year: 2021, title: '发' })], '?publish=true')).results, [
    { status: 'updated', revision: 1, state: 'published', report_id: draft.id },
  ]);
  await service.admin('POST', `/v1/reports/${draft.id}/revisions`, { body: { reason: '改' } });
  t.match((await batch([zeroDocument(organ_id, { year: 2021 })], `?publish=true${reason}`)).results, [
    { status: 'refused', problem: { code: 'draft-exists' } },
  ]);
  t.match((await service.admin('GET', '/v1/audit/verification')).body, { fault: null });
});

t.test('only who may write files, and only administrators publish', async (t) => {
  const [mine, other] = [await createOrgan(service), await createOrgan(service)];
  const key = await service.admin('POST', '/v1/api-keys', {
    body: {
      label: '批量',
      expires_at: new Date(Date.now() + 86_400_000).toISOString(),
      grants: [{ role: 'preparer', organ_id: mine }],
    },
  });
  t.equal(key.status, 201, key.text);
  const headers = { authorization: `Bearer ${key.body.secret ?? key.body.key}` };
  const { results } = await batch([zeroDocument(mine), zeroDocument(other)], '', headers);
  t.match(results, [
    { status: 'created' },
    { status: 'refused', problem: { status: 403, code: 'forbidden' } },
  ]);
  t.equal((await batch([zeroDocument(mine)], '?publish=true', headers)).answer.status, 403);
  const open = await service.request('POST', '/v1/reports/batch', { body: '{}', headers: ndjson });
  t.equal(open.status, 401);
  const json = await service.admin('POST', '/v1/reports/batch', { body: {} });
  t.equal(json.status, 415);
});

t.test('results come while lines are still sent, and a broken connection leaves whole reports', async (t) => {
  const organ_id = await createOrgan(service);
  const lines = [2019, 2020, 2021].map((year) => `${JSON.stringify(generateReport(organ_id, year, 3))}\n`);
  const encoder = new TextEncoder();
  let push: ReadableStreamDefaultController<Uint8Array>;
  const body = new ReadableStream<Uint8Array>({
    start(controller) {
      push = controller;
    },
  });
  const aborting = new AbortController();
  const answered = fetch(`${service.url}/v1/reports/batch`, {
    method: 'POST',
    headers: { ...ndjson, authorization: `Bearer ${adminToken}` },
    body,
    duplex: 'half',
    signal: aborting.signal,
  } as RequestInit);
  push!.enqueue(encoder.encode(lines[0]));
  const reader = (await answered).body!.getReader();
  const first = JSON.parse(new TextDecoder().decode((await reader.read()).value));
  t.match(first, { line: 1, status: 'created' }, 'the first is stored before the second is sent');
  push!.enqueue(encoder.encode(lines[1]! + lines[2]!.slice(0, -200)));
  t.match(new TextDecoder().decode((await reader.read()).value), '"line":2');
  aborting.abort();
  const listed = async () => (await service.admin('GET', `/v1/reports?organ_id=${organ_id}`)).body.items;
  const { results } = await batch(lines.join(''));
  t.strictSame(
    results.map(({ status }) => status),
    ['unchanged', 'unchanged', 'created'],
  );
  t.equal((await listed()).length, 3);
});

t.test('two loads of the same reports at once store each once', async (t) => {
  const organs = await Promise.all(Array.from({ length: 30 }, () => createOrgan(service)));
  const documents = organs.flatMap((organ_id, seed) =>
    [2021, 2022].map((year) => generateReport(organ_id, year, seed)),
  );
  const loads = await Promise.all([batch(documents), batch(documents.toReversed()), batch(documents)]);
  const created = loads.flatMap(({ results }) => results).filter(({ status }) => status === 'created');
  t.equal(created.length, documents.length);
  t.equal(
    loads.flatMap(({ results }) => results).filter(({ status }) => status === 'unchanged').length,
    2 * documents.length,
  );
});

t.test('lines of the same organs keep their order over many batches, and so do the results', async (t) => {
  const organs = await Promise.all(Array.from({ length: 14 }, () => createOrgan(service)));
  const documents = organs.flatMap((organ_id) =>
    [2019, 2020, 2021, 2022, 2023].flatMap((year) =>
      (['own', 'consolidated'] as const).map((scope) => ({ ...generateReport(organ_id, year, 1), scope })),
    ),
  );
  const titled = (title: string) => documents.map((document) => ({ ...document, title }));
  const { results } = await batch(
    [...titled('一'), ...titled('二'), ...titled('二'), ...titled('三')],
    '?publish=true&reason=%E6%9B%B4%E6%AD%A3',
  );
  t.strictSame(
    results.map(({ line, status, revision }) => [line, status, revision]),
    [
      ['created', 1],
      ['updated', 2],
      ['unchanged', 2],
      ['updated', 3],
    ].flatMap(([status, revision], pass) =>
      documents.map((_, index) => [pass * documents.length + index + 1, status, revision]),
    ),
  );
  const last = await service.request('GET', `/v1/reports/${results.at(-1).report_id}`);
  t.match(last.body, { title: '三', revision: 3, effective_revision: 3 });
  t.equal((await verifyAudit(service.app.db)).fault, null, 'the audit is one chain');
});

t.test('texts are kept as they are, whatever marks they hold', async (t) => {
  const texts = ['"引"', '\\', '{a,b}', 'NULL', 'null', ' ', '一\n二\r\n三\t', '😀', "'; --", '$1'];
  const organs = await Promise.all(texts.map(() => createOrgan(service)));
  const documents = texts.map((text, index) =>
    zeroDocument(organs[index]!, { title: text, overview: text.repeat(3), problems: null }),
  );
  const { results } = await batch(documents, '?publish=true');
  t.equal(results.length, texts.length);
  for (const [index, { report_id }] of results.entries()) {
    const { body } = await service.request('GET', `/v1/reports/${report_id}`);
    const text = texts[index]!;
    t.match(body, { title: text, overview: text.repeat(3), problems: null });
    const stored = await getRevisions(service.app.db, [
      (await listRevisions(service.app.db, report_id))[0]!.id,
    ]);
    t.match(
      [...stored.values()],
      [{ title: text, overview: text.repeat(3), problems: null }],
      'as the rows say',
    );
  }
});
