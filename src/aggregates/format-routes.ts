import type { FastifyRequest } from 'fastify';
import { type TProperties, type TSchema, Type } from 'typebox';
import type { Row } from '../formats/format.ts';
import { formats } from '../formats/index.ts';
import type { App } from '../http/app-type.ts';
import { problems } from '../http/problem.ts';
import { formatAnswer, formatQuery, sendRows } from '../http/streams.ts';

/** An operation that answers in rows, to be had in every format too. */
export interface RowsOperation {
  path: string;
  operationId: string;
  tags: string[];
  summary: string;
  description: string;
  params?: TSchema;
  query: TProperties;
  statuses: readonly number[];
  /** The rows, their members in order, and what to call the file. `query` has no options of the format. */
  rows(request: FastifyRequest, query: object): Promise<{ rows: Row[]; columns: string[]; name: string }>;
}

async function* each(rows: readonly Row[]): AsyncGenerator<Row> {
  yield* rows;
}

/** The operation's path with the suffix of each format. */
export function formatRoutes(app: App, operation: RowsOperation): void {
  const { path, operationId, tags, summary, description, params, query, statuses } = operation;
  for (const format of formats) {
    const options = formatQuery(format);
    app.get(
      `${path}.${format.suffix}`,
      {
        exposeHeadRoute: false,
        schema: {
          operationId: `${operationId}As${format.suffix[0]!.toUpperCase()}${format.suffix.slice(1)}`,
          tags,
          summary: `${summary}, as ${format.suffix.toUpperCase()}`,
          description: `The rows of \`data\` alone, with the keys of group_by first. ${description}`,
          security: [],
          ...(params && { params }),
          querystring: Type.Object({ ...query, ...options }),
          response: { 200: formatAnswer(format), ...problems(...statuses) },
        },
      },
      async (request, reply) => {
        const given = Object.entries(request.query as object);
        const [own, asked] = [true, false].map((isOption) =>
          Object.fromEntries(given.filter(([member]) => member in options === isOption)),
        );
        const { rows, columns, name } = await operation.rows(request as FastifyRequest, asked!);
        return sendRows(reply, format, name, each(rows), columns, own!);
      },
    );
  }
}
