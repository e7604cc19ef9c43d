import t from 'tap';
import { shapeDocument } from '../../src/docs/shape.ts';

const ref = (name: string) => ({ $ref: `#/components/schemas/${name}` });
const media = (schema: object, type = 'application/json') => ({ content: { [type]: { schema } } });

/** A document with one GET answering component `Thing`, as @fastify/swagger would write it. */
const raw = (openapi: string, thing: object, operation: object = {}) => ({
  openapi,
  info: {},
  components: {
    schemas: {
      Thing: thing,
      Part: { type: 'object', description: 'A part.', example: {} },
      Choice: { enum: ['a'] },
      Unused: { type: 'object' },
    },
  },
  paths: {
    '/things': {
      get: {
        responses: { 200: { description: 'ok', ...media(ref('Thing')) } },
        ...operation,
      },
    },
  },
});
const shaped = (openapi: string, thing: object) =>
  shapeDocument(raw(openapi, thing)).components.schemas.Thing;
const operation = (parts: object) => shapeDocument(raw('3.0.3', {}, parts)).paths['/things']!.get!;

t.test(
  'a component or null stands in place in 3.0, where null is an example too, and is anyOf in 3.1',
  async (t) => {
    const nothing = { type: 'object', nullable: true, enum: [null] };
    const orNull = (name: string, none: object) => ({ properties: { part: { anyOf: [ref(name), none] } } });
    t.strictSame(shaped('3.0.3', orNull('Part', nothing)), {
      properties: { part: { type: 'object', description: 'A part.', nullable: true } },
    });
    t.strictSame(
      shaped('3.0.3', orNull('Choice', nothing)),
      { properties: { part: { nullable: true, allOf: [ref('Choice')] } } },
      'what is no object keeps its name',
    );
    const modern = orNull('Part', { type: 'null' });
    t.strictSame(shaped('3.1.0', modern), modern);
    const either = { anyOf: [ref('Part'), { type: 'string' }] };
    t.strictSame(shaped('3.0.3', either), either, 'another choice stays');
  },
);

t.test('answers stay open for new members, and integers are wide unless bounded', async (t) => {
  t.strictSame(
    shaped('3.0.3', {
      additionalProperties: false,
      properties: {
        count: { type: 'integer', nullable: true },
        year: { type: 'integer', maximum: 2100 },
        sum: { type: 'integer', maximum: 2 ** 53 - 1 },
        additionalProperties: { type: 'string' },
      },
      example: { additionalProperties: false },
    }),
    {
      properties: {
        count: { type: 'integer', nullable: true, format: 'int64' },
        year: { type: 'integer', maximum: 2100 },
        sum: { type: 'integer', maximum: 2 ** 53 - 1, format: 'int64' },
        additionalProperties: { type: 'string' },
      },
      example: { additionalProperties: false },
    },
  );
});

t.test('only components that are referred to stay', async (t) => {
  const names = (thing: object) => Object.keys(shapeDocument(raw('3.1.0', thing)).components.schemas);
  t.strictSame(names({ type: 'object' }), ['Thing']);
  t.strictSame(names({ properties: { part: ref('Part') } }), ['Part', 'Thing']);
});

t.test('every error is a problem, also where the answer is no JSON', async (t) => {
  const { responses } = operation({
    responses: {
      200: { description: 'rows', ...media({ type: 'string' }, 'text/csv') },
      404: { description: 'none', ...media(ref('ProblemDetails'), 'text/csv') },
    },
  });
  t.strictSame(
    Object.keys(responses),
    ['200', '401', '404', '429'],
    '401 and 429 can happen to every operation',
  );
  const { responses: ofOperators } = operation({
    tags: ['operations'],
    responses: { 200: { description: 'ok', ...media({ type: 'string' }) } },
  });
  t.strictSame(Object.keys(ofOperators), ['200'], 'but to those who ask whether the service runs');
  t.strictSame(Object.keys(responses['200']!.content!), ['text/csv']);
  for (const status of ['401', '404'])
    t.strictSame(Object.keys(responses[status]!.content!), ['application/problem+json']);
  t.ok(responses['401']!.headers?.['WWW-Authenticate']);
});

t.test('headers get their own spelling back and come with what they belong to', async (t) => {
  const header = { in: 'header', name: 'idempotency-key', schema: { type: 'string' } };
  const { parameters, responses } = operation({
    parameters: [header],
    responses: {
      200: { description: 'ok', headers: { 'x-total': { schema: {} } }, ...media(ref('Thing')) },
      304: { description: 'same' },
      428: { description: 'which?' },
    },
  });
  t.strictSame(
    parameters?.map((parameter) => [parameter.name, parameter.required]),
    [
      ['Idempotency-Key', undefined],
      ['If-None-Match', false],
      ['If-Match', true],
    ],
  );
  t.strictSame(Object.keys(responses['200']!.headers!).toSorted(), ['ETag', 'X-Total']);
  t.ok(responses['304']!.headers?.ETag);
  t.ok(responses['428']!.headers?.ETag);
});

t.test('If-Match is optional where only a stale one is refused', async (t) => {
  const { parameters } = operation({
    responses: { 200: { description: 'ok' }, 412: { description: 'stale' } },
  });
  t.strictSame(
    parameters?.map(({ name, required }) => [name, required]),
    [['If-Match', false]],
  );
});

t.test('a POST that stores something can be sent again under its key', async (t) => {
  const posted = (security?: object[]) => {
    const { get } = raw(
      '3.0.3',
      {},
      { responses: { 201: { description: 'made' } }, ...(security && { security }) },
    ).paths['/things'];
    return shapeDocument({ ...raw('3.0.3', {}), paths: { '/things': { post: get } } }).paths['/things']!
      .post!;
  };
  for (const operation of [posted(), posted([{}, { bearer: [] }])]) {
    t.strictSame(
      operation.parameters?.map(({ name, required }) => [name, required]),
      [['Idempotency-Key', false]],
    );
    t.ok(operation.responses['422'], 'another request under the same key is refused');
    t.ok(operation.responses['201']!.headers?.['Idempotency-Replayed']);
  }
  t.notOk(posted([]).parameters, 'what is open to everyone stores nothing');
});

/** `POST /things` beside other paths, its headers with 201. */
const made = (schema: object, beside: object) => {
  const post = { responses: { 201: { description: 'made', ...media(schema) } } };
  const document = { ...raw('3.0.3', { type: 'object' }), paths: { '/things': { post }, ...beside } };
  return Object.keys(shapeDocument(document).paths['/things']!.post!.responses['201']!.headers!);
};

t.test('what is made has a location where it can be read, and a tag where it is read with one', async (t) => {
  const ok = { description: 'ok', ...media(ref('Thing')) };
  const read = { get: { responses: { 200: ok, 304: { description: 'same' } } } };
  const replayed = 'Idempotency-Replayed';
  t.strictSame(made(ref('Thing'), { '/things/{id}': read }), [replayed, 'Location', 'ETag']);
  t.strictSame(made(ref('Part'), { '/things/{id}': read }), [replayed, 'Location'], 'of another kind');
  t.strictSame(made(ref('Thing'), { '/things/{id}': { delete: read.get } }), [replayed], 'not to be read');
  t.strictSame(made(ref('Thing'), { '/things/{id}/parts/{part}': read }), [replayed, 'ETag'], 'further down');
  t.strictSame(made(ref('Thing'), { '/things/{id}': { get: { responses: { 200: ok } } } }), [
    replayed,
    'Location',
  ]);
});

t.test('every operation that may be sent a body can refuse it, whether it takes one or not', async (t) => {
  const { get } = raw('3.0.3', {}).paths['/things'];
  const methods = { get, put: get, patch: get, post: get, delete: get };
  const { paths } = shapeDocument({ ...raw('3.0.3', {}), paths: { '/things': methods } });
  for (const [method, { responses }] of Object.entries(paths['/things']!))
    for (const status of ['413', '415'])
      t.equal(status in responses, method !== 'get', `${method} ${status}`);
});

t.test('a stream is not kept under a key', async (t) => {
  const post = {
    requestBody: media({ type: 'string' }, 'application/x-ndjson'),
    responses: { 200: { description: 'results' } },
  };
  const { paths } = shapeDocument({ ...raw('3.0.3', {}), paths: { '/things': { post } } });
  t.notOk(paths['/things']!.post!.parameters);
  t.notOk(paths['/things']!.post!.responses['422']);
});

t.test('a list that has pages names the header that leads to the next', async (t) => {
  const page = { properties: { items: {}, next_cursor: {} } };
  const limit = { in: 'query', name: 'limit', schema: { type: 'integer' } };
  const headers = (thing: object, parts: object) =>
    shapeDocument(raw('3.0.3', thing, parts)).paths['/things']!.get!.responses['200']!.headers;
  t.ok(headers(page, { parameters: [limit] })?.Link);
  t.notOk(headers(page, {}), 'a list that is always whole does not');
  t.notOk(headers({}, { parameters: [limit] }), 'what is no page does not');
});

t.test('the argument stays as it was', async (t) => {
  const before = raw('3.0.3', { additionalProperties: false });
  const copy = structuredClone(before);
  shapeDocument(before);
  t.strictSame(before, copy);
});
