import t from 'tap';
import { aggregates } from '../../src/aggregates/index.ts';
import { applicants, outcomes } from '../../src/editions/edition.ts';
import { editions } from '../../src/editions/index.ts';
import { tidyTables } from '../../src/tidy-rows/index.ts';
import { realReports, store } from '../aggregates/stored-reports.ts';
import { startService } from '../support/app.ts';
import { parseCsv } from './readers.ts';

const service = await startService(t);
const { organs, reports } = realReports();
await store(service.app.db, organs, reports);

const read = async (path: string) => {
  const answer = await service.request('GET', path);
  t.equal(answer.status, 200, `${path} ${answer.status === 200 ? '' : answer.text}`);
  return answer;
};
const csv = async (path: string) => parseCsv((await read(path)).text);

/** Every list in CSV with every column it can have. */
const lists = [
  ...tidyTables.map(({ path }) => `/v1/${path}.csv?`),
  ...aggregates.map(
    ({ path, keys }) =>
      `/v1/aggregates/${path}.csv?group_by=year,edition,province,city,county,level,kind,organ,${Object.keys(keys)}&`,
  ),
  '/v1/organs.csv?',
  '/v1/divisions.csv?under=32&',
  '/v1/reports.csv?',
];
const codedColumns =
  /^(edition|disclosure_edition|request_edition|item|measure|row|group|applicant|proceeding|outcome|level|kind|scope|state)$/;
const placeColumns = /^(division_code|province|city|county)$/;
const hasHan = /\p{Script=Han}/u;

for (const list of lists)
  t.test(
    `${list.split('?')[0]} has labels for its header and its keys, and everything else as it was`,
    async (t) => {
      const [header = [], ...rows] = await csv(list);
      t.ok(rows.length > 10);
      t.strictSame(await csv(`${list}labels=key`), [header, ...rows], 'keys unless asked otherwise');
      for (const language of ['zh', 'en']) {
        const [labels = [], ...labelled] = await csv(`${list}labels=${language}`);
        t.equal(new Set(labels).size, header.length, `${language}: no two columns are called the same`);
        for (const [place, column] of header.entries()) {
          t.not(labels[place], column, `${language}: ${column} has a label`);
          t.equal(hasHan.test(labels[place]!), language === 'zh', `${column} is ${labels[place]}`);
        }
        t.equal(labelled.length, rows.length);
        const wrong = labelled.flatMap((row, index) =>
          row.flatMap((cell, place) => {
            const [column, was] = [header[place]!, rows[index]![place]!];
            const right =
              was === ''
                ? cell === ''
                : codedColumns.test(column)
                  ? hasHan.test(cell) === (language === 'zh') && cell !== was
                  : column === 'unit' && language === 'en'
                    ? /^[a-z ]+$/.test(cell)
                    : placeColumns.test(column)
                      ? hasHan.test(cell) !== /^\d{9}$/.test(was)
                      : cell === was;
            return right ? [] : [`${column}: ${was} → ${cell}`];
          }),
        );
        t.strictSame(wrong.slice(0, 5), []);
      }
    },
  );

t.test('labels of figures are those of the edition that printed them', async (t) => {
  const [header = [], ...rows] = await csv('/v1/disclosure-items.csv');
  const labelled = await csv('/v1/disclosure-items.csv?labels=zh');
  const at = (name: string) => header.indexOf(name);
  for (const [index, row] of rows.entries()) {
    const item = editions
      .find(({ edition }) => edition === row[at('edition')])
      ?.disclosure_items.find((each) => each.item === row[at('item')]);
    const measure = item?.measures.find((each) => each.measure === row[at('measure')]);
    t.equal(labelled[index + 1]![at('item')], item?.label.zh);
    t.equal(labelled[index + 1]![at('measure')], measure?.label.zh);
  }
  const measures = async (query: string) => {
    const [, ...found] = await csv(
      `/v1/aggregates/disclosure-items.csv?labels=zh&group_by=year,measure&${query}`,
    );
    return new Set(found.map(([, measure]) => measure));
  };
  t.strictSame(await measures('item=procurement'), new Set(['采购项目数量', '采购总金额']));
  t.strictSame(await measures('item=fees&measure=amount'), new Set(['本年收费金额']));
});

t.test('columns of the form are called as on the form', async (t) => {
  const [requests = []] = await csv('/v1/request-statistics.csv?labels=zh');
  t.strictSame(
    requests.slice(-applicants.length),
    applicants.map(({ label }) => label.zh),
  );
  const [reviews = []] = await csv('/v1/review-litigation-counts.csv?labels=en');
  t.strictSame(
    reviews.slice(-outcomes.length),
    outcomes.map(({ label }) => label.en),
  );
});

t.test('a place is called by its full name, since its own may be that of many', async (t) => {
  const query =
    '/v1/aggregates/review-litigation-counts.csv?group_by=year,province,city,proceeding&labels=zh';
  const [, ...rows] = await csv(query);
  t.ok(rows.some(([, province, city]) => province === '江苏省' && city === '江苏省宿迁市'));
});

t.test('labels go with a byte order mark; other formats have none', async (t) => {
  const answer = await fetch(`${service.url}/v1/request-statistics.csv?bom=true&labels=zh`);
  t.match(
    new TextDecoder('utf-8', { ignoreBOM: true }).decode(await answer.arrayBuffer()),
    /^\uFEFF报告编号,/,
  );
  for (const path of [
    '/v1/request-statistics.csv?labels=fr',
    '/v1/request-statistics.csv?labels=zh&labels=en',
    '/v1/request-statistics.ndjson?labels=zh',
    '/v1/request-statistics.parquet?labels=zh',
    '/v1/request-statistics?labels=zh',
    '/v1/organs.ndjson?labels=zh',
  ])
    t.equal((await service.request('GET', path)).status, 400, path);
});
