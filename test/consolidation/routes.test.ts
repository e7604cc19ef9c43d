import { randomUUID } from 'node:crypto';
import { connect } from 'node:net';
import { setTimeout as sleep } from 'node:timers/promises';
import t from 'tap';
import { cellValues, formCells } from '../../src/editions/figures.ts';
import { startService } from '../support/app.ts';
import {
  createOrgan,
  move,
  publishReport,
  realReport,
  zeroDocument,
  zeroFigures,
} from '../support/reports.ts';

const service = await startService(t);
const { request } = service;

const city = await createOrgan(service, { name: '宿迁市人民政府', kind: 'government', level: 'city' });
const office = await createOrgan(service, { kind: 'general_office', level: 'city', parent_id: city });
const path = `/v1/organs/${city}/consolidation`;
const { report: real } = realReport('suqian-2023');
const values = cellValues(real);
const received = values.get('request_statistics.new_received.total')!;

interface Cell {
  cell: string;
  [member: string]: unknown;
}
const at = ({ cells }: { cells: Cell[] }, cell: string) => cells.find((each) => each.cell === cell)!;
// biome-ignore lint/suspicious/noExplicitAny: answers of several shapes
const of = (status: string, { findings }: any) => findings.filter((each: any) => each.status === status);

t.test('an organ without a consolidated report has the sums of its parts', async (t) => {
  const { status, body } = await request('GET', `${path}?year=2023`);
  t.equal(status, 200);
  t.match(body, { organ_id: city, year: 2023, whole: null, complete: false });
  t.same(body.coverage, { parts: 1, used: 0, covered: 0, missing: 1, not_due: 0 });
  const later = await request('GET', `${path}?year=${new Date().getFullYear() + 1}`);
  t.same(later.body.coverage, { parts: 1, used: 0, covered: 0, missing: 0, not_due: 1 });
  t.equal(later.body.complete, false);
  t.same(
    body.cells.map(({ cell }: Cell) => cell),
    [...formCells({ disclosure_items: '2021', request_statistics: '2021' }).keys()],
  );
  t.match(body.findings, [
    { code: 'consolidation.parts', severity: 'warning', status: 'not_evaluated', cells: [], answer: null },
  ]);
  t.match(body.findings[0].message.en, /no effective consolidated report of 2023/);
});

t.test('a consolidated report none of whose parts has reported is not evaluated', async (t) => {
  const whole = await publishReport(service, { organ_id: city, ...real });
  const { body } = await request('GET', `${path}?year=2023`);
  t.same(body.whole, { report_id: whole.id, revision: 1 });
  t.match(body.findings, [{ status: 'not_evaluated', message: { zh: /各组成部分均无有效报告/ } }]);
  t.equal(body.findings.length, 1);
  t.match(at(body, 'request_statistics.new_received.total'), {
    whole: received,
    parts: null,
    reports: 0,
    delta: null,
    holds: null,
  });
});

t.test('parts that are all there and add up to the whole leave no difference', async (t) => {
  await publishReport(service, { organ_id: office, ...real, scope: 'own' });
  const { body } = await request('GET', `${path}?year=2023`);
  t.equal(body.complete, true);
  t.same(of('failed', body), []);
  t.ok(body.cells.length > 100);
  for (const { cell, whole, parts, delta, blank, holds } of body.cells) {
    const value = values.get(cell) ?? null;
    t.same(
      [whole, parts, delta, blank],
      [value, value, value === null ? null : 0, value === null ? 1 : 0],
      cell,
    );
    t.equal(holds, cell.startsWith('request_statistics.') && value !== null ? true : null, cell);
  }
  const blanks = [...values].filter(([cell, value]) => cell.startsWith('request') && value === null);
  t.equal(of('not_evaluated', body).length, blanks.length);
});

const tag = { value: '' };
t.test('more in the parts than in the whole is a warning at every cell, and names both', async (t) => {
  const before = await request('GET', `${path}?year=2023`);
  tag.value = before.headers.get('etag')!;
  const again = await request('GET', `${path}?year=2023`, { headers: { 'if-none-match': tag.value } });
  t.equal(again.status, 304);
  const bureau = await createOrgan(service, { parent_id: city });
  const request_statistics = zeroFigures().request_statistics.map((row) =>
    ['new_received', 'granted', 'handled_total'].includes(row.row)
      ? { ...row, natural_person: 2, total: 2 }
      : { ...row, research: null },
  );
  const part = await publishReport(service, zeroDocument(bureau, { request_statistics }));
  const { headers, body } = await request('GET', `${path}?year=2023`, {
    headers: { 'if-none-match': tag.value },
  });
  t.not(headers.get('etag'), tag.value, 'a part that is published changes the answer');
  t.same(body.coverage, { parts: 2, used: 2, covered: 0, missing: 0, not_due: 0 });
  const failed = of('failed', body);
  t.same(
    failed.map(({ cells }: { cells: Cell[] }) => cells[0]!.cell),
    ['new_received', 'granted', 'handled_total'].flatMap((row) => [
      `request_statistics.${row}.natural_person`,
      `request_statistics.${row}.total`,
    ]),
  );
  t.match(failed[1], {
    code: 'consolidation.parts',
    severity: 'warning',
    actual: received,
    expected: received + 2,
    delta: -2,
    cells: [{ value: received }, { value: received + 2, parts: 2 }],
    answer: null,
  });
  t.match(failed[1].finding_key, /^consolidation\.parts:new_received\.total:[0-9a-f]{16}$/);
  t.match(at(body, 'request_statistics.carried_in.research'), { reports: 2 });
  await move(service, part, 'withdraw', { reason: '重复' });
  const withdrawn = await request('GET', `${path}?year=2023`);
  t.same(of('failed', withdrawn.body), []);
  t.same(withdrawn.body.coverage, { parts: 2, used: 1, covered: 0, missing: 1, not_due: 0 });
  t.equal(withdrawn.body.complete, false);
});

t.test('parts on another edition are compared by group', async (t) => {
  const other = (row: string, count: number) => ({
    ...zeroFigures().request_statistics[0]!,
    row,
    natural_person: count,
    total: count,
  });
  const [whole, part] = [await createOrgan(service, { kind: 'government' }), await createOrgan(service)];
  await service.admin('PATCH', `/v1/organs/${part}`, { body: { parent_id: whole } });
  const on = (edition: string) => ({ editions: { disclosure_items: '2021', request_statistics: edition } });
  await publishReport(service, {
    ...zeroDocument(whole, { scope: 'consolidated', ...on('2021') }),
    request_statistics: [
      other('other_no_correction', 1),
      other('other_fee_unpaid', 0),
      other('other_misc', 2),
    ],
  });
  await publishReport(service, {
    ...zeroDocument(part, on('2019')),
    request_statistics: [other('other', 4)],
  });
  const both = await createOrgan(service, { parent_id: whole });
  await publishReport(service, {
    ...zeroDocument(both, on('2021')),
    request_statistics: [other('other_fee_unpaid', 0), { ...other('other_misc', 1), total: null }],
  });
  const { body } = await request('GET', `/v1/organs/${whole}/consolidation?year=2023`);
  t.match(at(body, 'request_statistics.other_handling.total'), {
    label: { zh: '（六）其他处理 · 总计' },
    whole: 3,
    parts: 4,
    reports: 2,
    blank: 1,
    delta: -1,
    holds: false,
  });
  t.notOk(at(body, 'request_statistics.other_misc.total'));
  const failed = of('failed', body);
  t.same(
    failed.map(({ finding_key }: { finding_key: string }) => finding_key.split(':')[1]),
    ['other_handling.natural_person', 'other_handling.total'],
  );
  t.equal(failed[1].cells.length, 4, 'the three cells of the whole and what the parts add up to');
});

t.test('the cells come in every format', async (t) => {
  const { body } = await request('GET', `${path}?year=2023`);
  const lines = (await request('GET', `${path}.ndjson?year=2023`)).text.trim().split('\n');
  t.same(
    lines.map((line) => JSON.parse(line)),
    body.cells.map(({ label, ...cell }: { label: { zh: string; en: string } } & Cell) => ({
      ...cell,
      label_zh: label.zh,
      label_en: label.en,
    })),
  );
  const csv = await request('GET', `${path}.csv?year=2023`);
  t.equal(csv.headers.get('content-type'), 'text/csv; charset=utf-8');
  const rows = csv.text.split('\n');
  t.equal(rows[0], 'cell,label_zh,label_en,unit,whole,parts,reports,blank,unit_unknown,delta,holds');
  const row = rows.find((each) => each.startsWith('request_statistics.new_received.total'));
  t.match(row, new RegExp(`,件,${received},${received},1,0,0,0,true$`));
  const marked = await fetch(`${service.url}${path}.csv?year=2023&bom=true`);
  t.same([...new Uint8Array(await marked.arrayBuffer())].slice(0, 3), [0xef, 0xbb, 0xbf]);
});

t.test('what is no organ, year or token is refused, and a sum that no number holds', async (t) => {
  const huge = await createOrgan(service, { kind: 'government' });
  const max = {
    ...zeroFigures().request_statistics[0]!,
    natural_person: null,
    total: Number.MAX_SAFE_INTEGER,
  };
  for (const _ of [1, 2]) {
    const part = await createOrgan(service, { parent_id: huge });
    await publishReport(service, { ...zeroDocument(part), request_statistics: [max] });
  }
  for (const suffix of ['', '.csv', '.ndjson']) {
    const unknown = await request('GET', `/v1/organs/${randomUUID()}/consolidation${suffix}?year=2023`);
    t.equal(unknown.status, 404);
    t.equal(unknown.body.code, 'not-found');
    for (const query of ['', '?year=2018', '?year=2023&year=2024', '?year=2023&scope=own'])
      t.equal((await request('GET', `${path}${suffix}${query}`)).status, 400, suffix + query);
    t.equal((await request('GET', `/v1/organs/x/consolidation${suffix}?year=2023`)).status, 400);
    const { body } = await request('GET', `/v1/organs/x/consolidation${suffix}?year=1`);
    t.match(body.errors, [
      { in: 'path', pointer: '/organ_id' },
      { in: 'query', pointer: '/year' },
    ]);
    const headers = { authorization: 'Bearer wrong' };
    t.equal((await request('GET', `${path}${suffix}?year=2023`, { headers })).status, 401);
    const refused = await request('GET', `/v1/organs/${huge}/consolidation${suffix}?year=2023`);
    t.equal(refused.status, 422);
    t.equal(refused.body.code, 'not-additive');
    t.match(
      refused.body.detail,
      /^The sum of cell=request_statistics\.\w+\.total is .*parts_of=… names the parts/,
    );
  }
});

t.test('who asks for files and does not read them holds no connection to the database', async (t) => {
  const { hostname, port } = new URL(service.url);
  const reader = connect(Number(port), hostname).pause();
  t.teardown(() => reader.destroy());
  reader.write(`GET ${path}.csv?year=2023 HTTP/1.1\r\nHost: ${hostname}\r\n\r\n`.repeat(120));
  await sleep(500);
  const answered = request('GET', `${path}?year=2023`).then(({ status }) => status);
  t.equal(await Promise.race([answered, sleep(5_000, 'nothing')]), 200);
});
