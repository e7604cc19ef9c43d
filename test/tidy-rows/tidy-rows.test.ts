import { setTimeout as sleep } from 'node:timers/promises';
import { sql } from 'kysely';
import t from 'tap';
import { inFormOrder } from '../../src/editions/figures.ts';
import { formats } from '../../src/formats/index.ts';
import { tidyTables } from '../../src/tidy-rows/index.ts';
import { organ, realReports, report, type StoredReport, store } from '../aggregates/stored-reports.ts';
import { startService } from '../support/app.ts';

const service = await startService(t);
const { organs, reports } = realReports();
await store(service.app.db, organs, reports);
/** Reports that nobody may see: the figures of the first one in other years. */
const hidden = (['draft', 'submitted', 'withdrawn'] as const).map((state, index) =>
  report({ ...reports[0]!, id: organ().id, year: 2030 + index, state }),
);
await store(service.app.db, [], hidden);

const get = async (path: string) => {
  const answer = await service.request('GET', path);
  t.equal(answer.status, 200, path);
  return answer;
};
// biome-ignore lint/suspicious/noExplicitAny: rows of every table
const allPages = async (path: string): Promise<any[]> => {
  const items = [];
  for (let next: string | null = path; next !== null; ) {
    const answer = await get(next);
    items.push(...answer.body.items);
    const link = answer.headers.get('link');
    t.equal(link === null, answer.body.next_cursor === null);
    next = link === null ? null : (/^<([^>]+)>; rel="next"$/.exec(link)?.[1] ?? 'no link');
  }
  return items;
};

/** What the stored reports say, by report id and printed place. */
const expected = (table: (typeof tidyTables)[number]['table'], of: readonly StoredReport[] = reports) =>
  of
    .toSorted((a, b) => (a.id < b.id ? -1 : 1))
    .flatMap((each) => {
      const {
        id: organ_id,
        name: organ_name,
        level,
        kind,
        division_code,
      } = organs.find(({ id }) => id === each.organ_id)!;
      return inFormOrder(each)[table].map((row) => ({
        report_id: each.id,
        revision: 1,
        organ_id,
        organ_name,
        level,
        kind,
        division_code,
        year: each.year,
        scope: each.scope,
        ...(table === 'review_litigation_counts' ? {} : { edition: each.editions[table] }),
        ...row,
      }));
    });

for (const table of tidyTables) {
  t.test(`${table.path} are the figures of every published report, page by page`, async (t) => {
    t.strictSame(await allPages(`/v1/${table.path}?limit=37`), expected(table.table));
  });

  t.test(`${table.path} are the same rows in every format`, async (t) => {
    const rows = expected(table.table);
    const ndjson = (await get(`/v1/${table.path}.ndjson`)).text.trimEnd().split('\n');
    t.strictSame(
      ndjson.map((line) => JSON.parse(line)),
      rows,
    );
    const csv = await get(`/v1/${table.path}.csv`);
    t.equal(csv.headers.get('content-type'), 'text/csv; charset=utf-8');
    const [header, ...lines] = csv.text.trimEnd().split('\n');
    t.strictSame(header?.split(','), Object.keys(rows[0]!));
    t.strictSame(
      lines.map((line) => line.split(',')),
      rows.map((row) => Object.values(row).map((value) => String(value ?? ''))),
      'blanks are empty, zeros are zeros',
    );
  });
}

t.test('a byte order mark comes before the header when asked for', async (t) => {
  const answer = await fetch(`${service.url}/v1/request-statistics.csv?bom=true`);
  t.equal(
    Buffer.from(await answer.arrayBuffer())
      .subarray(0, 3)
      .toString('hex'),
    'efbbbf',
  );
});

t.test('filters choose organs, reports and rows, and combine', async (t) => {
  const organOf = (each: StoredReport) => organs.find(({ id }) => id === each.organ_id)!;
  const cases: [string, (each: StoredReport) => boolean][] = [
    ['year=2023', (each) => each.year === 2023],
    ['year=2019..2020,2024', (each) => [2019, 2020, 2024].includes(each.year)],
    ['scope=consolidated', (each) => each.scope === 'consolidated'],
    ['division=32', (each) => organOf(each).division_code?.startsWith('32') ?? false],
    ['division=320000', (each) => organOf(each).division_code?.startsWith('32') ?? false],
    ['division=321300', (each) => organOf(each).division_code?.startsWith('3213') ?? false],
    ['level=city&level=province', (each) => ['city', 'province'].includes(organOf(each).level)],
    ['kind=department', (each) => organOf(each).kind === 'department'],
    [
      `organ_id=${organs[0]!.id},${organs[3]!.id}`,
      (each) => [organs[0]!.id, organs[3]!.id].includes(each.organ_id),
    ],
    [`q=${encodeURIComponent('人民政府办公')}`, (each) => organOf(each).name.includes('人民政府办公')],
    ['q=%25', () => false],
    ['q=_', () => false],
    [`organ_id=${organ().id}`, () => false],
    ['published_since=2024-02-01', () => false],
    [
      'published_since=2024-01-31&year=2023&kind=government',
      (each) => each.year === 2023 && organOf(each).kind === 'government',
    ],
  ];
  for (const [query, holds] of cases)
    t.strictSame(
      await allPages(`/v1/review-litigation-counts?${query}`),
      expected('review_litigation_counts', reports.filter(holds)),
      query,
    );
  t.strictSame(
    await allPages('/v1/request-statistics?row=granted&row=other&limit=3'),
    expected('request_statistics').filter(
      (row) => 'row' in row && (row.row === 'granted' || row.row === 'other'),
    ),
  );
  t.strictSame(
    (await get('/v1/disclosure-items.ndjson?item=licensing,fees&measure=decisions,amount')).text
      .trimEnd()
      .split('\n')
      .map((line) => JSON.parse(line)),
    expected('disclosure_items').filter(
      (row) =>
        'item' in row &&
        ['licensing', 'fees'].includes(row.item) &&
        ['decisions', 'amount'].includes(row.measure),
    ),
  );
});

t.test('what makes no sense is refused with 400', async (t) => {
  const { body } = await get('/v1/request-statistics?limit=1');
  const tampered = Buffer.from(
    JSON.stringify([
      ...JSON.parse(Buffer.from(body.next_cursor, 'base64url').toString()).slice(0, 1),
      "x' or 1=1",
      1,
    ]),
  ).toString('base64url');
  for (const query of [
    'limit=0',
    'limit=1001',
    'limit=1e2',
    'cursor=',
    'cursor=%25',
    'cursor=W10',
    `cursor=${tampered}`,
    `cursor=${body.next_cursor}&year=2023`,
    'year=2018',
    'year=2101',
    'year=2023..2019',
    'year=20233',
    'division=3',
    'division=032',
    'level=village',
    'row=nonsense',
    'organ_id=1',
    'published_since=2024-02-30',
    'unknown=1',
    'q=%00',
  ]) {
    const answer = await service.request('GET', `/v1/request-statistics?${query}`);
    t.equal(answer.status, 400, query);
    t.match(answer.headers.get('content-type'), /^application\/problem\+json/);
  }
  for (const other of ['/v1/disclosure-items', '/v1/review-litigation-counts'])
    t.equal((await service.request('GET', `${other}?cursor=${body.next_cursor}`)).body.code, 'bad-cursor');
});

t.test('under takes an organ and everything below it, however deep', async (t) => {
  const top = organ();
  const middle = organ({ parent_id: top.id });
  const low = organ({ parent_id: middle.id, level: 'town' });
  const beside = organ();
  const proceeding = {
    proceeding: 'review' as const,
    upheld: 1,
    corrected: 0,
    other: 0,
    pending: null,
    total: 1,
  };
  const made = [top, middle, low, beside].map((each) =>
    report({ organ_id: each.id, year: 2025, review_litigation_counts: [proceeding] }),
  );
  await store(service.app.db, [top, middle, low, beside], made);
  const found = async (id: string) =>
    new Set((await allPages(`/v1/review-litigation-counts?under=${id}`)).map((row) => row.organ_id));
  t.strictSame(await found(top.id), new Set([top.id, middle.id, low.id]));
  t.strictSame(await found(middle.id), new Set([middle.id, low.id]));
  t.strictSame(await found(beside.id), new Set([beside.id]));
});

t.test('pages skip and repeat nothing while others publish', async (t) => {
  const before = await allPages('/v1/request-statistics');
  const seen = [];
  let path = '/v1/request-statistics?limit=50';
  for (let round = 0; ; round++) {
    const answer = await get(path);
    seen.push(...answer.body.items);
    const someone = organ({ id: `0000000${round % 10}-0000-7000-8000-00000000000${round % 10}` });
    if (round < 10)
      await store(
        service.app.db,
        [someone],
        [
          report({
            organ_id: someone.id,
            id: someone.id,
            request_statistics: reports[0]!.request_statistics.filter((row) => row.row !== 'other'),
          }),
        ],
      );
    if (answer.body.next_cursor === null) break;
    path = `/v1/request-statistics?limit=50&cursor=${answer.body.next_cursor}`;
  }
  t.strictSame(seen, before);
});

for (const format of [...formats, { suffix: 'parquet' }])
  t.test(`a client that leaves a ${format.suffix} stream early leaves no work behind`, async (t) => {
    const one = organ();
    const made = Array.from({ length: 600 }, () => organ({ parent_id: one.id }));
    const rows = reports[0]!.request_statistics.filter(({ row }) => row !== 'other');
    await store(
      service.app.db,
      [one, ...made],
      made.map((each) => report({ organ_id: each.id, request_statistics: rows })),
    );
    const leaving = new AbortController();
    const answer = await fetch(`${service.url}/v1/request-statistics.${format.suffix}?under=${one.id}`, {
      signal: leaving.signal,
    });
    const reader = answer.body!.getReader();
    await reader.read();
    leaving.abort();
    await sleep(300);
    const { rows: sessions } = await sql<{ busy: number }>`select count(*)::int as busy from pg_stat_activity
      where datname = current_database() and pid <> pg_backend_pid() and state <> 'idle'`.execute(
      service.app.db,
    );
    t.equal(sessions[0]?.busy, 0);
    const whole = await get(`/v1/request-statistics.ndjson?under=${one.id}`);
    t.equal(whole.text.trimEnd().split('\n').length, made.length * rows.length);
  });
