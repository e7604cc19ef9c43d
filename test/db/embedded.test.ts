import { chmod, mkdir, readFile, rm, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import pg from 'pg';
import t, { type Test } from 'tap';
import { type EmbeddedDatabase, startEmbedded } from '../../src/db/embedded.ts';
import { postgresServer } from '../../src/db/postgres-server.ts';
import { temporaryFolder } from '../support/folder.ts';

const asRoot = process.getuid?.() === 0;

/** The value of an expression in a database. */
async function ask(url: string, expression: string): Promise<unknown> {
  const client = new pg.Client({ connectionString: url });
  client.on('error', () => {});
  await client.connect();
  try {
    return (await client.query(`select ${expression} as value`)).rows[0].value;
  } finally {
    await client.end();
  }
}

const pidIn = async (folder: string): Promise<number> =>
  Number((await readFile(join(folder, 'postgres/postmaster.pid'), 'utf8').catch(() => '')).split('\n')[0]);

async function start(t: Test, folder: string): Promise<EmbeddedDatabase> {
  const database = await startEmbedded(folder);
  t.teardown(() => database.stop());
  return database;
}

t.test('of two that start at once in a new folder one gets it, however long its path', async (t) => {
  const folder = join(await temporaryFolder(t), 'd'.repeat(100));
  const both = await Promise.allSettled([start(t, folder), start(t, folder)]);
  const got = both.find((result) => result.status === 'fulfilled');
  const refused = both.find((result) => result.status === 'rejected');
  t.match(refused?.reason, { message: /in use by another instance of the service \(process \d+\)/ });
  t.equal(await ask(got!.value.url, '1'), 1);
  t.match(await ask(got!.value.url, "current_setting('listen_addresses')"), '', 'nobody else can reach it');
});

t.test(
  'a server that dies is started again, and a left-over id of another process does not hinder',
  async (t) => {
    const folder = join(await temporaryFolder(t), 'data');
    const first = await start(t, folder);
    const died = await pidIn(folder);
    process.kill(died, 'SIGKILL');
    let pid = died;
    for (let tenths = 0; tenths < 150 && (pid === died || Number.isNaN(pid) || pid === 0); tenths += 1) {
      await sleep(100);
      pid = await pidIn(folder);
    }
    t.not(pid, died);
    await first.stop();

    const lockFile = join(folder, 'postgres/postmaster.pid');
    await writeFile(lockFile, `${process.pid}\n${join(folder, 'postgres')}\n`);
    const again = await start(t, folder);
    t.equal(await ask(again.url, '1'), 1);
  },
);

t.test('data of another PostgreSQL are refused', async (t) => {
  const folder = join(await temporaryFolder(t), 'data');
  await mkdir(join(folder, 'postgres'), { recursive: true });
  await writeFile(join(folder, 'postgres/PG_VERSION'), '17\n');
  if (asRoot) {
    await t.rejects(startEmbedded(folder), /belongs to user 0/, 'as are data of another user');
    // Made by the right user, in the wrong version.
    await rm(join(folder, 'postgres'), { recursive: true });
    await postgresServer(join(folder, 'postgres'), { fsync: 'off' });
    await writeFile(join(folder, 'postgres/PG_VERSION'), '17\n');
  }
  await t.rejects(startEmbedded(folder), /made by PostgreSQL 17, this release brings 18/);
});

t.test(
  'a folder that PostgreSQL cannot reach is refused with the way out',
  { skip: !asRoot && 'needs root' },
  async (t) => {
    const closed = await temporaryFolder(t);
    await chmod(closed, 0o700);
    await t.rejects(startEmbedded(join(closed, 'data')), /cannot reach .*set DATABASE_URL/);
  },
);

t.test('a server that cannot start says why', async (t) => {
  const folder = join(await temporaryFolder(t), 'data');
  const server = await postgresServer(join(folder, 'postgres'), { fsync: 'off' });
  await writeFile(join(folder, 'postgres/postgresql.auto.conf'), 'no_such_setting = on\n');
  await t.rejects(server.start(), /no_such_setting/);
});
