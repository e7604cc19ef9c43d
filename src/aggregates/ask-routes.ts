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
import { inSnapshot } from '../http/transactions.ts';
import { meaningful } from '../http/validation.ts';
import type { KeptSums } from '../rollups/reader.ts';
import type { AnalystQuery } from './answer.ts';
import { inBody } from './body.ts';
import { computedMembers } from './computations.ts';
import { datasetOf } from './dataset.ts';
import { answerHeaders, inHeaders } from './headers.ts';
import { keptAnswer } from './kept.ts';
import type { Answer, Source } from './source.ts';

/** A source, and the query that it is asked. */
interface Asked {
  source: Source;
  query: AnalystQuery;
}

/** An operation that answers in rows: in JSON together with coverage and warnings, and in every format. */
interface AskOperation extends Omit<RowsOperation<AnalystQuery>, 'rows'> {
  /** The name of the component that describes the answer in JSON. */
  answer: string;
  /** What a request asks. `query` comes without the options of a format. */
  asked(request: FastifyRequest, query: AnalystQuery): Asked;
}

/**
 * Asks the primary even where readers have a replica, so that the next answer includes what was published. A
 * query in the caller's name is asked in a snapshot (`inSnapshot`).
 */
async function ask(
  app: App,
  request: FastifyRequest,
  { source, query }: Asked,
  sums?: KeptSums,
): Promise<Answer> {
  if (source.asCaller(query))
    return inSnapshot(request, () => source.answer(request.db, query, request.principal), app.db);
  return source.answer(app.db, query, request.principal, sums ?? (await app.rollups.sums()));
}

/** The answer as JSON. It is kept for later requests, unless it is made in the caller's name. */
async function askForJson(app: App, request: FastifyRequest, asked: Asked): Promise<Answer | Buffer> {
  const { source, query } = asked;
  return source.asCaller(query)
    ? ask(app, request, asked)
    : keptAnswer(app, source.path, query, (sums) => ask(app, request, asked, sums));
}

/** The answer, with what formats need to know of its rows. */
async function askForRows(app: App, request: FastifyRequest, asked: Asked) {
  const answer = await ask(app, request, asked);
  const { source, query } = asked;
  const groupBy = [...new Set(query.group_by)];
  const { columns, places } = source.shape(groupBy, query);
  return {
    answer,
    source: { ...source, groupBy, places, columns: [...columns, ...computedMembers(query.compute ?? [])] },
  };
}

async function* each(rows: readonly Row[]): AsyncGenerator<Row> {
  yield* rows;
}

/** Registers the operation in JSON, and at its path with the suffix of each format. */
export function askRoutes(app: App, operation: AskOperation): void {
  const { path, operationId, tags, summary, description, params, query, meaning, body, statuses, answer } =
    operation;
  const method = body ? 'POST' : 'GET';
  const parts = { ...(params && { params }), ...(body && { body }) };
  /** Calls `read` with what is asked. Its faults are faults of the body where the query came in one. */
  const answered = <T>(
    request: FastifyRequest,
    given: AnalystQuery,
    read: (app: App, request: FastifyRequest, asked: Asked) => Promise<T>,
  ): Promise<T> => {
    const reading = async () => read(app, request, operation.asked(request, given));
    return body ? inBody(reading) : reading();
  };
  app.route({
    method,
    url: path,
    schema: {
      operationId,
      tags,
      summary,
      description,
      security: [],
      ...parts,
      ...(body ? {} : { querystring: meaningful(Type.Object(query), meaning) }),
      response: { 200: Type.Ref(answer), ...problems(...statuses) },
    },
    handler: async (request, reply) => {
      reply.type('application/json; charset=utf-8');
      return answered(request as FastifyRequest, request.query as AnalystQuery, askForJson);
    },
  });
  rowsRoutes<AnalystQuery>(app, {
    ...operation,
    headers: answerHeaders,
    description: `The rows of \`data\` alone, with the keys of group_by first. ${description}`,
    async rows(request, given) {
      const { answer, source } = await answered(request, given, askForRows);
      const { path: name, columns, reasons } = source;
      const labels = { ...(reasons && { codes: { reason: reasons } }), known: { ...given } };
      return {
        name,
        rows: each(answer.data),
        columns,
        labels,
        headers: inHeaders(answer),
      };
    },
  });
  for (const format of datasetFormats)
    app.route({
      method,
      url: `${path}.${format.suffix}`,
      schema: {
        operationId: `${operationId}${asSuffix(format)}`,
        tags,
        summary: `${summary}, as ${format.suffix.toUpperCase()}`,
        description: `${format.description} Refused with 422 \`too-many-cells\` where the keys have too many combinations. ${description}`,
        security: [],
        ...parts,
        querystring: meaningful(Type.Object({ ...query, ...datasetQuery }), meaning),
        response: { 200: Type.Ref(format.schema.$id!), ...problems(...statuses) },
      },
      handler: async (request) => {
        const { lang = 'zh', ...inAddress } = request.query as AnalystQuery & { lang?: Language };
        const given = body ? (request.body as AnalystQuery) : inAddress;
        const labels = await readLabels(app.readDb, lang, { known: { ...given } });
        return answered(request as FastifyRequest, given, async (...asking) => {
          const { answer, source } = await askForRows(...asking);
          return format.write(datasetOf(source, { ...answer }, labels, lang));
        });
      },
    });
}
