import { once } from 'node:events';
import { type AddressInfo, connect } from 'node:net';
import { setTimeout as sleep } from 'node:timers/promises';
import { fastify } from 'fastify';
import t from 'tap';
import type { App } from '../../src/http/app-type.ts';
import { bytesOf, keepBytes, passOn, registerPassingBytes } from '../../src/http/passing-bytes.ts';
import { startService } from '../support/app.ts';
import { createOrgan, zeroDocument } from '../support/reports.ts';

const app = fastify() as unknown as App;
t.teardown(() => app.close());
registerPassingBytes(app);
/** More than a connection holds that nobody reads. */
const text = '公开 '.repeat(3_000_000);
const passing: Buffer[] = [];
const kept = bytesOf(text);
app.get('/passing', async () => {
  passing.push(passOn(bytesOf(text)));
  return passing.at(-1);
});
app.get('/kept', async () => kept);
app.get('/text', async () => text);
const lent = passOn(bytesOf(text), 0);
keepBytes(lent, true);
app.get('/lent', async () => passOn(lent));
const url = await app.listen({ host: '127.0.0.1', port: 0 });
const get = async (path: string) => (await fetch(url + path)).text();

/** Asks without reading the answer. */
async function askSlowly(path: string) {
  const socket = connect((app.server.address() as AddressInfo).port, '127.0.0.1');
  await once(socket, 'connect');
  socket.pause();
  socket.write(`GET ${path} HTTP/1.1\r\nhost: localhost\r\nconnection: close\r\n\r\n`);
  await sleep(100);
  return socket;
}

t.test('bytes that were passed on are given back once they are sent, others are not', async (t) => {
  t.equal(await get('/passing'), text);
  t.same(
    passing.map(({ length }) => length),
    [0],
  );
  for (let time = 0; time < 2; time++) t.equal(await get('/kept'), text);
  t.equal(kept.toString(), text);
  t.equal(await get('/text'), text, 'a long text is sent as it is');
});

t.test('not before who reads slowly has them, nor where nobody reads them to the end', async (t) => {
  const slow = await askSlowly('/passing');
  const gone = await askSlowly('/passing');
  t.same(
    passing.slice(1).map(({ length }) => length),
    [kept.length, kept.length],
    'neither is sent',
  );
  gone.destroy();
  let received = '';
  slow.setEncoding('utf8');
  for await (const piece of slow) received += piece;
  t.ok(received.endsWith(`\r\n\r\n${text}`));
  t.equal(passing[1]!.length, 0);
  t.equal(passing[2]!.length, kept.length, 'what a connection broke over is left alone');
  t.equal(await get('/passing'), text);
});

t.test(
  'kept bytes are sent to whoever asks, and given back when they are kept no more and all have them',
  async (t) => {
    for (let time = 0; time < 2; time++) t.equal(await get('/lent'), text);
    const slow = await askSlowly('/lent');
    keepBytes(lent, false);
    t.equal(lent.length, kept.length, 'somebody is still reading them');
    let received = '';
    slow.setEncoding('utf8');
    for await (const piece of slow) received += piece;
    t.ok(received.endsWith(`\r\n\r\n${text}`));
    t.equal(lent.length, 0);
  },
);

t.test('however many ask the same at once, each gets the whole answer', async (t) => {
  const service = await startService(t);
  const organ = await createOrgan(service);
  await service.admin('POST', '/v1/reports/batch?publish=true', {
    headers: { 'content-type': 'application/x-ndjson' },
    body: JSON.stringify(zeroDocument(organ)),
  });
  const path = '/v1/aggregates/request-statistics?group_by=year,row,applicant';
  const { body } = await service.request('GET', path);
  t.ok(body.data.length > 100);
  for (let round = 0; round < 20; round++) {
    // In words that are new each round, twice each, so that some are shared and some are kept.
    const words = [1, 2, 3, 4].map((word) => `${path}&having=reports>-${10 * round + (word % 3) + 1}`);
    const answers = await Promise.all([...words, ...words].map((each) => service.request('GET', each)));
    for (const answer of answers) t.same(answer.body.data, body.data);
  }
});
