import { Type } from 'typebox';
import { pick } from '../formats/format.ts';
import { parquet } from '../formats/parquet.ts';
import type { App } from '../http/app-type.ts';
import { decodeCursor, page, pageQuery, pageSchema, rowsWanted } from '../http/lists.ts';
import { problems } from '../http/problem.ts';
import { rowsRoutes } from '../http/rows-routes.ts';
import { meaningful } from '../http/validation.ts';
import { reportMeaning } from '../reports/filters.ts';
import { tidyTables } from './index.ts';
import { listTidyRows, streamTidyRows, type TidyFilters } from './queries.ts';
import { columnsOf, queryOf, reportColumns, type TidyTable, typesOf } from './tidy-table.ts';

const tags = ['tidy-rows'];

const order =
  'Rows of effective (published) revisions only, ordered by report id and printed place; nothing is skipped or repeated while others publish.';

const exampleRow = (table: TidyTable) => ({
  report_id: '018d5f2e-7c00-7000-8000-000000000001',
  revision: 1,
  organ_id: '018d5f2e-7c00-7000-8000-0000000000a1',
  organ_name: '宿迁市人民政府',
  level: 'city',
  kind: 'government',
  division_code: '321300',
  year: 2023,
  scope: 'consolidated',
  ...table.example,
});

function tidyTableRoutes(app: App, table: TidyTable): void {
  const row = Type.Object(
    { ...reportColumns, ...table.columns },
    { $id: `Tidy${table.name}Row`, description: table.summary, examples: [exampleRow(table)] },
  );
  const pages = pageSchema(row, `Tidy${table.name}Page`, {
    examples: [{ items: [exampleRow(table)], next_cursor: null }],
  });
  app.addSchema(row);
  app.addSchema(pages);
  const columns = columnsOf(table);

  app.get(
    `/v1/${table.path}`,
    {
      schema: {
        operationId: `list${table.name}`,
        tags,
        summary: table.summary,
        description: `${table.description}\n\n${order}`,
        security: [],
        querystring: meaningful(Type.Object({ ...queryOf(table), ...pageQuery }), reportMeaning),
        response: { 200: Type.Ref(`Tidy${table.name}Page`), ...problems(400, 401) },
      },
    },
    async (request, reply) => {
      const after = decodeCursor(request, ['uuid', 'integer']);
      const filters = request.query as TidyFilters;
      const rows = await listTidyRows(app.readDb, table, filters, rowsWanted(request), after);
      const { items, next_cursor } = page(reply, rows, (item) => [item.report_id, item.position]);
      return { items: items.map((item) => pick(item, columns)), next_cursor };
    },
  );

  rowsRoutes<TidyFilters>(app, {
    path: `/v1/${table.path}`,
    operationId: `list${table.name}`,
    tags,
    summary: table.summary,
    description: `The whole result as one stream, however long. ${table.description} Columns: ${columns.join(', ')}.\n\n${order}`,
    query: queryOf(table),
    meaning: reportMeaning,
    statuses: [400, 401],
    moreFormats: [parquet(typesOf(table))],
    rows: (_, query) => ({
      name: table.path,
      rows: streamTidyRows(app.readDb, table, query),
      columns,
      labels: { columns: table.columnLabels },
    }),
  });
}

/** Registers each table of the form across all published reports: in pages, and as a whole in every format. */
export function tidyRowRoutes(app: App): void {
  for (const table of tidyTables) tidyTableRoutes(app, table);
}
