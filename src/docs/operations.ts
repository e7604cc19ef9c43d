import {
  type Answer,
  isObject,
  type JsonObject,
  type Media,
  type OpenApiDocument,
  type Operation,
  type Parameter,
} from './document.ts';

/** Adds to operations what all of them, or all of one kind, have in common, so that no route can forget it. */

/** The name of a header as people and the standards spell it. Fastify looks headers up in lower case. */
const headerName = (name: string): string =>
  ({ etag: 'ETag', 'www-authenticate': 'WWW-Authenticate' })[name.toLowerCase()] ??
  name.replace(/(^|-)([a-z])/g, (_, dash: string, letter: string) => dash + letter.toUpperCase());

const header = (description: string, schema: JsonObject = { type: 'string' }): JsonObject => ({
  description,
  schema,
});

const etag = header('Strong tag of exactly this version.');

const location = header('The path of what was made.', { type: 'string', format: 'uri-reference' });

/** The headers that come with a status, whatever the operation. */
const headersOfStatus: Record<string, Record<string, JsonObject>> = {
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

const refused = (description: string): Answer => ({ description, content: problemContent() });

/**
 * The refusals that can come before the operation itself looks at a request. Operations for those who run the service
 * have hardly any.
 */
const refusals = (method: string, { tags }: Operation): Record<string, Answer> => ({
  ...(!tags?.includes('operations') && {
    // A token that is sent but not valid is refused on public operations too.
    401: refused('No token where one is needed, or one that is not valid.'),
    429: refused('More requests a minute than a caller may send.'),
  }),
  // A body is read before it is clear that the operation takes none.
  ...(!['get', 'head'].includes(method) && {
    413: refused('The body is too large.'),
    415: refused('The media type is not supported; of an operation without a body, that of any body.'),
  }),
});

const componentOf = (document: OpenApiDocument, media: Media | undefined): JsonObject | undefined => {
  const reference = isObject(media?.schema) ? media.schema.$ref : undefined;
  return typeof reference === 'string'
    ? document.components.schemas[reference.split('/').at(-1)!]
    : undefined;
};

const jsonOf = (answer: Answer | undefined): Media | undefined => answer?.content?.['application/json'];

const isPage = (schema: JsonObject | undefined): boolean =>
  isObject(schema?.properties) && 'next_cursor' in schema.properties;

const hasLimit = ({ parameters = [] }: Operation): boolean =>
  parameters.some((parameter) => parameter.in === 'query' && parameter.name === 'limit');

/**
 * Whether what is made at a path has an address. It has one where a GET directly below the path reads one of its
 * kind.
 */
const isAddressed = (document: OpenApiDocument, path: string): boolean =>
  Object.entries(document.paths).some(
    ([below, methods]) =>
      methods.get !== undefined &&
      below.startsWith(`${path}/{`) &&
      below.endsWith('}') &&
      !below.slice(path.length + 1).includes('/'),
  );

/** Whether an answer is a resource that some GET answers with an ETag. Then writing it answers with the ETag too. */
function isTagged(document: OpenApiDocument, answer: Answer): boolean {
  const schema = JSON.stringify(jsonOf(answer)?.schema);
  return (
    schema !== undefined &&
    Object.values(document.paths).some(
      ({ get }) =>
        get?.responses['304'] !== undefined &&
        JSON.stringify(jsonOf(get.responses['200'])?.schema) === schema,
    )
  );
}

/**
 * Whether a request may be repeated under an Idempotency-Key. What is open to everyone stores nothing, so there is
 * nothing to repeat. A stream is not kept, so a second one could not be compared with it.
 */
const isRepeatable = (method: string, { security, requestBody }: Operation): boolean =>
  method === 'post' && security?.length !== 0 && !('application/x-ndjson' in (requestBody?.content ?? {}));

/** A merge patch is JSON, which clients may also send under its own media type (RFC 7396). */
function nameMergePatch({ requestBody }: Operation): void {
  const json = requestBody?.content['application/json'];
  if (json) requestBody.content['application/merge-patch+json'] = json;
}

/**
 * Completes one operation in place: its refusals, its headers in their usual spelling, and what all of its kind have
 * in common.
 */
export function shapeOperation(
  document: OpenApiDocument,
  path: string,
  method: string,
  operation: Operation,
): void {
  const { responses } = operation;
  if (method === 'patch') nameMergePatch(operation);
  for (const [status, answer] of Object.entries(refusals(method, operation))) responses[status] ??= answer;
  const repeatable = isRepeatable(method, operation);
  if (repeatable) responses['422'] ??= refused('The Idempotency-Key was used for another request.');
  for (const [status, answer] of Object.entries(responses)) {
    if (status >= '400') answer.content = problemContent();
    answer.headers = {
      ...(hasLimit(operation) &&
        isPage(componentOf(document, jsonOf(answer))) && {
          Link: header('`<…>; rel="next"`: the next page; absent on the last.'),
        }),
      ...(repeatable && status < '300' && { 'Idempotency-Replayed': replayed }),
      ...(status === '200' && (responses['304'] || responses['412']) && { ETag: etag }),
      ...(status === '201' && isAddressed(document, path) && { Location: location }),
      ...(status === '201' && isTagged(document, answer) && { ETag: etag }),
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
  if (repeatable && !declares('Idempotency-Key')) parameters.push(idempotencyKey);
  if (parameters.length > 0) operation.parameters = parameters;
  operation.responses = Object.fromEntries(Object.entries(responses).sort(([a], [b]) => (a < b ? -1 : 1)));
}
