import { once } from 'node:events';
import { connect } from 'node:net';
import t from 'tap';
import { appWithoutDatabase } from '../openapi/support.ts';

const app = await appWithoutDatabase(t);
const { port } = new URL(await app.listen({ host: '127.0.0.1', port: 0 }));

/** Sends bytes as they are; answers what came back until the connection was closed, and how long that took. */
async function send(...parts: string[]): Promise<string> {
  const socket = connect(Number(port), '127.0.0.1');
  let text = '';
  socket.setEncoding('utf8').on('data', (data) => {
    text += data;
  });
  socket.on('error', (error) => {
    text += error.message;
  });
  for (const part of parts) socket.write(part);
  await once(socket, 'close');
  return text;
}

/** The answers on a connection: status, headers in lower case, body. */
function read(text: string) {
  const [head = '', ...body] = text.split('\r\n\r\n');
  const [line = '', ...fields] = head.split('\r\n');
  const headers = new Headers(fields.map((field) => field.split(/: (.*)/s, 2) as [string, string]));
  return { status: Number(line.split(' ')[1]), headers, body: JSON.parse(body.join('\r\n\r\n')) };
}

const end = '\r\nHost: x\r\n\r\n';
const uuid = /^[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}$/;

for (const [title, status, code, ...parts] of [
  ['an overlong address', 431, 'headers-too-large', `GET /v1/rules?q=${'x'.repeat(20_000)} HTTP/1.1${end}`],
  [
    'an address longer than what fits into one packet or two',
    431,
    'headers-too-large',
    `GET /v1/rules?q=${'x'.repeat(500_000)} HTTP/1.1${end}`,
  ],
  ['overlong headers', 431, 'headers-too-large', `GET /livez HTTP/1.1\r\nX: ${'x'.repeat(20_000)}${end}`],
  [
    'a length that is no number',
    400,
    'malformed-request',
    `POST /v1/validations HTTP/1.1\r\nContent-Length: x${end}`,
  ],
  ['a method nobody knows', 400, 'malformed-request', `FOO / HTTP/1.1${end}`],
  ['what is not HTTP', 400, 'malformed-request', '\x16\x03\x01\r\n\r\n'],
  ['a request without Host', 400, 'malformed-request', 'GET /livez HTTP/1.1\r\n\r\n'],
  [
    'a chunk whose length is no number',
    400,
    'malformed-request',
    `POST /v1/validations HTTP/1.1\r\nContent-Type: application/json\r\nTransfer-Encoding: chunked${end}zz\r\n`,
  ],
  [
    'two lengths that disagree',
    400,
    'malformed-request',
    `POST /v1/validations HTTP/1.1\r\nContent-Length: 1\r\nContent-Length: 2${end}`,
  ],
] as const)
  t.test(`${title} is answered with a problem and the connection closed`, async (t) => {
    const { status: sent, headers, body } = read(await send(...parts));
    t.equal(sent, status);
    t.equal(headers.get('content-type'), 'application/problem+json');
    t.equal(headers.get('connection'), 'close');
    t.equal(headers.get('content-length'), String(Buffer.byteLength(JSON.stringify(body))));
    t.match(body, { type: `urn:gongkai:problem:${code}`, title: String, detail: String, status, code });
    t.match(body.request_id, uuid);
    t.equal(headers.get('x-request-id'), body.request_id);
  });

t.test('an address with characters that must be percent-encoded is told so', async (t) => {
  const { status, body } = read(await send(`GET /v1/organs?q=宿迁 HTTP/1.1${end}`));
  t.equal(status, 400);
  t.match(body, { code: 'malformed-request', detail: /percent-encode all that is not ASCII/ });
});

t.test('HTTP/1.0 needs no Host', async (t) => {
  t.match(await send('GET /v1/editions HTTP/1.0\r\n\r\n'), /^HTTP\/1.1 200 /);
});

t.test('what follows a request that is being answered is not taken for its answer', async (t) => {
  const text = await send(`GET /v1/editions HTTP/1.1${end}FOO${end}`);
  t.notMatch(text, /malformed-request/);
});

t.test('the service goes on', async (t) => {
  t.match(await send(`GET /v1/editions HTTP/1.1\r\nConnection: close${end}`), /^HTTP\/1.1 200 /);
});

t.test('a method that a path does not have is answered as an unknown path', async (t) => {
  for (const method of ['PUT', 'PROPFIND', 'TRACE'])
    t.match(read(await send(`${method} /v1/editions HTTP/1.1\r\nConnection: close${end}`)), {
      status: 404,
      body: { code: 'not-found', instance: '/v1/editions' },
    });
});
