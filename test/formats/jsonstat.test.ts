import t from 'tap';
import { realReports, store } from '../aggregates/stored-reports.ts';
import { startService } from '../support/app.ts';
import { createOrgan, publishReport, zeroDocument } from '../support/reports.ts';
import { brokenRules, type JsonStat, openWithToolkit } from './jsonstat-rules.ts';

const service = await startService(t);
const { organs, reports } = realReports();
await store(service.app.db, organs, reports);

const cube = async (query: string): Promise<JsonStat> => {
  const answer = await service.request('GET', `/v1/aggregates/${query}`);
  t.equal(answer.status, 200, `${query} ${answer.status === 200 ? '' : answer.text}`);
  t.equal(answer.headers.get('content-type'), 'application/json; charset=utf-8');
  t.strictSame(brokenRules(answer.body), []);
  return answer.body;
};

t.test('time, places and figures have their roles; keys come in the order of group_by', async (t) => {
  const { id, role } = await cube(
    'request-statistics.jsonstat?group_by=row,county,year,province&row=granted',
  );
  t.strictSame(id, ['row', 'county', 'year', 'province', 'metric']);
  t.strictSame(role, { time: ['year'], geo: ['county', 'province'], metric: ['metric'] });
});

t.test('categories come in the order of the form, a key that is null last, as the category _', async (t) => {
  const { dimension } = await cube(
    'request-statistics.jsonstat?group_by=applicant,row,group,county&year=2023',
  );
  t.strictSame(dimension.applicant!.category.index.slice(0, 2), ['natural_person', 'business']);
  t.strictSame(dimension.row!.category.index.slice(0, 3), ['new_received', 'carried_in', 'granted']);
  for (const key of ['group', 'county']) {
    t.equal(dimension[key]!.category.index.at(-1), '_');
    t.equal(dimension[key]!.category.label._, '无');
  }
});

t.test('words are Chinese or English', async (t) => {
  const query = 'request-statistics.jsonstat?group_by=year,row,province';
  const [zh, en] = [await cube(query), await cube(`${query}&lang=en`)];
  t.equal(zh.label, '三、收到和处理政府信息公开申请情况');
  t.equal(zh.dimension.row!.category.label.granted, '（一）予以公开');
  t.equal(en.dimension.row!.category.label.granted, 'Granted');
  t.equal(en.dimension.province!.category.label['320000'], '江苏省', 'places have one name');
  t.notMatch(JSON.stringify([en.label, en.source, en.dimension.row, en.dimension.metric]), /\p{Script=Han}/u);
  t.strictSame(
    { ...en, label: 0, source: 0, updated: 0, dimension: 0, extension: 0 },
    {
      ...zh,
      label: 0,
      source: 0,
      updated: 0,
      dimension: 0,
      extension: 0,
    },
  );
  t.equal((await service.request('GET', `/v1/aggregates/${query}&lang=fr`)).status, 400);
});

t.test('a figure that is null is blank, one that is absent is not there', async (t) => {
  const {
    value,
    status = {},
    extension,
  } = await cube('request-statistics.jsonstat?group_by=year,row,applicant,organ');
  const nulls = Object.keys(value).filter((place) => value[place] === null);
  t.ok(nulls.length >= 126, `${nulls.length} blanks`);
  t.strictSame(status, Object.fromEntries(nulls.map((place) => [place, 'blank'])));
  t.match(extension, { status: { label: { blank: /^空白/ } }, basis: 'auto', coverage: { reports: 25 } });
});

t.test('figures say their units; where rows name their own, the unit is a key', async (t) => {
  const requests = await cube('request-statistics.jsonstat?group_by=year,row&lang=en');
  t.strictSame(requests.dimension.metric!.category.unit, {
    value: { label: 'cases', decimals: 0 },
    reports: { label: 'reports', decimals: 0 },
    blank: { label: 'cells', decimals: 0 },
  });
  const items = await cube('disclosure-items.jsonstat?group_by=year,item,measure');
  t.strictSame(items.id, ['year', 'item', 'measure', 'unit', 'metric']);
  t.same(new Set(items.dimension.unit!.category.index), new Set(['件', '项', '元', '万元']));
  t.strictSame(items.dimension.metric!.category.unit?.value, { decimals: 4 });
  const licensing = await cube('disclosure-items.jsonstat?group_by=year,measure&item=licensing');
  t.equal(
    licensing.dimension.measure!.category.label.decisions,
    '本年处理决定数量',
    'without editions, the words of the newest',
  );
  const editions = await cube('disclosure-items.jsonstat?group_by=edition,year,item,measure');
  t.equal(editions.dimension.measure!.category.label.decisions, '处理决定数量 / 本年处理决定数量');
});

t.test('one sum is a cube of its figures, and no row is an empty one', async (t) => {
  const one = await cube('request-statistics.jsonstat?row=granted');
  t.strictSame([one.id, one.size], [['metric'], [3]]);
  t.equal(openWithToolkit(one).Data({ metric: 'reports' })?.value, one.value[1]);
  const none = await cube('request-statistics.jsonstat?row=granted&group_by=year&year=2099');
  t.strictSame([none.size, none.value], [[0, 3], {}]);
  t.equal(openWithToolkit(none).Dimension('year').length, 0);
});

t.test('a cube that nobody could open is refused, and so is what has no sum', async (t) => {
  const keys = 'group_by=year,organ,province,city,county,level,kind,row,applicant';
  const refused = await service.request('GET', `/v1/aggregates/request-statistics.jsonstat?${keys}`);
  t.equal(refused.status, 422);
  t.equal(refused.body.code, 'too-many-cells');
  t.match(refused.body.errors, [{ in: 'query', pointer: '/group_by', message: refused.body.detail }]);
  t.equal((await service.request('GET', `/v1/aggregates/request-statistics?${keys}`)).status, 200);
  const sum = await service.request('GET', '/v1/aggregates/request-statistics.jsonstat');
  t.equal(sum.body.code, 'not-additive');
  t.equal((await service.request('GET', '/v1/request-statistics.jsonstat')).status, 404, 'rows are no cube');
});

t.test('an amount that was not added because it names no unit is not called blank', async (t) => {
  for (const value of [8040, null])
    await publishReport(
      service,
      zeroDocument(await createOrgan(service), {
        year: 2019,
        editions: { disclosure_items: '2019', request_statistics: '2019' },
        disclosure_items: [{ item: 'procurement', measure: 'amount', value, unit: null }],
        request_statistics: [],
      }),
    );
  const { value, status, extension } = await cube(
    'disclosure-items.jsonstat?year=2019&item=procurement&measure=amount&group_by=organ&lang=en',
  );
  t.strictSame([...new Set(Object.values(status!))].toSorted(), ['blank', 'unit-unknown']);
  t.ok(Object.keys(status!).every((place) => value[place] === null));
  t.match(extension, { status: { label: { 'unit-unknown': /no unit/ } } });
});
