import t from 'tap';
import { startService } from '../support/app.ts';

const { request } = await startService(t);

interface Division {
  code: string;
  name: string;
  level: string;
  parent_code: string | null;
  valid_from: string | null;
  valid_to: string | null;
}

/** Every division the filters select, page by page, following next_cursor. */
async function all(query: string, limit = 1000): Promise<Division[]> {
  const items: Division[] = [];
  for (let cursor: string | null = ''; cursor !== null; ) {
    const { body } = await request(
      'GET',
      `/v1/divisions?${query}&limit=${limit}${cursor && `&cursor=${cursor}`}`,
    );
    items.push(...body.items);
    cursor = body.next_cursor;
  }
  return items;
}
const codes = (divisions: Division[]) => divisions.map((division) => division.code);

t.test('the whole country comes in the order of its codes, each code once, and hangs together', async (t) => {
  const country = await all('');
  t.strictSame(codes(country), [...new Set(codes(country))].toSorted());
  const byCode = new Map(country.map((division) => [division.code, division]));
  const provinces = country.filter((division) => division.level === 'province');
  t.ok(provinces.length >= 31, `${provinces.length} provinces`);
  t.strictSame(
    country.filter(({ level, parent_code }) => (level === 'province') !== (parent_code === null)),
    [],
    'all but provinces belong to one',
  );
  t.strictSame(
    country.filter(({ code, parent_code }) => {
      const parent = parent_code === null ? undefined : byCode.get(parent_code);
      return (
        parent_code !== null &&
        (!parent || parent.code.slice(0, 2) !== code.slice(0, 2) || parent.level === 'county')
      );
    }),
    [],
    'a parent is a city or province of the same code area',
  );
});

t.test('pages of any size hold the same divisions', async (t) => {
  const whole = codes(await all('under=320000'));
  t.strictSame(codes(await all('under=320000', 7)), whole);
  const first = await request('GET', '/v1/divisions?under=320000&limit=2');
  t.equal(first.body.items.length, 2);
  t.match(first.headers.get('link'), /^<\/v1\/divisions\?.*cursor=.*>; rel="next"$/);
  const cursor = first.body.next_cursor;
  const elsewhere = await request('GET', `/v1/divisions?under=330000&cursor=${cursor}`);
  t.equal(elsewhere.status, 400, 'a cursor belongs to its filters');
  t.equal(elsewhere.body.code, 'bad-cursor');
});

t.test('under is a division and everything below it', async (t) => {
  const city = await all('under=321300');
  t.ok(codes(city).includes('321300'), 'itself');
  t.ok(city.length > 1);
  t.ok(city.every((division) => division.code === '321300' || division.parent_code === '321300'));
  const province = codes(await all('under=320000'));
  t.ok(
    codes(city).every((code) => province.includes(code)),
    'at any depth',
  );
  t.ok(province.every((code) => code.startsWith('32')));
  t.strictSame(codes(await all('under=321302')), ['321302'], 'a county is alone');
  t.strictSame(codes(await all('under=999999')), [], 'what does not exist has nothing below');
  t.strictSame(
    codes(await all('under=321300&under=321302,330000')),
    [...new Set([...codes(city), ...codes(await all('under=330000'))])].toSorted(),
    'several mean any of them, each division once',
  );
});

t.test('the code of a town names its county, since towns are not listed', async (t) => {
  const { body } = await request('GET', '/v1/divisions/321302107');
  t.match(body, { status: 404, code: 'not-found', detail: /321302 is its county$/ });
});

t.test('the first digits of a code stand for its area, as in lists of organs and reports', async (t) => {
  for (const [short, long] of [
    ['32', '320000'],
    ['3213', '321300'],
  ] as const)
    t.strictSame(await all(`under=${short}`), await all(`under=${long}`), short);
  const direct = await all('under=4690');
  t.ok(direct.length > 1, 'counties without a city share their digits all the same');
  t.ok(direct.every(({ code, parent_code }) => code.startsWith('4690') && parent_code === '460000'));
});

t.test('what is under a division is what its parents lead to', async (t) => {
  const country = await all('');
  const parents = new Map(country.map(({ code, parent_code }) => [code, parent_code]));
  const isBelow = (code: string, above: string): boolean => {
    const parent = parents.get(code) ?? null;
    return code === above || (parent !== null && isBelow(parent, above));
  };
  for (const { code } of country.filter(({ level }) => level !== 'county')) {
    const digits = code.replace(/(00)+$/, '');
    t.strictSame(
      codes(country.filter((each) => each.code.startsWith(digits))),
      codes(country.filter((each) => isBelow(each.code, code))),
      code,
    );
  }
});

t.test('level and q select, and different filters all hold', async (t) => {
  const cities = await all('level=city&under=320000');
  t.equal(cities.length, 13, 'Jiangsu has thirteen cities');
  t.ok(cities.every((division) => division.level === 'city'));
  t.strictSame(codes(await all('level=city,province&under=320000')), ['320000', ...codes(cities)]);
  t.strictSame(codes(await all(`q=${encodeURIComponent('宿迁市')}`)), ['321300'], 'a part of the name');
  t.ok((await all(`q=${encodeURIComponent('迁')}`)).some((division) => division.code === '321300'));
  const byCode = await all('q=3213');
  t.ok(byCode.length > 1 && byCode.every((division) => division.code.startsWith('3213')), 'the first digits');
  t.strictSame(
    codes(await all('q=213')).filter((code) => !code.startsWith('213')),
    [],
    'digits inside do not count',
  );
  for (const wild of ['%', '_', '\\', "' or 1=1 --"])
    t.strictSame(await all(`q=${encodeURIComponent(wild)}`), [], `${wild} is text like any other`);
});

t.test('one division is answered by its code and read again only when it has changed', async (t) => {
  const { status, headers, body } = await request('GET', '/v1/divisions/321300');
  t.equal(status, 200);
  t.match(body, { code: '321300', name: '宿迁市', level: 'city', parent_code: '320000', valid_to: null });
  t.strictSame(Object.keys(body), ['code', 'name', 'level', 'parent_code', 'valid_from', 'valid_to']);
  const etag = headers.get('etag') ?? '';
  t.match(etag, /^"[^"]+"$/);
  t.equal((await request('GET', '/v1/divisions/321300', { headers: { 'if-none-match': etag } })).status, 304);
  t.equal((await request('GET', '/v1/divisions/320000', { headers: { 'if-none-match': etag } })).status, 200);
  t.equal((await request('GET', '/v1/divisions/320000')).body.parent_code, null);
});

t.test('abolished codes are kept with their last day', async (t) => {
  const abolished = (await all('')).filter((division) => division.valid_to !== null);
  t.ok(abolished.length > 0);
  for (const { code, valid_to } of abolished.slice(0, 5)) {
    t.match(valid_to, /^20(19|2[0-9])-\d{2}-\d{2}$/, code);
    t.equal((await request('GET', `/v1/divisions/${code}`)).body.valid_to, valid_to);
  }
});

t.test('what is no division is refused or not found', async (t) => {
  const missing = await request('GET', '/v1/divisions/999999');
  t.equal(missing.status, 404);
  t.match(missing.headers.get('content-type'), /^application\/problem\+json/);
  for (const path of [
    '/v1/divisions/3213',
    '/v1/divisions/abc',
    '/v1/divisions/321300%00',
    '/v1/divisions?under=3',
    '/v1/divisions?under=321',
    '/v1/divisions?under=32130',
    '/v1/divisions?under=321302001',
    '/v1/divisions?under=3%25',
    '/v1/divisions?level=town',
    '/v1/divisions?q=',
    '/v1/divisions?q=%00',
    '/v1/divisions?limit=0',
    '/v1/divisions?limit=1001',
    '/v1/divisions?cursor=AAAA',
    '/v1/divisions?parent=320000',
  ]) {
    const { status, body } = await request('GET', path);
    t.equal(status, 400, path);
    t.ok(body.errors?.length > 0 || body.code === 'bad-cursor', path);
  }
});
