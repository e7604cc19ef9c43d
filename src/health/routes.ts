import { sql } from 'kysely';
import { Type } from 'typebox';
import type { App } from '../http/app-type.ts';
import { Problem, problems } from '../http/problem.ts';

declare module 'fastify' {
  interface FastifyInstance {
    /** False from the moment the process is told to stop, so that load balancers send nothing new. */
    readiness: { ready: boolean };
  }
}

const Health = Type.Object(
  { status: Type.String({ description: '`ok`' }) },
  { $id: 'Health', description: 'The process answers.', examples: [{ status: 'ok' }] },
);

export function healthRoutes(app: App): void {
  app.addSchema(Health);
  app.decorate('readiness', { ready: true });

  app.get(
    '/livez',
    {
      config: { unlimited: true },
      logLevel: 'warn',
      schema: {
        operationId: 'getLiveness',
        tags: ['operations'],
        summary: 'Whether the process is alive',
        description: 'Answers while the process runs, whatever the database does.',
        security: [],
        response: { 200: Type.Ref('Health'), ...problems(400) },
      },
    },
    async () => ({ status: 'ok' }),
  );

  app.get(
    '/readyz',
    {
      config: { unlimited: true },
      logLevel: 'warn',
      schema: {
        operationId: 'getReadiness',
        tags: ['operations'],
        summary: 'Whether the service takes requests',
        description: 'Asks the database; 503 while it is out of reach or the service is stopping.',
        security: [],
        response: { 200: Type.Ref('Health'), ...problems(400) },
      },
    },
    async () => {
      if (!app.readiness.ready)
        throw new Problem('unavailable', { detail: 'stopping', headers: { 'retry-after': '1' } });
      await sql`select 1`.execute(app.db);
      return { status: 'ok' };
    },
  );
}
