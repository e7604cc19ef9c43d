import { readFileSync } from 'node:fs';
import t from 'tap';
import { appWithoutDatabase } from '../openapi/support.ts';

const form = JSON.parse(readFileSync(new URL('../fixtures/form.json', import.meta.url), 'utf8'));
const app = await appWithoutDatabase(t);
const url = await app.listen({ host: '127.0.0.1', port: 0 });

/** An edition as it should be answered: the printed form with the columns all editions share. */
const printed = (edition: string) => ({
  edition,
  ...form.editions[edition],
  applicants: form.applicants,
  proceedings: form.proceedings,
  outcomes: form.outcomes,
});

t.test('GET /v1/editions lists every edition of the printed form, oldest first', async (t) => {
  const answer = await fetch(`${url}/v1/editions`);
  t.equal(answer.status, 200);
  t.strictSame(await answer.json(), {
    items: Object.keys(form.editions).map(printed),
    next_cursor: null,
  });
});

for (const edition of Object.keys(form.editions))
  t.test(`GET /v1/editions/${edition} is that edition and nothing but`, async (t) => {
    const answer = await fetch(`${url}/v1/editions/${edition}`);
    t.equal(answer.status, 200);
    t.match(answer.headers.get('content-type'), /^application\/json/);
    t.strictSame(await answer.json(), printed(edition));
  });

const tagOf = async (path: string): Promise<string> => {
  const answer = await fetch(url + path);
  await answer.text();
  return answer.headers.get('etag') ?? '';
};

t.test('an edition is read again only when it has changed', async (t) => {
  for (const path of ['/v1/editions', '/v1/editions/2019', '/v1/editions/2021']) {
    const etag = await tagOf(path);
    t.match(etag, /^"[^"]+"$/, 'a strong tag');
    const read = (tags: string) => fetch(url + path, { headers: { 'if-none-match': tags } });
    const same = await read(`"other", ${etag}`);
    t.equal(same.status, 304);
    t.equal(same.headers.get('etag'), etag);
    t.equal(await same.text(), '');
    const changed = await read('"other"');
    t.equal(changed.status, 200);
    await changed.text();
  }
  const tags = await Promise.all(
    ['2019', '2021'].map(async (key) => (await fetch(`${url}/v1/editions/${key}`)).headers.get('etag')),
  );
  t.not(tags[0], tags[1]);
});

t.test('an edition that does not exist is a problem naming those that do', async (t) => {
  for (const edition of ['2008', '__proto__', 'constructor', '%00', 'x'.repeat(20)]) {
    const answer = await fetch(`${url}/v1/editions/${edition}`);
    t.ok([400, 404].includes(answer.status), edition);
    t.match(answer.headers.get('content-type'), /^application\/problem\+json/);
    await answer.text();
  }
  const problem = (await (await fetch(`${url}/v1/editions/2008`)).json()) as Record<string, unknown>;
  t.match(problem, { status: 404, code: 'not-found', detail: /2019, 2021/, instance: '/v1/editions/2008' });
});

t.test('a parameter that the operation does not know is refused', async (t) => {
  for (const path of ['/v1/editions?year=2021', '/v1/editions/2021?lang=zh']) {
    const answer = await fetch(url + path);
    t.match(await answer.json(), { code: 'invalid-request' });
    t.equal(answer.status, 400, path);
  }
});
