import { Type } from 'typebox';
import type { App } from '../http/app-type.ts';
import { problems, refuseFaults, unknownOrgan } from '../http/problem.ts';
import { ref } from '../http/schema-parts.ts';
import { findOrgan } from '../organs/queries.ts';
import { summarise } from '../rules/index.ts';
import type { FindingsSummary } from '../rules/rule.ts';
import type { AnsweredFinding } from '../rules/schema.ts';
import type { ReportDocument } from './document-schemas.ts';
import { toContent } from './documents.ts';
import { checkDocument } from './filing.ts';
import { evaluateContent } from './findings.ts';

const Validation = Type.Object(
  {
    findings: Type.Array(ref<AnsweredFinding>('Finding'), {
      description: 'In the order of the rules and of the form.',
    }),
    findings_summary: ref<FindingsSummary>('FindingsSummary'),
  },
  {
    $id: 'Validation',
    description: 'What the rules say of a document.',
    examples: [{ findings: [], findings_summary: { error: 0, warning: 0, info: 0, not_evaluated: 0 } }],
  },
);

/** The route that checks a report without storing it. */
export function validationRoutes(app: App): void {
  app.addSchema(Validation);
  app.post(
    '/v1/validations',
    {
      attachValidation: true,
      schema: {
        operationId: 'validateReport',
        tags: ['validations'],
        summary: 'Check a report without storing it',
        description:
          'The findings a stored draft of this document would have. With `organ_id` the organ’s level and its effective report of the year before are looked at; without it the rules that need them are not evaluated.',
        security: [],
        body: Type.Ref('ReportDocument'),
        response: { 200: Type.Ref('Validation'), ...problems(400, 413, 415) },
      },
    },
    async (request) => {
      checkDocument(request.validationError, request.body, app.latestYear());
      const document = request.body as ReportDocument;
      const { year, scope, organ_id = null } = document;
      if (organ_id !== null && !(await findOrgan(app.readDb, organ_id)))
        refuseFaults([unknownOrgan('/organ_id')]);
      const findings = await evaluateContent(
        app.readDb,
        { organ_id, year, scope },
        toContent(document, year),
      );
      return {
        findings: findings.map((finding) => ({ ...finding, answer: null })),
        findings_summary: summarise(findings),
      };
    },
  );
}
