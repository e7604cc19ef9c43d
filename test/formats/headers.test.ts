import t from 'tap';
import type { OpenApiDocument, Operation } from '../../src/docs/document.ts';
import { indicators } from '../../src/indicators/definitions.ts';
import { realReports, store } from '../aggregates/stored-reports.ts';
import { startService } from '../support/app.ts';
import { createOrgan } from '../support/reports.ts';
import { parseCsv } from './readers.ts';

const service = await startService(t);
const { organs, reports } = realReports();
await store(service.app.db, organs, reports);
// For the audit, which only has what was done over HTTP.
await createOrgan(service);

const document = (await service.request('GET', '/openapi.json')).body as OpenApiDocument;
const inCsv = Object.entries(document.paths).flatMap(([path, { get }]) =>
  get && path.endsWith('.csv') ? [{ path, parameters: get.parameters ?? [] }] : [],
);
const whole = reports.find(({ scope, year }) => scope === 'consolidated' && year === 2023)!;
const values: Readonly<Record<string, string>> = { organ_id: whole.organ_id, code: indicators[0]!.code };

/** What a list of codes takes. */
const codesOf = (parameters: Operation['parameters'], name: string): string[] => {
  const found = parameters?.find((each) => each.name === name);
  return (found?.schema as { items?: { enum?: string[] } } | undefined)?.items?.enum ?? [];
};

/** A query with every column that the operation can answer with; `level` last, over which shares add up. */
function widest(parameters: Operation['parameters']): string[] {
  const has = (name: string) => parameters?.some((each) => each.name === name);
  const keys = codesOf(parameters, 'group_by').toSorted(
    (a, b) => Number(a === 'level') - Number(b === 'level'),
  );
  const compute = codesOf(parameters, 'compute');
  return [
    ...(keys.length > 0 ? [`group_by=${keys}`] : []),
    ...(compute.length > 0 ? [`compute=${compute}`] : []),
    ...(has('basis') && keys.length > 0 ? ['basis=own'] : []),
    ...(has('year') ? ['year=2023'] : []),
  ];
}

t.ok(inCsv.length > 10, `${inCsv.length} operations`);
const seen = new Set<string>();
for (const { path, parameters } of inCsv)
  t.test(`every column of ${path} has a Chinese and an English header of its own`, async (t) => {
    const filled = path.replace(/\{(\w+)\}/g, (_, name) => values[name]!);
    const read = async (...query: string[]) => {
      const { status, text } = await service.admin('GET', `${filled}?${query.join('&')}`);
      t.equal(status, 200, text.slice(0, 500));
      return parseCsv(text);
    };
    const query = widest(parameters);
    const [keys = [], ...rows] = await read(...query);
    t.ok(keys.length > 3 && rows.length > 0, `${keys} ${rows.length} rows`);
    for (const column of codesOf(parameters, 'group_by')) t.ok(keys.includes(column), column);
    for (const column of keys) seen.add(column);
    const [zh = []] = await read(...query, 'labels=zh');
    const [en = []] = await read(...query, 'labels=en');
    for (const [place, key] of keys.entries()) {
      t.match(zh[place], /\p{Script=Han}/u, key);
      t.match(en[place], /^[A-Z][^\p{Script=Han}]*$/u, key);
    }
    for (const labels of [zh, en]) t.equal(new Set(labels).size, keys.length, String(labels));
  });

t.test('columns that only some queries ask for are among these', async (t) => {
  for (const column of [
    'share',
    'change',
    'change_rate',
    'rank',
    'reason',
    'published_month',
    'unit_unknown',
  ])
    t.ok(seen.has(column), column);
});

t.test('codes of coverage and of indicators have labels in cells too', async (t) => {
  const cells = async (path: string, column: string) => {
    const [keys = [], ...rows] = parseCsv((await service.request('GET', path)).text);
    const [, ...labelled] = parseCsv((await service.request('GET', `${path}&labels=zh`)).text);
    const place = keys.indexOf(column);
    return new Map(rows.map((row, index) => [row[place], labelled[index]![place]]));
  };
  t.strictSame(
    await cells('/v1/coverage.csv?year=2023', 'status'),
    new Map([
      ['used', '已计入'],
      ['missing', '无符合条件的报告'],
    ]),
  );
  t.strictSame(await cells('/v1/coverage.csv?year=2023', 'expected'), new Map([['true', '是']]));
  const reasons = await cells('/v1/indicators/review_correction_rate.csv?group_by=year,organ', 'reason');
  t.equal(reasons.get('denominator-zero'), '分母为零');
  t.equal(reasons.get(''), '');
});
