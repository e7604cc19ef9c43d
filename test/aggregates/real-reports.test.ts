import t from 'tap';
import { aggregates } from '../../src/aggregates/index.ts';
import { applicantKeys, outcomeKeys } from '../../src/editions/vocabulary.ts';
import { startService } from '../support/app.ts';
import {
  createOrgan,
  fileReport,
  publish,
  publishReport,
  realReports,
  zeroDocument,
} from '../support/reports.ts';

const service = await startService(t);
const organIds = new Map<string, string>();
for (const {
  organ: { name, kind, level, division_code },
  report,
} of realReports) {
  const organ_id = organIds.get(name) ?? (await createOrgan(service, { name, kind, level, division_code }));
  organIds.set(name, organ_id);
  await publishReport(service, { ...report, organ_id });
}

const get = async (query: string) => {
  const answer = await service.request('GET', `/v1/aggregates/${query}`);
  t.equal(answer.status, 200, `${query} ${answer.status === 200 ? '' : answer.text}`);
  return answer;
};

interface Cell {
  value: number | null;
  reports: number;
  blank: number;
}
/** Sums straight from the file; money in units of 0.0001 so that they are exact. */
function sums(
  cellsOf: (report: (typeof realReports)[number]['report']) => Iterable<[string, number | null]>,
) {
  const found = new Map<string, Cell>();
  for (const { report } of realReports)
    for (const [keys, value] of cellsOf(report)) {
      const cell = found.get(keys) ?? { value: null, reports: 0, blank: 0 };
      found.set(keys, cell);
      cell.reports++;
      if (value === null) cell.blank++;
      else cell.value = (cell.value ?? 0) + Math.round(value * 10_000);
    }
  for (const cell of found.values()) if (cell.value !== null) cell.value /= 10_000;
  return found;
}
const byKeys = (data: Record<string, unknown>[], keys: string[]) =>
  new Map(
    data.map(({ value, reports, blank, ...rest }) => [
      keys.map((key) => rest[key]).join(' '),
      { value, reports, blank } as unknown as Cell,
    ]),
  );

t.test('request statistics add up to the sums of the file, blanks counted', async (t) => {
  const wanted = sums(function* ({ year, request_statistics }) {
    for (const row of request_statistics)
      for (const key of applicantKeys) yield [`${year} ${row.row} ${key}`, row[key]];
  });
  const { body } = await get('request-statistics?group_by=year,row,applicant');
  t.strictSame(byKeys(body.data, ['year', 'row', 'applicant']), wanted);
  t.equal(body.basis, 'auto');
  const organYears = organIds.size * new Set(realReports.map(({ report }) => report.year)).size;
  t.strictSame(
    body.coverage,
    { reports: 25, organs_expected: organYears, organs_covered: 0, organs_missing: organYears - 25 },
    'an organ owes a report each year',
  );
  t.ok(Math.abs(Date.parse(body.data_as_of) - Date.now()) < 60_000);
  const blanks = body.data.filter((cell: Cell & { year: number }) => cell.year === 2019);
  t.equal(
    blanks.reduce((sum: number, cell: Cell) => sum + cell.blank, 0),
    126,
    'the blanks of 上海市人民政府办公厅 2019, which no zero replaces',
  );
});

t.test('disclosure items add up to the sums of the file, amounts in one unit', async (t) => {
  const wanted = sums(function* ({ year, disclosure_items }) {
    for (const { item, measure, value, unit } of disclosure_items)
      if (!(item === 'procurement' && measure === 'amount'))
        yield [`${year} ${item} ${measure} ${unit}`, value];
  });
  const { body } = await get('disclosure-items?group_by=year,item,measure');
  const others = body.data.filter(
    (cell: Record<string, unknown>) => cell.item !== 'procurement' || cell.measure !== 'amount',
  );
  for (const cell of others) t.equal(cell.unit_unknown, 0);
  t.strictSame(byKeys(others, ['year', 'item', 'measure', 'unit']), wanted);

  const amounts = realReports
    .filter(({ report }) => report.year === 2020)
    .flatMap(({ report }) => report.disclosure_items)
    .filter(({ item, measure }) => item === 'procurement' && measure === 'amount');
  const { body: procurement } = await get('disclosure-items?item=procurement&measure=amount&year=2020');
  const known = amounts.filter(({ unit, value }) => value !== null && (unit !== null || value === 0));
  t.strictSame(procurement.data, [
    {
      value: known.reduce((sum, { value, unit }) => sum + value! * (unit === '万元' ? 10_000 : 1), 0),
      unit: '元',
      reports: amounts.length,
      blank: amounts.filter(({ value }) => value === null).length,
      unit_unknown: amounts.length - known.length - amounts.filter(({ value }) => value === null).length,
    },
  ]);
});

t.test('review and litigation counts add up to the sums of the file', async (t) => {
  const wanted = sums(function* ({ year, review_litigation_counts }) {
    for (const row of review_litigation_counts)
      for (const key of outcomeKeys) yield [`${year} ${row.proceeding} ${key}`, row[key]];
  });
  const { body } = await get('review-litigation-counts?group_by=year,proceeding,outcome');
  t.strictSame(byKeys(body.data, ['year', 'proceeding', 'outcome']), wanted);
});

t.test('groups are the sums of their rows, and compare the editions', async (t) => {
  const { body } = await get('request-statistics?group_by=year,group');
  const wanted = sums(function* ({ year, request_statistics }) {
    for (const { row, total } of request_statistics) {
      const group = /^(refused|unavailable|not_handled|other)/.exec(row)?.[1];
      if (group) yield [`${year} ${group === 'other' ? 'other_handling' : group}`, total];
    }
  });
  const valuesAndBlanks = (cells: Map<string, Cell>) =>
    new Map([...cells].map(([keys, { value, blank }]) => [keys, { value, blank }]));
  t.strictSame(valuesAndBlanks(byKeys(body.data, ['year', 'group'])), valuesAndBlanks(wanted));
  const isUnavailable = ({ row }: { row: string }) => row.startsWith('unavailable');
  const lacking = realReports.filter(({ report }) => !report.request_statistics.some(isUnavailable)).length;
  t.match(body.warnings, [
    {
      code: 'cells-absent',
      message: new RegExp(`\\b${lacking} of 25 reports added up have no cell of .*unavailable`),
    },
  ]);
  const shares = await get('request-statistics?group_by=year,group&compute=share');
  t.match(
    shares.body.warnings.find(({ code }: { code: string }) => code === 'rows-left-out'),
    { message: 'Shares are of the groups alone: granted, partly_granted are in none.' },
  );
  const chosen = await get('request-statistics?group_by=year,group&group=refused,unavailable&compute=share');
  t.notMatch(chosen.body.warnings, [{ code: 'rows-left-out' }]);
  const rows = await get('request-statistics?group_by=year,row&group=other_handling');
  t.match(rows.body.warnings, [
    { code: 'rows-differ', message: /group=other_handling/ },
    { code: 'cells-absent' },
  ]);
});

t.test('rows come in the order of the keys, cells in printed order, keys first', async (t) => {
  const { body } = await get('request-statistics?group_by=year,row&year=2023');
  t.strictSame(Object.keys(body.data[0]), ['year', 'row', 'value', 'reports', 'blank']);
  t.strictSame(body.data.map(({ row }: { row: string }) => row).slice(0, 4), [
    'new_received',
    'carried_in',
    'granted',
    'partly_granted',
  ]);
  const years = (await get('request-statistics?group_by=row,year&row=granted,new_received')).body.data;
  t.strictSame(
    years.map(({ row, year }: { row: string; year: number }) => `${row} ${year}`),
    [2019, 2020, 2021, 2023, 2025]
      .map((year) => `new_received ${year}`)
      .concat([2019, 2020, 2021, 2023].map((year) => `granted ${year}`)),
  );
});

t.test('repeats, commas and brackets spell the same list', async (t) => {
  const answers = await Promise.all(
    ['row=granted&row=other', 'row=granted,other', 'row[]=granted&row[]=other'].map((rows) =>
      get(`request-statistics?group_by=year,row&${rows}`),
    ),
  );
  const [first, ...rest] = answers.map(({ body }) => body.data);
  for (const data of rest) t.strictSame(data, first);
});

for (const aggregate of aggregates)
  t.test(`${aggregate.path} gives the same cells in every format`, async (t) => {
    const query = `${aggregate.path}%?group_by=year,organ,${Object.keys(aggregate.keys)
      .filter((key) => key !== 'group')
      .join(',')}`;
    const { data } = (await get(query.replace('%', ''))).body;
    t.ok(data.length > 50);
    const ndjson = (await get(query.replace('%', '.ndjson'))).text.trimEnd().split('\n');
    t.strictSame(
      ndjson.map((line) => JSON.parse(line)),
      data,
    );
    const csv = (await get(query.replace('%', '.csv'))).text.trimEnd().split('\n');
    t.strictSame(csv[0]?.split(','), Object.keys(data[0]));
    t.strictSame(
      csv.slice(1),
      data.map((cell: object) =>
        Object.values(cell)
          .map((value) => value ?? '')
          .join(','),
      ),
    );
  });

t.test('what means nothing is 422, what is unknown 400', async (t) => {
  for (const [query, status, code] of [
    ['request-statistics', 422, 'not-additive'],
    ['review-litigation-counts?proceeding=review', 422, 'not-additive'],
    ['disclosure-items?item=regulations&measure=in_force', 422, 'not-additive'],
    ['disclosure-items.csv?item=regulations&measure=in_force', 422, 'not-additive'],
    ['disclosure-items?item=regulations&measure=made,issued&group_by=year', 422, 'not-comparable'],
    ['request-statistics?group_by=item', 400, 'invalid-request'],
    ['request-statistics?group_by=year;drop', 400, 'invalid-request'],
    ['request-statistics?row=granted&basis=all', 400, 'invalid-request'],
    ['request-statistics?row=granted&limit=5', 400, 'invalid-request'],
    ['request-statistics?row=granted&year=2023..2020', 400, 'invalid-request'],
    ['request-statistics?row=granted%27', 400, 'invalid-request'],
  ] as const) {
    const answer = await service.request('GET', `/v1/aggregates/${query}`);
    t.equal(answer.status, status, query);
    t.equal(answer.body?.code, code, query);
  }
});

t.test('a consolidated report stands for what is below it from the moment it is published', async (t) => {
  const top = await createOrgan(service, {
    name: '市政府',
    kind: 'government',
    level: 'city',
    division_code: '321300',
  });
  const below = await createOrgan(service, { division_code: '321302', parent_id: top });
  const value = async (query = '') => {
    const { body } = await get(`request-statistics?under=${top}&row=new_received&year=2022${query}`);
    return [body.data[0]?.value, body.coverage.reports, body.coverage.organs_missing];
  };
  const document = (organ_id: string, scope: string, received: number) => {
    const zeros = zeroDocument(organ_id, { year: 2022, scope });
    for (const row of zeros.request_statistics)
      if (row.row === 'new_received' || row.row === 'granted' || row.row === 'handled_total')
        Object.assign(row, { natural_person: received, total: received });
    return zeros;
  };
  t.strictSame(await value(), [undefined, 0, 2]);
  await publishReport(service, document(below, 'own', 3));
  t.strictSame(await value(), [3, 1, 1]);
  await publishReport(service, document(top, 'own', 5));
  t.strictSame(await value(), [8, 2, 0]);
  const draft = await fileReport(service, document(top, 'consolidated', 20));
  t.strictSame(await value(), [8, 2, 0], 'a draft changes nothing');
  await publish(service, draft);
  t.strictSame(await value(), [20, 1, 0]);
  t.strictSame(await value('&basis=own'), [8, 2, 0]);
  t.strictSame(await value('&basis=consolidated'), [20, 1, 0]);
  t.strictSame(await value('&scope=own'), [8, 2, 0], 'a report that a filter leaves out covers nothing');
  t.strictSame(await value('&level=county'), [3, 1, 0]);
});
