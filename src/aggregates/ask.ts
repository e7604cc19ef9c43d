import type { FastifyRequest } from 'fastify';
import type { App } from '../http/app-type.ts';
import { inSnapshot } from '../http/transactions.ts';
import type { AnalystQuery } from './answer.ts';
import type { RowsAnswer } from './format-routes.ts';
import type { Answer, Source } from './source.ts';

/** Answers from the primary: what was published is in the next answer, also where readers have a replica. */
export async function ask(
  app: App,
  request: FastifyRequest,
  source: Source,
  query: AnalystQuery,
): Promise<Answer> {
  if (source.asCaller)
    return inSnapshot(app, request, () => source.answer(request.db, query, request.principal));
  return source.answer(app.db, query, request.principal, await app.rollups.sums());
}

/** The same with what formats need to know of it. */
export async function askForRows(
  app: App,
  request: FastifyRequest,
  source: Source,
  query: AnalystQuery,
): Promise<RowsAnswer> {
  const answer = await ask(app, request, source, query);
  const { label, places, unit, decimals, reasons, columns, path } = source;
  const groupBy = [...new Set(query.group_by)];
  return {
    answer,
    source: { label, places, unit, decimals, reasons, groupBy, columns: columns(query) },
    name: path,
  };
}
