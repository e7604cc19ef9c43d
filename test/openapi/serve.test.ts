import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import t from 'tap';
import { parse } from 'yaml';
import { problemCatalogue, statusOf } from '../../src/http/problem.ts';
import { appWithoutDatabase } from './support.ts';

const app = await appWithoutDatabase(t);
const url = await app.listen({ host: '127.0.0.1', port: 0 });

for (const [path, type, version] of [
  ['/openapi.json', 'application/json', '3.0.3'],
  ['/openapi.yaml', 'application/yaml', '3.0.3'],
  ['/openapi-3.1.json', 'application/json', '3.1.0'],
])
  t.test(`${path} is public and is read again only when it has changed`, async (t) => {
    const answer = await fetch(url + path);
    t.equal(answer.status, 200);
    t.equal(answer.headers.get('content-type'), `${type}; charset=utf-8`);
    const text = await answer.text();
    const document = type === 'application/json' ? JSON.parse(text) : parse(text);
    t.equal(document.openapi, version);
    t.ok(document.paths['/v1/editions']);
    const etag = answer.headers.get('etag') ?? '';
    t.match(etag, /^"[^"]+"$/, 'a strong tag');

    const again = await fetch(url + path, { headers: { 'if-none-match': etag } });
    t.equal(again.status, 304);
    t.equal(again.headers.get('etag'), etag);
    t.equal(await again.text(), '');
    const changed = await fetch(url + path, { headers: { 'if-none-match': '"another"' } });
    t.equal(changed.status, 200);
    t.ok(await changed.text());
  });

t.test('/docs is a page that needs nothing from elsewhere', async (t) => {
  const page = await fetch(`${url}/docs`);
  t.equal(page.status, 200);
  t.match(page.headers.get('content-type'), /^text\/html/);
  const policy = page.headers.get('content-security-policy') ?? '';
  t.match(policy, /default-src 'self'/);
  t.match(policy, /script-src 'self'/);
  t.notMatch(
    policy,
    /unsafe-inline|https?:|upgrade-insecure-requests|validator/,
    'nothing inline or from elsewhere',
  );
  const html = await page.text();
  const assets = [...html.matchAll(/(?:src|href)="([^"]+)"/g)].map(([, path]) => path!);
  t.ok(assets.length >= 3);
  for (const asset of assets) {
    const from = new URL(asset, `${url}/docs`);
    t.equal(from.origin, url, asset);
    const answer = await fetch(from);
    t.equal(answer.status, 200, asset);
    await answer.arrayBuffer();
  }
  const initializer = await (await fetch(`${url}/docs/static/swagger-initializer.js`)).text();
  t.match(initializer, /"validatorUrl":null/);
  const [, urls = ''] = /"urls":(\[[^\]]*\])/.exec(initializer) ?? [];
  const shown = JSON.parse(urls) as { url: string; name: string }[];
  t.equal(shown[0]?.url, '/openapi.json', 'the page shows the contract first');
  for (const { url: path, name } of shown) {
    const { openapi } = (await (await fetch(url + path)).json()) as { openapi: string };
    t.equal(name, `OpenAPI ${openapi}`);
  }
});

t.test('HEAD is answered wherever GET is, but for streams, as the document says', async (t) => {
  const { info, paths: described } = app.swagger31();
  const paths = Object.keys(described).filter((path) => !path.includes('{'));
  t.match(info, { description: /HEAD is answered wherever GET is, but not there/ });
  for (const path of paths) {
    const isStream = /\.(csv|ndjson|parquet)$/.test(path);
    t.equal(
      app.hasRoute({ method: 'HEAD', url: path }),
      app.hasRoute({ method: 'GET', url: path }) && !isStream,
      path,
    );
  }
  t.ok(paths.some((path) => path.endsWith('.csv')));
});

t.test('what any operation may answer is told in words', async (t) => {
  const { description } = app.swagger31().info as { description: string };
  for (const code of ['request-timeout', 'too-many-requests', 'headers-too-large'] as const)
    t.match(description.split('## Errors')[1], new RegExp(`\\b${statusOf(code)}\\b`), code);
});

t.test('every code of the catalogue is one that something answers with', async (t) => {
  const folder = new URL('../../src/', import.meta.url);
  const files = readdirSync(folder, { recursive: true, encoding: 'utf8' }).filter(
    (file) => file.endsWith('.ts') && file !== join('http', 'problem.ts'),
  );
  const source = files.map((file) => readFileSync(new URL(file, folder), 'utf8')).join('\n');
  const unused = Object.keys(problemCatalogue).filter((code) => !source.includes(`'${code}'`));
  t.strictSame(unused, []);
});

t.test('/docs bears our name and marks, not those of what it is made with', async (t) => {
  const html = await (await fetch(`${url}/docs`)).text();
  t.match(html, /<title>Gongkai 公开<\/title>/);
  const [, icon = '', ...others] = /<link rel="icon" [^>]*href="([^"]+)"/.exec(html) ?? [];
  t.strictSame(others, []);
  const answer = await fetch(new URL(icon, url));
  t.equal(answer.headers.get('content-type'), 'image/svg+xml');
  t.match(await answer.text(), />公<\/text><\/svg>$/);
  const initializer = await (await fetch(`${url}/docs/static/swagger-initializer.js`)).text();
  const [, logo = ''] = /data:image\/svg\+xml;base64,([\w+/=]+)'/.exec(initializer) ?? [];
  t.match(Buffer.from(logo, 'base64').toString(), />Gongkai 公开<\/text><\/svg>$/);
});
