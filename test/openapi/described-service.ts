import { Ajv2020 } from 'ajv/dist/2020.js';
import addFormatsModule from 'ajv-formats';
import type { Test } from 'tap';
import { buildApp } from '../../src/app.ts';
import type { OpenApiDocument } from '../../src/docs/document.ts';
import { createTestDatabase } from '../support/database.ts';
import { closed, operationsOf } from './support.ts';

export interface Call {
  /** Members of the path. */
  path?: Record<string, string | number>;
  query?: string;
  body?: unknown;
  headers?: Record<string, string>;
}

type Faults = (schema: unknown, value: unknown) => string[];

/** Compares values with components as published, and with components that refuse members they do not describe. */
function comparison({ components: { schemas } }: OpenApiDocument): { open: Faults; strict: Faults } {
  const ajv = new Ajv2020({ allErrors: true, strict: false, allowUnionTypes: true });
  (addFormatsModule as unknown as typeof addFormatsModule.default)(ajv);
  ajv.addFormat('int64', true);
  const against = (kind: string, given: unknown): Faults => {
    ajv.addSchema({ $id: `https://${kind}.invalid/`, components: { schemas: given } });
    return (schema, value) => {
      const { $ref } = schema as { $ref: string };
      const validate = ajv.getSchema(`https://${kind}.invalid/${$ref}`)!;
      return validate(value) ? [] : (validate.errors ?? []).map((e) => `${e.instancePath} ${e.message}`);
    };
  };
  return { open: against('open', schemas), strict: against('strict', closed(schemas)) };
}

/** Starts the service and a client of it that knows only its document and compares every answer with it. */
export async function describedService(t: Test) {
  const adminToken = 'contract';
  const { db } = await createTestDatabase(t);
  const app = await buildApp({ db, adminToken });
  /** What handlers gave to be written, by request id: a serializer may hide a null or a member that is not described. */
  const given = new Map<string, unknown>();
  app.addHook('preSerialization', async (request, _reply, payload) => {
    given.set(request.id, payload);
    return payload;
  });
  const url = await app.listen({ host: '127.0.0.1', port: 0 });
  t.teardown(() => app.close());

  const document = app.swagger31() as OpenApiDocument;
  const operations = new Map(operationsOf(document).map((operation) => [operation.name, operation]));
  const { open, strict } = comparison(document);
  const succeeded = new Set<string>();
  /** Where answers were not as described; every test ends by having none. */
  const faults: string[] = [];

  /** Calls an operation of the document as the administrator and checks its answer against what the document says. */
  async function call(
    name: string,
    wanted: number,
    { path = {}, query = '', body, headers = {} }: Call = {},
  ) {
    const operation = operations.get(name);
    if (operation === undefined) throw new Error(`no operation ${name}`);
    const address = operation.path.replaceAll(/\{(\w+)\}/g, (_, key: string) => String(path[key]));
    const [type = ''] = Object.keys(operation.requestBody?.content ?? {});
    const answer = await fetch(`${url}${address}${query}`, {
      method: operation.method.toUpperCase(),
      headers: {
        authorization: `Bearer ${adminToken}`,
        ...(body === undefined ? {} : { 'content-type': type }),
        ...headers,
      },
      ...(body === undefined ? {} : { body: typeof body === 'string' ? body : JSON.stringify(body) }),
    });
    const text = await answer.text();
    const title = `${name}${query} ${wanted}`;
    if (answer.status !== wanted) throw new Error(`${title}: ${answer.status} ${text.slice(0, 2000)}`);
    const told = operation.responses[String(wanted)];
    if (told === undefined) throw new Error(`${title} is not in the document`);

    const found: string[] = [];
    const [media = ''] = Object.keys(told.content ?? {});
    const sent = answer.headers.get('content-type')?.split(';')[0] ?? '';
    if (sent !== media) found.push(`sent as ${sent}, not ${media}`);
    if (wanted === 304 && answer.headers.has('content-length')) found.push('a length of nothing');
    for (const header of ['ETag', 'Location', 'Link', 'Retry-After']) {
      const sent = answer.headers.has(header);
      // The last page links to none, and not every conflict is with something that has a path.
      const optional = header === 'Link' || (header === 'Location' && wanted === 409);
      if (told.headers?.[header] && !sent && !optional) found.push(`no ${header}`);
      if (!told.headers?.[header] && sent) found.push(`${header} is not described`);
    }
    let json: unknown;
    if (/[/+]json$/.test(media)) {
      json = JSON.parse(text);
      const { schema } = told.content![media]!;
      found.push(...strict(schema, json));
      const payload = given.get(answer.headers.get('x-request-id') ?? '');
      if (typeof payload === 'object') found.push(...open(schema, JSON.parse(JSON.stringify(payload))));
    } else if (media === '' && text !== '') found.push('a body where there should be none');
    faults.push(...found.map((fault) => `${title}: ${fault}`));
    if (wanted < 300) succeeded.add(name);
    // biome-ignore lint/suspicious/noExplicitAny: answers of every shape, checked above
    return { body: json as any, text, etag: answer.headers.get('etag') ?? '', headers: answer.headers };
  }

  return { call, faults, succeeded, operations };
}
