import { type Static, Type } from 'typebox';
import { editionKeys } from '../editions/index.ts';
import type { App } from '../http/app-type.ts';
import { badCursor, decodeCursor, page, pageQuery, rowsWanted } from '../http/lists.ts';
import { problems } from '../http/problem.ts';
import { keys, ref } from '../http/schema-parts.ts';
import { catalogue } from './catalogue.ts';
import { severities } from './rule.ts';
import { type RulePage, ruleComponents } from './rule-schema.ts';
import { findingComponents } from './schema.ts';

/** GET /v1/rules: the rules that run, explained. */
export function ruleRoutes(app: App): void {
  for (const component of [...findingComponents, ...ruleComponents]) app.addSchema(component);

  app.get(
    '/v1/rules',
    {
      schema: {
        operationId: 'listRules',
        tags: ['rules'],
        summary: 'What every report is checked against',
        description:
          'The catalogue of rules in the order in which findings are listed, each with its formula, operands, source, and a report that keeps and one that breaks it. Codes are permanent. A rule whose operands are blank or not captured is not evaluated, and a finding says so. Rules of `consolidation` compare a consolidated report with other organs’ reports: `GET /v1/organs/{organ_id}/consolidation` evaluates them, the findings of one report do not.',
        security: [],
        querystring: Type.Object({
          edition: Type.Optional(
            Type.Array(keys(editionKeys, { description: 'An edition of the form.' }), {
              minItems: 1,
              maxItems: 10,
              description: 'Only rules that read tables of these editions.',
              examples: [['2021']],
            }),
          ),
          severity: Type.Optional(
            Type.Array(keys(severities, { description: 'A severity.' }), {
              minItems: 1,
              maxItems: 10,
              description: 'Only rules of these severities.',
              examples: [['error']],
            }),
          ),
          ...pageQuery,
        }),
        response: {
          200: ref<Static<typeof RulePage>>('RulePage', { description: 'A page of rules.' }),
          ...problems(400, 401),
        },
      },
    },
    async (request, reply) => {
      const { edition, severity } = request.query;
      const [after] = decodeCursor(request, ['text']) ?? [];
      const start = after === undefined ? 0 : catalogue.findIndex(({ code }) => code === after) + 1;
      if (after !== undefined && start === 0) throw badCursor('does not name a rule of this list');
      const found = catalogue
        .slice(start)
        .filter((rule) => severity === undefined || severity.includes(rule.severity))
        .filter((rule) => edition === undefined || edition.some((key) => rule.editions.includes(key)));
      return page(reply, found.slice(0, rowsWanted(request)), (rule) => [rule.code]);
    },
  );
}
