import { sql } from 'kysely';
import { type Static, Type } from 'typebox';
import { v7 as uuidv7 } from 'uuid';
import type { Trx } from '../db/database.ts';
import type { App } from '../http/app-type.ts';
import { checkMatch } from '../http/etag.ts';
import { Problem, problems } from '../http/problem.ts';
import { summarise } from '../rules/index.ts';
import type { AnsweredFinding } from '../rules/schema.ts';
import { reportParams, sendReport, sendWritten, writeReport } from './access.ts';
import { checkContent, listFindings } from './findings.ts';
import type { Situation } from './lifecycle.ts';
import { insertRevisions, moveRevisions } from './mutations.ts';
import { refreshNextYear, renderPublicAnswer } from './publication.ts';
import { getRevision, nextNumber, type Revision, type StoredReport } from './queries.ts';
import { type ActionName, NewAnswer, Reason } from './schema.ts';

/** Who takes the action, why, and on which revision. */
interface Act {
  by: string;
  reason: string;
  subject: Revision;
}

interface Transition {
  name: ActionName;
  summary: string;
  description: string;
  withReason: boolean;
  run: (trx: Trx, report: StoredReport, situation: Situation, as: Act) => Promise<void>;
}

const now = sql<string>`now()`;

/**
 * The actions that change the state of a revision. Each runs in one guarded transaction. Publication and withdrawal
 * change what the public reads.
 */
const transitions: readonly Transition[] = [
  {
    name: 'submit',
    summary: 'Submit the draft',
    description:
      'The draft becomes immutable and waits for publication. Refused with 409 `findings-unanswered`, listing them all, while a failed error has no answer. Needs If-Match.',
    withReason: false,
    run: async (trx, _report, { open }, { by }) => {
      await trx
        .updateTable('revisions')
        .set({ state: 'submitted', submitted_at: now, submitted_by: by, updated_at: now })
        .where('id', '=', open!.id)
        .where('state', '=', 'draft')
        .execute();
    },
  },
  {
    name: 'return',
    summary: 'Return a submitted revision',
    description: 'The submitted revision becomes a draft again, with the reason why. Needs If-Match.',
    withReason: true,
    run: async (trx, _report, { open }, { reason: return_reason }) => {
      await trx
        .updateTable('revisions')
        .set({ state: 'draft', return_reason, updated_at: now })
        .where('id', '=', open!.id)
        .where('state', '=', 'submitted')
        .execute();
    },
  },
  {
    name: 'publish',
    summary: 'Publish a submitted revision',
    description:
      'The submitted revision becomes effective, and the one before it superseded, in one transaction. Aggregates hold it from then on. Needs If-Match.',
    withReason: false,
    run: async (trx, report, { open, effective }, { by, subject }) => {
      await moveRevisions(trx, { ended: effective ? [effective.id] : [], begun: [open!.id] }, by);
      await renderPublicAnswer(trx, report, subject);
      await refreshNextYear(trx, report);
    },
  },
  {
    name: 'withdraw',
    summary: 'End the publication',
    description:
      'Ends the publication of the effective revision, with a reason. It is kept and can be corrected. Needs If-Match.',
    withReason: true,
    run: async (trx, report, { effective }, { reason: withdraw_reason }) => {
      await trx
        .updateTable('revisions')
        .set({ state: 'withdrawn', withdraw_reason, ended_at: now, updated_at: now })
        .where('id', '=', effective!.id)
        .where('state', '=', 'published')
        .execute();
      await renderPublicAnswer(trx, report);
      await refreshNextYear(trx, report);
    },
  },
];

/** Routes for the way from draft to publication and back: submit, return, publish, withdraw, correct, answer. */
export function lifecycleRoutes(app: App): void {
  app.addSchema(Reason);
  app.addSchema(NewAnswer);

  for (const transition of transitions)
    app.post(
      `/v1/reports/:report_id/${transition.name}`,
      {
        config: { writer: true },
        schema: {
          operationId: `${transition.name}Report`,
          tags: ['lifecycle'],
          summary: transition.summary,
          description: transition.description,
          params: reportParams,
          ...(transition.withReason && { body: Type.Ref('Reason') }),
          response: {
            200: Type.Ref('Report'),
            ...problems(400, 401, 403, 404, 409, 412, ...(transition.withReason ? [413, 415] : []), 428),
          },
        },
      },
      async (request, reply) => {
        const { report_id } = request.params as Static<typeof reportParams>;
        const reason = (request.body as Static<typeof Reason> | undefined)?.reason ?? '';
        const written = await writeReport(
          request,
          report_id,
          transition.name,
          async (trx, report, situation, subject) => {
            await transition.run(trx, report, situation, { by: request.principal.id, reason, subject });
            return subject.id;
          },
        );
        const showsOpen = transition.name !== 'publish' && transition.name !== 'withdraw';
        return sendWritten(request, reply, written, showsOpen);
      },
    );

  app.post(
    '/v1/reports/:report_id/revisions',
    {
      config: { writer: true },
      schema: {
        operationId: 'createRevision',
        tags: ['lifecycle'],
        summary: 'Open a correction',
        description:
          'Opens a draft copied from the effective revision (or, after a withdrawal, from the withdrawn one) with the reason for the correction. The effective revision stays until the new one is published.',
        params: reportParams,
        body: Type.Ref('Reason'),
        response: { 201: Type.Ref('Report'), ...problems(400, 401, 403, 404, 409, 412, 413, 415) },
      },
    },
    async (request, reply) => {
      const { report_id } = request.params;
      const { reason } = request.body as Static<typeof Reason>;
      const { revision } = await writeReport(
        request,
        report_id,
        'correct',
        async (trx, report, { effective, latest }, newest) => {
          const source = effective ? await getRevision(trx, effective.id) : newest;
          const summary = summarise(await checkContent(trx, report, source));
          const id = uuidv7();
          const number = nextNumber(latest.number, report.discarded_revision);
          await insertRevisions(trx, [
            { id, report_id: report.id, number, reason, content: source, summary },
          ]);
          await trx
            .insertInto('finding_answers')
            .columns(['revision_id', 'finding_key', 'text', 'answered_at', 'answered_by'])
            .expression((eb) =>
              eb
                .selectFrom('finding_answers')
                .select([
                  sql<string>`${id}::uuid`.as('id'),
                  'finding_key',
                  'text',
                  'answered_at',
                  'answered_by',
                ])
                .where('revision_id', '=', source.id),
            )
            .execute();
          return id;
        },
        { check: checkMatch },
      );
      reply.code(201).header('location', `/v1/reports/${report_id}/revisions/${revision!.number}`);
      return sendReport(request.db, request, reply, report_id, true);
    },
  );

  app.post(
    '/v1/reports/:report_id/answers',
    {
      config: { writer: true },
      schema: {
        operationId: 'answerFinding',
        tags: ['lifecycle'],
        summary: 'Answer a finding',
        description:
          'Says why figures stand although a rule fails. The answer belongs to the finding’s key and so to the figures: it lapses when they change. Answering again replaces the text, with 201 too.',
        params: reportParams,
        body: Type.Ref('NewAnswer'),
        response: { 201: Type.Ref('Finding'), ...problems(400, 401, 403, 404, 409, 412, 413, 415) },
      },
    },
    async (request, reply) => {
      const { finding_key, text } = request.body as Static<typeof NewAnswer>;
      let finding: AnsweredFinding | undefined;
      await writeReport(
        request,
        request.params.report_id,
        'answer',
        async (trx, report, { open }) => {
          const findings = await listFindings(trx, report, open!.id);
          const found = findings.find((each) => each.finding_key === finding_key && each.status === 'failed');
          if (!found)
            throw new Problem('invalid-request', {
              errors: [
                {
                  pointer: '/finding_key',
                  code: 'unknown-finding',
                  message:
                    'must be the finding_key of a failed finding of the draft as it stands (GET …/findings)',
                },
              ],
            });
          const answer = { text, answered_by: request.principal.id };
          const stored = await trx
            .insertInto('finding_answers')
            .values({ revision_id: open!.id, finding_key, ...answer })
            .onConflict((conflict) =>
              conflict.columns(['revision_id', 'finding_key']).doUpdateSet({ ...answer, answered_at: now }),
            )
            .returning(['text', 'answered_at', 'answered_by'])
            .executeTakeFirstOrThrow();
          finding = { ...found, answer: stored };
          return open!.id;
        },
        { check: checkMatch },
      );
      reply.code(201);
      return finding;
    },
  );
}
