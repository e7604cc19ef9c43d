import type { FastifyRequest } from 'fastify';
import { type TProperties, type TSchema, Type } from 'typebox';
import { type LabelChoice, readLabels } from '../divisions/labels.ts';
import type { Format, Row } from '../formats/format.ts';
import { asSuffix, formats } from '../formats/index.ts';
import type { App } from './app-type.ts';
import { requireWriter } from './auth.ts';
import { problems } from './problem.ts';
import { formatAnswer, formatQuery, sendRows, splitQuery } from './streams.ts';
import { type Meaning, meaningful } from './validation.ts';

/** An operation that answers in rows, to be had as a file in every format. */
export interface RowsOperation<Query> {
  /** The path without the suffix of the format. */
  path: string;
  /** The id without the format at its end. */
  operationId: string;
  tags: string[];
  /** The summary without the format at its end. */
  summary: string;
  description: string;
  /** As in an OpenAPI operation. Without it, nobody needs a token. */
  security?: readonly Record<string, string[]>[];
  /** Only for callers with a token (401); `rows` asks what they may do. */
  needsToken?: true;
  params?: TSchema;
  query: TProperties;
  /** What the schemas of the query's members cannot say of a query in an address. */
  meaning?: Meaning;
  /**
   * The schema of a query in a body. With it the operation is a POST, whose address holds only options of the
   * format.
   */
  body?: TSchema;
  statuses: readonly number[];
  /** Headers that the answer may have. */
  headers?: Readonly<Record<string, TSchema>>;
  /** Formats besides those that every such operation has. */
  moreFormats?: readonly Format[];
  /**
   * The rows and the name of the file. `query` comes without options of the format; it is the body where
   * there is one.
   */
  rows(request: FastifyRequest, query: Query): RowsFile | Promise<RowsFile>;
}

interface RowsFile {
  name: string;
  /** The rows. Their members may hold members themselves only where there is `flat`. */
  rows: AsyncIterable<object>;
  /** Members of every row, in order. */
  columns: readonly string[];
  /** How rows whose members hold members are made flat, for formats that have no place for these. */
  flat?: { row(row: never): Row; columns: readonly string[] };
  labels?: LabelChoice;
  headers?: Readonly<Record<string, string>>;
}

async function* changed(rows: AsyncIterable<object>, change: (row: never) => Row): AsyncGenerator<Row> {
  for await (const row of rows) yield change(row as never);
}

/** Registers the path with the suffix of each format, which answers with the rows as one stream. */
export function rowsRoutes<Query extends object>(app: App, operation: RowsOperation<Query>): void {
  const { path, operationId, tags, summary, description, params, query, meaning, body, statuses } = operation;
  const { security = [], needsToken, headers, moreFormats = [] } = operation;
  for (const format of [...formats, ...moreFormats])
    app.route({
      method: body ? 'POST' : 'GET',
      url: `${path}.${format.suffix}`,
      // A HEAD would have to read everything only to send nothing.
      exposeHeadRoute: false,
      ...(needsToken && { onRequest: requireWriter }),
      schema: {
        operationId: `${operationId}${asSuffix(format)}`,
        tags,
        summary: `${summary}, as ${format.suffix.toUpperCase()}`,
        description,
        ...(!needsToken && { security }),
        ...(params && { params }),
        ...(body && { body }),
        querystring: meaningful(Type.Object({ ...query, ...formatQuery(format) }), meaning),
        response: { 200: { ...formatAnswer(format), ...(headers && { headers }) }, ...problems(...statuses) },
      },
      handler: async (request, reply) => {
        const { bom, labels, query } = splitQuery<Query>(request.query);
        const asked = body ? (request.body as Query) : query;
        const file = await operation.rows(request as FastifyRequest, asked);
        const options = { bom, labels: await readLabels(app.readDb, labels, file.labels) };
        if (file.headers) reply.headers(file.headers);
        const flat = format.nests ? undefined : file.flat;
        const rows = flat ? changed(file.rows, flat.row) : (file.rows as AsyncIterable<Row>);
        return sendRows(reply, format, file.name, rows, flat?.columns ?? file.columns, options);
      },
    });
}
