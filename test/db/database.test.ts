import { createServer, connect as dial, type Socket } from 'node:net';
import { setTimeout as sleep } from 'node:timers/promises';
import { sql } from 'kysely';
import t, { type Test } from 'tap';
import { type Db, openDatabase } from '../../src/db/database.ts';
import { createTestDatabase } from '../support/database.ts';

const { url, db } = await createTestDatabase(t);

const value = async (from: Db, expression: string): Promise<unknown> =>
  (await sql<{ value: unknown }>`select ${sql.raw(expression)} as value`.execute(from)).rows[0]?.value;
const backend = async (from: Db) => (await value(from, 'pg_backend_pid()')) as number;
const open = (t: Test, options: Parameters<typeof openDatabase>[1], at = url): Db => {
  const opened = openDatabase(at, options);
  t.teardown(() => opened.destroy());
  return opened;
};

t.test('values arrive as the wire spells them', async (t) => {
  const cases: [string, unknown][] = [
    ['9007199254740991::bigint', 9007199254740991],
    ['(-9007199254740991)::bigint', -9007199254740991],
    ['59237.2449::numeric(20, 4)', 59237.2449],
    ['3::numeric(20, 4)', 3],
    ['1::numeric / 3', 1 / 3],
    ["'2024-01-31'::date", '2024-01-31'],
    ["'2024-01-31 08:00:00.123456+08'::timestamptz", '2024-01-31T00:00:00.123Z'],
    ["'2024-01-31 08:00:00.57+00'::timestamptz", '2024-01-31T08:00:00.570Z'],
    ["'2024-01-31 08:00:00+00'::timestamptz", '2024-01-31T08:00:00.000Z'],
    ["'12024-01-31 08:00:00+00'::timestamptz", '+012024-01-31T08:00:00.000Z'],
    [`'{"error": 1}'::jsonb`, { error: 1 }],
    ['array[1, null, 9007199254740991]::bigint[]', [1, null, 9007199254740991]],
    ['array[0.5, 2]::numeric[]', [0.5, 2]],
    ["array['2024-01-31']::date[]", ['2024-01-31']],
    ["array['2024-01-31 08:00+08']::timestamptz[]", ['2024-01-31T00:00:00.000Z']],
    ["array['a', null]::text[]", ['a', null]],
    ['null::bigint', null],
  ];
  for (const [expression, expected] of cases) t.strictSame(await value(db, expression), expected, expression);
});

t.test('a figure that a JSON number cannot hold is an error, and the connection goes on', async (t) => {
  const one = open(t, { max: 1 });
  for (const expression of [
    '9007199254740992::bigint',
    '(-9007199254740992)::bigint',
    "'9007199254740992'::numeric",
    '900719925474099.1234::numeric',
    "'NaN'::numeric",
    "'infinity'::timestamptz",
  ])
    await t.rejects(value(one, expression), /exactly|instant/, expression);
  t.equal(await value(one, '1'), 1);
});

t.test('a backend killed at rest or inside a transaction costs that work only', async (t) => {
  const lost: Error[] = [];
  const one = open(t, { max: 1, onLost: (error) => lost.push(error) });
  const kill = (pid: number) => sql`select pg_terminate_backend(${pid})`.execute(db);

  await kill(await backend(one));
  await sleep(50);
  t.ok(lost.length > 0, 'the loss is reported');
  t.equal(await value(one, '1'), 1, 'at rest');

  await t.rejects(
    one.transaction().execute(async (trx) => {
      await kill(await backend(trx));
      // No query is waiting when the connection goes, which is when nobody but a listener takes the error.
      await sleep(50);
      await value(trx, '1');
    }),
    'the transaction fails',
  );
  t.equal(await value(one, '1'), 1, 'inside a transaction');
});

t.test('statements, locks, pauses and transactions end after their time', async (t) => {
  const short = open(t, { max: 2, statementTimeout: 100, lockTimeout: 50 });
  await t.rejects(value(short, 'pg_sleep(5)'), { code: '57014' }, 'statement');
  await db.transaction().execute(async (trx) => {
    await sql`lock table organs`.execute(trx);
    await t.rejects(short.selectFrom('organs').selectAll().execute(), { code: '55P03' }, 'lock');
  });
  const idle = open(t, { max: 1, idleTransactionTimeout: 100 });
  await t.rejects(
    idle.transaction().execute(async (trx) => {
      await value(trx, '1');
      await sleep(300);
      await value(trx, '1');
    }),
    'pause',
  );
  t.equal(await value(idle, '1'), 1);
  const version = (await value(db, "current_setting('server_version_num')::int")) as number;
  const long = open(t, { max: 1, transactionTimeout: 200 });
  const chat = long.transaction().execute(async (trx) => {
    for (let turn = 0; turn < 10; turn += 1) {
      await value(trx, '1');
      await sleep(50);
    }
  });
  if (version >= 170_000) await t.rejects(chat, 'transaction');
  else await t.resolves(chat, 'servers before 17 do not know a transaction timeout');
  t.equal(await value(long, '1'), 1);
});

t.test('a pool for reads refuses to write', async (t) => {
  const reader = open(t, { max: 1, readOnly: true });
  t.equal(await value(reader, '1'), 1);
  await t.rejects(reader.deleteFrom('reports').execute(), { code: '25006' });
});

/** A wire to the database that can fall silent without closing, as a broken link does. */
async function silentWire(t: Test): Promise<{ url: string; cut: () => void; mend: () => void }> {
  const target = new URL(url);
  const folder = target.searchParams.get('host');
  const port = Number(target.port || 5432);
  const sockets = new Set<Socket>();
  let silent = false;
  const server = createServer((near) => {
    const far = folder ? dial(`${folder}/.s.PGSQL.${port}`) : dial(port, target.hostname);
    for (const [from, to] of [
      [near, far],
      [far, near],
    ] as const) {
      sockets.add(from);
      from.on('data', (data) => silent || to.write(data));
      from.on('error', () => {});
      from.on('close', () => to.destroy());
    }
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  t.teardown(() => {
    for (const socket of sockets) socket.destroy();
    server.close();
  });
  const through = new URL(url);
  through.searchParams.delete('host');
  through.host = `127.0.0.1:${(server.address() as { port: number }).port}`;
  return {
    url: through.href,
    cut: () => {
      silent = true;
    },
    mend: () => {
      silent = false;
    },
  };
}

t.test(
  'a link that falls silent fails the query in time and leaves no dead connection in the pool',
  async (t) => {
    const wire = await silentWire(t);
    const one = open(t, { max: 1, answerTimeout: 200 }, wire.url);
    const before = await backend(one);

    wire.cut();
    await t.rejects(value(one, '1'), { code: 'ETIMEDOUT' }, 'a query');
    wire.mend();
    const after = await backend(one);
    t.not(after, before, 'the next query has a new connection');

    await t.rejects(
      one.transaction().execute(async (trx) => {
        wire.cut();
        await value(trx, '1');
      }),
      { code: 'ETIMEDOUT' },
      'a transaction',
    );
    wire.mend();
    t.not(await backend(one), after);
  },
);
