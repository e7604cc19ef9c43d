import assert from 'node:assert/strict';
import fc from 'fast-check';
import t from 'tap';
import type { Aggregate } from '../../src/aggregates/aggregate.ts';
import { computations, computedMembers } from '../../src/aggregates/computations.ts';
import { dimensions } from '../../src/aggregates/dimensions.ts';
import { aggregates } from '../../src/aggregates/index.ts';
import { kindKeys, levelKeys, scopeKeys } from '../../src/editions/vocabulary.ts';
import type { Row } from '../../src/formats/format.ts';
import { datasetFormats, formats } from '../../src/formats/index.ts';
import { tidyTables } from '../../src/tidy-rows/index.ts';
import { realReports, store } from '../aggregates/stored-reports.ts';
import { startService } from '../support/app.ts';
import { brokenRules, type JsonStat, openWithToolkit, rowsOf } from './jsonstat-rules.ts';
import { csvCell, parseCsv, parseNdjson, readParquet } from './readers.ts';

/** Whatever one asks of the 25 real reports, the cells are the same in every format. */

const service = await startService(t);
const { organs, reports } = realReports();
await store(service.app.db, organs, reports);

const computationNames = computations.map(({ name }) => name);

const get = async (path: string, init?: RequestInit) => {
  const answer = await fetch(service.url + path, init);
  const bytes = new Uint8Array(await answer.arrayBuffer());
  return { status: answer.status, bytes, text: new TextDecoder().decode(bytes) };
};

const post = (suffix: string, body: object) =>
  get(`/v1/aggregates/query.${suffix}`, {
    method: 'POST',
    headers: { 'content-type': 'application/json' },
    body: JSON.stringify(body),
  });

/** Mostly nothing: a few filters at once leave nothing of 25 reports. */
const maybe = <T>(value: fc.Arbitrary<T>) =>
  fc.oneof({ weight: 4, arbitrary: fc.constant(undefined) }, { weight: 1, arbitrary: value });
const some = <T>(values: readonly T[]) =>
  maybe(fc.subarray([...values], { minLength: 1, maxLength: Math.min(4, values.length) }));

/** Filters over organs and reports. */
const reportFilters = {
  year: some(['2019', '2020', '2021', '2022..2023', '2025']),
  scope: some(scopeKeys),
  level: some(levelKeys),
  kind: some(kindKeys),
  division: some(['32', '321300', '310000', '37', '110000']),
  organ_id: some(organs.map(({ id }) => id)),
  q: maybe(fc.constantFrom('人民政府', '局', '市')),
};

const spelt = (query: Record<string, string | number | readonly string[] | undefined>): string =>
  Object.entries(query)
    .flatMap(([key, value]) =>
      value === undefined ? [] : [`${key}=${encodeURIComponent([value].flat().join(','))}`],
    )
    .join('&');

/** CSV and NDJSON of a query, by `read` with each suffix, against the rows of the JSON answer. */
async function sameInTextFormats(
  read: (suffix: string) => Promise<{ text: string }>,
  about: string,
  rows: readonly Row[],
): Promise<void> {
  assert.deepEqual(formats.map(({ suffix }) => suffix).toSorted(), ['csv', 'ndjson'], 'formats compared');
  assert.deepEqual(parseNdjson((await read('ndjson')).text), rows, `${about} as ndjson`);
  const [header = [], ...records] = parseCsv((await read('csv')).text);
  for (const row of rows) assert.deepEqual(header, Object.keys(row));
  assert.deepEqual(
    records,
    rows.map((row) => header.map((column) => csvCell(row[column]))),
    `${about} as csv`,
  );
}
const addressed = (path: string, query: string) => (suffix: string) => get(`${path}.${suffix}?${query}`);

t.test('tidy rows are the same in pages, CSV, NDJSON and Parquet', async (t) => {
  const compared = { queries: 0, rows: 0, blanks: 0 };
  const query = fc.constantFrom(...tidyTables).chain((table) =>
    fc.record({
      table: fc.constant(table),
      limit: fc.integer({ min: 20, max: 1000 }),
      filters: fc.record({
        ...reportFilters,
        ...Object.fromEntries(
          Object.entries(table.filters).map(([key, schema]) => [
            key,
            some((schema as unknown as { items: { enum: string[] } }).items.enum),
          ]),
        ),
      }),
    }),
  );
  await fc.assert(
    fc.asyncProperty(query, async ({ table, limit, filters }) => {
      const path = `/v1/${table.path}`;
      const rows: Row[] = [];
      for (let cursor: string | null | undefined; cursor !== null; ) {
        const { text } = await get(`${path}?${spelt({ ...filters, limit, cursor: cursor ?? undefined })}`);
        const { items, next_cursor } = JSON.parse(text);
        rows.push(...items);
        cursor = next_cursor;
      }
      await sameInTextFormats(addressed(path, spelt(filters)), `${path}?${spelt(filters)}`, rows);
      const parquet = await readParquet((await get(`${path}.parquet?${spelt(filters)}`)).bytes);
      assert.deepEqual(parquet.rows, rows, `${path}.parquet?${spelt(filters)}`);
      compared.queries++;
      compared.rows += rows.length;
      compared.blanks += rows.flatMap((row) => Object.values(row)).filter((cell) => cell === null).length;
    }),
    { numRuns: 60 },
  );
  for (const { path } of tidyTables) {
    const parquet = await readParquet((await get(`/v1/${path}.parquet`)).bytes);
    t.strictSame(parquet.rows, parseNdjson((await get(`/v1/${path}.ndjson`)).text), `all of ${path}`);
  }
  t.comment(compared);
  t.ok(compared.rows > 1000 && compared.blanks > 100, JSON.stringify(compared));
});

/** The rows of a JSON answer as the cube has them: codes as text, names of organs as labels, reasons as statuses. */
const inCube = (rows: readonly Row[], keys: readonly string[]): Row[] =>
  rows.map(({ organ_name: _, reason: __, ...row }) =>
    Object.fromEntries(
      Object.entries(row).map(([name, cell]) => [
        name,
        keys.includes(name) ? (cell === null ? '_' : String(cell)) : cell,
      ]),
    ),
  );
const sorted = (rows: readonly Row[]) =>
  rows.map((row) => JSON.stringify(Object.entries(row).sort(([a], [b]) => (a < b ? -1 : 1)))).toSorted();

/** What a cube says of a figure that is null. */
function missingIn(row: Row, metric: string): Row[string] {
  if (metric === 'value') return row.reason ?? (row.unit_unknown ? 'unit-unknown' : 'blank');
  const reports = { numerator: row.numerator_reports, denominator: row.reports }[metric];
  if (reports === undefined) return 'none';
  return reports === 0 ? `${metric}-absent` : 'blank';
}

/** The JSON-stat answer against the JSON answer: by the rules of the format, and as its toolkit reads it. */
function sameInCube(
  cube: JsonStat,
  answer: { data: Row[]; data_as_of: string; [member: string]: unknown },
): number {
  assert.deepEqual(brokenRules(cube), []);
  const { data, data_as_of, ...rest } = answer;
  const keys = cube.id.slice(0, -1);
  assert.deepEqual(sorted(rowsOf(cube)), sorted(inCube(data, keys)));
  const { status, ...extension } = cube.extension;
  assert.deepEqual(extension, rest);
  assert.ok(Math.abs(Date.parse(cube.updated) - Date.parse(data_as_of)) < 60_000);
  if (data.length === 0) return 0;
  const opened = openWithToolkit(cube);
  assert.equal(opened.class, 'dataset');
  assert.deepEqual(opened.id, cube.id);
  assert.equal(
    opened.n,
    cube.size.reduce((product, size) => product * size, 1),
  );
  const metrics = cube.dimension.metric!.category.index;
  for (const [index, member] of inCube(data, keys).entries())
    for (const metric of metrics) {
      const row = data[index]!;
      const cell = opened.Data({ ...(member as Record<string, string>), metric });
      assert.equal(cell?.value, row[metric]);
      const missing = missingIn(row, metric);
      assert.equal(cell?.status ?? null, row[metric] === null ? missing : null);
      if (row[metric] === null) assert.ok((status as { label: Row }).label[String(missing)]);
    }
  for (const row of data)
    if ('organ' in row)
      assert.equal(opened.Dimension('organ').Category(String(row.organ))?.label, row.organ_name);
  return data.length * metrics.length;
}

const sides = ['numerator', 'denominator', 'numerator_reports', 'numerator_blank', 'denominator_blank'];
const figures = ['value', 'reports', 'blank', 'unit_unknown', ...sides, ...computedMembers(computationNames)];
/** How many places the cube of these rows has. */
function places(rows: readonly Row[]): number {
  const names = Object.keys(rows[0] ?? {}).filter((name) => !['organ_name', 'reason'].includes(name));
  return names.reduce(
    (product, name) => product * (figures.includes(name) ? 1 : new Set(rows.map((row) => row[name])).size),
    names.filter((name) => figures.includes(name)).length,
  );
}

interface Asked {
  of: string;
  /** Its own keys. */
  keys: Aggregate['keys'];
  /** What it computes. */
  computes: readonly string[];
}
const asked: readonly Asked[] = [
  ...aggregates.map(({ path, keys }) => ({ of: path, keys, computes: computationNames })),
  ...['disclosure_rate', 'carry_over_rate', 'review_correction_rate'].map((of) => ({
    of,
    keys: {},
    computes: ['change', 'rank'],
  })),
];

/** Mostly by year and every key of the form: with less, most sums mean nothing and are refused. */
function aggregateQuery({ of, keys, computes }: Asked) {
  const own = Object.keys(keys);
  const others = Object.keys(dimensions).filter((key) => key !== 'year');
  return fc.record({
    of: fc.constant(of),
    query: fc.record({
      group_by: fc
        .tuple(
          fc.subarray(others, { maxLength: 2 }),
          fc.oneof(
            { weight: 3, arbitrary: fc.constant(['year', ...own]) },
            { weight: 1, arbitrary: fc.subarray(['year', ...own]) },
          ),
        )
        .map((keys) => keys.flat())
        .chain((keys) => fc.shuffledSubarray(keys, { minLength: keys.length }))
        .map((keys) => (keys.length === 0 ? undefined : keys)),
      basis: maybe(fc.constantFrom('auto', 'own', 'consolidated')),
      compute: fc.option(fc.subarray([...computes], { minLength: 1 }), { freq: 5, nil: undefined }),
      ...reportFilters,
      ...Object.fromEntries(Object.entries(keys).map(([key, { values }]) => [key, some(values)])),
    }),
  });
}

t.test(
  'sums and indicators are the same in JSON, CSV, NDJSON and JSON-stat, by address and in a body',
  async (t) => {
    assert.deepEqual(
      datasetFormats.map(({ suffix }) => suffix),
      ['jsonstat'],
      'formats compared',
    );
    const compared = { answers: 0, refusals: 0, tooLarge: 0, empty: 0, figures: 0, nulls: 0, computed: 0 };
    await fc.assert(
      fc.asyncProperty(fc.constantFrom(...asked).chain(aggregateQuery), async ({ of, query }) => {
        const path = of.endsWith('_rate') ? `/v1/indicators/${of}` : `/v1/aggregates/${of}`;
        const posted = (suffix: string) => post(suffix, { of, ...query });
        const json = await get(`${path}?${spelt(query)}`);
        const answer = JSON.parse(json.text);
        if (json.status !== 200) {
          compared.refusals++;
          for (const { suffix } of [...formats, ...datasetFormats]) {
            const other = await get(`${path}.${suffix}?${spelt(query)}`);
            assert.equal(other.status, json.status);
            const { request_id: _, instance: __, ...problem } = JSON.parse(other.text);
            const { request_id: ___, instance: ____, ...same } = answer;
            assert.deepEqual(problem, same);
            assert.equal((await posted(suffix)).status, json.status);
          }
          return;
        }
        await sameInTextFormats(addressed(path, spelt(query)), `${path}?${spelt(query)}`, answer.data);
        await sameInTextFormats(posted, `the body of ${path}?${spelt(query)}`, answer.data);
        const cube = await get(`${path}.jsonstat?${spelt(query)}`);
        if (places(answer.data) > 1_000_000) {
          compared.tooLarge++;
          assert.equal(cube.status, 422);
          assert.equal(JSON.parse(cube.text).code, 'too-many-cells');
          return;
        }
        assert.equal(cube.status, 200, cube.text);
        compared.figures += sameInCube(JSON.parse(cube.text), answer);
        const { updated: _, ...fromBody } = JSON.parse((await posted('jsonstat')).text);
        const { updated: __, ...fromAddress } = JSON.parse(cube.text);
        assert.deepEqual(fromBody, fromAddress);
        compared.answers++;
        if (answer.data.length === 0) compared.empty++;
        if (query.compute && answer.data.length > 0) compared.computed++;
        compared.nulls += answer.data.filter((row: Row) => row.value === null).length;
      }),
      { numRuns: 80 },
    );
    const whole: [string, string][] = [
      ['disclosure-items', 'year,edition,level,kind,item,measure'],
      ['request-statistics', 'year,province,row,group,applicant'],
      ['review-litigation-counts', 'year,organ,proceeding,outcome'],
    ];
    for (const [name, groupBy] of whole) {
      const [json, cube] = await Promise.all(
        ['', '.jsonstat'].map((suffix) => get(`/v1/aggregates/${name}${suffix}?group_by=${groupBy}`)),
      );
      const figures = sameInCube(JSON.parse(cube!.text), JSON.parse(json!.text));
      t.ok(figures > 400, `${figures} figures of ${name}`);
    }
    t.comment(compared);
    t.ok(
      compared.answers > 30 &&
        compared.refusals > 5 &&
        compared.figures > 100 &&
        compared.nulls > 0 &&
        compared.computed > 5,
      JSON.stringify(compared),
    );
  },
);
