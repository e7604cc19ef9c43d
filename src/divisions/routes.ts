import { Type } from 'typebox';
import { resource } from '../http/answers.ts';
import type { App } from '../http/app-type.ts';
import { decodeCursor, page, pageQuery, rowsWanted } from '../http/lists.ts';
import { notModified, Problem, problems } from '../http/problem.ts';
import { rowsRoutes } from '../http/rows-routes.ts';
import { ref } from '../http/schema-parts.ts';
import { everyRow } from '../http/streams.ts';
import { findDivision, listDivisions } from './queries.ts';
import { Division, type DivisionFilters, DivisionPage, divisionQuery } from './schema.ts';

/** GET /v1/divisions and /v1/divisions/{code}. */
export function divisionRoutes(app: App): void {
  app.addSchema(Division);
  app.addSchema(DivisionPage);

  app.get(
    '/v1/divisions',
    {
      schema: {
        operationId: 'listDivisions',
        tags: ['divisions'],
        summary: 'Administrative divisions',
        description:
          'Provinces, cities and counties in the order of their codes, with the codes abolished since August 2020. Towns and streets (nine digits) are not listed.',
        security: [],
        querystring: Type.Object({ ...divisionQuery, ...pageQuery }),
        response: {
          200: ref<Type.Static<typeof DivisionPage>>('DivisionPage', { description: 'A page of divisions.' }),
          ...problems(400, 401),
        },
      },
    },
    async (request, reply) => {
      const [after] = decodeCursor(request, ['text']) ?? [];
      const rows = await listDivisions(app.readDb, request.query, after, rowsWanted(request));
      return page(reply, rows, (row) => [row.code]);
    },
  );

  rowsRoutes<DivisionFilters>(app, {
    path: '/v1/divisions',
    operationId: 'listDivisions',
    tags: ['divisions'],
    summary: 'Administrative divisions',
    description: 'All that match as one stream, in the order of their codes.',
    query: divisionQuery,
    statuses: [400, 401],
    rows: (_, filters) => ({
      name: 'divisions',
      rows: everyRow(
        (after: string | undefined, limit) => listDivisions(app.readDb, filters, after, limit),
        ({ code }) => code,
      ),
      columns: Object.keys(Division.properties),
    }),
  });

  app.get(
    '/v1/divisions/:code',
    {
      schema: {
        operationId: 'getDivision',
        tags: ['divisions'],
        summary: 'One division',
        description: 'A province, city or county by its code, whether in force or abolished.',
        security: [],
        params: Type.Object({
          code: Type.String({
            pattern: '^[1-9][0-9]{5}([0-9]{3})?$',
            description: 'Six digits; towns and streets, of nine, are not listed.',
            examples: ['321300'],
          }),
        }),
        response: {
          200: ref<Type.Static<typeof Division>>('Division', { description: 'The division.' }),
          304: notModified,
          ...problems(400, 401, 404),
        },
      },
    },
    async (request, reply) => {
      const { code } = request.params;
      const division = await findDivision(app.readDb, code);
      if (division === undefined) {
        const county =
          code.length === 9 ? `: towns and streets are not listed; ${code.slice(0, 6)} is its county` : '';
        throw new Problem('not-found', { detail: `no division ${code}${county}` });
      }
      return resource(request, reply, division);
    },
  );
}
