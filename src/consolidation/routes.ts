import type { FastifyRequest } from 'fastify';
import { Type } from 'typebox';
import { yearQuery } from '../coverage/schema.ts';
import { resource } from '../http/answers.ts';
import type { App } from '../http/app-type.ts';
import { notModified, problems } from '../http/problem.ts';
import { rowsRoutes } from '../http/rows-routes.ts';
import { inSnapshot } from '../http/transactions.ts';
import { findOrgan, noOrgan } from '../organs/queries.ts';
import { type Consolidation as Answer, consolidate } from './answer.ts';
import { Consolidation, ConsolidationCell, ConsolidationCoverage, ConsolidationWhole } from './schema.ts';

const tags = ['aggregates'];
const params = Type.Object({
  organ_id: Type.String({ format: 'uuid', description: 'The organ whose consolidated report is compared.' }),
});
const description = `The parts are the organ’s own report, if it has one, and the reports of everything below it in the tree of 31 December: a consolidated report below stands for whatever is beneath it, so that no figure counts twice. Blanks are passed over and counted. The rule \`consolidation.parts\` speaks of section three; the other tables are compared for information, where the editions share the measure. Without a consolidated report the answer is what the parts add up to.`;

/** Works out the answer. Problem `not-found` (404) where there is no such organ. */
async function answer({ db }: FastifyRequest, organ_id: string, year: number): Promise<Answer> {
  if (!(await findOrgan(db, organ_id))) throw noOrgan(organ_id);
  return consolidate(db, organ_id, year);
}

const columns = Object.keys(ConsolidationCell.properties).flatMap((name) =>
  name === 'label' ? ['label_zh', 'label_en'] : [name],
);

async function* flat({ cells }: Answer) {
  for (const { label, ...cell } of cells) yield { ...cell, label_zh: label.zh, label_en: label.en };
}

/** GET /v1/organs/{organ_id}/consolidation: a consolidated report beside its parts. */
export function consolidationRoutes(app: App): void {
  for (const schema of [ConsolidationWhole, ConsolidationCoverage, ConsolidationCell, Consolidation])
    app.addSchema(schema);

  app.get(
    '/v1/organs/:organ_id/consolidation',
    {
      config: { snapshot: true },
      schema: {
        operationId: 'getConsolidation',
        tags,
        summary: 'A consolidated report beside the sum of its parts',
        description: `${description} \`GET /v1/coverage?parts_of=…\` names the parts.`,
        security: [],
        params,
        querystring: Type.Object({ year: yearQuery }),
        response: { 200: Type.Ref('Consolidation'), 304: notModified, ...problems(400, 401, 404, 422) },
      },
    },
    async (request, reply) =>
      resource(request, reply, await answer(request, request.params.organ_id, request.query.year)),
  );

  rowsRoutes<{ year: number }>(app, {
    path: '/v1/organs/:organ_id/consolidation',
    operationId: 'getConsolidation',
    tags,
    summary: 'A consolidated report beside its parts',
    description: `The cells alone. ${description}`,
    params,
    query: { year: yearQuery },
    statuses: [400, 401, 404, 422],
    async rows(request, { year }) {
      const { organ_id } = request.params as { organ_id: string };
      // The whole answer is made before any of it is sent, so that no database connection waits for the reader.
      const whole = await inSnapshot(request, () => answer(request, organ_id, year));
      return { name: 'consolidation', rows: flat(whole), columns };
    },
  });
}
