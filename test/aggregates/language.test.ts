import assert from 'node:assert/strict';
import fc from 'fast-check';
import t from 'tap';
import {
  applicantKeys,
  groupKeys,
  outcomeKeys,
  proceedingKeys,
  rowKeys,
} from '../../src/editions/vocabulary.ts';
import { yearInShanghai } from '../../src/http/calendar.ts';
import { startService } from '../support/app.ts';
import { organ, realReports, report, store } from './stored-reports.ts';

const service = await startService(t);
const real = realReports();
await store(service.app.db, real.organs, real.reports);

const ask = (query: string) => service.request('GET', `/v1/aggregates/${query}`);
const get = async (query: string) => {
  const answer = await ask(query);
  assert.equal(answer.status, 200, `${query} ${answer.text}`);
  return answer.body;
};
const totalOf = (year: number, row: string) =>
  real.reports
    .filter((each) => each.year === year)
    .flatMap((each) => each.request_statistics)
    .filter((each) => each.row === row && each.total !== null)
    .reduce((sum, each) => sum + each.total!, 0);

t.test('last years are those that have ended and of which a report is published', async (t) => {
  const years = [...new Set(real.reports.map(({ year }) => year))].sort().map(String);
  for (const count of [1, 3, 99]) {
    const named = years.slice(-count).join(',');
    const query = 'request-statistics?group_by=year,organ&row=new_received&year=';
    t.strictSame((await get(`${query}last:${count}`)).data, (await get(`${query}${named}`)).data);
  }
  const draft = report({ organ_id: real.organs[0]!.id, year: 2026, state: 'draft' });
  await store(service.app.db, [], [draft]);
  t.equal((await get('reports?year=last:1&group_by=year')).data[0].year, 2025);
  t.equal((await ask('request-statistics?row=carried_in&year=last:1')).status, 200);
  t.equal((await ask('request-statistics?row=carried_in&year=last:2')).body.code, 'not-additive');
  const mixed = await ask('request-statistics?row=granted&year=2023&year=last:2');
  t.equal(mixed.status, 400);
  t.match(mixed.body.errors, [{ pointer: '/year/1', code: 'last-years', message: /stands alone/ }]);
  t.equal((await ask('request-statistics?row=granted&year=last:0')).status, 400);
  t.equal((await service.request('GET', '/v1/reports?year=last:2')).status, 400, 'only where sums are asked');
});

t.test('shares are of the sum over the last key, within the others', async (t) => {
  const { data } = await get('request-statistics?group_by=year,row&row=granted,partly_granted&compute=share');
  t.ok(data.length >= 6);
  for (const { year, row, value, share } of data) {
    const whole = totalOf(year, 'granted') + totalOf(year, 'partly_granted');
    t.equal(share, value === null || whole === 0 ? null : totalOf(year, row) / whole, `${year} ${row}`);
  }
});

t.test('a change is on the year before, which is not shown and not counted as asked for', async (t) => {
  const query = 'request-statistics?group_by=year&row=new_received';
  const plain = await get(`${query}&year=2023,2020`);
  const changed = await get(`${query}&year=2023,2020&compute=change`);
  t.strictSame(changed.coverage, plain.coverage);
  t.strictSame(
    changed.data.map(({ change: _, change_rate: __, ...row }: Record<string, unknown>) => row),
    plain.data,
  );
  const of = (year: number) => changed.data.find((row: { year: number }) => row.year === year);
  t.equal(of(2020).change, totalOf(2020, 'new_received') - totalOf(2019, 'new_received'));
  t.equal(of(2020).change_rate, of(2020).change / totalOf(2019, 'new_received'));
  t.equal(of(2023).change, null, 'nothing is known of 2022');
  t.equal(of(2023).change_rate, null);
  const all = await get(`${query}&compute=change`);
  t.equal(all.data[0].change, null, 'there is no year before the first');
  t.strictSame(
    all.data.find((row: { year: number }) => row.year === 2020),
    of(2020),
  );
});

t.test('rows of a group have shares of it, changes and ranks', async (t) => {
  const query = 'request-statistics?group=refused&group_by=year,row&year=2023&compute=share,change,rank';
  const { data } = await get(`${query}&having=share>0&sort=rank`);
  t.ok(data.length > 1 && data.length <= 8);
  const [{ value }] = (await get('request-statistics?group=refused&year=2023')).data;
  for (const row of data) t.equal(row.share, row.value / value, row.row);
  t.match(data[0], { rank: 1, change: null });
  t.equal(
    data.reduce((sum: number, row: { value: number }) => sum + row.value, 0),
    value,
  );
});

t.test('shares of what does not add up are refused, with the reason', async (t) => {
  for (const [query, code, reason] of [
    ['request-statistics?group_by=year,row', 'not-additive', /kinds/],
    ['request-statistics?group_by=applicant&row=granted', 'not-additive', /total/],
    ['request-statistics?group_by=row,year&row=carried_in', 'not-additive', /over years/],
    ['disclosure-items?group_by=year,measure&item=regulations', 'not-comparable', /do not share/],
    ['review-litigation-counts?group_by=proceeding&year=2023', 'not-additive', /kinds/],
  ] as const) {
    const { status, body } = await ask(`${query}&compute=share`);
    t.equal(status, 422, query);
    t.equal(body.code, code, query);
    t.match(body.detail, /^A share over/);
    t.match(body.detail, reason);
    t.equal((await ask(query)).status, 200, 'the sums themselves are right');
  }
  for (const query of [
    'request-statistics?group_by=group',
    'request-statistics?group_by=row,year&row=carried_in&year=2023',
    'request-statistics?group_by=applicant&applicant=business,other&row=granted',
    'disclosure-items?group_by=year,province&item=licensing&measure=decisions',
    'review-litigation-counts?group_by=year,proceeding&proceeding=litigation_direct,litigation_after_review',
  ])
    t.equal((await ask(`${query}&compute=share`)).status, 200, query);
});

t.test(
  'shares over groups that share a consolidated report are refused, over years they are not',
  async (t) => {
    const city = organ({ level: 'city', division_code: '321300' });
    const county = organ({ parent_id: city.id, division_code: '321302' });
    const { request_statistics } = real.reports.find((each) =>
      each.request_statistics.some(({ row, total }) => row === 'granted' && total !== null && total > 0),
    )!;
    const figures = { request_statistics, year: 2022 };
    await store(
      service.app.db,
      [city, county],
      [
        report({ ...figures, organ_id: city.id, scope: 'consolidated' }),
        report({ ...figures, organ_id: county.id, scope: 'own' }),
      ],
    );
    const query = `request-statistics?under=${city.id}&row=granted&compute=share`;
    const refused = await ask(`${query}&group_by=year,level`);
    t.equal(refused.status, 422);
    t.match(refused.body.detail, /more than one group.*basis=own/);
    t.equal((await ask(`${query}&group_by=year,level&basis=own`)).status, 200);
    const years = await get(`${query}&group_by=level,year`);
    t.strictSame(
      years.data.map(({ share }: { share: number }) => share),
      [1, 1],
    );
  },
);

t.test('codes that are asked for and have no data are named', async (t) => {
  const named = async (query: string) =>
    (await get(query)).warnings
      .filter(({ code }: { code: string }) => code === 'code-without-data')
      .map(({ message }: { message: string }) => message);
  t.match(await named('request-statistics?row=granted,other&year=2025&group_by=row'), [
    /row=granted,other\./,
  ]);
  t.match(await named('request-statistics?row=granted,other_misc&year=2020'), [/for row=other_misc\.$/]);
  t.strictSame(await named('request-statistics?group=refused&row=refused_third_party,granted'), [
    'No cell of row=granted is among those that other filters leave.',
  ]);
  t.match(await named('request-statistics?row=granted&year=2023,2030&group_by=year'), [/for year=2030\.$/]);
  t.match(
    await named(
      `request-statistics?row=granted&organ_id=${crypto.randomUUID()},${real.organs[0]!.id}&group_by=organ`,
    ),
    [/organ_id=/],
  );
  t.match(
    await named('request-statistics?row=granted&year=2023,2030'),
    [/for year=2030\.$/],
    'years added up as well',
  );
  t.strictSame(await named('request-statistics?row=granted&year=2030&division=32&level=county'), [
    'No report matches year=2030 and division=32 and level=county.',
  ]);
  const some = 'request-statistics?row=granted';
  t.strictSame(await named(`${some}&level=county,national`), ['No report added up is of level=national.']);
  t.strictSame(await named(`${some}&division=32,110000,12`), [
    'No report added up is of division=110000,12.',
  ]);
  t.strictSame(await named(`${some}&scope=own,consolidated&basis=own`), [
    'No report added up is of scope=consolidated.',
  ]);
  const below = `under=${real.organs[0]!.id},${crypto.randomUUID()}`;
  t.match(await named(`${some}&${below}&level=${real.organs[0]!.level},national`), [
    /is of under=[-0-9a-f]{36}; level=national\.$/,
  ]);
  t.strictSame(await named(`${some}&level=county,city,town`), []);
  t.strictSame(await named('request-statistics?row=granted&year=2023&group_by=year,row'), []);
  t.strictSame(await named('request-statistics?row=granted&year=2023'), []);
  const reported = real.organs.find(
    ({ id, division_code }) =>
      division_code?.startsWith('32') && real.reports.some(({ organ_id }) => organ_id === id),
  )!;
  t.strictSame(await named('disclosure-items?item=fees&measure=decisions'), [
    'No edition of the form has a cell of item=fees and measure=decisions.',
  ]);
  const organs = [reported.id, ...Array.from({ length: 21 }, () => crypto.randomUUID())];
  const places = Array.from({ length: 1000 }, (_, place) => (place % 2 ? '32' : '37'));
  const [many, ...others] = await named(`${some}&organ_id=${organs}&division=${places}`);
  t.match(
    many,
    /^No report added up is of organ_id=[0-9a-f]{8}-.* and 1 more; division=37[.]$/,
    'however many',
  );
  t.strictSame(others, []);
});

t.test('of a year that has not ended no report is owed, whichever way it is asked', async (t) => {
  const service = await startService(t);
  const organs = Array.from({ length: 3 }, () => organ({ level: 'county', name: '某局' }));
  const year = yearInShanghai() + 1;
  const of = (place: number, year: number) => report({ organ_id: organs[place]!.id, year });
  await store(service.app.db, organs, [of(0, year), of(0, year - 2), of(1, year - 2)]);
  const statuses = async (year: number) =>
    (await service.request('GET', `/v1/coverage?year=${year}`)).body.items.map(
      (row: { status: string; expected: boolean }) => [row.status, row.expected],
    );
  t.strictSame(await statuses(year - 1), Array(3).fill(['not_due', false]), 'nor of the one that runs');
  t.strictSame(await statuses(year - 2), [
    ['used', true],
    ['used', true],
    ['missing', true],
  ]);
  const running = await service.request(
    'GET',
    `/v1/aggregates/request-statistics?row=granted&year=${year - 2},${year - 1}`,
  );
  t.match(running.body.coverage, { organs_expected: 3, organs_missing: 1 });
  for (const filter of ['', '&q=某', '&group_by=organ', '&published_since=2020-01-01']) {
    const { body } = await service.request('GET', `/v1/aggregates/request-statistics?row=granted${filter}`);
    t.match(body.coverage, { reports: 3, organs_expected: 3, organs_missing: 1 }, filter);
  }
});

t.test(
  'filters that choose no cell of the form are answered with nothing, whatever the groups',
  async (t) => {
    for (const keys of ['row', 'applicant', 'year,applicant', 'organ', 'organ,applicant'])
      t.strictSame(
        (await get(`request-statistics?row=granted&group=refused&group_by=${keys}&top=3`)).data,
        [],
        keys,
      );
  },
);

t.test('conditions need neither a key nor an order, whatever filters there are', async (t) => {
  for (const filter of ['', '&division=321302&kind=department', '&q=某', '&published_since=2020-01-01']) {
    const query = `request-statistics?row=granted&year=2023${filter}`;
    const { data } = await get(query);
    t.strictSame((await get(`${query}&having=reports%3E=0`)).data, data, filter);
    t.strictSame((await get(`${query}&having=reports%3C0`)).data, [], filter);
  }
});

t.test('years that no report can be of yet leave an answer as it is', async (t) => {
  for (const filter of ['', '&q=某', '&published_since=2020-01-01', '&division=321302,3701']) {
    const query = `request-statistics?row=granted&group_by=year,level${filter}`;
    const { data, coverage } = await get(`${query}&year=2019..2026`);
    for (const years of ['2019..2100', '2019..2026,2083..2090']) {
      const more = await get(`${query}&year=${years}`);
      t.strictSame([more.data, more.coverage], [data, coverage], `${years}${filter}`);
    }
    t.strictSame((await get(`${query}&year=2081..2100`)).data, [], filter);
  }
});

t.test('places and organs that there are none of are named, with what was meant', async (t) => {
  const unknown = async (query: string) =>
    (await get(query)).warnings
      .filter(({ code }: { code: string }) => code === 'unknown-code')
      .map(({ message }: { message: string }) => message);
  const about = 'request-statistics?row=granted&year=2023';
  t.strictSame(await unknown(`${about}&division=32,3213,321302,321302107,1101`), []);
  t.strictSame(await unknown(`${about}&division=99`), ['99 is no division']);
  t.match(await unknown(`${about}&division=321302,321332`), [
    /^321332 is no division; did you mean 3213[02]2\?$/,
  ]);
  const id = crypto.randomUUID();
  t.strictSame(await unknown(`${about}&organ_id=${id}`), [`${id} is no organ`]);
  t.strictSame(await unknown(`${about}&under=${id}`), [`${id} is no organ`]);
});

t.test('a code that is nearly right is answered with what it may have been', async (t) => {
  const { body } = await ask('request-statistics?row=grantd&grup_by=year&basis=xyz');
  const messages = Object.fromEntries(
    body.errors.map(({ pointer, message }: { pointer: string; message: string }) => [pointer, message]),
  );
  t.match(messages['/row/0'], /carried_out; did you mean granted\?$/);
  t.match(messages['/grup_by'], /; did you mean group_by\?$/);
  t.notMatch(messages['/basis'], /did you mean/);
});

t.test(
  'a fault says what would be right: by examples, by its bounds, by the list that has the code',
  async (t) => {
    const { body } = await ask('request-statistics?row=refused&year=20&division=3&top=99999999999999999999');
    const messages = Object.fromEntries(
      body.errors.map(({ pointer, message }: { pointer: string; message: string }) => [pointer, message]),
    );
    t.match(messages['/row/0'], /carried_out; refused is one of group$/);
    t.equal(
      messages['/year/0'],
      'must be a year from 2019 to 2100, a range of such years, or `last:` and a number from 1 to 99, such as 2023, 2019..2023, last:3',
    );
    t.equal(
      messages['/division/0'],
      'must be a division code of 2, 4, 6 or 9 digits, the first of them not 0, such as 32, 321300, 321302',
    );
    t.equal(messages['/top'], 'must be <= 10000');
    const inBody = await service.request('POST', '/v1/aggregates/query', {
      body: { of: 'reports', year: ['20'], kind: ['county'], top: 1e30 },
    });
    t.match(
      inBody.body.errors.map(({ message }: { message: string }) => message),
      [
        /; county is one of (group_by, )?level$/,
        /must be a year from 2019 to 2100, .*, such as 2019..2023/,
        'must be <= 10000',
      ],
    );
  },
);

t.test('years, conditions, orders and computations are faulted at once', async (t) => {
  for (const path of [
    '/v1/aggregates/request-statistics',
    '/v1/aggregates/reports',
    '/v1/indicators/grant_rate',
  ]) {
    const query = 'group_by=province&year=2023..2019&having=foo%3E1&sort=-bar&compute=change';
    const { status, body } = await service.request('GET', `${path}?${query}`);
    t.equal(status, 400);
    t.strictSame(
      body.errors.map(({ pointer }: { pointer: string }) => pointer),
      ['/year/0', '/compute/0', '/having/0', '/sort/0'],
      path,
    );
  }
});

t.test('what is refused as no sum is pointed at, in an address or a body', async (t) => {
  const members = { row: ['granted', 'handled_total'], applicant: ['total', 'business'] };
  const inAddress = await ask(`request-statistics?row=${members.row}&applicant=${members.applicant}`);
  const body = { of: 'request-statistics', ...members };
  const inBody = await service.request('POST', '/v1/aggregates/query.jsonstat', { body });
  for (const [part, answer] of [
    ['query', inAddress],
    [undefined, inBody],
  ] as const) {
    t.strictSame([answer.status, answer.body.code], [422, 'not-additive']);
    t.match(answer.body.errors, [
      { pointer: '/row', code: 'not-additive', message: /^Figures of different kinds/ },
      { pointer: '/applicant', code: 'not-additive', message: /^applicant=total holds/ },
    ]);
    for (const fault of answer.body.errors) t.equal(fault.in, part);
  }
});

/** What faults are of, in order. */
const pointersOf = ({ status, body }: { status: number; body: { errors?: { pointer: string }[] } }) => [
  status,
  ...(body.errors ?? []).map(({ pointer }) => pointer),
];

t.test(
  'whatever is wrong with an address is told at once, in its path and in all of its query',
  async (t) => {
    const query = 'request-statistics?row=new_received';
    t.strictSame(pointersOf(await ask(`${query}&having=value>>3&sort=zz&limit=3`)), [
      400,
      '/limit',
      '/having/0',
      '/sort/0',
    ]);
    for (const suffix of ['', '.csv', '.jsonstat'])
      t.strictSame(pointersOf(await ask(`request-statistics${suffix}?sort=&having=&top=`)), [
        400,
        '/top',
        '/having/0',
        '/sort/0',
      ]);
    t.strictSame(pointersOf(await ask(`${query}&year=2023..2022,last:2,20,2021..2020`)), [
      400,
      '/year/2',
      '/year/0',
      '/year/3',
      '/year/1',
    ]);
    const { body } = await service.request('GET', `/v1/indicators/${'x'.repeat(60)}?top=0&sort=x`);
    t.strictSame(
      body.errors.map(({ in: part, pointer }: { in: string; pointer: string }) => part + pointer),
      ['path/code', 'query/top', 'query/sort/0'],
    );
    const available = await service.request('GET', '/v1/availability?of=reports&row=granted&year=2023..2020');
    t.strictSame(pointersOf(available), [400, '/row', '/year/0']);
  },
);

t.test('whatever is wrong with a body is told at once, by what it asks of', async (t) => {
  const post = (body: object, suffix = '') =>
    service.request('POST', `/v1/aggregates/query${suffix}`, { body });
  const asked = { of: 'carry_over_rate', row: ['granted'], compute: ['share'], having: ['>3'], sort: ['x'] };
  const faults = ['/row', '/labels', '/compute/0', '/having/0', '/sort/0'];
  const answer = await post({ ...asked, labels: 'zh' });
  t.strictSame(pointersOf(answer), [400, ...faults]);
  for (const { pointer, message } of answer.body.errors.slice(0, 2))
    t.match(message, /known here: of, group_by, .*both_sides(?!.*(row|item|state)\b)/, pointer);
  t.strictSame(pointersOf(await post({ ...asked, labels: 'zh' }, '.csv?labels=xx')), [
    400,
    ...faults,
    '/labels',
  ]);
  t.strictSame(
    pointersOf(
      await post({ of: 'reports', having: [5, '>3', 'value>1'], sort: 'x', year: [true, '2023..2020'] }),
    ),
    [400, '/year/0', '/having/0', '/sort', '/year/1', '/having/1'],
    'items that fit are looked at beside others that do not',
  );
  t.strictSame(pointersOf(await post({ of: 'rports', sort: ['x'], foo: 1 })), [400, '/foo', '/of']);
});

t.test('what may be right once another fault is mended is none', async (t) => {
  const query = 'reports?group_by=provnce&compute=shar&sort=province,-share&having=share>0';
  t.strictSame(pointersOf(await ask(query)), [400, '/group_by/0', '/compute/0']);
  t.strictSame(pointersOf(await ask(`${query},shre>0`)), [400, '/group_by/0', '/compute/0', '/having/1']);
});

t.test('counts of reports say which places there are none of, and which codes no report is of', async (t) => {
  const warned = async (query: string) =>
    (await get(`reports?${query}`)).warnings.map(
      ({ code, message }: { code: string; message: string }) => `${code} ${message}`,
    );
  t.strictSame(await warned('group_by=year,level'), []);
  t.strictSame(await warned('division=4399'), [
    'unknown-code 4399 is no division; did you mean 430900?',
    'code-without-data No report matches division=4399.',
  ]);
  t.strictSame(await warned('year=2023,2050&level=city,town&group_by=year,level'), [
    'code-without-data No report in the answer has data for year=2050; level=town.',
  ]);
  t.strictSame(await warned('state=draft&division=32'), [
    'code-without-data No report matches state=draft and division=32.',
  ]);
  const { body } = await service.request('GET', '/v1/availability?of=reports&division=99');
  t.match(body.warnings, [{ code: 'unknown-code', message: '99 is no division' }]);
});

t.test('a file of rows says the codes of its warnings in a header', async (t) => {
  const { organs } = real;
  const query = `group_by=organ&row=granted&year=2023&organ_id=${organs.map(({ id }) => id)}`;
  const json = await get(`request-statistics?${query}&division=99,32`);
  const codes = json.warnings.map(({ code }: { code: string }) => code);
  t.ok(codes.length > 1);
  const csv = await ask(`request-statistics.csv?${query}&division=99,32`);
  t.equal(csv.headers.get('x-warnings'), [...new Set(codes)].join(','));
  const complete = organs.find(({ name }) => name === '宿迁市人民政府')!.id;
  const whole = await ask(`request-statistics.ndjson?group_by=year&row=granted&organ_id=${complete}`);
  t.notOk(whole.headers.has('x-warnings'));
});

t.test('a file of rows says in headers of which basis its sums are, and how much they hold', async (t) => {
  for (const [path, query] of [
    ['request-statistics', 'row=granted&year=2023&basis=own'],
    ['../indicators/disclosure_rate', 'year=2023'],
  ]) {
    const { basis, coverage } = await get(`${path}?${query}`);
    const { headers } = await ask(`${path}.csv?${query}`);
    t.equal(headers.get('x-basis'), basis);
    const { reports, organs_expected, organs_covered, organs_missing } = coverage;
    t.ok(reports > 0);
    t.equal(
      headers.get('x-coverage'),
      `reports=${reports}, organs_expected=${organs_expected}, organs_covered=${organs_covered}, organs_missing=${organs_missing}`,
    );
  }
  const counts = await ask('reports.csv?year=2023');
  t.same([counts.headers.has('x-basis'), counts.headers.has('x-coverage')], [false, false]);
});

t.test('a series is said to begin or end where only one edition prints its row', async (t) => {
  const differing = async (query: string) =>
    (await get(query)).warnings
      .filter(({ code }: { code: string }) => code === 'rows-differ')
      .map(({ message }: { message: string }) => message);
  const one = 'disclosure-items?item=regulations&measure=issued&year=2019..2023';
  t.strictSame(await differing(one), [
    'Not every edition among these reports prints the row regulations.issued.',
  ]);
  t.strictSame(await differing(`${one}&group_by=edition`), []);
  t.match(await differing(`${one}&group_by=year&compute=change`), [/no change; with `edition` in group_by/]);
  t.strictSame(await differing(`${one}&group_by=year,edition&compute=change`), []);
  t.strictSame(await differing('disclosure-items?item=licensing&measure=decisions&year=2019..2023'), []);
  t.match(await differing('request-statistics?group_by=year,row'), [
    /rows .*other_misc.*; group=.* compares them\.$/,
  ]);
});

t.test('rows that only some editions print are added up with others only as a whole', async (t) => {
  /** The rows that are no sum with the others, or what is warned of. */
  const differing = async (row: string, query = 'group_by=year&year=2020..2021') => {
    const { status, body } = await ask(`request-statistics?${query}&row=${row}`);
    if (status === 422) {
      t.equal(body.code, 'not-comparable');
      const [advice, pointer] = query.includes('compute=share')
        ? [/^A share over `\w+` .* Name another key last/, '/compute']
        : [/Add `row` or `edition` to group_by/, '/row'];
      t.match(body.detail, advice);
      t.match(body.detail, /, or choose all of group=other_handling/);
      t.match(body.errors, [{ in: 'query', pointer, code: 'not-comparable', message: body.detail }]);
      return body.measures;
    }
    return body.warnings
      .filter(({ code }: { code: string }) => code === 'rows-differ')
      .map(({ message }: { message: string }) => message);
  };
  const all = 'other,other_no_correction,other_fee_unpaid,other_misc';
  for (const row of ['other', 'other_misc', 'other_no_correction,other_fee_unpaid,other_misc'])
    t.strictSame(await differing(row), [
      `Not every edition among these reports prints the row${row.includes(',') ? 's' : ''} ${row.replaceAll(',', ', ')}; group=other_handling compares them.`,
    ]);
  for (const row of [
    'other',
    'other_misc',
    'other,other_misc',
    'other,other_no_correction',
    'other,other_fee_unpaid,other_misc',
    'other_no_correction,other_fee_unpaid,other_misc',
  ])
    for (const rows of [`granted,${row}`, `${row},refused_third_party`])
      t.strictSame(await differing(rows), row.split(','), rows);
  t.strictSame(await differing('other,other_misc'), ['other', 'other_misc']);
  for (const row of [all, `granted,${all}`, 'granted,refused_third_party', 'refused_third_party'])
    t.strictSame(await differing(row), [], row);
  t.match(await differing(all, 'group_by=year,row&year=2020..2021'), [/ rows other, other_/]);
  t.strictSame(
    await differing('other,granted', 'group_by=row&compute=share'),
    ['other'],
    'nor is its share one',
  );
  t.strictSame(await differing('other,other_misc', 'group_by=group'), ['other', 'other_misc']);
  t.strictSame(await differing('other,other_misc', 'group_by=edition'), []);
  t.strictSame(await differing('granted,other', 'year=2020'), [], 'of one edition');
  for (const keys of ['year', 'year,organ']) {
    const change = `compute=change&group_by=${keys}&level=town&year=`;
    t.strictSame(await differing('other,other_misc', `${change}2021`), ['other', 'other_misc']);
    t.strictSame(await differing(all, `${change}2021`), []);
    t.strictSame(await differing('other,other_misc', `${change}2022`), [], 'of the same edition as before');
  }
});

t.test('values of several units are ranked by no rank, and compared with a warning', async (t) => {
  const amounts = 'disclosure-items?measure=amount&group_by=item';
  const refused = await ask(`${amounts}&compute=rank`);
  t.strictSame([refused.status, refused.body.code], [422, 'not-comparable']);
  t.match(refused.body.detail, /A rank over `item` would compare values in 万元 with values in 元\./);
  t.strictSame(refused.body.measures, ['fees.amount', 'procurement.amount']);
  t.match(refused.body.errors, [{ in: 'query', pointer: '/compute', code: 'not-comparable' }]);
  t.equal((await ask(`${amounts}&compute=rank&item=fees`)).status, 200);
  t.equal((await ask('disclosure-items?measure=decisions&group_by=year,item&compute=rank')).status, 200);
  t.equal((await ask('disclosure-items?measure=amount&group_by=item,year&compute=rank')).status, 200);
  const codes = async (query: string) =>
    (await get(query)).warnings.map(({ code }: { code: string }) => code);
  for (const refinement of ['top=1', 'sort=-value', 'having=value>1', 'sort=value,item'])
    t.ok((await codes(`${amounts}&${refinement}`)).includes('units-differ'), refinement);
  for (const refinement of ['sort=-change&compute=change', 'having=change>0&compute=change'])
    t.ok((await codes(`${amounts},year&${refinement}`)).includes('units-differ'), refinement);
  t.equal(
    (await ask(`${amounts}&compute=rank&year=2023`)).status,
    200,
    'one edition has amounts in one unit',
  );
  for (const refinement of [
    '',
    'sort=item',
    'sort=item,-value',
    'top=1&sort=item',
    'having=reports>1',
    'top=1&item=fees',
    'top=1&year=2023',
  ])
    t.notOk((await codes(`${amounts}&${refinement}`)).includes('units-differ'), refinement);
});

t.test('what to add to group_by is what is missing of it', async (t) => {
  for (const [query, advice] of Object.entries({
    'disclosure-items?year=2022':
      'Add `item` and `measure` to group_by, or choose one with item= and measure=.',
    'disclosure-items?group_by=item&year=2022': 'Add `measure` to group_by, or choose one with measure=.',
    'disclosure-items?measure=amount&year=2019..2024': 'Add `item` to group_by, or choose one with item=.',
    'request-statistics?row=granted,handled_total': 'Add `row` to group_by, or choose one with row=.',
  })) {
    const refused = await ask(query);
    t.equal(refused.status, 422);
    t.equal(refused.body.detail.split(/[.] (?=Add)/)[1], advice);
  }
});

t.test(
  'what is given twice and is no list, and members that no body has, are told as what they are',
  async (t) => {
    for (const query of ['basis=own&basis=auto', 'top=1&top=2', 'basis=own&basis=own&basis=own']) {
      const { status, body } = await ask(`request-statistics?row=granted&${query}`);
      t.equal(status, 400);
      t.match(body.errors, [{ in: 'query', message: 'is given more than once' }]);
      t.equal(body.errors.length, 1, 'and nothing else of it');
    }
    t.equal((await ask('request-statistics?row=granted&row=granted&year=2023')).status, 200);
    for (const member of ['{"__proto__":{}}', '{"constructor":{"prototype":{}}}']) {
      const { status, body } = await service.request('POST', '/v1/aggregates/query', {
        headers: { 'content-type': 'application/json' },
        body: `{"of":"reports","having":[${member}]}`,
      });
      t.strictSame([status, body.code], [400, 'invalid-request']);
      t.match(body.errors, [{ code: 'forbidden-member', message: /`__proto__`/ }]);
    }
  },
);

t.test('of a list that is far too long it is told only that', async (t) => {
  for (const year of [Array(200_000).fill(true), Array(200_000).fill(0), Array(200_000).fill('x')]) {
    const { status, body } = await service.request('POST', '/v1/aggregates/query', {
      body: { of: 'reports', year },
    });
    t.equal(status, 400);
    t.strictSame(body.errors, [
      { pointer: '/year', code: 'maxItems', message: 'must have at most 1000 items' },
    ]);
  }
  const wrong = await service.request('POST', '/v1/aggregates/query', {
    body: { of: 'reports', year: Array(1000).fill(true) },
  });
  t.equal(wrong.body.errors.length, 200);
  t.match(wrong.body.errors[199], { pointer: '/year/199', message: 'must be text or a whole number' });
});

/** Queries of every kind: right ones, ones that are refused, and ones of members that the source does not have. */
const some = (values: readonly string[], maxLength = 3) =>
  fc.option(fc.uniqueArray(fc.constantFrom(...values), { minLength: 1, maxLength }), {
    nil: undefined,
    freq: 2,
  });
const common = {
  year: some(['2023', '2019..2021', '2020', 'last:2', '2023..2020'], 2),
  level: some(['city', 'county', 'town']),
  scope: some(['own', 'consolidated'], 2),
  compute: some(['share', 'change', 'rank']),
  having: some(['value>=1', 'share<0.5', 'rank<=3', 'reports!=1', 'valu>1'], 2),
  sort: some(['-value', 'year', '-rank', 'row', 'nothing'], 2),
  top: fc.option(fc.integer({ min: 1, max: 4 }), { nil: undefined }),
};
const basis = fc.option(fc.constantFrom('auto', 'own', 'consolidated'), { nil: undefined });
const queries = fc.oneof(
  fc.record({
    of: fc.constant('request-statistics'),
    group_by: some(['year', 'row', 'group', 'applicant', 'city', 'level', 'edition'], 4),
    row: some(rowKeys),
    group: some(groupKeys),
    applicant: some(applicantKeys),
    basis,
    ...common,
  }),
  fc.record({
    of: fc.constant('review-litigation-counts'),
    group_by: some(['year', 'proceeding', 'outcome', 'kind'], 4),
    proceeding: some(proceedingKeys),
    outcome: some(outcomeKeys),
    basis,
    ...common,
  }),
  fc.record({
    of: fc.constant('reports'),
    group_by: some(['year', 'state', 'scope', 'published_month', 'province', 'row'], 4),
    state: some(['published', 'withdrawn', 'draft']),
    ...common,
  }),
  fc.record({
    of: fc.constantFrom('disclosure_rate', 'carry_over_rate', 'review_correction_rate'),
    group_by: some(['year', 'city', 'level', 'organ', 'row'], 3),
    both_sides: fc.option(fc.boolean(), { nil: undefined }),
    basis,
    ...common,
  }),
);
/** The path of what takes the same query as `of` in a body. */
const pathOf = (of: string) => (of.endsWith('_rate') ? `/v1/indicators/${of}` : `/v1/aggregates/${of}`);

const spellings: ((name: string, values: readonly string[]) => string)[] = [
  (name, values) => values.map((value) => `${name}=${encodeURIComponent(value)}`).join('&'),
  (name, values) => values.map((value) => `${name}[]=${encodeURIComponent(value)}`).join('&'),
  (name, values) => `${name}=${values.map(encodeURIComponent).join(',')}`,
];

/** An answer without what differs between any two requests. */
const content = ({ status, body }: { status: number; body: Record<string, unknown> }) => {
  const { data_as_of: _, instance: __, request_id: ___, errors, ...rest } = body;
  const faults = (errors as { pointer: string; code: string }[] | undefined)?.map(
    ({ pointer, code }) => `${pointer.replace(/^\/(row|group_by|compute)(\/\d+)?$/, '/$1')} ${code}`,
  );
  return { status, ...rest, ...(faults && { faults: faults.sort() }) };
};

t.test('a query has one answer, in every spelling and in a body', async (t) => {
  const statuses = new Set<number>();
  await fc.assert(
    fc.asyncProperty(queries, async ({ of, ...members }) => {
      const given = Object.entries(members).filter(([, value]) => value !== undefined);
      const addresses = spellings.map(
        (spell) =>
          `${pathOf(of)}?${given.map(([name, value]) => spell(name, [value].flat().map(String))).join('&')}`,
      );
      const [first, ...others] = await Promise.all(
        addresses.map((address) => service.request('GET', address)),
      );
      for (const other of others) assert.deepEqual(content(other), content(first!));
      const body = await service.request('POST', '/v1/aggregates/query', {
        body: {
          of,
          ...Object.fromEntries(
            given.map(([name, value]) => [
              name,
              name === 'year'
                ? (value as string[]).map((year) => (/^\d+$/.test(year) ? Number(year) : year))
                : value,
            ]),
          ),
        },
      });
      assert.deepEqual(content(body), content(first!), addresses[0]);
      statuses.add(body.status);
    }),
    { numRuns: 110 },
  );
  t.strictSame([...statuses].sort(), [200, 400, 422]);
});

t.test('a query in a body needs no token and leaves nothing behind', async (t) => {
  const body = { of: 'reports', group_by: ['year'] };
  const headers = { 'idempotency-key': 'same' };
  const first = await service.request('POST', '/v1/aggregates/query', { body, headers });
  t.equal(first.status, 200);
  const other = await service.request('POST', '/v1/aggregates/query', { body: { of: 'reports' }, headers });
  t.equal(other.status, 200);
  t.notOk(other.headers.has('idempotency-replayed'));
  const faults = async (given: unknown) =>
    (await service.request('POST', '/v1/aggregates/query', { body: given })).body.errors.map(
      ({ pointer, in: part }: { pointer: string; in?: string }) => `${pointer} ${part}`,
    );
  t.strictSame(await faults({ ...body, sort: ['x'] }), ['/sort/0 undefined']);
  t.strictSame(await faults({ ...body, year: ['2023..2020'] }), ['/year/0 undefined']);
  t.strictSame(await faults({ ...body, basis: 'own', group_by: ['organ'] }), [
    '/basis undefined',
    '/group_by/0 undefined',
  ]);
  t.strictSame(await faults({}), ['/of undefined']);
});
