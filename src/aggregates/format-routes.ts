import type { FastifyRequest } from 'fastify';
import { Type } from 'typebox';
import { readLabels } from '../divisions/labels.ts';
import type { Row } from '../formats/format.ts';
import { asSuffix, datasetFormats } from '../formats/index.ts';
import type { Language } from '../formats/labels.ts';
import type { App } from '../http/app-type.ts';
import { problems } from '../http/problem.ts';
import { type RowsOperation, rowsRoutes } from '../http/rows-routes.ts';
import { datasetQuery } from '../http/streams.ts';
import type { AnalystQuery } from './answer.ts';
import { type DatasetSource, datasetOf } from './dataset.ts';

/** An operation that answers in rows, to be had in every format too. */
export interface AnalystOperation extends Omit<RowsOperation<AnalystQuery>, 'rows'> {
  /** The answer, what it is of, and what to call the file. */
  rows(request: FastifyRequest, query: AnalystQuery): Promise<RowsAnswer>;
}

export interface RowsAnswer {
  name: string;
  /** Of a cube, and its rows. */
  source: DatasetSource;
  answer: { data: readonly Row[]; data_as_of: string };
}

async function* each(rows: readonly Row[]): AsyncGenerator<Row> {
  yield* rows;
}

/** The operation's path with the suffix of each format. */
export function formatRoutes(app: App, operation: AnalystOperation): void {
  const { path, operationId, tags, summary, description, params, query, body, statuses } = operation;
  rowsRoutes<AnalystQuery>(app, {
    ...operation,
    description: `The rows of \`data\` alone, with the keys of group_by first. ${description}`,
    async rows(request, asked) {
      const { answer, source, name } = await operation.rows(request, asked);
      const { reasons } = source;
      const labels = { ...(reasons && { codes: { reason: reasons } }), known: { ...asked } };
      return { name, rows: each(answer.data), columns: source.columns, labels };
    },
  });
  for (const format of datasetFormats)
    app.route({
      method: body ? 'POST' : 'GET',
      url: `${path}.${format.suffix}`,
      schema: {
        operationId: `${operationId}${asSuffix(format)}`,
        tags,
        summary: `${summary}, as ${format.suffix.toUpperCase()}`,
        description: `${format.description} Refused with 422 \`too-many-cells\` where the keys have too many combinations. ${description}`,
        security: [],
        ...(params && { params }),
        ...(body && { body }),
        querystring: Type.Object({ ...query, ...datasetQuery }),
        response: { 200: Type.Ref(format.schema.$id!), ...problems(...statuses) },
      },
      handler: async (request) => {
        const { lang = 'zh', ...query } = request.query as AnalystQuery & { lang?: Language };
        const asked = body ? (request.body as AnalystQuery) : query;
        const labels = await readLabels(app.readDb, lang, { known: { ...asked } });
        const { answer, source } = await operation.rows(request as FastifyRequest, asked);
        return format.write(datasetOf(source, { ...answer }, labels, lang));
      },
    });
}
