import { Type } from 'typebox';
import { inWarningsHeader, warningsHeader } from '../aggregates/headers.ts';
import { warnOfUnknown } from '../aggregates/missing-codes.ts';
import type { Warning } from '../aggregates/warnings.ts';
import type { Db } from '../db/database.ts';
import { byKey } from '../editions/cell-labels.ts';
import type { App } from '../http/app-type.ts';
import { decodeCursor, page, pageQuery, rowsWanted } from '../http/lists.ts';
import { problems } from '../http/problem.ts';
import { rowsRoutes } from '../http/rows-routes.ts';
import { readerOf } from '../http/transactions.ts';
import { findOrgan, noOrgan } from '../organs/queries.ts';
import { type CoverageQuery, type CoverageRow, coverageRows, listCoverage, statuses } from './queries.ts';
import { coverageQuery, OrganCoverage, OrganCoveragePage } from './schema.ts';

const tags = ['aggregates'];
const description =
  'Every organ that is asked for a report of the year or, where it has not ended, will be, in order of registration, and whether its figures are in the sum: the `coverage` of the aggregates by name, for the same filters, `basis` and one year, without place, level, kind or organ in `group_by`. The tree is that of 31 December of the year. Places and organs that there are none of are named by the warning `unknown-code`; 404 where `parts_of` is no organ.';

const columns = Object.keys(OrganCoverage.properties);
const codes = { status: byKey('status', statuses) };

/** The rows as they are. They are flat already, but their type does not say so. */
async function* flat(rows: AsyncIterable<CoverageRow>) {
  for await (const row of rows) yield { ...row };
}

/** The warnings about the filters. Problem `not-found` (404) where `parts_of` is no organ. */
async function warningsOf(db: Db, { year: _, parts_of, ...filters }: CoverageQuery): Promise<Warning[]> {
  if (parts_of !== undefined && !(await findOrgan(db, parts_of))) throw noOrgan(parts_of);
  return warnOfUnknown(db, filters);
}

/** GET /v1/coverage: who is in the sums, who is covered and who is missing. */
export function coverageRoutes(app: App): void {
  app.addSchema(OrganCoverage);
  app.addSchema(OrganCoveragePage);

  app.get(
    '/v1/coverage',
    {
      // One page may take several statements.
      config: { snapshot: true },
      schema: {
        operationId: 'listCoverage',
        tags,
        summary: 'Who has reported, who is covered by whom, and who is missing',
        description,
        security: [],
        querystring: Type.Object({ ...coverageQuery, ...pageQuery }),
        response: { 200: Type.Ref('OrganCoveragePage'), ...problems(400, 401, 404) },
      },
    },
    async (request, reply) => {
      const [after] = decodeCursor(request, ['uuid']) ?? [];
      const query = request.query as CoverageQuery;
      const warnings = await warningsOf(request.db, query);
      const rows = await listCoverage(request.db, query, after, rowsWanted(request));
      return { ...page(reply, rows, ({ organ_id }) => [organ_id]), warnings };
    },
  );

  rowsRoutes<CoverageQuery>(app, {
    path: '/v1/coverage',
    operationId: 'listCoverage',
    tags,
    summary: 'Who has reported, is covered or missing',
    description: `The whole list as one stream. ${description}`,
    query: coverageQuery,
    statuses: [400, 401, 404],
    headers: warningsHeader,
    rows: async (request, query) => ({
      name: 'coverage',
      rows: flat(coverageRows(readerOf(request), query)),
      columns,
      labels: { codes },
      headers: inWarningsHeader(await warningsOf(readerOf(request), query)),
    }),
  });
}
