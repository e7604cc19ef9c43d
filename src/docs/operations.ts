import {
  type Answer,
  isObject,
  type JsonObject,
  type Media,
  type OpenApiDocument,
  type Operation,
  type Parameter,
} from './document.ts';

/** What every operation says, or every one of its kind, so that no route can forget it. */

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

/** One operation, in place: its errors, its headers in their own spelling, and what holds for all of its kind. */
export function shapeOperation(document: OpenApiDocument, method: string, operation: Operation): void {
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
