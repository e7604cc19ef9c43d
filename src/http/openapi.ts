import swagger from '@fastify/swagger';
import swaggerUi from '@fastify/swagger-ui';
import type { FastifyReply, FastifyRequest } from 'fastify';
import { Type } from 'typebox';
import type { OpenApiDocument } from '../docs/document.ts';
import { info, tags } from '../docs/info.ts';
import { shapeDocument } from '../docs/shape.ts';
import type { App } from './app-type.ts';
import { etagOf, isFresh } from './etag.ts';
import { notModified, problems } from './problem.ts';

declare module 'fastify' {
  interface FastifyInstance {
    /** The OpenAPI 3.1.0 document. `swagger()` is the 3.0.3 one, from which clients are generated. */
    swagger31(): OpenApiDocument;
    swagger31(options: { yaml: true }): string;
  }
}

const described = (openapi: '3.0.3' | '3.1.0') => ({
  openapi: {
    openapi,
    info,
    tags,
    servers: [{ url: '/', description: 'This service.' }],
    components: {
      securitySchemes: {
        bearer: {
          type: 'http' as const,
          scheme: 'bearer',
          description: 'A token sent as `Authorization: Bearer …`.',
        },
      },
    },
    security: [{ bearer: [] }],
  },
  hideUntagged: true,
  // References use the name of the component, not a running number.
  refResolver: { buildLocalReference: (json: { $id?: unknown }) => String(json.$id) },
  transformObject: (document: object) =>
    shapeDocument((document as { openapiObject: object }).openapiObject) as object,
});

const svg = (width: number, shapes: string): string =>
  `<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 ${width} 40" width="${width}" height="40">${shapes}</svg>`;
const lettering = (x: number, y: number, size: number, content: string): string =>
  `<text x="${x}" y="${y}" font-family="sans-serif" font-weight="bold" font-size="${size}" fill="#fff">${content}</text>`;

/** The logo and the icon of the page to read and try operations: on its dark bar, and in its tab. */
const logo = svg(200, lettering(0, 28, 24, 'Gongkai 公开'));
const icon = svg(40, `<rect width="40" height="40" rx="8" fill="#1f4e79"/>${lettering(6, 31, 28, '公')}`);

/** Where each document is served. */
const published = [
  {
    path: '/openapi.json',
    operationId: 'getOpenApi',
    type: 'application/json',
    summary: 'This document',
    description: 'The OpenAPI 3.0.3 document, which clients are generated from.',
    text: (app: App) => JSON.stringify(app.swagger()),
  },
  {
    path: '/openapi.yaml',
    operationId: 'getOpenApiYaml',
    type: 'application/yaml',
    summary: 'This document as YAML',
    description: 'The OpenAPI 3.0.3 document as YAML.',
    text: (app: App) => app.swagger({ yaml: true }),
  },
  {
    path: '/openapi-3.1.json',
    operationId: 'getOpenApi31',
    type: 'application/json',
    summary: 'This document in OpenAPI 3.1',
    description: 'The same operations as an OpenAPI 3.1.0 document.',
    text: (app: App) => JSON.stringify(app.swagger31()),
  },
];

const OpenApi = Type.Unsafe<Record<string, unknown>>({
  $id: 'OpenApi',
  type: 'object',
  description: 'An OpenAPI document.',
  properties: { openapi: { type: 'string', description: 'Version of the OpenAPI specification.' } },
  required: ['openapi'],
  additionalProperties: true,
  examples: [{ openapi: '3.0.3' }],
});

/**
 * Describes every route registered after it, in OpenAPI 3.0.3 and 3.1.0 and on a page to read and try
 * operations. To be awaited before the first route is registered.
 */
export async function registerOpenApi(app: App): Promise<void> {
  await app.register(swagger, described('3.0.3') as object);
  await app.register(swagger, { ...described('3.1.0'), decorator: 'swagger31' } as object);
  await app.register(swaggerUi, {
    routePrefix: '/docs',
    staticCSP: true,
    // Everything the page needs comes from this service, which may run without TLS.
    transformStaticCSP: (policy) =>
      policy.replace(/ (https:|validator\.swagger\.io)/g, '').replace(/ ?upgrade-insecure-requests;/, ''),
    uiConfig: {
      validatorUrl: null,
      deepLinking: true,
      docExpansion: 'none',
      displayRequestDuration: true,
      // The documents served here, instead of the copy that the plugin serves. The page shows the first of
      // them.
      urls: [
        { url: '/openapi.json', name: 'OpenAPI 3.0.3' },
        { url: '/openapi-3.1.json', name: 'OpenAPI 3.1.0' },
      ],
    },
    logo: { type: 'image/svg+xml', content: logo, href: '/docs', target: '_self' },
    theme: {
      title: 'Gongkai 公开',
      favicon: [{ filename: 'icon.svg', rel: 'icon', type: 'image/svg+xml', sizes: 'any', content: icon }],
    },
  });

  app.addSchema(OpenApi);
  for (const { path, operationId, type, summary, description, text } of published) {
    let rendered: { body: string; etag: string } | undefined;
    app.get(
      path,
      {
        config: { unlimited: true },
        schema: {
          operationId,
          tags: ['operations'],
          summary,
          description,
          security: [],
          produces: [type],
          response: {
            200:
              type === 'application/json'
                ? { ...Type.Ref('OpenApi'), description }
                : Type.String({ description, examples: ['openapi: 3.0.3'] }),
            304: notModified,
            ...problems(400),
          },
        },
      },
      async (request: FastifyRequest, reply: FastifyReply) => {
        if (rendered === undefined) {
          const body = text(app);
          rendered = { body, etag: etagOf(body) };
        }
        reply.header('etag', rendered.etag).header('cache-control', 'public, no-cache');
        if (isFresh(request, rendered.etag)) return reply.code(304).send();
        return reply.type(`${type}; charset=utf-8`).send(rendered.body);
      },
    );
  }
}
