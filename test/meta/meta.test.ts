import t from 'tap';
import { aggregates } from '../../src/aggregates/index.ts';
import { sources } from '../../src/aggregates/routes.ts';
import { metaDocument } from '../../src/meta/document.ts';
import { realReports, store } from '../aggregates/stored-reports.ts';
import { startService } from '../support/app.ts';

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
  codes: { code: string | null; reports: number }[];
}
const available = async (query: string) => {
  const { status, body, text } = await service.request('GET', `/v1/availability?${query}`);
  t.equal(status, 200, text);
  return {
    reports: body.reports as number,
    of: (key: string) =>
      body.dimensions.find((each: Available) => each.key === key).codes as Available['codes'],
  };
};

t.test('codes are available where a report has a number', async (t) => {
  const numbers = real.reports.filter(({ request_statistics }) =>
    request_statistics.some(({ row: _, ...columns }) => Object.values(columns).some((each) => each !== null)),
  );
  const found = await available('of=request-statistics');
  t.equal(found.reports, numbers.length);
  const years = Map.groupBy(numbers, ({ year }) => String(year));
  t.strictSame(
    found.of('year'),
    [...years].sort().map(([code, of]) => ({ code, reports: of.length })),
  );
  const withNumber = (row: string) =>
    numbers.filter(({ request_statistics }) =>
      request_statistics.some(
        ({ row: key, ...columns }) => key === row && Object.values(columns).some((each) => each !== null),
      ),
    ).length;
  for (const { code, reports } of found.of('row')) t.equal(reports, withNumber(code!), code!);
  t.ok(found.of('group').length === 4 && found.of('applicant').length === 7);
});

t.test('filters leave the codes that still have data, in the order of answers', async (t) => {
  const { of, reports } = await available('of=request-statistics&year=2023&row=other_misc,other,granted');
  t.strictSame(
    of('row').map(({ code }) => code),
    ['granted', 'other', 'other_misc'],
  );
  t.strictSame(of('year'), [{ code: '2023', reports }]);
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

t.test('keys of another table are refused', async (t) => {
  for (const query of [
    '',
    'of=reports',
    'of=disclosure-items&row=granted',
    'of=disclosure-items&year=2023..2020',
  ])
    t.equal((await service.request('GET', `/v1/availability?${query}`)).status, 400, query);
});
