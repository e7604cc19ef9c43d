import { execFile } from 'node:child_process';
import { existsSync } from 'node:fs';
import { readFile, stat } from 'node:fs/promises';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';
import t from 'tap';
import { postgresServer } from '../../src/db/postgres-server.ts';
import { temporaryFolder } from '../support/folder.ts';
import { startProcess } from './service-process.ts';

/** The embedded database through the life of the process: the promises of `npm start`. */

const organ = { name: '某县财政局', kind: 'department', level: 'county', division_code: '321322' };

const serverPid = async (folder: string): Promise<number | undefined> =>
  Number((await readFile(join(folder, 'postgres/postmaster.pid'), 'utf8').catch(() => '')).split('\n')[0]) ||
  undefined;

t.test('data survive Ctrl-C, a killed service, and are held by one service at a time', async (t) => {
  const DATA_DIR = join(await temporaryFolder(t), 'data');
  t.teardown(async () => (await postgresServer(join(DATA_DIR, 'postgres'))).stop());

  const first = await startProcess(t, { DATA_DIR });
  t.ok(first.url, first.output());
  t.comment(`first start: ${Math.round(first.took)} ms`);
  const tokenFile = join(DATA_DIR, 'admin-token');
  const token = (await readFile(tokenFile, 'utf8')).trim();
  t.equal((await stat(tokenFile)).mode & 0o777, 0o600, 'the token is for its user only');
  const opening = JSON.parse(first.output().split('\n')[0]!).msg as string;
  t.match(opening, first.url);
  t.match(opening, '/docs');
  t.match(opening, tokenFile, 'the first line says where to go');
  t.notMatch(first.output(), token, 'the token itself is not logged');
  const created = await fetch(`${first.url}/v1/organs`, {
    method: 'POST',
    headers: { authorization: `Bearer ${token}`, 'content-type': 'application/json' },
    body: JSON.stringify(organ),
  });
  t.equal(created.status, 201);
  const { id } = (await created.json()) as { id: string };
  const postgres = await serverPid(DATA_DIR);
  if (existsSync('/proc/self/stat')) {
    const session = async (pid: number) =>
      (await readFile(`/proc/${pid}/stat`, 'utf8')).split(') ')[1]!.split(' ')[3];
    t.not(
      await session(postgres!),
      await session(process.pid),
      'a Ctrl-C in the terminal does not reach PostgreSQL',
    );
  }

  const second = await startProcess(t, { DATA_DIR });
  t.equal(second.url, undefined, 'a second service does not start');
  t.equal(await second.exitCode, 1);
  t.match(second.output(), `in use by another instance of the service (process ${first.child.pid})`);
  t.match(second.output(), 'Stop that one, or give this one a DATA_DIR and a PORT of its own');
  const command = fileURLToPath(new URL('../../bench/seed-country.ts', import.meta.url));
  const refused = await promisify(execFile)(process.execPath, [command], {
    env: { ...process.env, DATABASE_URL: '', DATA_DIR },
  }).catch((error) => error);
  t.match(refused, {
    code: 2,
    stderr: / \(process \d+\). Stop it, or name another database with DATA_DIR or --database-url\n$/,
  });
  t.equal((await fetch(`${first.url}/readyz`)).status, 200, 'the first one goes on');

  t.equal(await first.end('SIGINT'), 0, 'Ctrl-C ends it well');
  t.equal(await serverPid(DATA_DIR), undefined, 'and its PostgreSQL');

  const third = await startProcess(t, { DATA_DIR });
  t.ok(third.url, third.output());
  t.comment(`later start: ${Math.round(third.took)} ms`);
  t.equal((await fetch(`${third.url}/v1/organs/${id}`)).status, 200, 'the data are there');
  t.equal((await readFile(tokenFile, 'utf8')).trim(), token, 'the token is the same');
  const leftOver = await serverPid(DATA_DIR);
  t.equal(await third.end('SIGKILL'), null);

  const fourth = await startProcess(t, { DATA_DIR });
  t.ok(fourth.url, `after a kill it starts again: ${fourth.output()}`);
  t.equal(await serverPid(DATA_DIR), leftOver, 'on the PostgreSQL that was left running');
  t.equal((await fetch(`${fourth.url}/v1/organs/${id}`)).status, 200);
  process.kill(leftOver!, 'SIGKILL');
  await fourth.end('SIGKILL');

  const fifth = await startProcess(t, { DATA_DIR });
  t.ok(fifth.url, `after both were killed it recovers: ${fifth.output()}`);
  t.not(await serverPid(DATA_DIR), leftOver);
  t.equal((await fetch(`${fifth.url}/v1/organs/${id}`)).status, 200);
  t.equal(await fifth.end('SIGTERM'), 0);
  t.equal(await serverPid(DATA_DIR), undefined);
});
