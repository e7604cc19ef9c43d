/**
 * Makes what @fastify/swagger writes out of the route schemas into a document that client generators understand, and
 * adds what holds for every operation, so that no route can forget it.
 */

type Json = null | boolean | number | string | Json[] | { [key: string]: Json };
interface JsonObject {
  [key: string]: Json;
}
export interface OpenApiDocument {
  openapi: string;
  info: object;
  tags?: { name: string; description?: string }[];
  paths: Record<string, Record<string, Operation>>;
  components: { schemas: Record<string, JsonObject>; [kind: string]: object };
  [member: string]: unknown;
}
export interface Operation {
  operationId?: string;
  summary?: string;
  description?: string;
  tags?: string[];
  parameters?: Parameter[];
  requestBody?: { content: Record<string, Media>; description?: string };
  responses: Record<string, Answer>;
  security?: object[];
}
export interface Parameter {
  in: string;
  name: string;
  required?: boolean;
  description?: string;
  schema?: Json;
  example?: Json;
  examples?: Json;
}
export interface Media {
  schema?: Json;
  example?: Json;
  examples?: Json;
}
export interface Answer {
  description: string;
  headers?: Record<string, Json>;
  content?: Record<string, Media>;
}

const isObject = (value: Json | undefined): value is JsonObject =>
  typeof value === 'object' && value !== null && !Array.isArray(value);

/** Fastify looks headers up in lower case; people and the standards spell them so. */
const headerName = (name: string): string =>
  ({ etag: 'ETag', 'www-authenticate': 'WWW-Authenticate' })[name.toLowerCase()] ??
  name.replace(/(^|-)([a-z])/g, (_, dash: string, letter: string) => dash + letter.toUpperCase());

const header = (description: string, schema: JsonObject = { type: 'string' }): JsonObject => ({
  description,
  schema,
});

const etag = header('Strong tag of exactly this version.');

/** Headers that come with a status, whatever the operation. */
const headersOfStatus: Record<string, Record<string, JsonObject>> = {
  201: {
    Location: header('The path of what was made, where it has one.', {
      type: 'string',
      format: 'uri-reference',
    }),
    ETag: header('Strong tag of what was made, where it has one.'),
  },
  304: { ETag: etag },
  401: { 'WWW-Authenticate': header('`Bearer`: send `Authorization: Bearer` and a token.') },
  412: { ETag: header('The tag of the current version.') },
  428: { ETag: header('The tag of the current version: what If-Match should say.') },
  429: { 'Retry-After': header('Seconds to wait.', { type: 'integer' }) },
  503: { 'Retry-After': header('Seconds to wait.', { type: 'integer' }) },
};

const ifNoneMatch: Parameter = {
  in: 'header',
  name: 'If-None-Match',
  required: false,
  description: 'An ETag the caller has; 304 while it is still the current one.',
  schema: { type: 'string' },
};
const ifMatch = (required: boolean): Parameter => ({
  in: 'header',
  name: 'If-Match',
  required,
  description: required
    ? 'The ETag of the version that the write is meant for. 428 without it, 412 when it is no longer the current one.'
    : 'The ETag of the version that the write is meant for; 412 when it is no longer the current one.',
  schema: { type: 'string' },
});

const idempotencyKey: Parameter = {
  in: 'header',
  name: 'Idempotency-Key',
  required: false,
  description:
    'Makes the request happen once: for 24 hours the same key with the same request is answered as the first time, with another request it is refused with 422.',
  schema: { type: 'string', pattern: '^[!-~]{1,255}$' },
};
const replayed = header(
  '`true` where the answer is that of an earlier request with the same Idempotency-Key.',
);

const problemContent = (): Record<string, Media> => ({
  'application/problem+json': { schema: { $ref: '#/components/schemas/ProblemDetails' } },
});

/** A token that is sent but not valid is refused on every operation, also on public ones. */
const unauthorized = (): Answer => ({
  description: 'No token where one is needed, or one that is not valid.',
  content: problemContent(),
});

const componentOf = (document: OpenApiDocument, media: Media | undefined): JsonObject | undefined => {
  const reference = isObject(media?.schema) ? media.schema.$ref : undefined;
  return typeof reference === 'string'
    ? document.components.schemas[reference.split('/').at(-1)!]
    : undefined;
};

const isPage = (schema: JsonObject | undefined): boolean =>
  isObject(schema?.properties) && 'next_cursor' in schema.properties;

function shapeOperation(document: OpenApiDocument, method: string, operation: Operation): void {
  const { responses, security } = operation;
  responses['401'] ??= unauthorized();
  // What is open to everyone alike stores nothing.
  const storing = method === 'post' && security?.length !== 0;
  if (storing)
    responses['422'] ??= {
      description: 'The Idempotency-Key was used for another request.',
      content: problemContent(),
    };
  for (const [status, answer] of Object.entries(responses)) {
    if (status >= '400') answer.content = problemContent();
    answer.headers = {
      ...(isPage(componentOf(document, answer.content?.['application/json'])) && {
        Link: header('`<…>; rel="next"`: the next page; absent on the last.'),
      }),
      ...(storing && status < '300' && { 'Idempotency-Replayed': replayed }),
      ...(status === '200' && (responses['304'] || responses['412']) && { ETag: etag }),
      ...headersOfStatus[status],
      ...Object.fromEntries(
        Object.entries(answer.headers ?? {}).map(([name, value]) => [headerName(name), value]),
      ),
    };
    if (Object.keys(answer.headers).length === 0) delete answer.headers;
  }
  const parameters = (operation.parameters ?? []).map((parameter) =>
    parameter.in === 'header' ? { ...parameter, name: headerName(parameter.name) } : parameter,
  );
  const declares = (name: string) => parameters.some((p) => p.in === 'header' && p.name === name);
  if (responses['304'] && !declares('If-None-Match')) parameters.push(ifNoneMatch);
  if ((responses['412'] || responses['428']) && !declares('If-Match'))
    parameters.push(ifMatch(responses['428'] !== undefined));
  if (storing && !declares('Idempotency-Key')) parameters.push(idempotencyKey);
  if (parameters.length > 0) operation.parameters = parameters;
  operation.responses = Object.fromEntries(Object.entries(responses).sort(([a], [b]) => (a < b ? -1 : 1)));
}

/** Largest 32-bit integer: what a generator takes an integer without a format for. */
const int32 = 2 ** 31 - 1;

/**
 * A component or null in OpenAPI 3.0. An object is repeated in place: only where the type stands beside `nullable`
 * do the validators inside linters and generators take it, and the null in an example. Anything else is a lone
 * `allOf`, which generators understand.
 */
function componentOrNull(document: OpenApiDocument, reference: string): JsonObject {
  const component = document.components.schemas[reference.split('/').at(-1)!];
  if (component?.type !== 'object') return { nullable: true, allOf: [{ $ref: reference }] };
  const { example: _, examples: __, ...inPlace } = component;
  return { ...inPlace, nullable: true };
}

/** One schema, outside in. */
function shapeSchema(schema: Json, document: OpenApiDocument): Json {
  if (Array.isArray(schema)) return schema.map((member) => shapeSchema(member, document));
  if (!isObject(schema)) return schema;
  const is30 = document.openapi.startsWith('3.0');
  const { anyOf } = schema;
  if (is30 && Array.isArray(anyOf) && anyOf.length === 2) {
    const [one, other] = anyOf;
    if (isObject(one) && typeof one.$ref === 'string' && isObject(other) && other.nullable === true)
      return shapeSchema(componentOrNull(document, one.$ref), document);
  }
  const shaped: JsonObject = {};
  for (const [key, value] of Object.entries(schema)) {
    if (is30 && key === 'examples' && Array.isArray(value)) {
      if (value.length > 0) shaped.example ??= value[0]!;
      continue;
    }
    // Bodies are closed when they are checked; in the document this would break clients with every new member.
    if (key === 'additionalProperties' && value === false) continue;
    shaped[key] = ['example', 'examples', 'default', 'enum', 'const'].includes(key)
      ? value
      : key === 'properties' && isObject(value)
        ? Object.fromEntries(
            Object.entries(value).map(([name, member]) => [name, shapeSchema(member, document)]),
          )
        : shapeSchema(value, document);
  }
  const types = [shaped.type].flat();
  if (types.includes('integer') && shaped.format === undefined && !(Number(shaped.maximum) <= int32))
    shaped.format = 'int64';
  return shaped;
}

/** Components that something in the document refers to, by name. */
function usedComponents(document: OpenApiDocument): Record<string, JsonObject> {
  const { schemas } = document.components;
  const used = new Set<string>();
  const visit = (value: unknown): void => {
    const names = JSON.stringify(value).matchAll(/"#\/components\/schemas\/([^"/]+)"/g);
    for (const [, name] of names)
      if (!used.has(name!)) {
        used.add(name!);
        visit(schemas[name!] ?? null);
      }
  };
  visit(document.paths);
  return Object.fromEntries(
    [...used].toSorted().flatMap((name) => (schemas[name] ? [[name, schemas[name]]] : [])),
  );
}

/** The `transformObject` of @fastify/swagger; answers a document of its own, in which no object occurs twice. */
export function shapeDocument(raw: object): OpenApiDocument {
  const document: OpenApiDocument = structuredCopy(raw);
  for (const methods of Object.values(document.paths))
    for (const [method, operation] of Object.entries(methods)) {
      shapeOperation(document, method, operation);
      for (const parameter of operation.parameters ?? [])
        if (parameter.schema) parameter.schema = shapeSchema(parameter.schema, document);
      for (const { content } of [
        operation.requestBody ?? {},
        ...Object.values(operation.responses),
      ] as Answer[])
        for (const media of Object.values(content ?? {}))
          if (media.schema) media.schema = shapeSchema(media.schema, document);
    }
  const usedTags = new Set(
    Object.values(document.paths).flatMap((methods) =>
      Object.values(methods).flatMap((each) => each.tags ?? []),
    ),
  );
  if (document.tags) document.tags = document.tags.filter((tag) => usedTags.has(tag.name));
  for (const [name, schema] of Object.entries(document.components.schemas))
    document.components.schemas[name] = shapeSchema(schema, document) as JsonObject;
  document.components.schemas = usedComponents(document);
  return structuredCopy(document);
}

/** Through JSON: shared objects become copies (YAML would write them as aliases) and what is undefined goes. */
const structuredCopy = (value: object): OpenApiDocument => JSON.parse(JSON.stringify(value));
