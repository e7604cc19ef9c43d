import { writeFile } from 'node:fs/promises';
import t from 'tap';
import { Environment, readConfig } from '../src/config.ts';
import { keptAdminToken } from '../src/data-dir.ts';
import { temporaryFolder } from './support/folder.ts';

t.test('an empty environment gives the service of `npm start`', async (t) => {
  t.strictSame(readConfig({}), {
    PORT: 3000,
    HOST: '127.0.0.1',
    DATA_DIR: '.data',
    MAX_IN_FLIGHT: 256,
    KEPT_ANSWERS_MB: 24,
    RATE_LIMIT: 1_200_000,
    LOG_LEVEL: 'info',
  });
});

t.test('empty variables count as absent and others are left alone', async (t) => {
  t.strictSame(
    readConfig({ DATABASE_URL: '', ADMIN_TOKEN: '', PORT: '', HOME: '/home/someone' }),
    readConfig({}),
  );
});

t.test('all faults are named at once and no secret is repeated', async (t) => {
  const read = () =>
    readConfig({
      PORT: 'http',
      LOG_LEVEL: 'loud',
      ADMIN_TOKEN: 'with space',
      READ_DATABASE_URL: 'mysql://a:b@c',
    });
  for (const name of ['PORT', 'LOG_LEVEL', 'ADMIN_TOKEN', 'READ_DATABASE_URL'])
    t.throws(read, new RegExp(`^  ${name}`, 'm'), name);
  try {
    read();
  } catch (error) {
    t.notMatch((error as Error).message, /with space|mysql/);
  }
});

t.test('a replica for reads needs a primary', async (t) => {
  const url = 'postgres://someone@db/gongkai';
  t.throws(() => readConfig({ READ_DATABASE_URL: url }), /READ_DATABASE_URL needs DATABASE_URL/);
  t.match(readConfig({ READ_DATABASE_URL: url, DATABASE_URL: url }), { DATABASE_URL: url });
});

t.test('an issuer comes with its audience, over https unless it is on this machine', async (t) => {
  const OIDC_AUDIENCE = 'gongkai';
  for (const OIDC_ISSUER of ['https://login.example', 'http://localhost:8080/realm', 'http://127.0.0.1'])
    t.match(readConfig({ OIDC_ISSUER, OIDC_AUDIENCE }), { OIDC_ISSUER, OIDC_AUDIENCE });
  for (const OIDC_ISSUER of ['http://login.example', 'http://localhost.example', 'login.example'])
    t.throws(() => readConfig({ OIDC_ISSUER, OIDC_AUDIENCE }), /^ {2}OIDC_ISSUER/m, OIDC_ISSUER);
  t.throws(() => readConfig({ OIDC_ISSUER: 'https://login.example' }), /need each other/);
  t.throws(() => readConfig({ OIDC_AUDIENCE }), /need each other/);
});

t.test('every variable is documented', async (t) => {
  for (const [name, { description }] of Object.entries(
    Environment.properties as Record<string, { description?: string }>,
  ))
    t.ok(description, name);
});

t.test('origins that may call from browsers are a list', async (t) => {
  const CORS_ORIGINS = 'https://a.example,http://localhost:8080';
  t.match(readConfig({ CORS_ORIGINS }), { CORS_ORIGINS });
  for (const wrong of ['*', 'a.example', 'https://a.example/', 'https://a.example, https://b.example'])
    t.throws(() => readConfig({ CORS_ORIGINS: wrong }), /CORS_ORIGINS/, wrong);
});

t.test('the token that an installation keeps is made once, and an empty file is no token', async (t) => {
  const folder = await temporaryFolder(t);
  const first = await keptAdminToken(folder);
  t.match(first.token, /^[\w-]{43}$/);
  t.strictSame(await keptAdminToken(folder), first);
  await writeFile(first.path, '\n');
  await t.rejects(keptAdminToken(folder), /admin-token holds no token: remove it/);
});
