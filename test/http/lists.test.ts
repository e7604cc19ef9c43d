import fc from 'fast-check';
import t from 'tap';
import { decodeCursor, encodeCursor, page } from '../../src/http/lists.ts';

const request = (url: string, query: Record<string, unknown> = {}) => ({ url, query });
const id = '018d5f2e-7c00-7000-8000-000000000001';

t.test('a cursor gives back the key it was made of', async (t) => {
  const key = [id, '文本 "a"', -3, 2 ** 53 - 1, '2024-02-29', '2024-01-31T08:00:00.123Z'];
  const types = ['uuid', 'text', 'integer', 'bigint', 'date', 'time'] as const;
  const asked = request('/v1/things?year=2023', { year: ['2023'], limit: 10 });
  const cursor = encodeCursor(asked, key);
  t.match(cursor, /^[A-Za-z0-9_-]+$/);
  t.strictSame(decodeCursor(request('/v1/things', { limit: 99, year: ['2023'], cursor }), types), key);
  t.equal(decodeCursor(asked, types), undefined, 'no cursor, no key');
});

t.test('a cursor is refused with other filters, on another list, or for another kind of key', async (t) => {
  const cursor = encodeCursor(request('/v1/things', { year: ['2023'] }), [id]);
  for (const [other, types] of [
    [request('/v1/things', { year: ['2022'], cursor }), ['uuid']],
    [request('/v1/things', { cursor }), ['uuid']],
    [request('/v1/things', { year: ['2023'], level: ['city'], cursor }), ['uuid']],
    [request('/v1/others', { year: ['2023'], cursor }), ['uuid']],
    [request('/v1/things', { year: ['2023'], cursor }), ['uuid', 'integer']],
    [request('/v1/things', { year: ['2023'], cursor }), ['integer']],
    [request('/v1/things', { year: ['2023'], cursor: `${cursor}=` }), ['uuid']],
    [request('/v1/things', { year: ['2023'], cursor: cursor.slice(0, -2) }), ['uuid']],
  ] as const)
    t.throws(() => decodeCursor(other, types), {
      code: 'bad-cursor',
      options: { errors: [{ in: 'query', pointer: '/cursor', code: 'bad-cursor' }] },
    });
});

t.test('values that no key holds never get through', async (t) => {
  for (const [type, value] of [
    ['uuid', id.toUpperCase()],
    ['uuid', `${id}'`],
    ['text', 'a\0'],
    ['text', '\ud800'],
    ['text', 'x'.repeat(1001)],
    ['integer', 2 ** 31],
    ['integer', 1.5],
    ['bigint', 2 ** 53],
    ['date', '2023-02-29'],
    ['date', '2023-2-9'],
    ['time', '2023-02-30T00:00:00Z'],
    ['time', '2023-02-20T25:00:00Z'],
    ['time', '2023-02-20'],
  ] as const) {
    const cursor = encodeCursor(request('/v1/things'), [value]);
    t.throws(
      () => decodeCursor(request('/v1/things', { cursor }), [type]),
      { code: 'bad-cursor' },
      `${type} ${value}`,
    );
  }
});

t.test('no text at all makes decoding fail otherwise', async () => {
  fc.assert(
    fc.property(
      fc.oneof(
        fc.string(),
        fc.base64String(),
        fc.json().map((j) => Buffer.from(j).toString('base64url')),
      ),
      (cursor) => {
        try {
          decodeCursor(request('/v1/things', { cursor }), ['uuid', 'integer']);
          return false;
        } catch (error) {
          return (error as { code?: string }).code === 'bad-cursor';
        }
      },
    ),
  );
});

t.test('a page says whether another follows, and where', async (t) => {
  const headers: Record<string, string> = {};
  const reply = (url: string, query: Record<string, unknown>) => ({
    request: request(url, query),
    header: (name: string, value: string) => {
      headers[name] = value;
    },
  });
  const rows = [1, 2, 3];
  t.strictSame(
    page(reply('/v1/things', { limit: 3 }), rows, (row) => [row]),
    { items: rows, next_cursor: null },
  );
  t.strictSame(headers, {});
  const first = page(
    reply('/v1/things?q=a%3Fb?c&limit=2&cursor=old', { q: 'a?b?c', limit: 2, cursor: 'old' }),
    rows,
    (row) => [row],
  );
  t.strictSame(first.items, [1, 2]);
  const [, link = ''] = /^<(.*)>; rel="next"$/.exec(headers.link ?? '') ?? [];
  const next = new URL(link, 'http://localhost');
  t.equal(next.pathname, '/v1/things');
  t.strictSame(Object.fromEntries(next.searchParams), { q: 'a?b?c', limit: '2', cursor: first.next_cursor });
});
