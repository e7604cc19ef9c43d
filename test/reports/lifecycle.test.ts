import t from 'tap';
import { startService } from '../support/app.ts';
import {
  createOrgan,
  type Filed,
  fileReport,
  move,
  publish,
  publishReport,
  zeroDocument,
  zeroFigures,
} from '../support/reports.ts';

const service = await startService(t);
const { admin, request } = service;
const any = { 'if-match': '*' };
const rowsWith = (row: string, cells: Record<string, number>) => ({
  request_statistics: zeroFigures().request_statistics.map((each) =>
    each.row === row ? { ...each, ...cells } : each,
  ),
});
/** One more new request than is accounted for: breaks the balance of two columns and nothing else. */
const unbalanced = rowsWith('new_received', { natural_person: 1, total: 1 });

const allowed = (report: Filed): string[] =>
  report.body.actions
    .filter((action: { allowed: boolean }) => action.allowed)
    .map((action: { name: string }) => action.name);

t.test('a draft is submitted, published, corrected, superseded and withdrawn', async (t) => {
  const organ_id = await createOrgan(service);
  const draft = await fileReport(service, zeroDocument(organ_id));
  t.same(allowed(draft), ['edit', 'answer', 'submit', 'delete']);
  const submitted = await move(service, draft, 'submit');
  t.match(submitted.body, { state: 'submitted', revision: 1, effective_revision: null });
  t.ok(submitted.body.submitted_at);
  t.same(allowed(submitted), ['return', 'publish', 'delete']);
  const returned = await move(service, submitted, 'return', { reason: '请核对总计' });
  t.match(returned.body, { state: 'draft', return_reason: '请核对总计' });
  const published = await move(service, await move(service, returned, 'submit'), 'publish');
  t.match(published.body, { state: 'published', revision: 1, effective_revision: 1, has_draft: false });
  t.same(allowed(published), ['correct', 'withdraw']);

  const path = `/v1/reports/${draft.id}`;
  const opened = await admin('POST', `${path}/revisions`, { body: { reason: '漏计一件' } });
  t.equal(opened.status, 201);
  t.match(opened.body, {
    state: 'draft',
    revision: 2,
    effective_revision: 1,
    has_draft: true,
    reason: '漏计一件',
  });
  t.match((await request('GET', path)).body, { state: 'published', revision: 1, has_draft: false });
  t.equal(
    (await request('GET', `${path}/revisions/2`)).status,
    404,
    'the public does not see the correction',
  );
  const twice = await admin('POST', `${path}/revisions`, { body: { reason: '再开' } });
  t.match(twice.body, { status: 409, code: 'draft-exists' });
  const changed = await admin('PATCH', `${path}/draft/review-litigation-counts/review`, {
    body: { upheld: 11, total: 11 },
    headers: any,
  });
  t.equal(changed.status, 200);
  const second = await publish(service, {
    id: draft.id,
    etag: changed.headers.get('etag')!,
    body: opened.body,
  });
  t.match(second.body, { state: 'published', revision: 2, effective_revision: 2 });

  const revisions = (await request('GET', `${path}/revisions`)).body.items;
  t.match(revisions, [
    { state: 'superseded', revision: 1 },
    { state: 'published', revision: 2, reason: '漏计一件' },
  ]);
  t.match((await request('GET', `${path}/revisions/1`)).body, {
    state: 'superseded',
    revision: 1,
    effective_revision: 2,
  });
  t.same((await request('GET', `${path}/diff?from=1&to=2`)).body, {
    from: 1,
    to: 2,
    cells: [
      ['upheld', '行政复议 · 结果维持', 'Administrative review · Upheld'],
      ['total', '行政复议 · 总计', 'Administrative review · Total'],
    ].map(([outcome, zh, en]) => ({
      cell: `review_litigation_counts.review.${outcome}`,
      label: { zh, en },
      from_state: 'number',
      from: 0,
      from_unit: null,
      to_state: 'number',
      to: 11,
      to_unit: null,
    })),
    texts: [],
  });

  const withdrawn = await move(service, second, 'withdraw', { reason: '发布有误' });
  t.match(withdrawn.body, { state: 'withdrawn', effective_revision: null, withdraw_reason: '发布有误' });
  t.equal((await request('GET', path)).status, 404);
  t.same((await request('GET', `/v1/reports?organ_id=${organ_id}`)).body.items, []);
  t.equal((await admin('DELETE', path)).body.code, 'published-once');
  const again = await admin('POST', `${path}/revisions`, { body: { reason: '重新发布' } });
  t.equal(again.status, 201, 'it can be corrected');
  for (const step of ['submit', 'publish'])
    t.equal((await admin('POST', `${path}/${step}`, { headers: any })).status, 200);
  const seenBy = async (ask: typeof request) =>
    (await ask('GET', `${path}/revisions`)).body.items.map(({ state }: { state: string }) => state);
  t.same(
    await seenBy(request),
    ['superseded', 'published'],
    'what was withdrawn is not published again with it',
  );
  t.same(await seenBy(admin), ['superseded', 'withdrawn', 'published']);
  for (const hidden of [`${path}/revisions/2`, `${path}/diff?from=2&to=3`]) {
    t.equal((await request('GET', hidden)).status, 404, hidden);
    t.equal((await admin('GET', hidden)).status, 200, hidden);
  }
});

t.test('each transition is refused in every other state', async (t) => {
  const reason = { reason: '理由' };
  const states: Record<string, () => Promise<Filed>> = {
    draft: async () => fileReport(service, zeroDocument(await createOrgan(service))),
    submitted: async () => move(service, await states.draft!(), 'submit'),
    published: async () => move(service, await states.submitted!(), 'publish'),
    withdrawn: async () => move(service, await states.published!(), 'withdraw', reason),
  };
  const bodies: Record<string, unknown> = { return: reason, withdraw: reason, revisions: reason };
  const names: Record<string, string> = { revisions: 'correct' };
  for (const [state, make] of Object.entries(states))
    for (const path of ['submit', 'return', 'publish', 'withdraw', 'revisions']) {
      const report = await make();
      const may = allowed(report).includes(names[path] ?? path);
      const answer = await admin('POST', `/v1/reports/${report.id}/${path}`, {
        headers: any,
        body: bodies[path],
      });
      t.equal(answer.status < 300, may, `${path} when ${state}: actions and route agree`);
      if (!may) t.equal(answer.status, 409);
    }
});

t.test('a submitted revision and a published one cannot be written to', async (t) => {
  const draft = await fileReport(service, zeroDocument(await createOrgan(service)));
  const submitted = await move(service, draft, 'submit');
  const write = () => admin('PUT', `/v1/reports/${draft.id}/draft`, { body: {}, headers: any });
  t.match((await write()).body, { status: 409, code: 'immutable' });
  await move(service, submitted, 'publish');
  t.match((await write()).body, { status: 409, code: 'no-draft' });
});

t.test('errors must be answered before submission, and answers lapse with the figures', async (t) => {
  const draft = await fileReport(service, zeroDocument(await createOrgan(service), unbalanced));
  const path = `/v1/reports/${draft.id}`;
  const refused = await admin('POST', `${path}/submit`, { headers: { 'if-match': draft.etag } });
  t.equal(refused.status, 409);
  t.equal(refused.body.code, 'findings-unanswered');
  t.ok(refused.body.findings.length > 0);
  const { items } = (await admin('GET', `${path}/findings`)).body;
  const errors = items.filter(
    (each: { severity: string; status: string }) => each.severity === 'error' && each.status === 'failed',
  );
  t.same(
    refused.body.findings.map((finding: { finding_key: string }) => finding.finding_key),
    errors.map((finding: { finding_key: string }) => finding.finding_key),
    'all of them are listed',
  );
  for (const { finding_key } of errors) {
    const answer = await admin('POST', `${path}/answers`, { body: { finding_key, text: '原件如此' } });
    t.equal(answer.status, 201);
    t.match(answer.body, { finding_key, answer: { text: '原件如此', answered_by: 'admin' } });
  }
  const unknown = await admin('POST', `${path}/answers`, { body: { finding_key: 'nothing', text: '无' } });
  t.match(unknown.body, { status: 400, errors: [{ pointer: '/finding_key', code: 'unknown-finding' }] });
  const changed = await admin('PATCH', `${path}/draft/request-statistics/new_received`, {
    body: { natural_person: 2, total: 2 },
    headers: any,
  });
  t.equal(
    (await admin('POST', `${path}/submit`, { headers: { 'if-match': changed.headers.get('etag')! } })).body
      .code,
    'findings-unanswered',
  );
  await admin('PATCH', `${path}/draft/request-statistics/new_received`, {
    body: { natural_person: 1, total: 1 },
    headers: any,
  });
  const submitted = await admin('POST', `${path}/submit`, { headers: any });
  t.equal(submitted.status, 200, 'the same figures have the same answers');
  await admin('POST', `${path}/publish`, { headers: any });
  const open = await admin('POST', `${path}/revisions`, { body: { reason: '更正' } });
  t.equal(open.status, 201);
  t.equal(
    (await admin('POST', `${path}/submit`, { headers: any })).status,
    200,
    'a correction keeps the answers',
  );
});

t.test('of fifty simultaneous submits and publishes exactly one succeeds', async (t) => {
  const draft = await fileReport(service, zeroDocument(await createOrgan(service)));
  for (const action of ['submit', 'publish']) {
    const etag = (await admin('GET', `/v1/reports/${draft.id}/draft`)).headers.get('etag')!;
    const answers = await Promise.all(
      Array.from({ length: 50 }, () =>
        admin('POST', `/v1/reports/${draft.id}/${action}`, { headers: { 'if-match': etag } }),
      ),
    );
    t.same(answers.map((answer) => answer.status).sort(), [200, ...Array(49).fill(412)], action);
    const audited = await admin('GET', `/v1/audit?resource_id=${draft.id}&action=${action}`);
    t.equal(audited.body.items.length, 1, `${action} is recorded once`);
  }
  t.equal((await admin('GET', `/v1/reports/${draft.id}/revisions`)).body.items.length, 1);
});

t.test('reasons are mandatory', async (t) => {
  const { id } = await publishReport(service, zeroDocument(await createOrgan(service)));
  for (const path of ['revisions', 'withdraw'])
    for (const body of [undefined, {}, { reason: '' }, { reason: ' ' }, { reason: null }]) {
      const answer = await admin('POST', `/v1/reports/${id}/${path}`, { body, headers: any });
      t.equal(answer.status, 400, `${path} ${JSON.stringify(body)}`);
    }
});

t.test('the findings of a year follow the effective report of the year before', async (t) => {
  const organ_id = await createOrgan(service);
  const summary = async (id: string) => (await request('GET', `/v1/reports/${id}`)).body.findings_summary;
  const next = await publishReport(service, zeroDocument(organ_id, { year: 2024 }));
  const before = await summary(next.id);
  t.equal(before.warning, 0);
  await admin('POST', `/v1/reports/${next.id}/revisions`, { body: { reason: '更正' } });
  await admin('PATCH', `/v1/reports/${next.id}/draft/request-statistics/carried_in`, {
    body: { natural_person: 3 },
    headers: any,
  });
  const previous = await publishReport(
    service,
    zeroDocument(organ_id, { year: 2023, ...rowsWith('carried_out', { natural_person: 3, total: 3 }) }),
  );
  t.equal((await summary(next.id)).warning, 2, 'carried over: one column and the total differ');
  const draft = await admin('GET', `/v1/reports/${next.id}/draft`);
  t.equal(draft.body.findings_summary.warning, 1, 'of its correction only the total does');
  const { items } = (await request('GET', `/v1/reports/${next.id}/findings`)).body;
  t.match(
    items.filter((finding: { status: string }) => finding.status === 'failed'),
    [{ code: 'years.carried' }, { code: 'years.carried' }],
  );
  await move(service, previous, 'withdraw', { reason: '撤回' });
  t.same(await summary(next.id), before, 'as it was before');
});

t.test('a report that was never published can be removed', async (t) => {
  const draft = await fileReport(service, zeroDocument(await createOrgan(service)));
  t.equal((await admin('DELETE', `/v1/reports/${draft.id}`)).status, 204);
  t.equal((await admin('GET', `/v1/reports/${draft.id}`)).status, 404);
  t.equal((await admin('DELETE', `/v1/reports/${draft.id}`)).status, 404);
});

t.test('a report filed while the year before is published counts the same findings as it has', async (t) => {
  for (let attempt = 0; attempt < 10; attempt++) {
    const organ_id = await createOrgan(service);
    const carried = {
      request_statistics: zeroFigures().request_statistics.map((row) =>
        ['new_received', 'carried_out'].includes(row.row) ? { ...row, natural_person: 3, total: 3 } : row,
      ),
    };
    const previous = await move(
      service,
      await fileReport(service, zeroDocument(organ_id, { year: 2023, ...carried })),
      'submit',
    );
    const [, filed] = await Promise.all([
      move(service, previous, 'publish'),
      fileReport(service, zeroDocument(organ_id, { year: 2024 })),
    ]);
    const path = `/v1/reports/${filed.id}`;
    const { items } = (await admin('GET', `${path}/findings`)).body;
    const warnings = items.filter(
      (each: { status: string; severity: string }) => each.status === 'failed' && each.severity === 'warning',
    );
    t.equal((await admin('GET', path)).body.findings_summary.warning, warnings.length);
  }
});

t.test('what a reviewer remarked and who answered stays inside', async (t) => {
  const draft = await fileReport(service, zeroDocument(await createOrgan(service), unbalanced));
  const path = `/v1/reports/${draft.id}`;
  for (const { finding_key } of (await admin('GET', `${path}/findings`)).body.items.filter(
    (each: { severity: string; status: string }) => each.severity === 'error' && each.status === 'failed',
  ))
    await admin('POST', `${path}/answers`, { body: { finding_key, text: '原件如此' } });
  const returned = await move(service, await move(service, draft, 'submit'), 'return', {
    reason: '内部意见',
  });
  await publish(service, returned);
  t.equal((await admin('GET', path)).body.return_reason, '内部意见');
  t.equal((await request('GET', path)).body.return_reason, null);
  t.equal((await request('GET', `${path}/revisions`)).body.items[0].return_reason, null);
  const answers = (await request('GET', `${path}/findings`)).body.items.flatMap(
    (each: { answer: unknown }) => each.answer ?? [],
  );
  t.ok(answers.length > 0);
  for (const answer of answers) t.match(answer, { text: '原件如此', answered_by: null });
});

t.test('a difference of unit, edition or note is a difference', async (t) => {
  const organ_id = await createOrgan(service);
  const amount = (unit: string) => ({
    year: 2020,
    disclosure_items: [{ item: 'procurement', measure: 'amount', value: 100, unit }],
    request_statistics: [],
  });
  const first = await publishReport(service, zeroDocument(organ_id, { ...amount('元') }));
  const path = `/v1/reports/${first.id}`;
  const opened = await admin('POST', `${path}/revisions`, { body: { reason: '单位有误' } });
  const note = { cell: 'disclosure_items.procurement.amount', raw: '100万元' };
  const changed = await admin('PUT', `${path}/draft`, {
    body: {
      ...zeroDocument(organ_id, amount('万元')),
      editions: { disclosure_items: '2019', request_statistics: '2021' },
      cell_notes: [note],
    },
    headers: { 'if-match': opened.headers.get('etag')! },
  });
  t.equal(changed.status, 200);
  const { cells, texts } = (await admin('GET', `${path}/diff?from=1&to=2`)).body;
  t.match(cells, [{ cell: note.cell, from: 100, from_unit: '元', to: 100, to_unit: '万元' }]);
  t.same(texts, [
    { member: 'editions.request_statistics', from: '2019', to: '2021' },
    { member: `cell_notes.${note.cell}`, from: null, to: '100万元' },
  ]);
});
