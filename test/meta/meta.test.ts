import t from 'tap';
import { aggregates } from '../../src/aggregates/index.ts';
import { reportKeys } from '../../src/aggregates/report-keys.ts';
import { sources } from '../../src/aggregates/routes.ts';
import type { Label } from '../../src/editions/edition.ts';
import { metaDocument } from '../../src/meta/document.ts';
import { type Caller, createCaller } from '../access/support.ts';
import { organ, realReports, report, store } from '../aggregates/stored-reports.ts';
import { startService } from '../support/app.ts';
import { createOrgan, fileReport, zeroDocument } from '../support/reports.ts';

const service = await startService(t);
const real = realReports();
await store(service.app.db, real.organs, real.reports);

t.test('every key and code that can be asked for has its labels', async (t) => {
  const { dimensions } = metaDocument();
  const byKey = new Map(dimensions.map((each) => [each.key, each]));
  for (const { path, keys } of sources)
    for (const key of keys) t.ok(byKey.get(key)?.asked_of.includes(path), `${path} ${key}`);
  for (const aggregate of aggregates)
    for (const [key, { values }] of Object.entries(aggregate.keys))
      t.strictSame(
        byKey.get(key)?.codes?.map(({ code }) => code),
        [...values],
        key,
      );
  for (const { key, codes } of dimensions)
    for (const { code, label } of codes ?? []) {
      t.ok(label.zh.length > 0 && label.en.length > 0, `${key} ${code}`);
      t.match(label.zh, /\p{Script=Han}/u);
    }
  const rows = byKey.get('row')!.codes!;
  t.match(
    rows.find(({ code }) => code === 'refused_third_party'),
    { parent: 'refused' },
  );
  t.match(
    rows.find(({ code }) => code === 'other'),
    { parent: 'other_handling' },
  );
  t.match(
    rows.find(({ code }) => code === 'granted'),
    { parent: null },
  );
});

t.test('measures say what they may be added to, and aggregates do as they say', async (t) => {
  for (const { of, keys, adds_over_years, comparable, editions } of metaDocument().measures) {
    const query = Object.entries(keys).map(([key, code]) => `${key}=${code}`);
    const over = await service.request('GET', `/v1/aggregates/${of}?${query.join('&')}`);
    t.equal(over.status, adds_over_years ? 200 : 422, query.join('&'));
    t.equal(comparable, editions.length === 2);
  }
  const { measures } = metaDocument();
  t.strictSame(
    measures.filter(({ of, comparable }) => of === 'disclosure-items' && comparable).map(({ name }) => name),
    ['licensing.decisions', 'penalties.decisions', 'compulsion.decisions'],
  );
});

t.test('it is answered with a tag, and again only when it changes', async (t) => {
  const first = await service.request('GET', '/v1/meta');
  t.strictSame(first.body, JSON.parse(JSON.stringify(metaDocument())));
  const headers = { 'if-none-match': first.headers.get('etag')! };
  t.equal((await service.request('GET', '/v1/meta', { headers })).status, 304);
});

interface Available {
  key: string;
  codes: { code: string | null; label: Label | null; reports: number }[];
}
const available = async (query: string, { request }: Pick<Caller, 'request'> = service) => {
  const { status, body, text } = await request('GET', `/v1/availability?${query}`);
  t.equal(status, 200, text);
  const labelled = (key: string) =>
    body.dimensions.find((each: Available) => each.key === key).codes as Available['codes'];
  return {
    reports: body.reports as number,
    keys: body.dimensions.map(({ key }: Available) => key),
    labelled,
    of: (key: string) => labelled(key).map(({ code, reports }) => ({ code, reports })),
  };
};

t.test('codes are available where an answer grouped by their key holds a number', async (t) => {
  for (const [of, keys] of [
    ['request-statistics', ['year', 'level', 'province', 'edition']],
    ['review-litigation-counts', ['year', 'kind', 'city']],
  ] as const) {
    const found = await available(`of=${of}`);
    t.equal(found.reports, real.reports.length);
    const own = of === 'request-statistics' ? 'row' : 'proceeding';
    for (const key of keys) {
      const query = `group_by=${[...new Set(['year', key, own])]}`;
      const { data } = (await service.request('GET', `/v1/aggregates/${of}?${query}`)).body;
      const withNumber = data.filter(({ value }: { value: number | null }) => value !== null);
      const codes = new Set(withNumber.map((row: Record<string, unknown>) => row[key]));
      t.strictSame(
        new Set(found.of(key).map(({ code }) => code)),
        new Set([...codes].map((code) => (code === null ? null : String(code)))),
        `${of} ${key}`,
      );
    }
  }
  const { of } = await available('of=request-statistics&year=2023');
  const { data } = (await service.request('GET', '/v1/aggregates/request-statistics?year=2023&group_by=row'))
    .body;
  const reported = data.filter(({ value }: { value: number | null }) => value !== null);
  t.strictSame(
    of('row'),
    reported.map(({ row, reports }: { row: string; reports: number }) => ({ code: row, reports })),
  );
  const most = Math.max(...reported.map(({ reports }: { reports: number }) => reports));
  t.strictSame(of('year'), [{ code: '2023', reports: most }]);
  t.strictSame(
    of('scope').map(({ code }) => code),
    ['own', 'consolidated'],
  );
  t.ok(of('group').length === 4 && of('applicant').length === 7);
});

t.test('filters leave the codes that still have data, in the order of answers', async (t) => {
  const { of } = await available('of=request-statistics&year=2023&row=other_misc,other,granted');
  t.strictSame(
    of('row').map(({ code }) => code),
    ['granted', 'other', 'other_misc'],
  );
  t.strictSame(of('year'), [{ code: '2023', reports: 6 }]);
  t.strictSame(
    of('level').map(({ code }) => code),
    ['city', 'county'],
  );
  t.equal(of('city').at(-1)?.code, null);
  const last = await available('of=disclosure-items&year=last:1');
  t.strictSame(
    last.of('year').map(({ code }) => code),
    ['2025'],
  );
  const none = await available('of=review-litigation-counts&year=2050');
  t.equal(none.reports, 0);
  t.strictSame(none.of('proceeding'), []);
});

t.test('what the filters name and has no data is told', async (t) => {
  const told = async (query: string) =>
    (await service.request('GET', `/v1/availability?${query}`)).body.warnings.map(
      ({ message }: { message: string }) => message,
    );
  for (const name of ['reports', 'request-statistics']) {
    t.strictSame(await told(`of=${name}&year=2023`), []);
    t.strictSame(await told(`of=${name}&year=2050`), ['No report matches year=2050.']);
    t.strictSame(await told(`of=${name}&year=2023,2050&division=3213,321302`), [
      'No report in the answer has data for year=2050; division=321302.',
    ]);
  }
  t.strictSame(await told('of=request-statistics&year=2020&row=granted,other_misc'), [
    'No report in the answer has data for row=other_misc.',
  ]);
});

t.test('what is available has its label, but for what a code says itself', async (t) => {
  for (const query of ['of=request-statistics', 'of=disclosure-items', 'of=reports']) {
    const { keys, labelled } = await available(query);
    for (const key of keys)
      for (const { code, label } of labelled(key)) {
        if (code === null || ['year', 'published_month'].includes(key))
          t.equal(label, null, `${key} ${code}`);
        else t.match(label?.zh, /\p{Script=Han}/u, `${key} ${code}`);
      }
  }
  const { labelled } = await available('of=request-statistics&row=refused_third_party&division=3213');
  t.strictSame(
    labelled('row').map(({ label }) => label),
    [{ zh: '4.保护第三方合法权益', en: 'Lawful rights of a third party' }],
  );
  t.match(labelled('province'), [{ code: '320000', label: { zh: '江苏省', en: '江苏省' } }]);
});

t.test('of reports it is how many there are by each key, as their counts say', async (t) => {
  const organ_id = await createOrgan(service, { division_code: '640302' });
  await fileReport(service, zeroDocument(organ_id, { year: 2022 }));
  const ofCounts = async (query: string, key: string) => {
    const { data } = (await service.request('GET', `/v1/aggregates/reports?${query}&group_by=${key}`)).body;
    return data.map((row: Record<string, unknown>) => ({
      code: row[key] === null ? null : `${row[key]}`,
      reports: row.value,
    }));
  };
  for (const query of [
    '',
    'year=2022..2023',
    'level=county&scope=own',
    'division=32&state=published',
    `q=${encodeURIComponent('人民政府')}&scope=own,consolidated`,
    'published_since=2023-02-01&year=2019..2022',
    `under=${real.reports[0]!.organ_id}&state=published,draft`,
  ]) {
    const { keys, reports, of } = await available(`of=reports&${query}`);
    t.strictSame(keys, Object.keys(reportKeys));
    t.equal(reports, (await service.request('GET', `/v1/aggregates/reports?${query}`)).body.data[0].value);
    for (const key of keys) t.strictSame(of(key), await ofCounts(query, key), `${query} ${key}`);
  }
  const preparer = await createCaller(service, [{ role: 'preparer', organ_id }]);
  const theirs = await available(`of=reports&organ_id=${organ_id}`, preparer);
  t.strictSame([theirs.reports, theirs.of('state')], [0, [{ code: 'draft', reports: 1 }]]);
  t.strictSame((await available(`of=reports&organ_id=${organ_id}`)).of('state'), [], 'a draft is not public');
  const drafts = await available('of=reports&state=draft', preparer);
  t.strictSame([drafts.reports, drafts.of('province')], [1, [{ code: '640000', reports: 1 }]]);
});

t.test('filters of another aggregate are refused', async (t) => {
  for (const query of [
    '',
    'of=reports&basis=own',
    'of=reports&row=granted',
    'of=request-statistics&state=draft',
    'of=disclosure-items&row=granted',
    'of=disclosure-items&year=2023..2020',
  ])
    t.equal((await service.request('GET', `/v1/availability?${query}`)).status, 400, query);
});

t.test('what was available before is told again until something is published that it is about', async (t) => {
  const path = '/v1/availability?of=request-statistics&year=2024';
  // What was asked for before is kept.
  await service.request('GET', path);
  const first = await service.request('GET', path);
  const again = await service.request('GET', path);
  t.strictSame(again.body, first.body);
  t.match(again.headers.get('content-type'), /^application\/json/);
  const one = organ();
  await store(service.app.db, [one], [report({ organ_id: one.id, year: 2024 })]);
  const present = await service.request('GET', path);
  t.equal(present.body.reports, first.body.reports + 1);
});
