import t from 'tap';
import { aggregates } from '../../src/aggregates/index.ts';
import type { RequestStatisticsRow } from '../../src/editions/figures.ts';
import type { Row } from '../../src/formats/format.ts';
import { chosen } from '../../src/indicators/chosen.ts';
import { indicators } from '../../src/indicators/definitions.ts';
import { organ, realReports, report, store } from '../aggregates/stored-reports.ts';
import { startService } from '../support/app.ts';

const service = await startService(t);
const real = realReports();
const place = organ({ name: '一市', level: 'city' });
const other = organ({ name: '二市', level: 'city' });
const row = (key: string, total: number | null): RequestStatisticsRow => ({
  row: key,
  natural_person: null,
  business: null,
  research: null,
  public_interest: null,
  legal_service: null,
  other: null,
  total,
});
await store(
  service.app.db,
  [...real.organs, place, other],
  [
    ...real.reports,
    report({
      organ_id: place.id,
      year: 2022,
      request_statistics: [row('granted', 9), row('partly_granted', 1), row('handled_total', 100)],
    }),
    // What is handled in all is blank here, and not captured in the next.
    report({
      organ_id: other.id,
      year: 2022,
      request_statistics: [row('granted', 50), row('handled_total', null)],
    }),
    report({ organ_id: other.id, year: 2021, request_statistics: [row('granted', 50)] }),
    report({
      organ_id: place.id,
      year: 2021,
      request_statistics: [row('granted', null), row('partly_granted', null), row('handled_total', 40)],
    }),
    report({
      organ_id: place.id,
      year: 2024,
      request_statistics: [row('granted', 0), row('handled_total', 0)],
    }),
  ],
);

const get = async (query: string) => {
  const answer = await service.request('GET', `/v1/indicators/${query}`);
  t.equal(answer.status, 200, `${query} ${answer.text}`);
  return answer.body;
};
const among = `organ_id=${place.id},${other.id}`;

t.test('a rate is the sum of numerators over the sum of denominators of the reports used', async (t) => {
  const { data, coverage, indicator } = await get('disclosure_rate?group_by=year&year=2023');
  const totals = (rows: readonly string[]) =>
    real.reports
      .filter(({ year }) => year === 2023)
      .flatMap(({ request_statistics }) => request_statistics)
      .filter((each) => rows.includes(each.row))
      .reduce((sum, { total }) => sum + (total ?? 0), 0);
  const [numerator, denominator] = [totals(['granted', 'partly_granted']), totals(['handled_total'])];
  t.ok(numerator > 1000 && denominator > numerator);
  t.match(data, [{ year: 2023, numerator, denominator, value: numerator / denominator, reason: null }]);
  t.equal(coverage.reports, 8);
  t.equal(indicator, 'disclosure_rate');
});

const row2022 = {
  year: 2022,
  numerator: 60,
  denominator: 100,
  value: 0.6,
  reason: null,
  reports: 2,
  numerator_reports: 2,
  numerator_blank: 0,
  denominator_blank: 1,
};

t.test('each side passes over its blanks and says so', async (t) => {
  const { data, warnings } = await get(`disclosure_rate?${among}&group_by=year&year=2022`);
  t.strictSame(data, [row2022]);
  t.match(warnings, [
    { code: 'sides-incomplete', message: /^1 cell of the denominator is blank\. .*both_sides=true/ },
  ]);
});

t.test('with both_sides a report that has no number on one side counts on neither', async (t) => {
  const { data, warnings } = await get(`disclosure_rate?${among}&group_by=year&year=2022&both_sides=true`);
  t.strictSame(data, [{ ...row2022, numerator: 10, value: 0.1, common_reports: 1 }]);
  t.match(warnings, [{ code: 'sides-incomplete', message: /counts on neither/ }]);
  const complete = await get(`grant_rate?organ_id=${place.id}&year=2022&both_sides=true`);
  t.match(complete.data, [{ numerator: 9, denominator: 100, value: 0.09, common_reports: 1 }]);
  t.strictSame(complete.warnings, []);
});

t.test('how many reports have both sides chooses and orders rows, in every format', async (t) => {
  const query = 'group_by=level&both_sides=true&having=common_reports>0&sort=-common_reports';
  const { data } = await get(`grant_rate?${query}`);
  t.ok(data.length > 1);
  const counts = data.map(({ common_reports }: { common_reports: number }) => common_reports);
  t.strictSame(
    counts,
    counts.toSorted((a: number, b: number) => b - a),
  );
  t.ok(counts.at(-1) > 0);
  const body = { of: 'grant_rate', group_by: ['level'], both_sides: true, sort: ['-common_reports'] };
  t.equal((await service.request('POST', '/v1/aggregates/query', { body })).status, 200);
  const csv = await service.request('GET', `/v1/indicators/grant_rate.csv?${query}`);
  t.match(csv.text, /^level,numerator,denominator,value,reason,reports,numerator_reports,common_reports,/);
  const plain = await service.request('GET', '/v1/indicators/grant_rate?group_by=level&sort=-common_reports');
  t.match(plain.body.errors, [{ pointer: '/sort/0' }], 'only where it is asked for');
});

t.test('both_sides changes the sums of exactly those reports that lack a number on one side', async (t) => {
  const compared = { complete: 0, apart: 0 };
  for (const { code } of indicators) {
    const query = `${code}?group_by=year,organ`;
    const [plain, strict] = [await get(query), await get(`${query}&both_sides=true`)];
    t.equal(plain.data.length, strict.data.length, code);
    for (const [index, row] of plain.data.entries()) {
      const other = strict.data[index];
      const isOnBoth = row.numerator !== null && row.denominator !== null;
      // Each of these groups is of one report.
      const sums = isOnBoth ? row : { ...row, numerator: null, denominator: null };
      t.strictSame(other, { ...sums, common_reports: isOnBoth ? 1 : 0 }, code);
      const differs = other.numerator !== row.numerator || other.denominator !== row.denominator;
      compared[differs ? 'apart' : 'complete']++;
    }
  }
  t.ok(compared.complete > 50 && compared.apart > 20, JSON.stringify(compared));
  for (const { code } of indicators) {
    const query = `${code}?group_by=year&year=2023`;
    const [plain, strict] = [await get(query), await get(`${query}&both_sides=true`)];
    if (plain.warnings.every((each: { code: string }) => each.code !== 'sides-incomplete'))
      t.strictSame(
        strict.data,
        plain.data.map((row: Row) => ({ ...row, common_reports: row.reports })),
        code,
      );
  }
});

t.test('by default every sum is as the aggregates answer it', async (t) => {
  const { items } = (await service.request('GET', '/v1/indicators')).body;
  const sum = async (terms: { of: string; filters: Record<string, string[]> }[]) => {
    let added: number | null = null;
    for (const { of, filters } of terms) {
      const cells = Object.entries(filters).map(([key, values]) => `${key}=${values}`);
      const { body } = await service.request('GET', `/v1/aggregates/${of}?year=2023&${cells.join('&')}`);
      for (const { value } of body.data) if (value !== null) added = (added ?? 0) + value;
    }
    return added;
  };
  for (const { code, numerator, denominator } of items) {
    const { data } = await get(`${code}?year=2023`);
    t.match(data, [{ numerator: await sum(numerator), denominator: await sum(denominator) }], code);
  }
});

t.test('where there is no value, a reason says why', async (t) => {
  const { data } = await get(`disclosure_rate?${among}&group_by=year,organ&sort=organ_name,year`);
  t.strictSame(
    data.map((each: Record<string, unknown>) => [each.organ_name, each.year, each.value, each.reason]),
    [
      ['一市', 2021, null, 'numerator-blank'],
      ['一市', 2022, 0.1, null],
      ['一市', 2024, null, 'denominator-zero'],
      ['二市', 2021, null, 'denominator-absent'],
      ['二市', 2022, null, 'denominator-blank'],
    ],
  );
  const { warnings } = await get(`disclosure_rate?${among}&group_by=year,organ&year=2021,2022`);
  t.notOk(
    warnings.some(({ code }: { code: string }) => code === 'code-without-data'),
    'a year with one side is not without data',
  );
  const unlike = `disclosure_rate?${among}&group_by=year&year=2021`;
  t.match((await get(unlike)).data, [{ numerator: 50, denominator: 40, value: 1.25, reason: null }]);
  const apart = await get(`${unlike}&both_sides=true`);
  t.match(apart.data, [{ numerator: null, denominator: null, value: null, reason: 'no-common-report' }]);
});

t.test('rates change on the year before, have a rank, and can be sorted and cut', async (t) => {
  const { data } = await get('grant_rate?group_by=year,level&compute=change,rank&having=value>=0&top=2');
  t.equal(data.length, 2);
  t.ok(data[0].value >= data[1].value);
  const before = await get(`carry_over_rate?group_by=year&year=2023&compute=change`);
  t.strictSame([before.data[0].change, before.data[0].change_rate], [null, null]);
  const share = await service.request('GET', '/v1/indicators/grant_rate?group_by=year&compute=share');
  t.equal(share.status, 400);
  t.match(share.body.errors, [{ pointer: '/compute/0', message: /change, rank/ }]);
});

t.test('every indicator answers for a year, and its sides may be added up', async (t) => {
  t.equal(new Set(indicators.map(({ code }) => code)).size, indicators.length);
  for (const { code, numerator, denominator, scale } of indicators) {
    t.match(code, /^[a-z_]+$/);
    for (const side of [numerator, denominator]) {
      const { of, selection } = chosen(side, { year: ['2023'] });
      for (const edition of ['2019', '2021'] as const)
        t.ok(
          selection.figures.some(({ editions }) => editions.includes(edition)),
          `${code} ${edition}`,
        );
      // The cells of a side are those of its terms, all of one table.
      const ofTerms = side.map((term) => chosen([term], { year: ['2023'] }).selection.figures.length);
      t.equal(
        selection.figures.length,
        ofTerms.reduce((sum, each) => sum + each),
      );
      for (const term of side) t.equal(term.of, of);
    }
    t.equal(numerator[0]!.of.edition, denominator[0]!.of.edition, `${code}: sides of one edition`);
    const { data } = await get(`${code}?year=2023`);
    t.equal(data.length, 1, code);
    t.ok(data[0].value > 0 && data[0].value < scale, `${code} ${data[0].value}`);
  }
});

t.test('of a side of several rows a report counts that has any of them', async (t) => {
  const [one, two] = [organ(), organ()];
  await store(
    service.app.db,
    [one, two],
    [
      report({ organ_id: one.id, request_statistics: [row('new_received', 10), row('carried_out', 1)] }),
      report({ organ_id: two.id, request_statistics: [row('carried_in', 5), row('carried_out', 2)] }),
    ],
  );
  const { data, warnings } = await get(`carry_over_rate?organ_id=${one.id},${two.id}&year=2023`);
  t.match(data, [{ numerator: 3, denominator: 15, value: 0.2, reports: 2, denominator_blank: 0 }]);
  t.strictSame(warnings, []);
});

t.test('a cube says why there is no value', async (t) => {
  const [one, two] = [organ(), organ()];
  await store(
    service.app.db,
    [one, two],
    [
      report({ organ_id: one.id, request_statistics: [row('granted', 10)] }),
      report({ organ_id: two.id, request_statistics: [row('handled_total', 50)] }),
    ],
  );
  const query = `grant_rate.jsonstat?organ_id=${one.id},${two.id}&lang=en`;
  const { value, status, extension } = await get(`${query}&both_sides=true`);
  t.strictSame([value[0], value[1], value[2]], [null, null, null]);
  t.strictSame([status[0], status[1], status[2]], Array(3).fill('no-common-report'));
  t.equal(extension.status.label['no-common-report'], 'No report has both');
  const without = await get(`grant_rate.jsonstat?organ_id=${one.id}&group_by=year`);
  t.strictSame(without.status, { 1: 'denominator-absent', 2: 'denominator-absent' });
});

t.test('what is pending is not added over years', async (t) => {
  for (const code of ['carry_over_rate', 'review_correction_rate', 'litigation_per_thousand']) {
    const { status, body } = await service.request('GET', `/v1/indicators/${code}`);
    t.equal(status, 422, code);
    t.equal(body.code, 'not-additive');
  }
});

t.test('the catalogue says what is divided by what, as queries that aggregates answer', async (t) => {
  const first = await service.request('GET', '/v1/indicators');
  t.equal(first.body.items.length, indicators.length);
  const etag = first.headers.get('etag')!;
  t.equal(
    (await service.request('GET', '/v1/indicators', { headers: { 'if-none-match': etag } })).status,
    304,
  );
  for (const { code, numerator } of first.body.items)
    for (const { of, filters } of numerator) {
      t.ok(
        aggregates.some(({ path }) => path === of),
        code,
      );
      const query = Object.entries(filters as Record<string, string[]>).map(
        ([key, values]) => `${key}=${values}`,
      );
      const answer = await service.request('GET', `/v1/aggregates/${of}?year=2023&${query.join('&')}`);
      t.equal(answer.status, 200, `${code} ${answer.text}`);
    }
});

t.test('indicators come in every format; one that is not there is 404 and names the near one', async (t) => {
  const { data } = await get('grant_rate?group_by=year,organ&compute=rank');
  const ndjson = await service.request(
    'GET',
    '/v1/indicators/grant_rate.ndjson?group_by=year,organ&compute=rank',
  );
  t.strictSame(
    ndjson.text
      .trimEnd()
      .split('\n')
      .map((line) => JSON.parse(line)),
    data,
  );
  const csv = await service.request('GET', '/v1/indicators/grant_rate.csv?group_by=year,organ&compute=rank');
  t.match(csv.headers.get('content-disposition'), /grant_rate\.csv/);
  t.strictSame(csv.text.split('\n')[0]?.split(','), Object.keys(data[0]));
  const missing = await service.request('GET', '/v1/indicators/grant_rat');
  t.equal(missing.status, 404);
  t.match(missing.body.detail, /did you mean grant_rate\?/);
});
