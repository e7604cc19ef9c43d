import { Type } from 'typebox';
import { resourceText, taggedWith } from '../http/answers.ts';
import type { App } from '../http/app-type.ts';
import { notModified, Problem, problems } from '../http/problem.ts';
import { editionKeys } from './index.ts';
import { editionComponents, editionDocument } from './schema.ts';

/** The editions never change while the service runs, so their answers are rendered once. */
const list = JSON.stringify({ items: editionKeys.map(editionDocument), next_cursor: null });
const byKey = new Map<string, string>(editionKeys.map((key) => [key, JSON.stringify(editionDocument(key))]));

/** GET /v1/editions and /v1/editions/{edition}: the printed form as data. */
export function editionRoutes(app: App): void {
  for (const component of editionComponents) app.addSchema(component);

  app.get(
    '/v1/editions',
    {
      schema: {
        operationId: 'listEditions',
        tags: ['editions'],
        summary: 'The editions of the form',
        description:
          'Every edition Gongkai takes, oldest first, each with its tables, rows, measures, labels and units. Report years 2019 and 2020 are on edition 2019, later ones on edition 2021.',
        security: [],
        response: {
          200: { ...Type.Ref('EditionList'), description: 'All editions.' },
          304: notModified,
          ...problems(400, 401),
        },
      },
    },
    async (request, reply) => resourceText(request, reply, list, taggedWith(list)),
  );

  app.get(
    '/v1/editions/:edition',
    {
      schema: {
        operationId: 'getEdition',
        tags: ['editions'],
        summary: 'One edition of the form',
        description:
          'The form as data: what is on it, in printed order, under permanent keys, with the official Chinese labels and their English translations.',
        security: [],
        params: Type.Object({
          edition: Type.String({ maxLength: 20, description: 'Name of the edition.', examples: ['2021'] }),
        }),
        response: {
          200: { ...Type.Ref('Edition'), description: 'The edition.' },
          304: notModified,
          ...problems(400, 401, 404),
        },
      },
    },
    async (request, reply) => {
      const found = byKey.get(request.params.edition);
      if (found === undefined)
        throw new Problem('not-found', { detail: `the editions are ${editionKeys.join(', ')}` });
      return resourceText(request, reply, found, taggedWith(found));
    },
  );
}
