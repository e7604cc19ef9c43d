import { readFileSync } from 'node:fs';
import { isDeepStrictEqual } from 'node:util';
import { Ajv2020 } from 'ajv/dist/2020.js';
import addFormatsModule from 'ajv-formats';
import t from 'tap';
import { parse } from 'yaml';
import { documents } from '../../openapi/documents.ts';
import type { Media, OpenApiDocument } from '../../src/docs/document.ts';
import { appWithoutDatabase, closed, type NamedOperation, operationsOf } from './support.ts';

const app = await appWithoutDatabase(t);
const contract = app.swagger() as unknown as OpenApiDocument;
const modern = app.swagger31();
const operations = operationsOf(contract);
const modernOperations = operationsOf(modern);

type Schema = Record<string, unknown>;
const jsonType = /^application\/(merge-patch\+)?json$/;
const nameOf = (schema: unknown) =>
  (schema as { $ref?: string } | undefined)?.$ref?.replace('#/components/schemas/', '');

t.test('the documents in openapi/ are those of the routes (else run `npm run openapi`)', async (t) => {
  for (const { file, text } of await documents()) t.ok(readFileSync(file, 'utf8') === text, file.pathname);
});

t.test('what has a pattern is described, since that is what a fault of it says', async (t) => {
  const undescribed: string[] = [];
  const look = (where: string, schema: unknown): void => {
    if (typeof schema !== 'object' || schema === null) return;
    if ('pattern' in schema && !(schema as Schema).description) undescribed.push(where);
    for (const [name, member] of Object.entries(schema)) look(`${where}/${name}`, member);
  };
  for (const [name, schema] of Object.entries(contract.components.schemas)) look(name, schema);
  for (const { name, parameters = [] } of operations)
    for (const { name: parameter, description, schema } of parameters)
      look(`${name} ${parameter}`, { description, ...(schema as Schema) });
  t.strictSame(undescribed, []);
});

t.test('the three documents say the same', async (t) => {
  t.equal(contract.openapi, '3.0.3');
  t.equal(modern.openapi, '3.1.0');
  t.same(parse(app.swagger({ yaml: true })), contract, 'YAML and JSON');
  t.notMatch(app.swagger({ yaml: true }), /[:-] [&*][a-z]\d+$/m, 'YAML without aliases');
  t.strictSame(
    modernOperations.map(({ operationId, name }) => [operationId, name]),
    operations.map(({ operationId, name }) => [operationId, name]),
  );
  t.strictSame(
    Object.keys(contract.components.schemas).filter((name) => !(name in modern.components.schemas)),
    [],
    'the contract has no component of its own',
  );
});

/** `GET /v1/editions/{edition}` of every route but HEAD and the documentation page, from Fastify's printed tree. */
function routesOf(tree: string): string[] {
  const above: string[] = [];
  return tree.split('\n').flatMap((line) => {
    const [, indent = '', part = '', methods = ''] = /^(.*?)[├└]── (\S+)(?: \((.*)\))?/.exec(line) ?? [];
    above.length = indent.length / 4;
    above.push(part);
    const path = above.join('').replaceAll(/:(\w+)/g, '{$1}');
    return methods
      .split(', ')
      .filter((method) => method !== '' && method !== 'HEAD' && !path.startsWith('/docs'))
      .map((method) => `${method} ${path}`);
  });
}

t.test('every route of the service is in the document, and nothing else', async (t) => {
  const routes = routesOf(app.printRoutes({ commonPrefix: false }));
  t.strictSame(operations.map((operation) => operation.name).toSorted(), routes.toSorted());
});

t.test('operation ids are unique camelCase names', async (t) => {
  const ids = operations.map((operation) => operation.operationId ?? '');
  t.equal(new Set(ids).size, ids.length);
  for (const id of ids) t.match(id, /^[a-z]+([A-Z0-9][a-z0-9]*)+$/, id);
});

t.test('every operation has one tag, which is described', async (t) => {
  const described = contract.tags?.map((tag) => tag.name) ?? [];
  for (const { name, tags } of operations) {
    t.equal(tags?.length, 1, `${name} has one tag`);
    t.ok(described.includes(tags?.[0] ?? ''), `${name}: ${tags?.[0]} is described`);
  }
});

/** What an operation does not tell, or tells wrongly. */
function shortcomings(document: OpenApiDocument, operation: NamedOperation): string[] {
  const { summary, description, parameters = [], requestBody, responses, security } = operation;
  const found: string[] = [];
  const must = (holds: unknown, what: string) => {
    if (!holds) found.push(`${operation.name}: ${what}`);
  };
  const hasExample = (media: Media) => {
    const schema = (document.components.schemas[nameOf(media.schema) ?? ''] ?? media.schema) as Schema;
    return [media.example, media.examples, schema.example, schema.examples].some((e) => e !== undefined);
  };

  must(summary && summary.length <= 120, 'a short summary');
  must(description && description !== summary, 'a description');
  for (const parameter of parameters) {
    must(parameter.description, `parameter ${parameter.name} is described`);
    must(
      !('style' in parameter || 'explode' in parameter),
      `parameter ${parameter.name} has the default style`,
    );
    must(parameter.in !== 'header' || /^[A-Z]/.test(parameter.name), `${parameter.name} in its own spelling`);
  }

  for (const [type, media] of Object.entries(requestBody?.content ?? {})) {
    // Bytes of a file say nothing to a reader.
    must(
      /"format":"binary"/.test(JSON.stringify(media.schema)) || hasExample(media),
      `body ${type} has an example`,
    );
    must(!jsonType.test(type) || nameOf(media.schema), `body ${type} is a named component`);
  }

  must(
    Object.keys(responses).some((status) => status.startsWith('2')),
    'a success',
  );
  for (const status of ['400', '500', '503']) must(responses[status], status);
  must(responses['401'] || operation.tags?.includes('operations'), '401');
  if (/\{\w+\}/.test(operation.path)) must(responses['404'], '404 for what does not exist');
  if (requestBody) for (const status of ['413', '415']) must(responses[status], status);
  for (const [status, answer] of Object.entries(responses)) {
    must(answer.description && answer.description !== 'Default Response', `${status} is described`);
    const types = Object.keys(answer.content ?? {});
    must(types.length <= 1, `${status} has one media type`);
    for (const header of Object.keys(answer.headers ?? {}))
      must(/^[A-Z]/.test(header), `${header} in its own spelling`);
    const [type = '', media = {}] = Object.entries(answer.content ?? {})[0] ?? [];
    if (status >= '400')
      must(
        type === 'application/problem+json' && nameOf(media.schema) === 'ProblemDetails',
        `${status} is a problem`,
      );
    else if (jsonType.test(type)) must(nameOf(media.schema), `${status} is a named component`);
    if (status.startsWith('2') && type !== '') must(hasExample(media), `${status} has an example`);
  }
  if (responses['304']) must(responses['200']?.headers?.ETag, 'what can be revalidated has an ETag');

  const open = [[], [{}, { bearer: [] }]].some((each) => isDeepStrictEqual(each, security));
  must(open || (security === undefined && responses['403']), 'public, or can be forbidden');
  must(!open || ['get', 'post'].includes(operation.method), 'writes need a token');
  return found;
}

for (const document of [contract, modern])
  t.test(`every operation of ${document.openapi} tells what a client needs`, async (t) => {
    for (const operation of operationsOf(document))
      t.strictSame(shortcomings(document, operation), [], operation.name);
  });

t.test('an operation that tells too little is found', async (t) => {
  const silent = {
    method: 'put',
    path: '/v1/things/{id}',
    name: 'PUT',
    responses: { 200: { description: 'ok' } },
  };
  const found = shortcomings(contract, silent).join('\n');
  for (const what of ['summary', 'description', '400', '401', '404', '500', '503', 'forbidden'])
    t.match(found, what);
});

t.test('no component is one that generators trip over', async (t) => {
  const reserved =
    /^(Case|Class|Error|List|Object|Response|Map|Set|Number|String|Boolean|Integer|Record|File|Date|Override|Default|Package)$/;
  const traps: [string, RegExp][] = [
    ['a closed object', /"additionalProperties":false/],
    ['null among the values', /"enum":\[[^\]]*null/],
    ['a tuple, constant or discriminator', /"prefixItems"|"const"|"discriminator"/],
  ];
  for (const document of [contract, modern])
    for (const [name, schema] of Object.entries(document.components.schemas)) {
      t.ok(/^[A-Z][A-Za-z0-9]+$/.test(name) && !reserved.test(name) && schema.description, name);
      const text = JSON.stringify(schema);
      t.strictSame(
        traps.filter(([, trap]) => trap.test(text)).map(([what]) => what),
        [],
        name,
      );
    }
  const nullable = /"type":\["?[a-z]+"?,|"type":\[|"type":"null"/;
  t.notMatch(JSON.stringify(contract.components.schemas), nullable, '3.0 has no lists of types');
  t.notMatch(JSON.stringify(modern.components.schemas), /"nullable"/, '3.1 has no nullable');
});

t.test('every example fits the schema it stands on, and names no member that is not there', async (t) => {
  const ajv = new Ajv2020({ allErrors: true, strict: false, allowUnionTypes: true });
  (addFormatsModule as unknown as typeof addFormatsModule.default)(ajv);
  ajv.addFormat('int64', true);
  const schemas = closed(modern.components.schemas) as Record<string, Schema>;
  ajv.addSchema({ $id: 'https://gongkai.invalid/openapi', components: { schemas } });
  const compile = (schema: unknown) =>
    ajv.compile(
      JSON.parse(
        JSON.stringify(closed(schema)).replaceAll(
          '"#/components',
          '"https://gongkai.invalid/openapi#/components',
        ),
      ),
    );
  const check = (where: string, schema: unknown, examples: unknown[]) => {
    if (examples.length === 0) return;
    const validate = compile(schema);
    for (const example of examples) {
      validate(example);
      t.strictSame(validate.errors ?? [], [], where);
    }
  };
  for (const [name, schema] of Object.entries(modern.components.schemas))
    check(name, { $ref: `#/components/schemas/${name}` }, (schema.examples as unknown[] | undefined) ?? []);
  const examplesOf = ({ example, examples }: { example?: unknown; examples?: unknown }): unknown[] => [
    ...(example === undefined ? [] : [example]),
    ...Object.values((examples ?? {}) as Record<string, { value: unknown }>).map(({ value }) => value),
  ];
  for (const { name, parameters = [], requestBody, responses } of modernOperations) {
    for (const parameter of parameters)
      check(`${name} ${parameter.name}`, parameter.schema, examplesOf(parameter));
    for (const { content } of [requestBody ?? { content: {} }, ...Object.values(responses)])
      for (const media of Object.values(content ?? {})) check(name, media.schema, examplesOf(media));
  }
});
