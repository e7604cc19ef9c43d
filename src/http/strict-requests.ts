import type { App } from './app-type.ts';
import { Problem } from './problem.ts';

/** Problem `unsupported-media-type` (415) with the encoding that is accepted, as in RFC 9110. */
const encoded = () =>
  new Problem('unsupported-media-type', {
    detail: 'send the body as it is, without Content-Encoding',
    headers: { 'accept-encoding': 'identity' },
  });

/**
 * Refuses queries and bodies on routes that declare none, encoded bodies, and queries that are not
 * percent-encoded UTF-8: what a caller sends is never ignored. To be registered before routes.
 */
export function registerStrictRequests(app: App): void {
  app.addHook('onRequest', (request, _reply, done) => {
    const { method, headers } = request;
    const encoding = headers['content-encoding'] ?? 'identity';
    if (method !== 'GET' && method !== 'HEAD' && encoding.toLowerCase() !== 'identity')
      return done(encoded());
    const query = request.raw.url?.split('?', 2)[1];
    try {
      if (query?.includes('%')) decodeURIComponent(query);
    } catch {
      return done(new Problem('malformed-request', { detail: 'the query is not percent-encoded UTF-8' }));
    }
    done();
  });
  app.addHook('onRoute', (route) => {
    route.schema = { querystring: { type: 'object', properties: {} }, ...route.schema };
    if (route.schema.body !== undefined || route.method === 'GET' || route.method === 'HEAD') return;
    route.preValidation = [
      ...[route.preValidation ?? []].flat(),
      async (request: { body: unknown }) => {
        const { body } = request;
        const empty =
          body === undefined || (typeof body === 'object' && body !== null && Object.keys(body).length === 0);
        if (!empty)
          throw new Problem('invalid-request', {
            errors: [{ pointer: '', code: 'no-body', message: 'this operation takes no body' }],
          });
      },
    ];
  });
}
